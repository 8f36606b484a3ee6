import ChurnNumerics

/// Rows that are kept out of a fit to tell when it should end.
enum HeldOutSample {
    private static let most = 20_480

    /// Rows in order, as many of each class as the share says, but one at least: single ones, or where there are clusters all
    /// rows of some, a cluster being positive where any row is.
    static func rows(
        labels: [Bool],
        weights: [Double]?,
        clusters: [Int32]?,
        share: Double,
        seed: UInt64
    ) -> [Int] {
        let share = min(share, Double(most) / Double(labels.count))
        let counts = labels.indices.filter { (weights?[$0] ?? 1) > 0 }
        guard let clusters else {
            return [false, true].flatMap { isPositive in
                draw(counts.filter { labels[$0] == isPositive }, share, seed)
            }.sorted()
        }
        let clusterCount = Int(clusters.max() ?? -1) + 1
        var isPositive = [Bool?](repeating: nil, count: clusterCount)
        for row in counts {
            let cluster = Int(clusters[row])
            isPositive[cluster] = isPositive[cluster] == true || labels[row]
        }
        var isDrawn = [Bool](repeating: false, count: clusterCount)
        for kind in [false, true] {
            for cluster in draw(isPositive.indices.filter { isPositive[$0] == kind }, share, seed) {
                isDrawn[cluster] = true
            }
        }
        return counts.filter { isDrawn[Int(clusters[$0])] }
    }

    /// One of each run of equally many units; of a single unit none.
    private static func draw(_ units: [Int], _ share: Double, _ seed: UInt64) -> [Int] {
        guard units.count > 1 else { return [] }
        let runs = min(units.count - 1, max(1, Int((share * Double(units.count)).rounded())))
        return EvenSample.places(of: units.count, runs: runs, seed: seed, purpose: "held-out rows") { units[$0] }
            .map { units[$0] }
    }
}
