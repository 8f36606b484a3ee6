import Testing

@testable import ChurnNumerics

@Suite struct RandomStreamTests {
    /// `kat_vectors` of the Random123 distribution, philox4x32 with 10 rounds.
    @Test(arguments: [
        (
            counter: SIMD4<UInt32>(repeating: 0), key: SIMD2<UInt32>(repeating: 0),
            expected: SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
        ),
        (
            counter: SIMD4<UInt32>(repeating: .max), key: SIMD2<UInt32>(repeating: .max),
            expected: SIMD4<UInt32>(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
        ),
        (
            counter: SIMD4<UInt32>(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
            key: SIMD2<UInt32>(0xa409_3822, 0x299f_31d0),
            expected: SIMD4<UInt32>(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
        ),
    ])
    func agreesWithTheKnownAnswers(counter: SIMD4<UInt32>, key: SIMD2<UInt32>, expected: SIMD4<UInt32>) {
        #expect(RandomStream.philox(counter: counter, key: key) == expected)
    }

    @Test func startingAgainGivesTheSameNumbers() {
        var first = RandomStream(seed: 7, purpose: "split", index: 3)
        var second = RandomStream(seed: 7, purpose: "split", index: 3)
        #expect(draw(1000, from: &first) == draw(1000, from: &second))
    }

    @Test func aStreamDoesNotDependOnWhenTheOthersAreDrawn() {
        let forwards = (0..<20).map { numbers(ofStream: $0) }
        let backwards = (0..<20).reversed().map { numbers(ofStream: $0) }
        #expect(forwards == backwards.reversed())
        var streams = (0..<20).map { RandomStream(seed: 1, purpose: "order", index: UInt64($0)) }
        var interleaved = [[UInt64]](repeating: [], count: 20)
        for _ in 0..<50 {
            for index in streams.indices { interleaved[index].append(streams[index].next()) }
        }
        #expect(interleaved == forwards)
    }

    @Test func streamsOfDifferentSeedPurposeOrIndexShareNoNumber() {
        var streams = [
            RandomStream(seed: 1, purpose: "split"), RandomStream(seed: 2, purpose: "split"),
            RandomStream(seed: 1, purpose: "bootstrap"), RandomStream(seed: 1, purpose: "split", index: 1),
            RandomStream(seed: 1, purpose: "split", index: 1 << 32),
        ]
        var seen: Set<UInt64> = []
        for index in streams.indices { seen.formUnion(draw(2000, from: &streams[index])) }
        #expect(seen.count == 5 * 2000)
    }

    /// Each of the 64 bits is set half of the time: 20,000 draws have a standard error of 71.
    @Test func everyBitIsFair() {
        var stream = RandomStream(seed: 11, purpose: "bits")
        let values = draw(20_000, from: &stream)
        for bit in 0..<64 {
            let count = values.count { $0 >> UInt64(bit) & 1 == 1 }
            #expect(abs(count - 10_000) < 360, "bit \(bit)")
        }
    }

    private func numbers(ofStream index: Int) -> [UInt64] {
        var stream = RandomStream(seed: 1, purpose: "order", index: UInt64(index))
        return draw(50, from: &stream)
    }

    private func draw(_ count: Int, from stream: inout RandomStream) -> [UInt64] {
        (0..<count).map { _ in stream.next() }
    }
}
