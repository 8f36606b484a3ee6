import ArrowIPC
import Testing

@Suite("What is written is read back")
struct RoundTripTests {
    private static let validity = SampleTable.validity

    private func array(_ name: String, batch: Int = 0) throws -> ArrowArray {
        let file = try ArrowFile(bytes: SampleTable.bytes())
        return try file.batch(batch).array(try #require(file.schema.columnIndex(named: name)))
    }

    /// The values where there is one, nil elsewhere.
    private func masked<Value>(_ values: [Value]) -> [Value?] {
        zip(values, Self.validity).map { $1 ? $0 : nil }
    }

    private func masked<Value>(_ values: [Value], by validity: [Bool]?) throws -> [Value?] {
        zip(values, try #require(validity)).map { $1 ? $0 : nil }
    }

    @Test func schemaAndMetadataComeBackInOrder() throws {
        let file = try ArrowFile(bytes: SampleTable.bytes())
        #expect(file.schema == SampleTable.schema)
        #expect(file.schema.metadata.map(\.key) == ["zuletzt", "a", "a", ""])
        #expect(file.schema.metadataValue(forKey: "a") == "ü")
        #expect(file.schema.metadataValue(forKey: "b") == nil)
    }

    @Test func batchesKeepTheirRows() throws {
        let file = try ArrowFile(bytes: SampleTable.bytes())
        #expect(file.batchCount == 2)
        #expect(file.rowCount == 8)
        #expect(try file.batch(0).rowCount == 5)
        #expect(try file.batch(1).rowCount == 3)
        #expect(try array("i32", batch: 1).integers() == [Int64(Int32.min), -1, 0])
        #expect(try array("text?", batch: 1).optionalStrings() == ["", nil, "Ünïcødé"])
    }

    @Test func numbersWithoutNulls() throws {
        #expect(try array("i32").integers() == [Int64(Int32.min), -1, 0, 7, Int64(Int32.max)])
        #expect(try array("i64").integers() == [.min, -1, 0, 7, .max])
        #expect(try array("f32").floats() == [-0.5, .infinity, 0, .pi, .leastNonzeroMagnitude])
        #expect(try array("f32").doubles() == [-0.5, .infinity, 0, Double(Float.pi), 0x1p-149])
        #expect(try array("f64").doubles() == [-0.5, .infinity, 0, .pi, .leastNonzeroMagnitude])
        #expect(try array("i32").doubles() == [-0x1p31, -1, 0, 7, 0x1p31 - 1])
        #expect(try array("i32").validity() == nil)
    }

    @Test func numbersWithNulls() throws {
        #expect(try array("i32?").integers(nullValue: 99) == [Int64(Int32.min), 99, 0, 7, 99])
        #expect(try array("i64?").integers(nullValue: 99) == [.min, 99, 0, 7, 99])
        #expect(try array("f32?").floats(nullValue: 99) == [-0.5, 99, 0, .pi, 99])
        #expect(try array("f64?").doubles(nullValue: 99) == [-0.5, 99, 0, .pi, 99])
        #expect(try array("f64?").doubles(nullValue: .nan).map(\.isNaN) == Self.validity.map { !$0 })
        #expect(try array("f64?").validity() == Self.validity)
        #expect(try array("f64?").nullCount == 2)
    }

    @Test func booleansDatesAndTimestamps() throws {
        #expect(try array("flag").booleans() == [true, false, false, true, true])
        #expect(try array("flag?").booleans(nullValue: true) == [true, true, false, true, true])
        #expect(try array("day").integers() == [-1, 0, 1, 19_000, 20_000])
        #expect(try array("day?").integers(nullValue: 0) == [-1, 0, 1, 19_000, 0])
        #expect(try array("local").integers() == [-1, 0, 1, 1_700_000_000_000_000, 5])
        let instant = try array("instant?")
        #expect(instant.field.type == .timestamp(.microsecond, timeZone: "Europe/Berlin"))
        let ticks = try masked(try instant.integers(nullValue: 0), by: try instant.validity())
        #expect(ticks == masked([1, 2, 3, 1_700_000_000_123_456, 5]))
    }

    @Test func textAndDictionaries() throws {
        #expect(try array("text").strings() == SampleTable.texts)
        #expect(try array("text?").optionalStrings() == masked(SampleTable.texts))
        let segments = [2, 0, 1, 1, 2].map { SampleTable.segments[$0] }
        #expect(try array("segment").strings() == segments)
        #expect(try array("segment?").optionalStrings() == masked(segments))
        #expect(try array("segment?").dictionaryCodes() == [2, -1, 1, 1, -1])
        #expect(try array("segment").dictionaryValues() == SampleTable.segments)
    }

    @Test func anEmptyBatchIsABatch() throws {
        let bytes = try arrowFile(
            SampleTable.schema,
            dictionaries: SampleTable.dictionaries,
            [SampleTable.batch(rows: 0), SampleTable.batch(rows: 1)]
        )
        let file = try ArrowFile(bytes: bytes)
        #expect(file.batchCount == 2)
        let empty = try file.batch(0)
        #expect(empty.rowCount == 0)
        #expect(try empty.array(3).doubles().isEmpty)
        #expect(try empty.array(5).strings().isEmpty)
        #expect(try empty.array(9).strings().isEmpty)
        #expect(try empty.float64Block(columns: 3..<4)?.rowCount == 0)
    }

    @Test func aFileWithoutBatchesHasItsSchema() throws {
        let file = try ArrowFile(bytes: arrowFile(SampleTable.schema, dictionaries: SampleTable.dictionaries, []))
        #expect(file.batchCount == 0)
        #expect(file.rowCount == 0)
        #expect(file.schema == SampleTable.schema)
    }

    @Test func aFileWithoutColumnsHasItsRows() throws {
        let file = try ArrowFile(bytes: arrowFile(ArrowSchema(fields: []), [(3, []), (4, [])]))
        #expect(file.rowCount == 7)
        #expect(file.schema.fields.isEmpty)
    }

    @Test func namesMayBeAnyText() throws {
        let names = ["", "größe", "客户", "🚲", "a\0b", "twice", "twice", "\"quoted\"\n"]
        let schema = ArrowSchema(fields: names.map { ArrowField(name: $0, type: .int32) })
        let file = try ArrowFile(bytes: arrowFile(schema, [(1, names.indices.map { .int32([Int32($0)]) })]))
        #expect(file.schema.fields.map(\.name) == names)
        #expect(file.schema.columnIndex(named: "twice") == 5)
    }

    @Test(arguments: ArrowTimeUnit.allCases) func timestampsOfEveryUnit(unit: ArrowTimeUnit) throws {
        let schema = ArrowSchema(fields: [ArrowField(name: "t", type: .timestamp(unit, timeZone: "UTC"))])
        let file = try ArrowFile(bytes: arrowFile(schema, [(1, [.timestamp([42])])]))
        #expect(file.schema == schema)
        #expect(try file.batch(0).array(0).integers() == [42])
    }

    @Test func validityThatIsAllTrueMeansNoNulls() throws {
        let schema = ArrowSchema(fields: [ArrowField(name: "x", type: .float64, isNullable: false)])
        let plain = try arrowFile(schema, [(2, [.float64([1, 2])])])
        #expect(try arrowFile(schema, [(2, [.float64([1, 2], validity: [true, true])])]) == plain)
    }

    @Test func theSameInputGivesTheSameBytes() throws {
        #expect(try SampleTable.bytes() == SampleTable.bytes())
    }

    @Test func rowCountsAroundAByteOfValidity() throws {
        for rows in 1...70 {
            let values = (0..<rows).map { Double($0) }
            let validity = (0..<rows).map { $0 % 3 != 1 }
            let flags = (0..<rows).map { $0 % 5 == 0 }
            let schema = ArrowSchema(fields: [
                ArrowField(name: "x", type: .float64), ArrowField(name: "b", type: .bool),
            ])
            let columns: [ArrowColumn] = [.float64(values, validity: validity), .bool(flags, validity: validity)]
            let batch = try ArrowFile(bytes: arrowFile(schema, [(rows, columns)])).batch(0)
            #expect(try batch.array(0).doubles(nullValue: -1) == zip(values, validity).map { $1 ? $0 : -1 })
            #expect(try batch.array(1).booleans(nullValue: true) == zip(flags, validity).map { $1 ? $0 : true })
        }
    }

    @Test func aFooterListsBatchesInTheOrderThatItIsGiven() throws {
        let schema = ArrowSchema(fields: [ArrowField(name: "x", type: .float64, isNullable: false)])
        let bytes = ByteSink()
        var writer = try ArrowFileWriter(schema: schema, sink: bytes.append)
        for value in [1.0, 2, 3] { try writer.write([.float64([value, value])], rowCount: 2) }
        try writer.finish(listing: [2, 0, 1])
        let file = try ArrowFile(bytes: bytes.bytes)
        let values = try (0..<3).map { try file.batch($0).array(0).doubles() }
        #expect(values == [[3, 3], [1, 1], [2, 2]])
    }

    @Test func textThatTheCallerPutTogetherIsWrittenAsItIs() throws {
        let schema = ArrowSchema(fields: [ArrowField(name: "t", type: .utf8, isNullable: false)])
        let bytes = ByteSink()
        var writer = try ArrowFileWriter(schema: schema, sink: bytes.append)
        try writer.write([.utf8Buffers(offsets: [0, 2, 2, 5], bytes: Array("äabc".utf8))], rowCount: 3)
        try writer.finish()
        #expect(try ArrowFile(bytes: bytes.bytes).batch(0).array(0).strings() == ["ä", "", "abc"])
    }
}
