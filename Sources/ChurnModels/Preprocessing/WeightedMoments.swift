import ChurnNumerics

/// Mean and population standard deviation, each row counting by its weight; NaN does not count.
struct WeightedMoments {
    private(set) var total = 0.0
    private(set) var mean = 0.0
    /// Σ w·(x - mean)².
    private var squares = 0.0
    private var smallest = Double.infinity
    private var largest = -Double.infinity
    /// Whether a row that counts has NaN.
    private(set) var hasMissing = false
    /// The first row that is infinite, whatever its weight.
    private(set) var firstInfinite: Int?

    /// Not a number where a square overflows.
    var standardDeviation: Double { isConstant ? 0 : (squares < 0 ? 0 : squares / total).squareRoot() }
    /// All values of rows with a positive weight are the same.
    var isConstant: Bool { !(smallest < largest) }

    /// One pass: a tile's mean and squares of what differs from it, then those of all tiles together (Chan, Golub and LeVeque
    /// 1983). Nothing is squared before its mean is taken off, so that no digit is lost to a large mean.
    /// - Parameter copy: writes the values of some rows.
    init(weights: [Double]?, rowCount: Int, copy: (Range<Int>, UnsafeMutablePointer<Double>) -> Void) {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: RowTiles.rows) { scratch in
            guard let values = scratch.baseAddress else { return }
            for first in stride(from: 0, to: rowCount, by: RowTiles.rows) {
                let rows = first..<min(rowCount, first + RowTiles.rows)
                copy(rows, values)
                add(values, rows, weights)
            }
        }
    }

    private mutating func add(_ values: UnsafeMutablePointer<Double>, _ rows: Range<Int>, _ weights: [Double]?) {
        var tileTotal = 0.0
        var sum = 0.0
        var low = Double.infinity
        var high = -Double.infinity
        for row in 0..<rows.count {
            let value = values[row]
            let weight = weights?[rows.lowerBound + row] ?? 1
            if value.isNaN {
                hasMissing = hasMissing || weight > 0
                continue
            }
            if value.isInfinite, firstInfinite == nil { firstInfinite = rows.lowerBound + row }
            guard weight > 0 else { continue }
            tileTotal += weight
            sum += weight * value
            low = min(low, value)
            high = max(high, value)
        }
        guard tileTotal > 0 else { return }
        let center = sum / tileTotal
        var tileSquares = 0.0
        var rest = 0.0
        for row in 0..<rows.count where !values[row].isNaN {
            let weight = weights?[rows.lowerBound + row] ?? 1
            let difference = values[row] - center
            tileSquares += weight * difference * difference
            rest += weight * difference
        }
        // What the mean's own rounding left.
        let correction = rest / tileTotal
        let tileMean = center + correction
        tileSquares -= tileTotal * correction * correction
        let difference = tileMean - mean
        let all = total + tileTotal
        mean += difference * tileTotal / all
        // What is not a number stays so; max would hide it.
        squares += tileSquares + difference * difference * total * tileTotal / all
        total = all
        smallest = min(smallest, low)
        largest = max(largest, high)
    }
}
