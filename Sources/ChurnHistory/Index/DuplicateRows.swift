/// Finds rows of a source that repeat an earlier one, and events of one name that differ.
struct DuplicateRows {
    /// Whether anybody asks: to drop repetitions, to count them, or to ask what they mean.
    let isWatched: Bool
    private let hasIds: Bool
    private let delimiter: UInt8
    private(set) var repeated = 0
    private(set) var repeatedAcrossFiles = 0
    /// The first repetition of which nobody has said what it means.
    private(set) var firstUndecided: DataError?

    /// The file, from 0, in which each row was first seen.
    private var rows = RowHashTable()
    private var events: [RowHash: (content: RowHash, line: Int, file: Int32)] = [:]
    private var file: Int32 = -1
    private var paths: [String] = []
    /// What a row is put together from to be compared; `nil` where the columns stand as in the first file.
    private var order: [Part]?

    private enum Part {
        /// The cell of a column that the first file has, too.
        case cell(Int)
        /// The first file has a column that this one lacks.
        case missing
        /// The cell of a column that the first file lacks, with its name.
        case extra(name: [UInt8], Int)
    }
    private var canonical: [UInt8] = []

    enum Outcome {
        case new
        case repeated
        /// The event's name stood in an earlier row, `FILE:LINE`, with another content.
        case conflict(with: String)
    }

    init(_ source: EventSource, isInspection: Bool) {
        isWatched = source.duplicates != .keep || isInspection
        hasIds = source.id != nil
        if case .byte(let byte) = source.dialect.delimiter { delimiter = byte } else { delimiter = 0x20 }
    }

    mutating func open(_ next: SourceFile) {
        file += 1
        paths.append(next.path)
        guard let first = next.first, first.columnNames != next.columnNames else {
            order = nil
            return
        }
        let known = first.columnNames.map { name in
            next.columnNames.firstIndex(of: name).map(Part.cell) ?? .missing
        }
        let extra = next.columnNames.indices.filter { !first.columnNames.contains(next.columnNames[$0]) }
        order = known + extra.map { .extra(name: Array(next.columnNames[$0].utf8), $0) }
    }

    /// Takes note of a row.
    /// - Parameter id: position of the cell that names the event.
    mutating func note(_ row: SourceRow, id: Int?, _ nullTexts: NullTexts) -> Outcome {
        guard isWatched || hasIds else { return .new }
        let hash = hash(row)
        if let id, !row.withCell(id, { isBlank($0) || nullTexts.contains($0) }) {
            let name = row.withCell(id) { RowHash($0) }
            if let known = events[name] {
                if known.content != hash { return .conflict(with: "\(paths[Int(known.file)]):\(known.line)") }
            } else {
                events[name] = (hash, row.record.line, file)
            }
        }
        guard isWatched else { return .new }
        guard let firstFile = rows.insert(hash, file) else { return .new }
        repeated += 1
        if firstFile != file { repeatedAcrossFiles += 1 }
        return .repeated
    }

    /// Remembers a repetition of which the study does not say what it means.
    mutating func ask(_ row: SourceRow, _ path: String) {
        guard firstUndecided == nil else { return }
        var error = row.fault(
            .duplicateRows,
            "the row repeats an earlier one to the byte, and the study does not say what that means",
            fix: "set `duplicates: keep` if equal rows are separate events, `duplicates: drop` if not"
        )
        error.file = path
        firstUndecided = error
    }

    private mutating func hash(_ row: SourceRow) -> RowHash {
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
