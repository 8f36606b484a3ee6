import Foundation
import Testing

@testable import ArrowIPC

@Suite("The reader refuses what it cannot trust")
struct ReaderRefusalTests {
    private func open(_ file: ForgedFile) throws {
        _ = try ArrowFile(bytes: file.file)
    }

    private func strings(_ file: ForgedFile) throws {
        _ = try ArrowFile(bytes: file.file).batch(0).array(0).optionalStrings()
    }

    // MARK: Format

    @Test func aFileThatIsNotThere() {
        let path = "/nonexistent/features.arrow"
        #expect(throws: ArrowError.cannotRead(path: path, reason: "No such file or directory")) {
            try ArrowFile(path: path)
        }
        #expect(throws: ArrowError.cannotRead(path: "/", reason: "not a regular file")) { try ArrowFile(path: "/") }
    }

    @Test func anEmptyFile() throws {
        let path = NSTemporaryDirectory() + "arrow-empty-\(UUID().uuidString).arrow"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data().write(to: URL(fileURLWithPath: path))
        #expect(throws: ArrowError.fileTooShort(byteCount: 0, expectedAtLeast: 22)) { try ArrowFile(path: path) }
        #expect(throws: ArrowError.fileTooShort(byteCount: 0, expectedAtLeast: 22)) { try ArrowFile(bytes: []) }
    }

    @Test func otherFormats() throws {
        #expect(throws: ArrowError.badMagic(offset: 0, got: Array("custom".utf8))) {
            try ArrowFile(bytes: Array("customer,label\n1,0\n2,1\n".utf8))
        }
        #expect(throws: ArrowError.featherVersion1) { try ArrowFile(bytes: Array("FEA1....FEA1".utf8)) }
        let bytes = Array(try SampleTable.bytes().dropLast(6)) + Array("NOARR!".utf8)
        #expect(throws: ArrowError.badMagic(offset: bytes.count - 6, got: Array("NOARR!".utf8))) {
            try ArrowFile(bytes: bytes)
        }
    }

    @Test(arguments: [Int32(0), -1, .max]) func aFooterLengthThatCannotBe(length: Int32) throws {
        var bytes = try SampleTable.bytes()
        bytes.replaceSubrange(bytes.count - 10..<bytes.count - 6, with: littleEndian(length))
        let limit = Int64(bytes.count - 18)
        #expect(throws: ArrowError.invalidLength(part: "footer", got: Int64(length), expected: 1...limit)) {
            try ArrowFile(bytes: bytes)
        }
    }

    @Test func versionsAndEndianness() {
        var old = ForgedFile.doubles()
        old.version = 2
        #expect(throws: ArrowError.unsupportedVersion(got: 2)) { try open(old) }
        #expect(throws: ArrowError.bigEndian) { try open(.field([], endianness: 1)) }
    }

    @Test(arguments: [
        (UInt8(12), "list"), (13, "struct"), (17, "map"), (7, "decimal"), (1, "null"), (99, "unknown (99)"),
    ])
    func typesThatAreNotRead(tag: UInt8, name: String) {
        let file = ForgedFile.field([.node(.string("tags")), .flag(true), .byte(tag), .node(.table([]))])
        #expect(throws: ArrowError.unsupportedType(column: "tags", type: name)) { try open(file) }
    }

    @Test func membersOfReadTypesThatAreNotRead() {
        let half = ForgedFile.field([.node(.string("h")), .flag(true), .byte(3), .node(.table([.short(0)]))])
        #expect(throws: ArrowError.unsupportedType(column: "h", type: "float16")) { try open(half) }
        let date = ForgedFile.field([.node(.string("d")), .flag(true), .byte(8), .node(.table([]))])
        #expect(throws: ArrowError.unsupportedType(column: "d", type: "date64")) { try open(date) }
        let integer = ForgedFile.field([.node(.string("i")), .flag(true), .byte(2), .node(.table([.int(128)]))])
        #expect(throws: ArrowError.unsupportedType(column: "i", type: "int of 128 bits")) { try open(integer) }
        let encoding = FlatSlot.node(.table([.long(0)]))
        let dictionary = ForgedFile.field([.node(.string("b")), .flag(true), .byte(6), .node(.table([])), encoding])
        #expect(throws: ArrowError.unsupportedType(column: "b", type: "dictionary of bool")) { try open(dictionary) }
    }

    @Test(arguments: [(UInt8(0), "lz4"), (1, "zstd")]) func compressedBodies(codec: UInt8, name: String) {
        var file = ForgedFile.doubles()
        file.batches[0].codec = codec
        #expect(throws: ArrowError.compressedBody(codec: name)) { try open(file) }
        #expect("\(ArrowError.compressedBody(codec: name))".contains("compression=\"uncompressed\""))
    }

    // MARK: Structure

    @Test func countsThatContradictEachOther() {
        var rows = ForgedFile.doubles()
        rows.batches[0].nodes[1].0 = 1
        #expect(throws: ArrowError.countMismatch(part: "rows of column \"y\", batch 0", got: 1, expected: 2)) {
            try open(rows)
        }
        var arrays = ForgedFile.doubles()
        arrays.batches[0].nodes.removeLast()
        #expect(throws: ArrowError.countMismatch(part: "arrays of the record batch 0", got: 1, expected: 2)) {
            try open(arrays)
        }
        var fewer = ForgedFile.doubles()
        fewer.batches[0].buffers.removeLast()
        #expect(throws: ArrowError.countMismatch(part: "buffers of the record batch 0", got: 3, expected: 4)) {
            try open(fewer)
        }
        var more = ForgedFile.doubles()
        more.batches[0].buffers.append([])
        #expect(throws: ArrowError.countMismatch(part: "buffers of the record batch 0", got: 5, expected: 4)) {
            try open(more)
        }
    }

    @Test(arguments: [-1, Int.min]) func negativeRows(length: Int) {
        var file = ForgedFile.doubles()
        file.batches[0].length = length
        let error = ArrowError.invalidLength(part: "record batch 0", got: Int64(length), expected: 0...Int64.max)
        #expect(throws: error) { try open(file) }
    }

    @Test(arguments: [3, Int.max]) func buffersTooShortForTheirRows(length: Int) {
        var file = ForgedFile.doubles()
        file.batches[0].length = length
        file.batches[0].nodes = [(length, 0), (length, 0)]
        let (bytes, overflow) = length.multipliedReportingOverflow(by: 8)
        let error = ArrowError.bufferTooShort(
            place: ArrowPlace(column: "x", batch: 0),
            buffer: "first",
            byteCount: 16,
            expectedAtLeast: overflow ? .max : bytes
        )
        #expect(throws: error) { try open(file) }
    }

    @Test(arguments: [1 << 20, -1, Int.max - 64, Int.min]) func buffersOutsideTheBody(shift: Int) {
        var file = ForgedFile.doubles()
        file.batches[0].shift = shift
        #expect {
            try open(file)
        } throws: { error in
            guard case .outOfBounds(part: "buffer of the record batch 0", _, _, _)? = error as? ArrowError else {
                return false
            }
            return true
        }
    }

    @Test func nullCountsThatCannotBe() throws {
        var tooMany = ForgedFile.doubles()
        tooMany.batches[0].nodes[0].1 = 3
        #expect(throws: ArrowError.invalidLength(part: "null count of column \"x\", batch 0", got: 3, expected: 0...2))
        {
            try open(tooMany)
        }
        var noBitmap = ForgedFile.doubles()
        noBitmap.batches[0].nodes[0].1 = 1
        let place = ArrowPlace(column: "x", batch: 0)
        let error = ArrowError.bufferTooShort(place: place, buffer: "validity", byteCount: 0, expectedAtLeast: 1)
        #expect(throws: error) { try open(noBitmap) }

        var contradiction = ForgedFile.doubles()
        contradiction.batches[0].buffers[0] = [0b01]
        let batch = try ArrowFile(bytes: contradiction.file).batch(0)
        let mismatch = ArrowError.nullCountMismatch(place: place, got: 1, expected: 0)
        #expect(throws: mismatch) { try batch.array(0).doubles() }
        #expect(throws: mismatch) { try batch.float64Block(columns: 0..<2) }
    }

    // MARK: Text and dictionaries

    @Test func textOffsetsThatRunBackwardsOrAway() {
        var backwards = ForgedFile.text(.utf8)
        backwards.batches[0].buffers[1] = littleEndian(Int32(0), 5, 4, 9)
        let size = Int64(backwards.batches[0].buffers[2].count)
        let place = ArrowPlace(column: "t", batch: 0, row: 1)
        #expect(throws: ArrowError.invalidOffset(place: place, got: 4, expected: 5...size)) { try strings(backwards) }

        var away = ForgedFile.text(.largeUtf8)
        away.batches[0].buffers[1] = littleEndian(Int64(0), .max, .max, .max)
        let first = ArrowPlace(column: "t", batch: 0, row: 0)
        #expect(throws: ArrowError.invalidOffset(place: first, got: .max, expected: 0...size)) { try strings(away) }

        var negative = ForgedFile.text(.utf8)
        negative.batches[0].buffers[1] = littleEndian(Int32.min, 5, 5, 9)
        let least = Int64(Int32.min)
        #expect(throws: ArrowError.invalidOffset(place: first, got: least, expected: 0...size)) {
            try strings(negative)
        }
    }

    @Test(arguments: ArrowTextType.allCases) func textThatIsNotUTF8(type: ArrowTextType) throws {
        var file = ForgedFile.text(type)
        let last = file.batches[0].buffers.count - 1
        let end = file.batches[0].buffers[last].count - 1
        file.batches[0].buffers[last][end] = 0xFF
        #expect(throws: ArrowError.invalidUTF8(place: ArrowPlace(column: "t", batch: 0, row: 2))) { try strings(file) }
    }

    @Test(arguments: [(Int32(2), Int32(0)), (-1, 0), (1, 4), (1, -1), (0, 0)])
    func viewsOutsideTheirBuffers(buffer: Int32, offset: Int32) {
        var file = ForgedFile.text(.utf8View)
        let view = ForgedFile.view(Array("more than twelve bytes ü".utf8), buffer: buffer, offset: offset)
        file.batches[0].buffers[1].replaceSubrange(32..<48, with: view)
        #expect {
            try strings(file)
        } throws: { error in
            guard case .outOfBounds? = error as? ArrowError else { return false }
            return true
        }
    }

    @Test func viewsThatWouldFillTheMemory() {
        let rows = 2000
        let data = [UInt8](repeating: 0x61, count: 50_000)
        var file = ForgedFile([ArrowField(name: "t", type: .text(.utf8View))])
        let views = (0..<rows).flatMap {
            ForgedFile.view(Array(data.dropFirst($0 % 2)), buffer: 0, offset: Int32($0 % 2))
        }
        file.batches = [
            .init(length: rows, nodes: [(rows, 0)], buffers: [[], views, data], variadicCounts: [1])
        ]
        let limit = 64 * file.file.count
        #expect(throws: ArrowError.textTooLong(place: ArrowPlace(column: "t", batch: 0), limit: limit)) {
            try strings(file)
        }
    }

    @Test func metadataThatWouldFillTheMemory() throws {
        let count = 1003
        let long = ArrowKeyValue(key: "k", value: String(repeating: "v", count: 10_000))
        let short = [ArrowKeyValue](repeating: ArrowKeyValue(key: "", value: ""), count: count - 1)
        var bytes = try arrowFile(ArrowSchema(fields: [], metadata: [long] + short), [])
        #expect(throws: Never.self) { try ArrowFile(bytes: bytes) }

        // In the footer, let every entry of the vector lead to the first, long one.
        let length = littleEndian(UInt32(count))
        let vector = try #require(bytes.indices.last { bytes[$0...].starts(with: length) })
        let firstOffset = bytes[vector + 4..<vector + 8].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        for index in 1..<count {
            let position = vector + 4 + 4 * index
            bytes.replaceSubrange(position..<position + 4, with: littleEndian(firstOffset - UInt32(4 * index)))
        }
        let problem = "names and metadata refer to the same bytes over and over"
        #expect(throws: ArrowError.malformedMetadata(part: "schema", problem: problem)) { try ArrowFile(bytes: bytes) }
    }

    @Test func dictionariesThatDoNotFit() {
        let place = ArrowPlace(column: "d", batch: 0, row: 1)
        #expect(throws: ArrowError.indexOutOfRange(place: place, got: "3", count: 3)) {
            try strings(.dictionary(codes: [0, 3, 1]))
        }
        #expect(throws: ArrowError.indexOutOfRange(place: place, got: "-1", count: 3)) {
            try strings(.dictionary(index: .int8, codes: [0, 255, 1]))
        }
        var unknown = ForgedFile.dictionary()
        unknown.dictionaries[1].id = 7
        #expect(throws: ArrowError.unknownDictionary(id: 7)) { try open(unknown) }
        var missing = ForgedFile.dictionary()
        missing.dictionaries = []
        #expect(throws: ArrowError.unknownDictionary(id: 0)) { try strings(missing) }
        var repeated = ForgedFile.dictionary()
        repeated.dictionaries[1].isDelta = false
        #expect(throws: ArrowError.repeatedDictionary(id: 0)) { try open(repeated) }
    }

    // MARK: Questions

    @Test func batchesAndColumnsThatAreNotThere() throws {
        let file = try ArrowFile(bytes: ForgedFile.doubles().file)
        #expect(throws: ArrowError.noSuchBatch(got: 1, count: 1)) { try file.batch(1) }
        #expect(throws: ArrowError.noSuchBatch(got: -1, count: 1)) { try file.batch(-1) }
        #expect(throws: ArrowError.noSuchColumn(got: 2, count: 2)) { try file.batch(0).array(2) }
    }

    @Test func columnsReadAsAnotherType() throws {
        let array = try ArrowFile(bytes: ForgedFile.doubles().file).batch(0).array(0)
        func mismatch(_ expected: String) -> ArrowError {
            .typeMismatch(column: "x", got: "float64", expected: expected)
        }
        #expect(throws: mismatch("text")) { try array.strings() }
        #expect(throws: mismatch("bool")) { try array.booleans() }
        #expect(throws: mismatch("dictionary")) { try array.dictionaryCodes() }
        #expect(throws: mismatch("dictionary")) { try array.dictionaryValues() }
        #expect(throws: mismatch("float32")) { try array.floats() }
        #expect(throws: mismatch("an integer, a date or a timestamp")) { try array.integers() }
        #expect(throws: ArrowError.typeMismatch(column: "t", got: "utf8", expected: "a number")) {
            try ArrowFile(bytes: ForgedFile.text(.utf8).file).batch(0).array(0).doubles()
        }
    }
}
