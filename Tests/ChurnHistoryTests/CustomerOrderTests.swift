import ChurnNumerics
import Testing

@testable import ChurnHistory

@Suite struct CustomerOrderTests {
    /// Ids and where they are: the code is the place in the list.
    private static func sorted(_ ids: [[UInt8]]) -> [[UInt8]] {
        let places = ids.enumerated().map { code, id in
            var prefix: UInt64 = 0
            for position in 0..<8 { prefix = prefix << 8 | (position < id.count ? UInt64(id[position]) : 0) }
            return CustomerOrder.Place(prefix: prefix, partition: 0, code: Int32(code))
        }
        return CustomerOrder.sorted(places) { ids[Int($0.code)].lexicographicallyPrecedes(ids[Int($1.code)]) }
            .map { ids[Int($0.code)] }
    }

    @Test func customersComeInTheByteOrderOfTheirIds() {
        for seed in 0..<200 {
            var random = RandomStream(seed: UInt64(seed), purpose: "order", index: 0)
            // Few letters and lengths around eight: many equal beginnings, NUL among them.
            let alphabet: [UInt8] = seed % 2 == 0 ? [0, 0x41, 0xFF] : Array(0...255)
            let ids = Set(
                (0..<1 + random.below(300)).map { _ in
                    (0..<1 + random.below(12)).map { _ in alphabet[random.below(alphabet.count)] }
                }
            )
            let expected = ids.sorted { $0.lexicographicallyPrecedes($1) }
            #expect(Self.sorted(Array(ids)) == expected, "seed \(seed)")
        }
    }

    @Test func nothingAndOneStayAsTheyAre() {
        #expect(Self.sorted([]).isEmpty)
        #expect(Self.sorted([[0x41]]) == [[0x41]])
    }
}
