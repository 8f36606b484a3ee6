/// What happened against what was to be expected, over independent events of known probability.
struct Deviation {
    private(set) var seen = 0
    private(set) var expected = 0.0
    private(set) var variance = 0.0

    mutating func add(_ happened: Bool, probability: Double) {
        if happened { seen += 1 }
        expected += probability
        variance += probability * (1 - probability)
    }

    /// Where nothing was left to chance, any difference counts as very large.
    var inStandardDeviations: Double {
        let difference = Double(seen) - expected
        return variance > 1e-9 ? difference / variance.squareRoot() : difference * 1e9
    }
}
