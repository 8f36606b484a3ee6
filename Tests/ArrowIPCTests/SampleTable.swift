import ArrowIPC

/// One column of every type that is written, without and with nulls, in two batches of 5 and 3 rows.
enum SampleTable {
    static let segments = ["neu", "treu", "größer 🚲"]
    static let texts = ["", "a", "Ünïcødé", "zwölf Zeichen und mehr", "日本語"]
    static let validity = [true, false, true, true, false]

    static let fields: [ArrowField] = [
        ArrowField(name: "i32", type: .int32),
        ArrowField(name: "i64", type: .int64),
        ArrowField(name: "f32", type: .float32),
        ArrowField(name: "f64", type: .float64),
        ArrowField(name: "flag", type: .bool),
        ArrowField(name: "text", type: .utf8),
        ArrowField(name: "day", type: .date32),
        ArrowField(name: "local", type: .timestamp(.microsecond)),
        ArrowField(name: "instant", type: .timestamp(.microsecond, timeZone: "Europe/Berlin")),
        ArrowField(name: "segment", type: .dictionary),
    ]

    static var schema: ArrowSchema {
        let nullable = fields.map { ArrowField(name: $0.name + "?", type: $0.type) }
        let metadata = [
            ArrowKeyValue(key: "zuletzt", value: "zuerst"), ArrowKeyValue(key: "a", value: "ü"),
            ArrowKeyValue(key: "a", value: "again"), ArrowKeyValue(key: "", value: ""),
        ]
        return ArrowSchema(
            fields: fields.map { ArrowField(name: $0.name, type: $0.type, isNullable: false) } + nullable,
            metadata: metadata
        )
    }

    static let dictionaries = [9: segments, 19: segments]

    static func columns(rows: Int, validity: [Bool]?) -> [ArrowColumn] {
        [
            .int32(Array([Int32.min, -1, 0, 7, .max].prefix(rows)), validity: validity),
            .int64(Array([Int64.min, -1, 0, 7, .max].prefix(rows)), validity: validity),
            .float32(Array([-0.5, .infinity, 0, .pi, .leastNonzeroMagnitude].prefix(rows)), validity: validity),
            .float64(Array([-0.5, .infinity, 0, .pi, .leastNonzeroMagnitude].prefix(rows)), validity: validity),
            .bool(Array([true, false, false, true, true].prefix(rows)), validity: validity),
            .utf8(Array(texts.prefix(rows)), validity: validity),
            .date32(Array([-1, 0, 1, 19_000, 20_000].prefix(rows)), validity: validity),
            .timestamp(Array([-1, 0, 1, 1_700_000_000_000_000, 5].prefix(rows)), validity: validity),
            .timestamp(Array([1, 2, 3, 1_700_000_000_123_456, 5].prefix(rows)), validity: validity),
            .dictionary(codes: Array([2, 0, 1, 1, 2].prefix(rows)), validity: validity),
        ]
    }

    static func batch(rows: Int) -> SampleBatch {
        (rows, columns(rows: rows, validity: nil) + columns(rows: rows, validity: Array(validity.prefix(rows))))
    }

    static func bytes() throws -> [UInt8] {
        try arrowFile(schema, dictionaries: dictionaries, [batch(rows: 5), batch(rows: 3)])
    }
}
