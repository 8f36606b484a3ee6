import Foundation
import Testing

@testable import ArrowIPC

/// A damaged file may be refused or read, never crash: each of these opens what it can and reads all of it.
@Suite("Damaged files give typed errors or right-shaped results")
struct DamagedFileTests {
    /// What became of the damaged files.
    private struct Tally {
        var opened = 0
        var refused = 0
    }

    /// Sound files of every kind that is read.
    private static func soundFiles() throws -> [[UInt8]] {
        let views = ForgedFile.text(.utf8View)
        return [
            try SampleTable.bytes(), ForgedFile.text(.utf8).file, ForgedFile.text(.largeUtf8).file, views.file,
            views.stream, ForgedFile.dictionary().file, ForgedFile.dictionary(index: .uint64).stream,
            ForgedFile.doubles().file, ForgedFile.integers(.int16).stream,
        ]
    }

    @Test func soundFilesOpen() throws {
        for bytes in try Self.soundFiles() {
            var tally = Tally()
            try read(bytes, &tally)
            #expect(tally.opened == 1)
        }
    }

    @Test func aThousandTruncatedFiles() throws {
        let files = try Self.soundFiles()
        var tally = Tally()
        var random = SplitMix64(seed: 1)
        for turn in 0..<1000 {
            let bytes = files[turn % files.count]
            try read(Array(bytes.prefix(Int(random.next() % UInt64(bytes.count)))), &tally)
        }
        #expect(tally.opened == 0)
        #expect(tally.refused == 1000)
    }

    @Test func aThousandFilesCutInTheMiddle() throws {
        let files = try Self.soundFiles()
        var tally = Tally()
        var random = SplitMix64(seed: 2)
        for turn in 0..<1000 {
            var bytes = files[turn % files.count]
            let start = Int(random.next() % UInt64(bytes.count))
            let length = 1 + Int(random.next() % 64)
            bytes.removeSubrange(start..<min(start + length, bytes.count))
            try read(bytes, &tally)
        }
        #expect(tally.opened + tally.refused == 1000)
        #expect(tally.refused > 500)
    }

    @Test(arguments: [UInt64(3), 4, 5, 6]) func thousandsOfMutatedFiles(seed: UInt64) throws {
        let files = try Self.soundFiles()
        var tally = Tally()
        var random = SplitMix64(seed: seed)
        let extremes: [UInt8] = [0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF]
        for turn in 0..<2000 {
            var bytes = files[turn % files.count]
            for _ in 0..<(1 + Int(random.next() % 6)) {
                // Padding is most of a file and says nothing, so it is mostly passed over.
                var position = Int(random.next() % UInt64(bytes.count))
                for _ in 0..<4 where bytes[position] == 0 { position = Int(random.next() % UInt64(bytes.count)) }
                let choice = random.next()
                switch choice % 3 {
                case 0: bytes[position] ^= 1 << UInt8(choice >> 8 & 7)
                case 1: bytes[position] = UInt8(truncatingIfNeeded: choice >> 8)
                default: bytes[position] = extremes[Int(choice >> 8 % UInt64(extremes.count)) % extremes.count]
                }
            }
            try read(bytes, &tally)
        }
        #expect(tally.opened + tally.refused == 2000)
        #expect(tally.opened > 100)
        #expect(tally.refused > 100)
    }

    @Test func everySingleBitOfASmallFile() throws {
        for sound in [ForgedFile.dictionary().file, ForgedFile.text(.utf8View).stream] {
            var tally = Tally()
            for bit in 0..<sound.count * 8 {
                var bytes = sound
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                try read(bytes, &tally)
            }
            #expect(tally.opened + tally.refused == sound.count * 8)
        }
    }

    @Test func aDamagedMappedFile() throws {
        let path = NSTemporaryDirectory() + "arrow-damaged-\(UUID().uuidString).arrow"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let bytes = try SampleTable.bytes()
        for count in stride(from: 0, to: bytes.count, by: 97) {
            try Data(bytes.prefix(count)).write(to: URL(fileURLWithPath: path))
            #expect(throws: ArrowError.self) { try ArrowFile(path: path) }
        }
    }

    /// Opens the file and reads every column in every way; any error that is not an `ArrowError` is thrown on.
    private func read(_ bytes: [UInt8], _ tally: inout Tally) throws {
        let file: ArrowFile
        do {
            file = try ArrowFile(bytes: bytes)
        } catch {
            #expect(!error.description.isEmpty)
            tally.refused += 1
            return
        }
        tally.opened += 1
        var rows = 0
        for number in 0..<file.batchCount {
            let batch = try file.batch(number)
            rows += batch.rowCount
            for column in file.schema.fields.indices { try read(try batch.array(column), rowCount: batch.rowCount) }
            let block = try? batch.float64Block(columns: file.schema.fields.indices)
            #expect(block == nil || block?.columnCount == file.schema.fields.count)
        }
        #expect(rows == file.rowCount)
    }

    private func read(_ array: ArrowArray, rowCount: Int) throws {
        func check(_ count: () throws(ArrowError) -> Int?) {
            do {
                let count = try count()
                #expect(count == nil || count == rowCount)
            } catch {
                #expect(!error.description.isEmpty)
            }
        }
        #expect(array.count == rowCount)
        check { () throws(ArrowError) in try array.validity()?.count }
        check { () throws(ArrowError) in try array.doubles(nullValue: .nan).count }
        check { () throws(ArrowError) in try array.floats(nullValue: .nan).count }
        check { () throws(ArrowError) in try array.integers(nullValue: 0).count }
        check { () throws(ArrowError) in try array.booleans(nullValue: false).count }
        check { () throws(ArrowError) in try array.optionalStrings().count }
        check { () throws(ArrowError) in try array.strings().count }
        check { () throws(ArrowError) in try array.dictionaryCodes().count }
        check { () throws(ArrowError) in try array.withUnsafeFloat64 { $0.count } }
        check { () throws(ArrowError) in try array.withUnsafeFloat32 { $0.count } }
    }
}

/// A small seeded generator, so that a failure can be repeated.
private struct SplitMix64 {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
