import ArrowIPC
import ChurnDatabase
import ChurnHistory

extension ScoreTable {
    private static let rowsPerBatch = 1 << 16

    /// Writes the table as an Arrow file, highest probability first: texts as utf8, `asOf` as date32, ranks and deciles as int64, the rest
    /// as float64; null where CSV has an empty cell.
    public func writeArrow(sink: @escaping ArrowFileWriter.Sink) throws {
        let columns = columns
        let fields = columns.map { column in
            // A customer and his place are always there, and his probability.
            let isNullable = !["customer", "probability", "rank", "decile", "logOdds", "intercept"].contains(
                column.name
            )
            return ArrowField(name: column.name, type: column.kind.arrowType, isNullable: isNullable)
        }
        var writer = try ArrowFileWriter(schema: ArrowSchema(fields: fields), sink: sink)
        for start in stride(from: 0, to: max(count, 1), by: Self.rowsPerBatch) {
            let rows = order[start..<min(start + Self.rowsPerBatch, count)]
            var builders = columns.map { ArrowColumnBuilder(kind: $0.kind) }
            for row in rows {
                for (number, cell) in cells(ofRow: row).enumerated() { builders[number].append(cell) }
            }
            try writer.write(builders.map(\.column), rowCount: rows.count)
        }
        try writer.finish()
    }
}

extension TableColumn.Kind {
    fileprivate var arrowType: ArrowType {
        switch self {
        case .text: .text(.utf8)
        case .day: .date32
        case .number: .float64
        case .integer: .integer(.int64)
        }
    }
}

/// Gathers the cells of one column of a record batch.
private struct ArrowColumnBuilder {
    let kind: TableColumn.Kind
    private var texts: [String] = []
    private var days: [Int32] = []
    private var numbers: [Double] = []
    private var integers: [Int64] = []
    private var validity: [Bool] = []

    init(kind: TableColumn.Kind) { self.kind = kind }

    mutating func append(_ cell: TableValue) {
        validity.append(cell != .null)
        switch kind {
        case .text: if case .text(let text) = cell { texts.append(text) } else { texts.append("") }
        case .day:
            if case .day(let text) = cell, let day = CalendarDay(text) {
                days.append(Int32(truncatingIfNeeded: day.number))
            } else {
                days.append(0)
            }
        case .number: if case .number(let number) = cell { numbers.append(number) } else { numbers.append(0) }
        case .integer:
            if case .integer(let integer) = cell { integers.append(Int64(integer)) } else { integers.append(0) }
        }
    }

    var column: ArrowColumn {
        let nulls = validity.contains(false) ? validity : nil
        return switch kind {
        case .text: .utf8(texts, validity: nulls)
        case .day: .date32(days, validity: nulls)
        case .number: .float64(numbers, validity: nulls)
        case .integer: .int64(integers, validity: nulls)
        }
    }
}
