import ArrowIPC
import Testing

@Suite("The writer refuses what would be no sound file")
struct WriterRefusalTests {
    private struct DiskFull: Error, CustomStringConvertible {
        let description = "no space left"
    }

    private static let schema = ArrowSchema(fields: [
        ArrowField(name: "x", type: .float64, isNullable: false), ArrowField(name: "s", type: .dictionary),
    ])

    private func write(_ columns: [ArrowColumn], rowCount: Int) throws {
        _ = try arrowFile(Self.schema, dictionaries: [1: ["a", "b"]], [(rowCount, columns)])
    }

    @Test func aColumnTooFew() {
        #expect(throws: ArrowError.countMismatch(part: "columns of a record batch", got: 1, expected: 2)) {
            try write([.float64([1])], rowCount: 1)
        }
    }

    @Test func aColumnOfTheWrongType() {
        #expect(throws: ArrowError.typeMismatch(column: "x", got: "float32", expected: "float64")) {
            try write([.float32([1]), .dictionary(codes: [0])], rowCount: 1)
        }
    }

    @Test func aColumnOfTheWrongLength() {
        #expect(throws: ArrowError.countMismatch(part: "rows of column \"s\", batch 0", got: 2, expected: 1)) {
            try write([.float64([1]), .dictionary(codes: [0, 1])], rowCount: 1)
        }
    }

    @Test func validityOfTheWrongLength() {
        #expect(throws: ArrowError.countMismatch(part: "validity of column \"x\", batch 0", got: 2, expected: 1)) {
            try write([.float64([1], validity: [true, true]), .dictionary(codes: [0])], rowCount: 1)
        }
    }

    @Test func aNullInAFieldThatHasNone() {
        #expect(throws: ArrowError.unexpectedNull(place: ArrowPlace(column: "x", batch: 0, row: 1))) {
            try write([.float64([1, 2], validity: [true, false]), .dictionary(codes: [0, 0])], rowCount: 2)
        }
    }

    @Test(arguments: [Int32(-1), 2]) func aCodeOutsideTheDictionary(code: Int32) {
        let place = ArrowPlace(column: "s", batch: 0, row: 1)
        #expect(throws: ArrowError.indexOutOfRange(place: place, got: "\(code)", count: 2)) {
            try write([.float64([1, 2]), .dictionary(codes: [0, code])], rowCount: 2)
        }
    }

    @Test func aCodeOutsideTheDictionaryUnderANullIsFine() throws {
        try write([.float64([1]), .dictionary(codes: [-1], validity: [false])], rowCount: 1)
    }

    @Test func aDictionaryMissingOrTooMany() {
        #expect(throws: ArrowError.missingDictionary(column: "s")) { try arrowFile(Self.schema, []) }
        #expect(throws: ArrowError.unusedDictionary(columnIndex: 0)) {
            try arrowFile(Self.schema, dictionaries: [0: [], 1: []], [])
        }
    }

    @Test func aTypeThatIsOnlyRead() {
        let schema = ArrowSchema(fields: [ArrowField(name: "v", type: .text(.utf8View))])
        #expect(throws: ArrowError.notWritable(column: "v", type: "utf8_view")) { try arrowFile(schema, []) }
    }

    @Test func aRefusedBatchLeavesTheFileAsItWas() throws {
        let sink = ByteSink()
        let schema = ArrowSchema(fields: [ArrowField(name: "x", type: .float64)])
        var writer = try ArrowFileWriter(schema: schema, sink: sink.append)
        #expect(throws: ArrowError.self) { try writer.write([.float32([1])], rowCount: 1) }
        try writer.write([.float64([1])], rowCount: 1)
        try writer.finish()
        #expect(try sink.bytes == arrowFile(schema, [(1, [.float64([1])])]))
    }

    @Test func aFailingSinkFailsEveryLaterCall() throws {
        var isFull = false
        let schema = ArrowSchema(fields: [ArrowField(name: "x", type: .float64)])
        var writer = try ArrowFileWriter(schema: schema) { _ in
            if isFull { throw DiskFull() }
        }
        isFull = true
        #expect(throws: ArrowError.sinkFailed(reason: "no space left")) {
            try writer.write([.float64([1])], rowCount: 1)
        }
        isFull = false
        #expect(throws: ArrowError.sinkFailed(reason: "no space left")) {
            try writer.write([.float64([1])], rowCount: 1)
        }
        do {
            try writer.finish()
            Issue.record("a file with a hole was finished")
        } catch {
            #expect(error == .sinkFailed(reason: "no space left"))
        }
    }
}
