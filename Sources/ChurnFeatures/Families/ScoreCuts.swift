import ChurnNumerics

/// Where the scores of recency, frequency and monetary value are cut at each cutoff, as in the R package rfm: at the
/// quantiles of 20, 40, 60 and 80 % (type 7), plus 1, intervals closed below.
struct ScoreCuts: Sendable {
    /// The cuts of one quantity at one cutoff, ascending.
    struct Cuts: Sendable, Equatable {
        let values: SIMD4<Double>

        /// - Parameter sorted: ascending; cuts of nobody are never asked.
        init(sorted: [Double]) {
            var values = SIMD4<Double>.zero
            for cut in 0..<4 where !sorted.isEmpty {
                // Type 7 (Hyndman and Fan, American Statistician 50, 1996): between the neighbours of (n - 1)·p.
                let position = Double(sorted.count - 1) * Double(cut + 1) / 5
                let low = Int(position)
                let high = min(low + 1, sorted.count - 1)
                let share = position - Double(low)
                let distance = sorted[high] - sorted[low]
                // Neighbours may be too far apart for their distance to be a number.
                values[cut] =
                    distance.isFinite
                    ? sorted[low] + share * distance + 1 : (1 - share) * sorted[low] + share * sorted[high] + 1
            }
            self.values = values
        }

        /// How many cuts a value has reached: 0 to 4.
        @inline(__always)
        func reached(by value: Double) -> Int {
            var count = 0
            for cut in 0..<4 where value >= values[cut] { count &+= 1 }
            return count
        }
    }

    /// By cutoff.
    let recency: [Cuts]
    let frequency: [Cuts]
    let monetary: [Cuts]
}
