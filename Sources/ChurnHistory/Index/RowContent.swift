/// What a row says, whatever the order of the columns in its file: two rows repeat each other when this is equal.
struct RowContent: Sendable {
    private let delimiter: UInt8
    /// What a row is put together from to be compared; `nil` where the columns stand as in the source's first file.
    private let order: [Part]?
    private var canonical: [UInt8] = []

    private enum Part {
        /// The cell of a column that the first file has, too.
        case cell(Int)
        /// The first file has a column that this one lacks.
        case missing
        /// The cell of a column that the first file lacks, with its name.
        case extra(name: [UInt8], Int)
    }

    init(_ file: SourceFile, _ dialect: DelimitedDialect) {
        if case .byte(let byte) = dialect.delimiter { delimiter = byte } else { delimiter = 0x20 }
        guard let first = file.first, first.columnNames != file.columnNames else {
            order = nil
            return
        }
        let known = first.columnNames.map { name in
            file.columnNames.firstIndex(of: name).map(Part.cell) ?? .missing
        }
        let extra = file.columnNames.indices.filter { !first.columnNames.contains(file.columnNames[$0]) }
        order = known + extra.map { .extra(name: Array(file.columnNames[$0].utf8), $0) }
    }

    /// Whether a row's bytes are what it says.
    var isAsWritten: Bool { order == nil }

    mutating func hash(_ row: SourceRow) -> RowHash {
        guard let order else { return RowHash(row.row) }
        canonical.removeAll(keepingCapacity: true)
        for (index, part) in order.enumerated() {
            if index > 0 { canonical.append(delimiter) }
            switch part {
            case .cell(let position):
                canonical.append(contentsOf: row.raw(position))
            case .missing:
                // No text holds this byte, so no cell is equal to a column that is not there.
                canonical.append(0xFF)
            case .extra(let name, let position):
                canonical.append(0xFF)
                canonical.append(contentsOf: name)
                canonical.append(0xFF)
                canonical.append(contentsOf: row.raw(position))
            }
        }
        return canonical.withUnsafeBufferPointer { RowHash($0) }
    }
}
