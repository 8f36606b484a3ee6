import ChurnNumerics

/// Log loss, Brier score and calibration error, gathered from groups of equal probabilities in descending order.
struct ProbabilitySums {
    /// Equal-width bins of [0, 1] for the calibration error.
    static let bins = 10

    private var loss = CompensatedSum()
    private var squares = CompensatedSum()
    private var miscalibration = 0.0
    private var bin = ProbabilitySums.bins - 1
    private var excess = CompensatedSum()

    /// - Parameter group: its score must be in [0, 1], and not above that of the group before.
    @inline(__always)
    mutating func add(_ group: TieGroup) {
        let p = group.score
        // Only a class that is there has a loss: 0 times infinity would be NaN.
        if group.positives > 0 { loss.add(-group.positives * PortableMath.log(p)) }
        if group.negatives > 0 { loss.add(-group.negatives * ProbabilitySums.logOfComplement(p)) }
        squares.add(group.positives * ((1 - p) * (1 - p)) + group.negatives * (p * p))

        let current = ProbabilitySums.bin(of: p)
        if current != bin {
            miscalibration += abs(excess.value)
            excess = CompensatedSum()
            bin = current
        }
        excess.add(group.positives * (1 - p) - group.negatives * p)
    }

    func logLoss(total: Double) -> Double { loss.value / total }

    func brier(total: Double) -> Double { squares.value / total }

    func calibrationError(total: Double) -> Double { (miscalibration + abs(excess.value)) / total }

    /// Bin b is [b/10, (b+1)/10), the last one closed.
    @inline(__always)
    static func bin(of p: Double) -> Int {
        let guess = min(Int(p * Double(bins)), bins - 1)
        // The product may round up across an edge, never down: an edge times ten is exact for all nine.
        return p < Double(guess) / Double(bins) ? guess - 1 : guess
    }

    /// log(1 - p), to rounding for tiny p too (the correction of Goldberg 1991, theorem 4).
    @inline(__always)
    static func logOfComplement(_ p: Double) -> Double {
        let complement = 1 - p
        return complement == 1 ? -p : PortableMath.log(complement) * (p / (1 - complement))
    }
}
