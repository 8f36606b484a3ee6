/// Running statistics of one column.
///
/// Deviations are summed from a shift, the mean of the first rows, so that a small spread around a large mean keeps its
/// digits; parts are put together by the rule of Chan, Golub and LeVeque (American Statistician 37, 1983). Four values go
/// through four lanes at a time, which are added up at the end only.
struct StatisticsAccumulator {
    /// The value of an empty history.
    private let emptyValue: Double
    private(set) var count = 0
    private var shift = 0.0
    private var sums = SIMD4<Double>.zero
    private var squares = SIMD4<Double>.zero
    private var low = SIMD4<Double>(repeating: .infinity)
    private var high = SIMD4<Double>(repeating: -.infinity)
    private var zeros = SIMD4<Int64>.zero
    private var checks = SIMD4<UInt64>.zero
    /// Values that are the empty one, where that is not 0.
    private var empty = 0

    init(emptyValue: Double) { self.emptyValue = emptyValue }

    /// False after a value that is not finite, and also when the values are too large to be summed.
    var isFinite: Bool { sums.sum().isFinite }

    /// Adds values.
    @inline(__always)
    mutating func add(_ values: UnsafePointer<Double>, count rows: Int) {
        if count == 0 {
            var first = 0.0
            for row in 0..<rows { first += values[row] }
            shift = rows > 0 ? first / Double(rows) : 0
        }
        count &+= rows
        let whole = rows & ~3
        addMoments(values, count: whole)
        addOrder(values, count: whole)
        for row in whole..<rows {
            let value = values[row]
            let deviation = value - shift
            sums[0] += deviation
            squares[0] += deviation * deviation
            if value < low[0] { low[0] = value }
            if value > high[0] { high[0] = value }
            if value == 0 { zeros[0] &+= 1 }
            checks[0] &+= value.bitPattern
        }
        if emptyValue != 0 {
            for row in 0..<rows where values[row] == emptyValue { empty &+= 1 }
        }
    }

    // The values are walked through twice: all at once, the running figures do not fit into the processor's registers.

    @inline(__always)
    private mutating func addMoments(_ values: UnsafePointer<Double>, count: Int) {
        let origin = SIMD4<Double>(repeating: shift)
        var sums = sums
        var squares = squares
        var row = 0
        while row < count {
            let deviation = Self.load(values + row) - origin
            sums += deviation
            squares += deviation * deviation
            row &+= 4
        }
        self.sums = sums
        self.squares = squares
    }

    @inline(__always)
    private mutating func addOrder(_ values: UnsafePointer<Double>, count: Int) {
        var low = low
        var high = high
        var zeros = zeros
        var checks = checks
        var row = 0
        while row < count {
            let value = Self.load(values + row)
            low.replace(with: value, where: value .< low)
            high.replace(with: value, where: value .> high)
            // A lane of a mask is -1 where it holds.
            zeros &-= unsafeBitCast(value .== 0, to: SIMD4<Int64>.self)
            checks &+= unsafeBitCast(value, to: SIMD4<UInt64>.self)
            row &+= 4
        }
        self.low = low
        self.high = high
        self.zeros = zeros
        self.checks = checks
    }

    @inline(__always)
    private static func load(_ values: UnsafePointer<Double>) -> SIMD4<Double> {
        UnsafeRawPointer(values).loadUnaligned(as: SIMD4<Double>.self)
    }

    private var mean: Double { count > 0 ? shift + sums.sum() / Double(count) : 0 }

    /// Sum of the squared deviations from the mean.
    private var spread: Double {
        let sum = sums.sum()
        guard count > 0 else { return 0 }
        let spread = squares.sum() - sum * sum / Double(count)
        return spread < 0 ? 0 : spread
    }

    /// Adds the values of another one.
    mutating func merge(_ other: StatisticsAccumulator) {
        guard other.count > 0 else { return }
        guard count > 0 else {
            self = other
            return
        }
        let total = Double(count + other.count)
        let distance = other.mean - mean
        let newMean = mean + distance * Double(other.count) / total
        let newSpread = spread + other.spread + distance * distance * Double(count) * Double(other.count) / total
        count += other.count
        shift = newMean
        sums = .zero
        squares = SIMD4(newSpread, 0, 0, 0)
        low.replace(with: other.low, where: other.low .< low)
        high.replace(with: other.high, where: other.high .> high)
        zeros &+= other.zeros
        checks &+= other.checks
        empty += other.empty
    }

    func statistics(_ name: String) -> FeatureStatistics {
        let size = Double(max(count, 1))
        let zeros = Double(zeros.wrappedSum())
        let empty = emptyValue == 0 ? zeros : Double(empty)
        return FeatureStatistics(
            name: name,
            count: count,
            mean: mean,
            standardDeviation: (spread / size).squareRoot(),
            minimum: count > 0 ? low.min() : 0,
            maximum: count > 0 ? high.max() : 0,
            shareOfZeros: zeros / size,
            coverage: (Double(count) - empty) / size,
            checksum: checks.wrappedSum()
        )
    }
}
