import ChurnTestSupport
import Testing

@testable import ChurnHistory

/// Compressed files. The fixtures were made by Python's `gzip` and the `zstd` command.
@Suite struct CompressionTests {
    private static let first = "customer,amount\nA,1\n"
    private static let second = "B,2.5\nC,3\n"

    /// `first`, `gzip -n`.
    private static let firstGzip: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xFF, 0x4B, 0x2E, 0x2D, 0x2E, 0xC9, 0xCF, 0x4D, 0x2D,
        0xD2, 0x49, 0xCC, 0xCD, 0x2F, 0xCD, 0x2B, 0xE1, 0x72, 0xD4, 0x31, 0xE4, 0x02, 0x00, 0xE7, 0xD0, 0xCC, 0xDC,
        0x14, 0x00, 0x00, 0x00,
    ]
    /// `second`, `gzip -n`.
    private static let secondGzip: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xFF, 0x73, 0xD2, 0x31, 0xD2, 0x33, 0xE5, 0x72, 0xD6,
        0x31, 0xE6, 0x02, 0x00, 0x5B, 0x92, 0x25, 0xF7, 0x0A, 0x00, 0x00, 0x00,
    ]
    /// `first`, `zstd`.
    private static let firstZstd: [UInt8] = [
        0x28, 0xB5, 0x2F, 0xFD, 0x24, 0x14, 0xA1, 0x00, 0x00, 0x63, 0x75, 0x73, 0x74, 0x6F, 0x6D, 0x65, 0x72, 0x2C,
        0x61, 0x6D, 0x6F, 0x75, 0x6E, 0x74, 0x0A, 0x41, 0x2C, 0x31, 0x0A, 0x07, 0x8F, 0x22, 0x28,
    ]
    /// `second`, `zstd`.
    private static let secondZstd: [UInt8] = [
        0x28, 0xB5, 0x2F, 0xFD, 0x24, 0x0A, 0x51, 0x00, 0x00, 0x42, 0x2C, 0x32, 0x2E, 0x35, 0x0A, 0x43, 0x2C, 0x33,
        0x0A, 0xBF, 0x39, 0xBB, 0x10,
    ]
    /// `a,b` and 262,143 lines `1,2`, exactly 1 MiB, by `zstd -19`.
    private static let megabyteZstd: [UInt8] = [
        0x28, 0xB5, 0x2F, 0xFD, 0xA4, 0x00, 0x00, 0x10, 0x00, 0x7C, 0x00, 0x00, 0x38, 0x61, 0x2C, 0x62, 0x0A, 0x31,
        0x2C, 0x32, 0x01, 0x00, 0xF6, 0xFF, 0xF2, 0x6B, 0x04, 0x44, 0x00, 0x00, 0x00, 0x01, 0x00, 0xFD, 0xFF, 0xF2,
        0x0B, 0x04, 0x44, 0x00, 0x00, 0x00, 0x01, 0x00, 0xFD, 0xFF, 0x39, 0x00, 0x02, 0x44, 0x00, 0x00, 0x00, 0x01,
        0x00, 0xFD, 0xFF, 0x39, 0x00, 0x02, 0x44, 0x00, 0x00, 0x00, 0x01, 0x00, 0xFD, 0xFF, 0x39, 0x00, 0x02, 0x44,
        0x00, 0x00, 0x00, 0x01, 0x00, 0xFD, 0xFF, 0x39, 0x00, 0x02, 0x44, 0x00, 0x00, 0x00, 0x01, 0x00, 0xFD, 0xFF,
        0x39, 0x00, 0x02, 0x45, 0x00, 0x00, 0x00, 0x01, 0x00, 0xFD, 0xFF, 0x39, 0x00, 0x02, 0x6A, 0x54, 0x69, 0xBF,
    ]

    @Test(arguments: [firstGzip, firstZstd], ["table.csv.gz", "table.csv.zst", "table.csv", "table"])
    func theContentDecidesWhetherAFileIsCompressedNotItsName(content: [UInt8], name: String) throws {
        let folder = try TemporaryFolder()
        let table = try ReadTable(path: folder.write(name, content))
        #expect(table.columnNames == ["customer", "amount"])
        #expect(table.texts == [["A", "1"]])
    }

    @Test func aPlainFileNamedLikeACompressedOneIsReadAsItIs() throws {
        let folder = try TemporaryFolder()
        #expect(try ReadTable(path: folder.write("table.csv.gz", Self.first)).texts == [["A", "1"]])
    }

    @Test(arguments: [
        firstGzip + secondGzip, firstZstd + secondZstd, firstGzip + secondGzip + [UInt8](repeating: 0, count: 512),
    ])
    func partsThatWereJoinedAreReadOneAfterTheOther(content: [UInt8]) throws {
        let table = try ReadTable(content)
        #expect(table.error == nil)
        #expect(table.texts == [["A", "1"], ["B", "2.5"], ["C", "3"]])
        #expect(table.lines == [2, 3, 4])
    }

    @Test(arguments: [firstGzip, firstZstd])
    func everyTruncationOfACompressedFileIsAnError(content: [UInt8]) throws {
        let folder = try TemporaryFolder()
        for length in 5..<content.count {
            let path = try folder.write("table.csv", content.prefix(length))
            let error: DataError?
            do { error = try ReadTable(path: path).error } catch let thrown { error = thrown }
            #expect(error?.code == .damagedCompression, "\(length) bytes")
            #expect(error?.file == path)
        }
    }

    @Test(arguments: [firstGzip + secondGzip.dropLast(1), firstZstd + secondZstd.dropLast(1)])
    func aTruncatedSecondPartIsAnError(content: [UInt8]) throws {
        #expect(throws: DataError.self) { try ReadTable(content) }
    }

    @Test(arguments: [firstGzip + Array("garbage".utf8), firstZstd + Array("garbage".utf8)])
    func otherBytesAfterACompressedFileAreAnError(content: [UInt8]) throws {
        let error = #expect(throws: DataError.self) { try ReadTable(content) }
        #expect(error?.code == .damagedCompression)
    }

    @Test func aFlippedBitIsFoundByTheChecksum() throws {
        for (content, place) in [(Self.firstGzip, 33), (Self.firstZstd, 30)] {
            var content = content
            content[place] ^= 1
            let error: DataError?
            do { error = try ReadTable(content).error } catch let thrown as DataError { error = thrown }
            #expect(error?.code == .damagedCompression)
        }
    }

    @Test func aZstdFileThatFillsTheBufferExactlyIsWhole() throws {
        let table = try ReadTable(Self.megabyteZstd)
        #expect(table.error == nil)
        #expect(table.rows.count == 262_143)
        #expect(table.rows.last?.texts == ["1", "2"])
    }

    @Test func aLargeZstdFileIsReadInManySteps() throws {
        let table = try ReadTable(Self.megabyteZstd + Self.megabyteZstd + Self.firstZstd)
        #expect(table.error == nil)
        #expect(table.rows.count == 2 * 262_144 + 1)
        #expect(table.rows.last?.line == 2 * 262_144 + 2)
    }

    /// A hundred megabytes of equal lines in ten kilobytes, as a bomb would be.
    @Test func dataThatGrowBeyondBeliefAreAnError() throws {
        let folder = try TemporaryFolder()
        let content = Array(repeating: Self.megabyteZstd, count: 100).flatMap(\.self)
        let path = try folder.write("table.csv.zst", content)
        let stream = try ByteStream(path: path)
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var produced = 0
        let error = #expect(throws: DataError.self) {
            while true {
                let count = try buffer.withUnsafeMutableBytes { try stream.read(into: $0) }
                if count == 0 { break }
                produced += count
            }
        }
        #expect(error?.code == .decompressedTooLarge && error?.file == path)
        #expect(produced <= 17 << 20)
        #expect(error?.fix?.contains("decompress it by hand") == true)
    }

    @Test func aLimitOnExpansionCanBeHigher() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("table.csv.zst", Self.megabyteZstd)
        for (limit, isBelieved) in [
            (ByteStream.ExpansionLimit(alwaysBelieved: 0, ratio: 10_000), true),
            (.init(alwaysBelieved: 0, ratio: 10), false),
            (.init(alwaysBelieved: 1 << 20, ratio: 10), true),
        ] {
            let stream = try ByteStream(path: path, limit: limit)
            var buffer = [UInt8](repeating: 0, count: 2 << 20)
            func readAll() throws {
                while try buffer.withUnsafeMutableBytes({ try stream.read(into: $0) }) > 0 {}
            }
            if isBelieved { try readAll() } else { #expect(throws: DataError.self) { try readAll() } }
        }
    }

    @Test func theDigestIsOfTheFileAsStored() throws {
        let folder = try TemporaryFolder()
        // sha256sum of the two files.
        for (content, digest) in [
            (Array(Self.first.utf8), "97b19774d0ed3ddacc9d8f6c8f8ad85f2063fddf32b69a93e2af02f9e5201f61"),
            (Self.firstGzip, "2b3cafc26aecadb130ea845dc1594bf07c9aa9b6084129a64b75e7225e99cf66"),
        ] {
            let table = try FlatTable(path: folder.write("table.csv", content), dialect: .init())
            #expect(table.digest == digest)
        }
    }

    /// Text as gzip in blocks that are stored as they are, without the end that says that it is whole.
    private static func cutOffGzip(_ text: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 0xFF]
        for start in stride(from: 0, to: text.count, by: 60_000) {
            let block = text[start..<min(text.count, start + 60_000)]
            let length = UInt16(truncatingIfNeeded: block.count)
            for number in [length, ~length] {
                bytes += [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]
            }
            bytes.insert(0, at: bytes.count - 4)
            bytes += block
        }
        return bytes
    }

    /// Some six megabytes, several blocks, with a bad row at some of the rows.
    private static func rows(bad: Set<Int>) -> [UInt8] {
        var text = "customer,time\n"
        for row in 0..<240_000 { text += bad.contains(row) ? "c,2024-01-32\n" : "c\(row % 999),2024-01-01 00:00:00\n" }
        return Array(text.utf8)
    }

    @Test(arguments: [0, 1, 10_000], [[Int](), [3], [150_000], [239_990], [3, 239_999]])
    func whatStopsAFileThatIsCutOffFirstIsTheSameWithAnyThreads(footer: Int, bad: [Int]) throws {
        var fixture = try HistoryFixture()
        let path = try fixture.folder.write("events.csv", Self.cutOffGzip(Self.rows(bad: Set(bad))))
        try fixture.addSource([
            "duplicates": "keep", "format": "{skipFooter: \(footer)}",
            "time": "{column: time, format: \"yyyy-MM-dd HH:mm:ss\"}",
        ])
        let read = fixture
        let errors = [1, 2, 3, 8].map { threads in
            var options = EventHistory.Options()
            options.threads = threads
            return #expect(throws: DataError.self) { try read.read(options: options) }
        }
        let first = try #require(errors.first ?? nil)
        let areSame = errors.allSatisfy { $0 == first }
        #expect(areSame, "\(errors)")
        #expect(first.file == path)
        if bad.isEmpty { #expect(first.code == .damagedCompression) }
        if bad.first == 3, footer < 2 { #expect(first.code == .notATime && first.line == 5) }
    }
}
