import ChurnNumerics

/// How probabilities compare with what came to pass.
///
/// Van Calster, McLernon, van Smeden, Wynants, Steyerberg: "Calibration: the Achilles heel of predictive analytics" (BMC Medicine 2019). A
/// probability of exactly 0 or 1 counts as 1e-12 from it where log-odds are needed.
public struct CalibrationFigures: Sendable, Equatable, Codable {
    /// Positives over the sum of the probabilities: above 1, more left than was said. Undefined where that sum is 0.
    public let observedOverExpected: Double?
    /// The a of logit P(positive) = a + logit p: above 0, more left than was said. Undefined unless both classes are there.
    public let intercept: Double?
    /// The b of logit P(positive) = a + b·logit p: below 1, the probabilities are too sure. Undefined unless both classes are there, and where
    /// the probabilities tell the classes apart without error or are all alike.
    public let slope: Double?
    /// Calibration error over ten bins of equal weight: Σ_b |Σ (y - p)| / n. A group of equal probabilities that straddles the edge of bins is
    /// in each by its share.
    public let equalCountError: Double?

    static let undefined = CalibrationFigures(
        observedOverExpected: nil,
        intercept: nil,
        slope: nil,
        equalCountError: nil
    )

    private init(observedOverExpected: Double?, intercept: Double?, slope: Double?, equalCountError: Double?) {
        self.observedOverExpected = observedOverExpected
        self.intercept = intercept
        self.slope = slope
        self.equalCountError = equalCountError
    }

    /// - Parameter predictions: undefined throughout unless every score is a probability.
    public init(of predictions: Predictions) {
        self.init(predictions, TieGroups(predictions))
    }

    init(_ predictions: Predictions, _ groups: consuming TieGroups) {
        guard predictions.scoresAreProbabilities else {
            self = .undefined
            return
        }
        let totals = groups.totals()
        let total = totals.positives + totals.negatives
        var (kept, expected, error) = ([TieGroup](), CompensatedSum(), CompensatedSum())
        var (bin, filled, excess) = (1, 0.0, 0.0)
        while let group = groups.next() {
            guard group.total > 0 else { continue }
            kept.append(group)
            expected.add(group.total * group.score)
            let excessRate = group.positives / group.total - group.score
            var left = group.total
            while left > 0 {
                // The last bin takes what rounding leaves.
                let room = bin < Self.bins ? total * Double(bin) / Double(Self.bins) - filled : left
                let part = min(left, max(room, 0))
                excess += part * excessRate
                filled += part
                left -= part
                guard left > 0 else { break }
                error.add(abs(excess))
                excess = 0
                bin += 1
            }
        }
        error.add(abs(excess))
        let hasBothClasses = totals.positives > 0 && totals.negatives > 0
        let line = hasBothClasses ? Self.line(through: kept, total: total) : nil
        self.init(
            observedOverExpected: expected.value > 0 ? totals.positives / expected.value : nil,
            intercept: hasBothClasses ? Self.intercept(of: kept) : nil,
            slope: line,
            equalCountError: total > 0 ? error.value / total : nil
        )
    }

    private static let bins = 10
    private static let nearest = 1e-12
    private static let mostIterations = 100

    private static func logOdds(_ group: TieGroup) -> Double {
        StableFunctions.logit(min(max(group.score, nearest), 1 - nearest))
    }

    /// Where a falling function has its root: Newton's steps within a bracket that shrinks.
    private static func intercept(of groups: [TieGroup]) -> Double? {
        var (low, high, a) = (-64.0, 64.0, 0.0)
        let odds = groups.map(logOdds)
        for _ in 0..<mostIterations {
            var (gradient, curvature) = (CompensatedSum(), 0.0)
            for (group, z) in zip(groups, odds) {
                let p = StableFunctions.sigmoid(a + z)
                gradient.add(group.positives - group.total * p)
                curvature += group.total * p * (1 - p)
            }
            if gradient.value > 0 { low = a } else { high = a }
            var next = a + gradient.value / curvature
            if !(next > low && next < high) { next = (low + high) / 2 }
            if abs(next - a) <= 1e-13 * max(1, abs(next)) { return next }
            a = next
        }
        return a
    }

    /// The slope of the logistic regression on the log-odds; `nil` where there is none.
    private static func line(through groups: [TieGroup], total: Double) -> Double? {
        let odds = groups.map(logOdds)
        var mean = CompensatedSum()
        for (group, z) in zip(groups, odds) { mean.add(group.total * z) }
        let centre = mean.value / total
        func evaluation(_ a: Double, _ b: Double) -> LineEvaluation {
            var loss = CompensatedSum()
            var (ga, gb) = (CompensatedSum(), CompensatedSum())
            var (haa, hab, hbb) = (0.0, 0.0, 0.0)
            for (group, z) in zip(groups, odds) {
                let x = z - centre
                let eta = a + b * x
                // One exponential gives the loss and its derivatives.
                let small = PortableMath.exp(-abs(eta))
                let p = (eta >= 0 ? 1 : small) / (1 + small)
                let wrong = eta >= 0 ? group.negatives : group.positives
                loss.add(wrong * abs(eta) + group.total * StableFunctions.log1pOfSmall(small))
                let residual = group.positives - group.total * p
                let weight = group.total * p * (1 - p)
                ga.add(residual)
                gb.add(residual * x)
                haa += weight
                hab += weight * x
                hbb += weight * x * x
            }
            return LineEvaluation(loss: loss.value, ga: ga.value, gb: gb.value, haa: haa, hab: hab, hbb: hbb)
        }
        var (a, b) = (centre, 1.0)
        var current = evaluation(a, b)
        for _ in 0..<mostIterations {
            let determinant = current.haa * current.hbb - current.hab * current.hab
            // All alike, or told apart: no line, or an infinite one.
            guard determinant > 1e-14 * current.haa * current.hbb, abs(b) < 1e3 else { return nil }
            let da = (current.hbb * current.ga - current.hab * current.gb) / determinant
            let db = (current.haa * current.gb - current.hab * current.ga) / determinant
            var step = 1.0
            var next = evaluation(a + da, b + db)
            while !(next.loss <= current.loss), step > 1e-10 {
                step /= 2
                next = evaluation(a + step * da, b + step * db)
            }
            (a, b, current) = (a + step * da, b + step * db, next)
            if abs(step * da) <= 1e-12 * max(1, abs(a)), abs(step * db) <= 1e-12 * max(1, abs(b)) { return b }
        }
        return nil
    }

    /// The loss of a line at some point, with the derivatives of its negative.
    private struct LineEvaluation {
        let loss: Double
        let ga: Double
        let gb: Double
        let haa: Double
        let hab: Double
        let hbb: Double
    }
}
