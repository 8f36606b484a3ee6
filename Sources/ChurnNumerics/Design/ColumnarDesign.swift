import COpenBLAS

/// A tall matrix whose columns are made where they are needed, some rows at a time: what every fit and every scoring reads.
///
/// The elements may stand in memory, in a mapped file, or nowhere, as a category's indicator does: nobody holds the whole
/// matrix.
public protocol ColumnarDesign: Sendable {
    var rowCount: Int { get }
    var columnCount: Int { get }
    /// Writes a column's elements of some rows to `target`, `rows.count` of them. Can be called by several threads at once.
    func copy(column: Int, rows: Range<Int>, to target: UnsafeMutablePointer<Double>)
    /// Writes some columns' elements of some rows to `target`, each `leadingDimension` behind the one before.
    func copy(
        columns: Range<Int>,
        rows: Range<Int>,
        to target: UnsafeMutablePointer<Double>,
        leadingDimension: Int
    )
    /// Where some rows of a column stand one behind the other, in memory that lives as long as the design; `nil` where they must
    /// be copied, as where they are filled in or scaled on the way. Can be called by several threads at once.
    func standing(column: Int, rows: Range<Int>) -> UnsafePointer<Double>?
}

extension ColumnarDesign {
    public func standing(column: Int, rows: Range<Int>) -> UnsafePointer<Double>? { nil }

    /// Where some rows of all columns stand, each column `leadingDimension` behind the one before, in memory that lives as long
    /// as the design; `nil` where they do not stand so.
    public func standing(rows: Range<Int>) -> (elements: UnsafePointer<Double>, leadingDimension: Int)? {
        guard columnCount > 0, let first = standing(column: 0, rows: rows) else { return nil }
        guard columnCount > 1 else { return (first, rows.count) }
        guard let second = standing(column: 1, rows: rows) else { return nil }
        let distance = second - first
        guard distance >= rows.count, Int(exactly: blasint(truncatingIfNeeded: distance)) == distance else {
            return nil
        }
        for column in 2..<columnCount where standing(column: column, rows: rows) != first + column * distance {
            return nil
        }
        return (first, distance)
    }

    public func copy(
        columns: Range<Int>,
        rows: Range<Int>,
        to target: UnsafeMutablePointer<Double>,
        leadingDimension: Int
    ) {
        for (place, column) in columns.enumerated() {
            copy(column: column, rows: rows, to: target + place * leadingDimension)
        }
    }

    /// Fails at the first value that is not finite, in column order.
    /// - Parameter threads: positive; changes nothing but the time it takes.
    /// - Returns: the sum of each column's squares, infinite where it overflows.
    @discardableResult
    public func requireFinite(threads: Int = 1) throws(NumericsError) -> [Double] {
        let sums = squareSums(threads: threads)
        if sums.allSatisfy(\.isFinite) { return sums }
        for number in 0..<columnCount where !sums[number].isFinite {
            let values = column(number)
            guard let row = values.firstIndex(where: { !$0.isFinite }) else { continue }
            throw .notFinite(row: row, column: number, value: values[row])
        }
        return sums
    }

    /// The sum of each column's squares: finite only where all elements are.
    private func squareSums(threads: Int) -> [Double] {
        LinearAlgebraLibrary.prepare()
        let rowsPerPart = 16 * RowTiles.rows
        let parts = Parallel.map((rowCount + rowsPerPart - 1) / rowsPerPart, threads: threads) { part in
            let rows = part * rowsPerPart..<min(rowCount, (part + 1) * rowsPerPart)
            return withUnsafeTemporaryAllocation(of: Double.self, capacity: rows.count) { scratch -> [Double] in
                (0..<columnCount).map { column -> Double in
                    guard let copied = scratch.baseAddress else { return 0 }
                    let standing = standing(column: column, rows: rows)
                    if standing == nil { copy(column: column, rows: rows, to: copied) }
                    let values = standing ?? UnsafePointer(copied)
                    return cblas_ddot(blasint(rows.count), values, 1, values, 1)
                }
            }
        }
        return parts.reduce(into: [Double](repeating: 0, count: columnCount)) { total, sums in
            for column in sums.indices { total[column] += sums[column] }
        }
    }

    /// The elements of some rows.
    public func matrix(rows: Range<Int>) -> Matrix {
        var matrix = Matrix(rowCount: rows.count, columnCount: columnCount)
        matrix.withMutableElements { elements in
            guard let base = elements.baseAddress else { return }
            copy(columns: 0..<columnCount, rows: rows, to: base, leadingDimension: rows.count)
        }
        return matrix
    }

    /// The elements of some rows, in any order.
    /// - Parameter threads: positive.
    public func matrix(of rows: [Int], threads: Int) -> Matrix {
        var matrix = Matrix(rowCount: rows.count, columnCount: columnCount)
        // Where rows are few among many, each is read alone.
        let isDense = rows.count * 16 > rowCount
        matrix.withMutableElements { elements in
            guard let base = elements.baseAddress else { return }
            nonisolated(unsafe) let target = base
            Parallel.forEach(columnCount, threads: threads) { number in
                let place = target + number * rows.count
                if isDense {
                    let values = column(number)
                    for (position, row) in rows.enumerated() { place[position] = values[row] }
                } else {
                    for (position, row) in rows.enumerated() {
                        copy(column: number, rows: row..<row + 1, to: place + position)
                    }
                }
            }
        }
        return matrix
    }

    /// A column as a whole.
    public func column(_ column: Int) -> [Double] {
        [Double](unsafeUninitializedCapacity: rowCount) { buffer, initialized in
            if let base = buffer.baseAddress { copy(column: column, rows: 0..<rowCount, to: base) }
            initialized = rowCount
        }
    }
}

extension Matrix: ColumnarDesign {
    public func copy(column: Int, rows: Range<Int>, to target: UnsafeMutablePointer<Double>) {
        withBlock { target.update(from: $0.column(column) + rows.lowerBound, count: rows.count) }
    }

    /// All elements of a design.
    public init(_ design: any ColumnarDesign) { self = design.matrix(rows: 0..<design.rowCount) }
}

/// Some columns of a design, in any order.
public struct SelectedColumns: ColumnarDesign {
    private let design: any ColumnarDesign
    private let columns: [Int]

    /// - Parameter columns: of `design`.
    public init(_ columns: [Int], of design: any ColumnarDesign) {
        precondition(columns.allSatisfy { 0..<design.columnCount ~= $0 }, "index out of bounds")
        self.design = design
        self.columns = columns
    }

    public var rowCount: Int { design.rowCount }
    public var columnCount: Int { columns.count }

    public func copy(column: Int, rows: Range<Int>, to target: UnsafeMutablePointer<Double>) {
        design.copy(column: columns[column], rows: rows, to: target)
    }
}

/// A sample of a design's rows: every so many, in runs that lie together in memory.
public struct SampledRows: ColumnarDesign {
    private let design: any ColumnarDesign
    private let runLength: Int
    /// Runs of the design from one that is taken to the next.
    private let step: Int
    public let rowCount: Int

    /// - Parameters:
    ///   - step: 1 takes all runs, 2 every other one.
    ///   - runLength: rows of a run; positive.
    public init(everyRun step: Int, of runLength: Int, in design: any ColumnarDesign) {
        precondition(step > 0 && runLength > 0, "runs must have rows and follow each other")
        self.design = design
        self.runLength = runLength
        self.step = step
        let cycle = step * runLength
        rowCount = design.rowCount / cycle * runLength + min(design.rowCount % cycle, runLength)
    }

    public var columnCount: Int { design.columnCount }

    /// The row of the design that a row of the sample is.
    @inline(__always)
    public func row(_ row: Int) -> Int { row / runLength * (step * runLength) + row % runLength }

    /// The values of the sample's rows among one for each row of the design.
    public func values(of all: [Double]) -> [Double] { (0..<rowCount).map { all[row($0)] } }

    public func copy(column: Int, rows: Range<Int>, to target: UnsafeMutablePointer<Double>) {
        copy(columns: column..<column + 1, rows: rows, to: target, leadingDimension: rows.count)
    }

    public func copy(
        columns: Range<Int>,
        rows: Range<Int>,
        to target: UnsafeMutablePointer<Double>,
        leadingDimension: Int
    ) {
        var next = rows.lowerBound
        while next < rows.upperBound {
            let end = min(rows.upperBound, (next / runLength + 1) * runLength)
            let first = row(next)
            design.copy(
                columns: columns,
                rows: first..<first + (end - next),
                to: target + (next - rows.lowerBound),
                leadingDimension: leadingDimension
            )
            next = end
        }
    }
}
