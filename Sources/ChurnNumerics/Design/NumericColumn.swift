/// Numbers of a column, in memory of our own or where they stand in a mapped file, in pieces there.
///
/// Single precision is widened as it is read. As a collection it is convenient; loops over many rows take `copy` or `array`.
public struct NumericColumn: Sendable {
    /// Numbers of one run of rows that stand one behind the other in memory that does not change.
    public struct Piece: @unchecked Sendable {
        fileprivate enum Elements {
            case double(UnsafePointer<Double>)
            case single(UnsafePointer<Float>)
        }

        fileprivate let elements: Elements
        fileprivate let count: Int
        /// What keeps the memory.
        private let owner: any Sendable

        /// - Parameter owner: whose lifetime the memory shares.
        public init(_ elements: UnsafeBufferPointer<Double>, owner: any Sendable) {
            self.elements = .double(elements.baseAddress ?? MatrixBlock.empty)
            count = elements.count
            self.owner = owner
        }

        /// - Parameter owner: whose lifetime the memory shares.
        public init(_ elements: UnsafeBufferPointer<Float>, owner: any Sendable) {
            // An empty piece is never read.
            self.elements = elements.baseAddress.map(Elements.single) ?? .double(MatrixBlock.empty)
            count = elements.count
            self.owner = owner
        }

        /// - Parameter owner: of the whole piece.
        private init(_ elements: Elements, count: Int, owner: any Sendable) {
            self.elements = elements
            self.count = count
            self.owner = owner
        }

        fileprivate func part(_ rows: Range<Int>) -> Piece {
            let part: Elements =
                switch elements {
                case .double(let base): .double(base + rows.lowerBound)
                case .single(let base): .single(base + rows.lowerBound)
                }
            return Piece(part, count: rows.count, owner: owner)
        }

        fileprivate func copy(_ rows: Range<Int>, to target: UnsafeMutablePointer<Double>) {
            switch elements {
            case .double(let base):
                NumericColumn.copy(base + rows.lowerBound, count: rows.count, to: target)
            case .single(let base):
                let source = base + rows.lowerBound
                for row in 0..<rows.count { target[row] = Double(source[row]) }
            }
        }
    }

    private enum Storage: Sendable {
        /// The elements from `start` on.
        case memory([Double], start: Int)
        /// With the first row of each piece.
        case pieces([Piece], starts: [Int])
    }

    private let storage: Storage
    public let count: Int
    /// Of the file that is mapped, where the pages that are held have a bound.
    private let pages: ResidentPages?

    public init(_ values: [Double]) {
        storage = .memory(values, start: 0)
        count = values.count
        pages = nil
    }

    /// A column of a matrix, whose memory it shares.
    public init(_ matrix: Matrix, column: Int) {
        precondition(0..<matrix.columnCount ~= column, "index out of bounds")
        storage = .memory(matrix.elements, start: column * matrix.rowCount)
        count = matrix.rowCount
        pages = nil
    }

    /// - Parameters:
    ///   - pieces: in the order of their rows.
    ///   - pages: of the file in which they stand; `nil` where their number has no bound.
    public init(pieces: [Piece], pages: ResidentPages? = nil) {
        var starts: [Int] = []
        var total = 0
        for piece in pieces where piece.count > 0 {
            starts.append(total)
            total += piece.count
        }
        storage = .pieces(pieces.filter { $0.count > 0 }, starts: starts)
        count = total
        self.pages = pages
    }

    /// Writes the numbers of some rows to `target`.
    public func copy(rows: Range<Int>, to target: UnsafeMutablePointer<Double>) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= count, "index out of bounds")
        switch storage {
        case .memory(let values, let start):
            values.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                Self.copy(base + start + rows.lowerBound, count: rows.count, to: target)
            }
        case .pieces(let pieces, let starts):
            note(rows.count)
            var next = rows.lowerBound
            while next < rows.upperBound {
                let number = Self.piece(of: next, starts)
                let piece = pieces[number]
                let end = Swift.min(rows.upperBound, starts[number] + piece.count)
                piece.copy(next - starts[number]..<end - starts[number], to: target + (next - rows.lowerBound))
                next = end
            }
        }
    }

    /// Tells that numbers of the file are read.
    @inline(__always)
    private func note(_ numbers: Int) { pages?.willRead(numbers * MemoryLayout<Double>.size) }

    /// The last piece that starts at a row or before it.
    private static func piece(of row: Int, _ starts: [Int]) -> Int {
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= row { low = middle } else { high = middle }
        }
        return low
    }

    /// Writes some rows of several columns to `target`, each column `leadingDimension` behind the one before.
    ///
    /// Columns of a mapped file lie far apart, so that one after the other waits for memory page by page: four are read side
    /// by side, which takes a third less.
    public static func copy(
        _ columns: ArraySlice<NumericColumn>,
        rows: Range<Int>,
        to target: UnsafeMutablePointer<Double>,
        leadingDimension: Int
    ) {
        var place = 0
        var rest = columns
        while let first = rest.first {
            let four = rest.prefix(4).compactMap { $0.memory(of: rows) }
            if four.count == 4 {
                copySideBySide(four, count: rows.count, to: target + place * leadingDimension, leadingDimension)
                place += 4
                rest = rest.dropFirst(4)
            } else {
                first.copy(rows: rows, to: target + place * leadingDimension)
                place += 1
                rest = rest.dropFirst()
            }
        }
    }

    /// In parts of 2 KiB: for longer ones the C library takes an instruction that is slow where memory is far.
    fileprivate static func copy(_ source: UnsafePointer<Double>, count: Int, to target: UnsafeMutablePointer<Double>) {
        for first in stride(from: 0, to: count, by: 256) {
            (target + first).update(from: source + first, count: Swift.min(256, count - first))
        }
    }

    /// Numbers of some rows that stand one behind the other, for as long as the column lives.
    public struct Run: @unchecked Sendable {
        public let rows: Range<Int>
        /// Of the first row.
        public let elements: UnsafePointer<Double>
    }

    /// All rows in runs, for loops that cannot afford to ask the column each time; `nil` where they do not stand as doubles in memory
    /// that is not ours, or where somebody counts what is read.
    public var runs: [Run]? {
        guard case .pieces(let pieces, let starts) = storage, pages == nil else { return nil }
        var runs: [Run] = []
        for (piece, start) in zip(pieces, starts) {
            guard case .double(let base) = piece.elements else { return nil }
            runs.append(Run(rows: start..<start + piece.count, elements: base))
        }
        return runs
    }

    /// Where rows stand, if they are doubles in one piece of memory that is not ours.
    fileprivate func memory(of rows: Range<Int>) -> UnsafePointer<Double>? {
        guard case .pieces(let pieces, let starts) = storage, !rows.isEmpty else { return nil }
        let number = Self.piece(of: rows.lowerBound, starts)
        guard case .double(let base) = pieces[number].elements,
            rows.upperBound <= starts[number] + pieces[number].count
        else { return nil }
        note(rows.count)
        return base + (rows.lowerBound - starts[number])
    }

    /// Some rows' numbers where they stand, if they do so one behind the other, or else in the memory given.
    /// - Returns: memory that holds for as long as the column and `target` do.
    public func elements(of rows: Range<Int>, copiedTo target: UnsafeMutablePointer<Double>) -> UnsafePointer<Double> {
        if let standing = memory(of: rows) { return standing }
        copy(rows: rows, to: target)
        return UnsafePointer(target)
    }

    private static func copySideBySide(
        _ sources: [UnsafePointer<Double>],
        count: Int,
        to target: UnsafeMutablePointer<Double>,
        _ leadingDimension: Int
    ) {
        let (a, b, c, d) = (sources[0], sources[1], sources[2], sources[3])
        let second = target + leadingDimension
        let third = second + leadingDimension
        let fourth = third + leadingDimension
        var row = 0
        while row + 8 <= count {
            for place in row..<row + 8 { target[place] = a[place] }
            for place in row..<row + 8 { second[place] = b[place] }
            for place in row..<row + 8 { third[place] = c[place] }
            for place in row..<row + 8 { fourth[place] = d[place] }
            row += 8
        }
        while row < count {
            target[row] = a[row]
            second[row] = b[row]
            third[row] = c[row]
            fourth[row] = d[row]
            row += 1
        }
    }

    /// All numbers in one array: the column's own, where it has one.
    public var array: [Double] {
        if case .memory(let values, 0) = storage, values.count == count { return values }
        return [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let base = buffer.baseAddress { copy(rows: 0..<count, to: base) }
            initialized = count
        }
    }

    /// The numbers of some rows, in memory of their own.
    /// - Parameter rows: ascending.
    public func gathering(rows: [Int]) -> [Double] {
        if rows.count == count { return array }
        var values: [Double] = []
        values.reserveCapacity(rows.count)
        var place = 0
        if let runs {
            for run in runs {
                while place < rows.count, rows[place] < run.rows.upperBound {
                    values.append(run.elements[rows[place] - run.rows.lowerBound])
                    place += 1
                }
            }
            return values
        }
        forEachTile { first, tile in
            while place < rows.count, rows[place] < first + tile.count {
                values.append(tile[rows[place] - first])
                place += 1
            }
        }
        return values
    }

    /// Calls `body` with all numbers, tile by tile, in memory that holds during the call.
    public func forEachTile(_ body: (_ first: Int, _ tile: UnsafeBufferPointer<Double>) -> Void) {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: RowTiles.rows) { buffer in
            guard let base = buffer.baseAddress else { return }
            for first in Swift.stride(from: 0, to: count, by: RowTiles.rows) {
                let rows = first..<Swift.min(count, first + RowTiles.rows)
                copy(rows: rows, to: base)
                body(first, UnsafeBufferPointer(start: base, count: rows.count))
            }
        }
    }

    /// The numbers of some rows, in that order; where these are long runs of a mapped file, or of rows that were selected before, they stay
    /// where they are.
    public func selecting(rows: [Int]) -> NumericColumn { selecting(rows: rows, longRuns: Self.longRuns(rows)) }

    /// - Parameter longRuns: those of the rows, which are the same for all columns.
    func selecting(rows: [Int], longRuns: [Range<Int>]?) -> NumericColumn {
        if case .pieces(let pieces, let starts) = storage, let runs = longRuns {
            var parts: [Piece] = []
            for run in runs {
                var next = run.lowerBound
                while next < run.upperBound {
                    let number = Self.piece(of: next, starts)
                    let end = Swift.min(run.upperBound, starts[number] + pieces[number].count)
                    parts.append(pieces[number].part(next - starts[number]..<end - starts[number]))
                    next = end
                }
            }
            return NumericColumn(pieces: parts, pages: pages)
        }
        let memory = OwnedNumbers(count: rows.count)
        withAllNumbers { source in
            precondition(rows.allSatisfy(source.indices.contains), "index out of bounds")
            for (place, row) in rows.enumerated() { (memory.base + place).initialize(to: source[row]) }
        }
        return NumericColumn(pieces: [Piece(memory.numbers, owner: memory)])
    }

    /// Calls `body` with all numbers, where they stand if they are in one array of ours.
    private func withAllNumbers(_ body: (UnsafeBufferPointer<Double>) -> Void) {
        if case .memory(let values, let start) = storage {
            values.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[start..<start + count])) }
        } else {
            array.withUnsafeBufferPointer(body)
        }
    }

    /// Rows of a run below which copies are cheaper.
    private static let leastRunRows = 256

    /// Rows as runs that ascend by one, if they are long on average and inside the column's first row and last.
    static func longRuns(_ rows: [Int]) -> [Range<Int>]? {
        var runs: [Range<Int>] = []
        for row in rows {
            if let last = runs.last, last.upperBound == row {
                runs[runs.count - 1] = last.lowerBound..<row + 1
            } else {
                if runs.count > rows.count / leastRunRows { return nil }
                runs.append(row..<row + 1)
            }
        }
        return runs
    }
}

/// Memory for numbers, which does not move. Whoever makes it initialises it before anybody reads it.
private final class OwnedNumbers: @unchecked Sendable {
    let base: UnsafeMutablePointer<Double>
    private let count: Int

    init(count: Int) {
        base = .allocate(capacity: Swift.max(1, count))
        self.count = count
    }

    deinit { base.deallocate() }

    var numbers: UnsafeBufferPointer<Double> { UnsafeBufferPointer(start: base, count: count) }
}

extension NumericColumn: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { count }

    public subscript(row: Int) -> Double {
        precondition(0..<count ~= row, "index out of bounds")
        switch storage {
        case .memory(let values, let start):
            return values[start + row]
        case .pieces:
            var value = 0.0
            copy(rows: row..<row + 1, to: &value)
            return value
        }
    }
}

extension NumericColumn: Equatable {
    public static func == (left: NumericColumn, right: NumericColumn) -> Bool { left.array == right.array }
}

extension NumericColumn: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: Double...) { self.init(elements) }
}

/// Columns of numbers as they are.
public struct NumericColumns: ColumnarDesign, Equatable {
    public let columns: [NumericColumn]
    public let rowCount: Int

    /// - Parameter rowCount: of every column.
    public init(_ columns: [NumericColumn], rowCount: Int) {
        precondition(columns.allSatisfy { $0.count == rowCount }, "columns must be equally long")
        self.columns = columns
        self.rowCount = rowCount
    }

    /// The columns of a matrix, whose memory they share.
    public init(_ matrix: Matrix) {
        self.init((0..<matrix.columnCount).map { NumericColumn(matrix, column: $0) }, rowCount: matrix.rowCount)
    }

    public var columnCount: Int { columns.count }

    public subscript(row: Int, column: Int) -> Double { columns[column][row] }

    public func copy(column: Int, rows: Range<Int>, to target: UnsafeMutablePointer<Double>) {
        columns[column].copy(rows: rows, to: target)
    }

    public func copy(
        columns numbers: Range<Int>,
        rows: Range<Int>,
        to target: UnsafeMutablePointer<Double>,
        leadingDimension: Int
    ) {
        NumericColumn.copy(columns[numbers], rows: rows, to: target, leadingDimension: leadingDimension)
    }

    public func standing(column: Int, rows: Range<Int>) -> UnsafePointer<Double>? { columns[column].memory(of: rows) }
}
