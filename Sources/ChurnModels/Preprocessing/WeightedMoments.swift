import ChurnNumerics

/// Mean and population standard deviation, each row counting by its weight; NaN does not count.
struct WeightedMoments {
    private(set) var total = 0.0
    private(set) var mean = 0.0
    /// Σ w·(x - mean)².
    private var squares = 0.0
    private var smallest = Double.infinity
    private var largest = -Double.infinity
    /// Weight of the rows that have NaN.
    private(set) var missingWeight = 0.0
    /// The first row that is infinite, whatever its weight.
    private(set) var firstInfinite: Int?

    /// Whether a row that counts has NaN.
    var hasMissing: Bool { missingWeight > 0 }

    /// Not a number where a square overflows.
    var standardDeviation: Double { isConstant ? 0 : (squares < 0 ? 0 : squares / total).squareRoot() }
    /// All values of rows with a positive weight are the same.
    var isConstant: Bool { !(smallest < largest) }

    /// One value, with the weight of all rows that have it.
    /// - Parameter weight: not negative; 0 for no rows at all.
    init(of value: Double, weight: Double) {
        guard weight > 0 else { return }
        total = weight
        mean = value
        (smallest, largest) = (value, value)
    }

    /// These rows and others.
    func merging(_ other: WeightedMoments) -> WeightedMoments {
        var result = self
        result.add(other)
        return result
    }

    private mutating func add(_ other: WeightedMoments) {
        missingWeight += other.missingWeight
        if firstInfinite == nil { firstInfinite = other.firstInfinite }
        guard other.total > 0 else { return }
        let difference = other.mean - mean
        let all = total + other.total
        mean += difference * other.total / all
        // What is not a number stays so; max would hide it.
        squares += other.squares + difference * difference * total * other.total / all
        total = all
        smallest = min(smallest, other.smallest)
        largest = max(largest, other.largest)
    }

    /// One pass: a tile's mean and squares of what differs from it, then those of all tiles together (Chan, Golub and LeVeque
    /// 1983). Nothing is squared before its mean is taken off, so that no digit is lost to a large mean.
    /// - Parameter tile: the values of some rows, where they stand or in the memory that is given for them.
    init(
        weights: [Double]?,
        rowCount: Int,
        tile: (Range<Int>, UnsafeMutablePointer<Double>) -> UnsafePointer<Double>
    ) {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: RowTiles.rows) { scratch in
            guard let memory = scratch.baseAddress else { return }
            for first in stride(from: 0, to: rowCount, by: RowTiles.rows) {
                let rows = first..<min(rowCount, first + RowTiles.rows)
                let values = tile(rows, memory)
                if let weights {
                    add(values, rows, weights)
                } else {
                    add(values, rows)
                }
            }
        }
    }

    private typealias Lanes = SIMD8<Double>

    /// Rows of weight 1, eight at a time.
    private mutating func add(_ values: UnsafePointer<Double>, _ rows: Range<Int>) {
        let whole = rows.count / Lanes.scalarCount * Lanes.scalarCount
        let zero = Lanes(repeating: 0)
        var (there, sums) = (zero, zero)
        var (lows, highs) = (Lanes(repeating: .infinity), Lanes(repeating: -.infinity))
        func lanes(_ place: Int) -> Lanes {
            if place < whole { return UnsafeRawPointer(values + place).loadUnaligned(as: Lanes.self) }
            var rest = Lanes(repeating: .nan)
            for row in whole..<rows.count { rest[row - whole] = values[row] }
            return rest
        }
        for place in stride(from: 0, to: rows.count, by: Lanes.scalarCount) {
            let x = lanes(place)
            let isThere = x .== x
            there += zero.replacing(with: 1, where: isThere)
            sums += zero.replacing(with: x, where: isThere)
            lows = lows.replacing(with: x, where: x .< lows)
            highs = highs.replacing(with: x, where: x .> highs)
        }
        let total = there.sum()
        missingWeight += Double(rows.count) - total
        guard total > 0 else { return }
        let (low, high) = (lows.min(), highs.max())
        if firstInfinite == nil, low == -.infinity || high == .infinity {
            firstInfinite = rows.first { values[$0 - rows.lowerBound].isInfinite }
        }
        let center = sums.sum() / total
        var (squares, rests) = (zero, zero)
        for place in stride(from: 0, to: rows.count, by: Lanes.scalarCount) {
            let x = lanes(place)
            let difference = zero.replacing(with: x - center, where: x .== x)
            squares += difference * difference
            rests += difference
        }
        add(total, center: center, squares: squares.sum(), rest: rests.sum(), low: low, high: high)
    }

    private mutating func add(_ values: UnsafePointer<Double>, _ rows: Range<Int>, _ weights: [Double]) {
        var total = 0.0
        var sum = 0.0
        var low = Double.infinity
        var high = -Double.infinity
        for row in 0..<rows.count {
            let value = values[row]
            let weight = weights[rows.lowerBound + row]
            if value.isNaN {
                missingWeight += weight
                continue
            }
            if value.isInfinite, firstInfinite == nil { firstInfinite = rows.lowerBound + row }
            guard weight > 0 else { continue }
            total += weight
            sum += weight * value
            low = min(low, value)
            high = max(high, value)
        }
        guard total > 0 else { return }
        let center = sum / total
        var squares = 0.0
        var rest = 0.0
        for row in 0..<rows.count where !values[row].isNaN {
            let weight = weights[rows.lowerBound + row]
            let difference = values[row] - center
            squares += weight * difference * difference
            rest += weight * difference
        }
        add(total, center: center, squares: squares, rest: rest, low: low, high: high)
    }

    /// - Parameters:
    ///   - center: nearly the mean.
    ///   - squares: Σ w·(x - center)².
    ///   - rest: Σ w·(x - center): what the mean's own rounding left.
    private mutating func add(
        _ total: Double,
        center: Double,
        squares: Double,
        rest: Double,
        low: Double,
        high: Double
    ) {
        let correction = rest / total
        var tile = WeightedMoments(of: center + correction, weight: total)
        tile.squares = squares - total * correction * correction
        (tile.smallest, tile.largest) = (low, high)
        add(tile)
    }
}
