import ArrowIPC
import ChurnHistory

extension FileRewriting {
    /// Copies the rows of an Arrow file that ChurnKit has written, batch by batch.
    /// - Parameters:
    ///   - column: whose texts decide.
    ///   - isGone: which rows do not stay, by their text in this column.
    /// - Throws: `missingColumn` for a file without the column; `ArrowError` for one that is no such file.
    public func copyArrow(column: String, without isGone: (String) -> Bool) throws {
        let source = try ArrowFile(path: file.path)
        guard let key = source.schema.columnIndex(named: column) else {
            throw DataError(.missingColumn, "has no such column, and is none of ours", file: file.path, column: column)
        }
        // A file without rows need not hold its dictionaries.
        let batches = try (0..<source.batchCount).map { try source.batch($0) }.filter { $0.rowCount > 0 }
        guard let first = batches.first else { return }
        var dictionaries: [Int: [String]] = [:]
        for (number, field) in source.schema.fields.enumerated() {
            guard case .dictionary = field.type else { continue }
            dictionaries[number] = try first.array(number).dictionaryValues().map { value in
                guard let value else {
                    throw DataError(.notATable, "has no value in a dictionary, and is none of ours", file: file.path)
                }
                return value
            }
        }
        var writer = try ArrowFileWriter(schema: source.schema, dictionaries: dictionaries) { [file] bytes in
            try file.write(bytes)
        }
        for batch in batches {
            let names = try batch.array(key).optionalStrings()
            let kept = names.indices.filter { row in
                guard let name = names[row], isGone(name) else { return true }
                removeRow()
                return false
            }
            let columns = try source.schema.fields.indices.map { try batch.array($0).column(ofRows: kept) }
            try writer.write(columns, rowCount: kept.count)
        }
        try writer.finish()
    }
}

extension ArrowArray {
    /// Some rows as the writer takes them.
    fileprivate func column(ofRows rows: [Int]) throws(ArrowError) -> ArrowColumn {
        let validity = try validity().map { validity in rows.map { validity[$0] } }
        func kept<Value>(_ values: [Value]) -> [Value] { rows.map { values[$0] } }
        switch field.type {
        case .float64: return .float64(kept(try doubles(nullValue: 0)), validity: validity)
        case .float32: return .float32(kept(try floats(nullValue: 0)), validity: validity)
        case .bool: return .bool(kept(try booleans(nullValue: false)), validity: validity)
        case .integer(.int32):
            return .int32(kept(try integers(nullValue: 0)).map(Int32.init(truncatingIfNeeded:)), validity: validity)
        case .integer: return .int64(kept(try integers(nullValue: 0)), validity: validity)
        case .date32:
            return .date32(kept(try integers(nullValue: 0)).map(Int32.init(truncatingIfNeeded:)), validity: validity)
        case .timestamp: return .timestamp(kept(try integers(nullValue: 0)), validity: validity)
        case .text: return .utf8(kept(try optionalStrings()).map { $0 ?? "" }, validity: validity)
        case .dictionary: return .dictionary(codes: kept(try dictionaryCodes()), validity: validity)
        }
    }
}
