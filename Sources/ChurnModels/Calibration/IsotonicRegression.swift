/// The rising function that is nearest to values in the sum of squares: steps, with straight lines from the end of one to the
/// start of the next.
///
/// By pooling adjacent violators (Barlow, Bartholomew, Bremner and Brunk 1972), with the knots and the interpolation of
/// scikit-learn's `IsotonicRegression(out_of_bounds="clip")`.
public struct IsotonicRegression: Sendable, Equatable {
    /// Rising; at least one.
    public let knots: [Double]
    /// At the knots; not falling.
    public let values: [Double]

    /// - Parameters:
    ///   - places: finite, at least one; equal ones count as one place with the mean of their values.
    ///   - weights: one a place, not all 0; `nil` for all 1.
    init(places: [Double], values given: [Double], weights: [Double]?) {
        /// Neighbouring places with one mean.
        struct Pool {
            let first: Double
            var last: Double
            var sum: Double
            var weight: Double
            var mean: Double { sum / weight }
        }
        let order = places.indices.filter { (weights?[$0] ?? 1) > 0 }.sorted { places[$0] < places[$1] }
        var pools: [Pool] = []
        func pool(_ next: Pool) {
            var merged = next
            while let last = pools.last, last.mean >= merged.mean {
                pools.removeLast()
                merged = Pool(
                    first: last.first,
                    last: merged.last,
                    sum: last.sum + merged.sum,
                    weight: last.weight + merged.weight
                )
            }
            pools.append(merged)
        }
        var start = 0
        while start < order.count {
            var end = start
            var (sum, weight) = (0.0, 0.0)
            let place = places[order[start]]
            while end < order.count, places[order[end]] == place {
                sum += (weights?[order[end]] ?? 1) * given[order[end]]
                weight += weights?[order[end]] ?? 1
                end += 1
            }
            pool(Pool(first: place, last: place, sum: sum, weight: weight))
            start = end
        }
        knots = pools.flatMap { $0.first < $0.last ? [$0.first, $0.last] : [$0.first] }
        values = pools.flatMap { $0.first < $0.last ? [$0.mean, $0.mean] : [$0.mean] }
    }

    /// - Throws: `malformedModel` unless knots rise and values do not fall and are probabilities.
    init(knots: [Double], values: [Double]) throws(ModelError) {
        guard !knots.isEmpty, knots.count == values.count, knots.allSatisfy(\.isFinite),
            values.allSatisfy({ (0...1).contains($0) }), zip(knots, knots.dropFirst()).allSatisfy(<),
            zip(values, values.dropFirst()).allSatisfy(<=), (knots[knots.count - 1] - knots[0]).isFinite
        else { throw .malformedModel("the isotonic calibration is no rising function of log-odds") }
        self.knots = knots
        self.values = values
    }

    /// The value at a place; that of the nearest knot beyond them.
    public func value(at place: Double) -> Double {
        var (low, high) = (0, knots.count)
        // The first knot beyond the place.
        while low < high {
            let middle = (low + high) / 2
            if knots[middle] > place { high = middle } else { low = middle + 1 }
        }
        guard low > 0 else { return values[0] }
        guard low < knots.count else { return values[knots.count - 1] }
        let share = (place - knots[low - 1]) / (knots[low] - knots[low - 1])
        return values[low - 1] + share * (values[low] - values[low - 1])
    }
}
