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
    private var rows: [RowHash: Int32] = [:]
    private var events: [RowHash: (content: RowHash, line: Int)] = [:]
    private var file: Int32 = -1
    /// Where the columns of the first file stand in this one; `nil` where they stand in the same order.
    private var order: [Int]?
    private var canonical: [UInt8] = []

    enum Outcome {
        case new
        case repeated
        /// The event's name stood on an earlier line with another content.
        case conflict(line: Int)
    }

    init(_ source: EventSource, isInspection: Bool) {
        isWatched = source.duplicates != .keep || isInspection
        hasIds = source.id != nil
        if case .byte(let byte) = source.dialect.delimiter { delimiter = byte } else { delimiter = 0x20 }
    }

    mutating func open(_ next: SourceFile) {
        file += 1
        guard let first = next.first, first.columnNames != next.columnNames else {
            order = nil
            return
        }
        // Columns that the first file does not have follow in their own order.
        let known = first.columnNames.compactMap { next.columnNames.firstIndex(of: $0) }
        order = known + next.columnNames.indices.filter { !known.contains($0) }
    }

    /// Takes note of a row.
    /// - Parameter id: position of the cell that names the event.
    mutating func note(_ row: SourceRow, id: Int?) -> Outcome {
        guard isWatched || hasIds else { return .new }
        let hash = hash(row)
        if let id {
            let name = row.withCell(id) { RowHash($0) }
            if let known = events[name] {
                if known.content != hash { return .conflict(line: known.line) }
            } else {
                events[name] = (hash, row.record.line)
            }
        }
        guard isWatched else { return .new }
        guard let firstFile = rows[hash] else {
            rows[hash] = file
            return .new
        }
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
        for (index, position) in order.enumerated() {
            if index > 0 { canonical.append(delimiter) }
            canonical.append(contentsOf: row.raw(position))
        }
        return canonical.withUnsafeBufferPointer { RowHash($0) }
    }
}
