import ChurnNumerics

/// Where the examples of a part go: a block of rows for each cutoff, filled customer by customer.
///
/// Either memory of its own, in one piece that begins at a multiple of 64 bytes, or places in somebody else's table.
final class PartBlocks: @unchecked Sendable {
    /// Elements from one column to the next.
    let stride: Int
    let cutoffCount: Int
    let columnCount: Int
    /// By cutoff: the first row of the block, and how many rows it has so far.
    let rows: UnsafeMutablePointer<UnsafeMutablePointer<Double>>
    let counts: UnsafeMutablePointer<Int>
    private let customers: UnsafeMutablePointer<UnsafeMutablePointer<Int32>>
    private let labels: UnsafeMutablePointer<UnsafeMutablePointer<Int8>>
    /// What is given back at the end; `nil` where the memory is somebody else's.
    private let owned:
        (values: UnsafeMutableRawPointer, customers: UnsafeMutablePointer<Int32>, labels: UnsafeMutablePointer<Int8>)?
    /// Customers left out of a cutoff because they left before the label window.
    var leftInLead = 0

    private static let alignment = 64

    private init(
        cutoffCount: Int,
        columnCount: Int,
        stride: Int,
        _ owned: (UnsafeMutableRawPointer, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int8>)?
    ) {
        self.stride = stride
        self.cutoffCount = cutoffCount
        self.columnCount = columnCount
        self.owned = owned
        rows = .allocate(capacity: max(cutoffCount, 1))
        counts = .allocate(capacity: max(cutoffCount, 1))
        customers = .allocate(capacity: max(cutoffCount, 1))
        labels = .allocate(capacity: max(cutoffCount, 1))
        counts.initialize(repeating: 0, count: cutoffCount)
    }

    /// The distance of columns in blocks of their own: whole cache lines, and one more, so that neighbouring columns do not
    /// fall on the same lines of the cache.
    static func stride(capacity: Int) -> Int { (capacity + 7) / 8 * 8 + 8 }

    /// Blocks with memory of their own.
    /// - Parameter capacity: the most rows that a block can get.
    convenience init(cutoffCount: Int, columnCount: Int, capacity: Int) {
        let stride = Self.stride(capacity: capacity)
        let blockSize = stride * columnCount
        let bytes = max(1, cutoffCount * blockSize) * MemoryLayout<Double>.stride
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: Self.alignment)
        let values = memory.bindMemory(to: Double.self, capacity: max(1, cutoffCount * blockSize))
        let customers = UnsafeMutablePointer<Int32>.allocate(capacity: max(1, cutoffCount * stride))
        let labels = UnsafeMutablePointer<Int8>.allocate(capacity: max(1, cutoffCount * stride))
        self.init(cutoffCount: cutoffCount, columnCount: columnCount, stride: stride, (memory, customers, labels))
        for cutoff in 0..<cutoffCount {
            rows[cutoff] = values + cutoff * blockSize
            self.customers[cutoff] = customers + cutoff * stride
            self.labels[cutoff] = labels + cutoff * stride
        }
    }

    /// Places in a table of all examples.
    /// - Parameters:
    ///   - table: column-major, `rowCount` rows.
    ///   - firstRows: for each cutoff, the row of the part's first example.
    convenience init(
        table: UnsafeMutablePointer<Double>,
        customers: UnsafeMutablePointer<Int32>,
        labels: UnsafeMutablePointer<Int8>,
        rowCount: Int,
        columnCount: Int,
        firstRows: [Int]
    ) {
        self.init(cutoffCount: firstRows.count, columnCount: columnCount, stride: rowCount, nil)
        for (cutoff, row) in firstRows.enumerated() {
            rows[cutoff] = table + row
            self.customers[cutoff] = customers + row
            self.labels[cutoff] = labels + row
        }
    }

    deinit {
        rows.deallocate()
        counts.deallocate()
        customers.deallocate()
        labels.deallocate()
        if let owned {
            owned.values.deallocate()
            owned.customers.deallocate()
            owned.labels.deallocate()
        }
    }

    /// Forgets the rows; their memory is used for the next ones.
    func clear() {
        counts.update(repeating: 0, count: cutoffCount)
        leftInLead = 0
    }

    /// Adds an example to a cutoff's block.
    /// - Returns: where its row begins.
    @inline(__always)
    func append(customer: Int, label: Int8, cutoff: Int) -> UnsafeMutablePointer<Double> {
        let row = counts[cutoff]
        counts[cutoff] = row &+ 1
        customers[cutoff][row] = Int32(truncatingIfNeeded: customer)
        labels[cutoff][row] = label
        return rows[cutoff] + row
    }

    /// Adds all examples of other blocks of the same cutoffs and columns.
    func append(_ other: PartBlocks) {
        for cutoff in 0..<cutoffCount {
            let (row, count) = (counts[cutoff], other.counts[cutoff])
            guard count > 0 else { continue }
            (customers[cutoff] + row).update(from: other.customers[cutoff], count: count)
            (labels[cutoff] + row).update(from: other.labels[cutoff], count: count)
            let (target, source) = (rows[cutoff] + row, other.rows[cutoff])
            for column in 0..<columnCount {
                (target + column &* stride).update(from: source + column &* other.stride, count: count)
            }
            counts[cutoff] = row &+ count
        }
        leftInLead += other.leftInLead
    }

    /// The block of a cutoff.
    func block(part: Int, cutoff: Int) -> FeatureBlock {
        let count = counts[cutoff]
        return FeatureBlock(
            part: part,
            cutoff: cutoff,
            customers: UnsafeBufferPointer(start: customers[cutoff], count: count),
            labels: UnsafeBufferPointer(start: labels[cutoff], count: count),
            values: MatrixBlock(
                base: UnsafePointer(rows[cutoff]),
                rowCount: count,
                columnCount: columnCount,
                leadingDimension: max(stride, 1)
            )
        )
    }

    /// The first value that is not finite.
    func firstNotFinite() -> (cutoff: Int, row: Int, column: Int)? {
        for cutoff in 0..<cutoffCount {
            let block = block(part: 0, cutoff: cutoff)
            for column in 0..<columnCount {
                let values = block.values.column(column)
                // x - x is 0 for a finite x, and NaN else; NaN stays NaN in the sum.
                var sum = SIMD4<Double>.zero
                let whole = block.rowCount & ~3
                for row in Swift.stride(from: 0, to: whole, by: 4) {
                    let value = SIMD4(values[row], values[row + 1], values[row + 2], values[row + 3])
                    sum += value - value
                }
                var isFinite = sum == .zero
                for row in whole..<block.rowCount where !values[row].isFinite { isFinite = false }
                if !isFinite, let row = (0..<block.rowCount).first(where: { !values[$0].isFinite }) {
                    return (cutoff, row, column)
                }
            }
        }
        return nil
    }

    /// The labels of a cutoff's rows.
    @inline(__always)
    func labels(cutoff: Int) -> UnsafeBufferPointer<Int8> {
        UnsafeBufferPointer(start: labels[cutoff], count: counts[cutoff])
    }

    /// The customer of a row.
    func customer(cutoff: Int, row: Int) -> Int { Int(customers[cutoff][row]) }
}
