import ChurnNumerics

/// A cubic spline that is straight outside its outer knots (Stone and Koo 1985), as Harrell's `rcs` writes it: with k knots it
/// adds k - 2 columns to the value itself.
public struct RestrictedCubicSpline: Sendable, Equatable, Codable {
    /// Ascending, at least three.
    public let knots: [Double]

    /// Numbers of knots that can be asked for.
    public static let knotCounts = 3...7

    /// Where knots stand by default, as quantiles (Harrell 2015, table 2.3).
    private static let quantiles: [Int: [Double]] = [
        3: [0.1, 0.5, 0.9], 4: [0.05, 0.35, 0.65, 0.95], 5: [0.05, 0.275, 0.5, 0.725, 0.95],
        6: [0.05, 0.23, 0.41, 0.59, 0.77, 0.95], 7: [0.025, 0.1833, 0.3417, 0.5, 0.6583, 0.8167, 0.975],
    ]

    /// Knots at quantiles (type 7 of Hyndman and Fan 1996) of the values that are there; of equal ones only one stays.
    /// - Parameters:
    ///   - count: in `knotCounts`.
    ///   - weights: one a value, a row of weight k counting as k rows; where they are no whole numbers, the smallest counts
    ///     as one row.
    /// - Returns: `nil` where fewer than three different knots are left.
    init?(knots count: Int, values: [Double], weights: [Double]?) {
        let counted = values.indices.filter { !values[$0].isNaN && (weights?[$0] ?? 1) > 0 }
            .sorted { values[$0] < values[$1] }
        guard let quantiles = Self.quantiles[count], let last = counted.last else { return nil }
        var reached: [Double] = []
        var total = 0.0
        let areWhole = weights?.allSatisfy { $0 == $0.rounded() } ?? true
        let unit = areWhole ? 1 : counted.reduce(.infinity) { min($0, weights?[$1] ?? 1) }
        for row in counted {
            total += (weights?[row] ?? 1) / unit
            reached.append(total)
        }
        func value(at place: Double) -> Double {
            // The first value whose rows reach past the place.
            let position = reached.partitioningIndex { $0 > place }
            return position < counted.count ? values[counted[position]] : values[last]
        }
        var knots: [Double] = []
        for quantile in quantiles {
            let place = max(0, total - 1) * quantile
            let lower = place.rounded(.down)
            let low = value(at: lower)
            let knot = low + (place - lower) * (value(at: lower + 1) - low)
            if knots.last != knot { knots.append(knot) }
        }
        guard knots.count >= Self.knotCounts.lowerBound else { return nil }
        self.knots = knots
    }

    /// Columns beside the value itself.
    public var termCount: Int { knots.count - 2 }

    /// Replaces values by one of the spline's columns; NaN stays.
    /// - Parameter term: in `0..<termCount`.
    func evaluate(term: Int, _ values: UnsafeMutablePointer<Double>, count: Int) {
        let last = knots[knots.count - 1]
        let beforeLast = knots[knots.count - 2]
        let knot = knots[term]
        let width = (last - knots[0]) * (last - knots[0])
        let near = (last - knot) / (last - beforeLast)
        // Behind the last knot the cubes cancel, and what is left is a straight line.
        let slope = 3 * (last - knot) * (beforeLast - knot) / width
        for row in 0..<count {
            let value = min(values[row], last)
            let bend = (Self.cube(value - knot) - Self.cube(value - beforeLast) * near) / width
            values[row] = values[row].isNaN ? .nan : bend + slope * max(0, values[row] - last)
        }
    }

    @inline(__always)
    private static func cube(_ value: Double) -> Double { value < 0 ? 0 : value * value * value }

    var isSound: Bool {
        knots.count >= Self.knotCounts.lowerBound && knots.allSatisfy(\.isFinite)
            && zip(knots, knots.dropFirst()).allSatisfy { $0 < $1 }
    }
}
