import ChurnNumerics

/// The design matrix of a table's rows, of which nothing is kept: each column is encoded, centred and scaled as it is read.
public struct PreprocessedDesign: ColumnarDesign {
    private let encoded: [EncodedColumn]
    private let interactions: [Interaction]
    let columns: [Preprocessing.DesignColumn]
    public let rowCount: Int
    private let plainNumbers: PlainNumbers

    init(
        _ encoded: [EncodedColumn],
        interactions: [Interaction],
        columns: [Preprocessing.DesignColumn],
        rowCount: Int
    ) {
        self.encoded = encoded
        self.interactions = interactions
        self.columns = columns
        self.rowCount = rowCount
        plainNumbers = PlainNumbers(columns, of: encoded)
    }

    public var columnCount: Int { columns.count }

    public func copy(column: Int, rows: Range<Int>, to target: UnsafeMutablePointer<Double>) {
        copyRaw(columns[column].source, columns[column].position, rows: rows, to: target)
        scale(column, target, count: rows.count)
    }

    public func copy(
        columns numbers: Range<Int>,
        rows: Range<Int>,
        to target: UnsafeMutablePointer<Double>,
        leadingDimension: Int
    ) {
        var next = numbers.lowerBound
        while next < numbers.upperBound {
            let place = target + (next - numbers.lowerBound) * leadingDimension
            let part = next..<min(numbers.upperBound, next + PlainNumbers.columnsTogether)
            let copied = plainNumbers.copy(part, rows: rows, to: place, leadingDimension: leadingDimension)
            if copied == 0 { copy(column: next, rows: rows, to: place) }
            next += max(1, copied)
        }
    }

    private func scale(_ column: Int, _ values: UnsafeMutablePointer<Double>, count: Int) {
        let mean = columns[column].mean
        let scale = 1 / columns[column].standardDeviation
        for row in 0..<count {
            let value = (values[row] - mean) * scale
            values[row] = values[row].isNaN ? 0 : value
        }
    }

    /// A column before scaling.
    /// - Parameter source: of an encoding, or behind them of an interaction.
    func copyRaw(_ source: Int, _ position: Int, rows: Range<Int>, to target: UnsafeMutablePointer<Double>) {
        if source < encoded.count {
            encoded[source].copy(position, rows: rows, to: target)
            return
        }
        let interaction = interactions[source - encoded.count]
        let (left, right) = position.quotientAndRemainder(dividingBy: interaction.rightMeans.count)
        encoded[interaction.left].copy(left, rows: rows, to: target)
        withUnsafeTemporaryAllocation(of: Double.self, capacity: rows.count) { scratch in
            guard let other = scratch.baseAddress else { return }
            encoded[interaction.right].copy(right, rows: rows, to: other)
            let leftMean = interaction.leftMeans[left]
            let rightMean = interaction.rightMeans[right]
            for row in 0..<rows.count { target[row] = (target[row] - leftMean) * (other[row] - rightMean) }
        }
    }

    /// - Throws: `notFinite` at the first value that is not finite, in column order.
    func requireFinite() throws(ModelError) {
        for (number, column) in columns.enumerated() {
            let values = self.column(number)
            if let row = values.firstIndex(where: { !$0.isFinite }) {
                throw .notFinite(row: row, column: column.name, value: rawValue(row: row, column: number))
            }
        }
    }

    /// An element before scaling.
    func rawValue(row: Int, column: Int) -> Double {
        var raw = 0.0
        copyRaw(columns[column].source, columns[column].position, rows: row..<row + 1, to: &raw)
        return raw
    }
}

/// Columns of which filling in and scaling is all that is done to numbers that stand in memory: what fits and scoring do most.
private struct PlainNumbers: Sendable {
    /// Columns of a mapped file lie far apart, so that one after the other waits for memory page by page: side by side takes a third
    /// less.
    static let columnsTogether = 4
    /// Rows of a column before the next one's: a line of the cache.
    private static let rowsTogether = 8

    private struct Column {
        /// Among all runs; empty where the column is none of these.
        let runs: Range<Int>
        let fill: Double
        let mean: Double
        let scale: Double
    }

    private let columns: [Column]
    private let runs: [NumericColumn.Run]

    init(_ design: [Preprocessing.DesignColumn], of encoded: [EncodedColumn]) {
        var runs: [NumericColumn.Run] = []
        columns = design.map { column in
            let isMain = column.source < encoded.count && column.position == 0
            let own = isMain ? encoded[column.source].plainNumbers?.runs ?? [] : []
            let first = runs.count
            runs += own
            return Column(
                runs: first..<runs.count,
                fill: isMain ? encoded[column.source].fill : 0,
                mean: column.mean,
                scale: 1 / column.standardDeviation
            )
        }
        self.runs = runs
    }

    /// Writes the first of some columns, all of them or one, to `target`.
    /// - Parameter numbers: `columnsTogether` at most, at least one.
    /// - Returns: how many; 0 where the first must be copied otherwise.
    func copy(
        _ numbers: Range<Int>,
        rows: Range<Int>,
        to target: UnsafeMutablePointer<Double>,
        leadingDimension: Int
    ) -> Int {
        columns.withUnsafeBufferPointer { columns in
            runs.withUnsafeBufferPointer { runs in
                let first = numbers.lowerBound
                guard let one = Self.elements(columns[first], rows, runs) else { return 0 }
                guard numbers.count == Self.columnsTogether,
                    let two = Self.elements(columns[first + 1], rows, runs),
                    let three = Self.elements(columns[first + 2], rows, runs),
                    let four = Self.elements(columns[first + 3], rows, runs)
                else {
                    Self.copy(columns[first], one, 0..<rows.count, to: target)
                    return 1
                }
                for start in stride(from: 0, to: rows.count, by: Self.rowsTogether) {
                    let part = start..<min(rows.count, start + Self.rowsTogether)
                    Self.copy(columns[first], one, part, to: target)
                    Self.copy(columns[first + 1], two, part, to: target + leadingDimension)
                    Self.copy(columns[first + 2], three, part, to: target + 2 * leadingDimension)
                    Self.copy(columns[first + 3], four, part, to: target + 3 * leadingDimension)
                }
                return Self.columnsTogether
            }
        }
    }

    /// Where some rows of a column stand; `nil` where they are not in one run.
    @inline(__always)
    private static func elements(
        _ column: Column,
        _ rows: Range<Int>,
        _ runs: UnsafeBufferPointer<NumericColumn.Run>
    ) -> UnsafePointer<Double>? {
        var (low, high) = (column.runs.lowerBound, column.runs.upperBound)
        guard low < high else { return nil }
        // The last run that starts at the first row or before it.
        while high - low > 1 {
            let middle = (low + high) / 2
            if runs[middle].rows.lowerBound <= rows.lowerBound { low = middle } else { high = middle }
        }
        let run = runs[low]
        guard rows.lowerBound >= run.rows.lowerBound, rows.upperBound <= run.rows.upperBound else { return nil }
        return run.elements + (rows.lowerBound - run.rows.lowerBound)
    }

    @inline(__always)
    private static func copy(
        _ column: Column,
        _ source: UnsafePointer<Double>,
        _ rows: Range<Int>,
        to target: UnsafeMutablePointer<Double>
    ) {
        for row in rows {
            let value = source[row]
            target[row] = ((value == value ? value : column.fill) - column.mean) * column.scale
        }
    }
}
