/// How far each sampling unit's rows are from the mean placement: what an AUC's variance is made of.
///
/// A positive's placement is the share of negatives that it outranks, a negative's the share of positives that outrank
/// it, ties counting half; the mean of either is the AUC. With the tied groups of one sort at hand, the negatives below
/// a positive are its midrank among all minus its midrank among the positives (Sun, Xu 2014), so that the whole takes
/// one sort instead of all pairs.
struct Placements {
    let auc: Double
    /// For each unit, Σ (placement - AUC) over its positives, divided by the number of all positives.
    private var positives: [Double]
    /// The same of negatives.
    private var negatives: [Double]

    /// - Parameter predictions: with positives and negatives, without weights.
    init(_ predictions: Predictions, units: SamplingUnits) {
        var groups = TieGroups(predictions)
        let totals = groups.totals()
        let auc = Placements.auc(groups, totals: totals)
        var positives = [Double](repeating: 0, count: units.count)
        var negatives = [Double](repeating: 0, count: units.count)
        var positivesAbove = 0.0
        var negativesBelow = totals.negatives
        while let group = groups.next() {
            negativesBelow -= group.negatives
            let ofPositive = (negativesBelow + group.negatives / 2) / totals.negatives - auc
            let ofNegative = (positivesAbove + group.positives / 2) / totals.positives - auc
            for place in group.range {
                let entry = groups.order.entries[place]
                let unit = units.unit(ofRow: Int(entry.row))
                if entry.isPositive {
                    positives[unit] += ofPositive / totals.positives
                } else {
                    negatives[unit] += ofNegative / totals.negatives
                }
            }
            positivesAbove += group.positives
        }
        self.auc = auc
        self.positives = positives
        self.negatives = negatives
    }

    /// The placements of a difference of AUCs.
    func subtracting(_ other: Placements) -> Placements {
        var difference = Placements(auc: auc - other.auc, positives: positives, negatives: negatives)
        for unit in positives.indices {
            difference.positives[unit] -= other.positives[unit]
            difference.negatives[unit] -= other.negatives[unit]
        }
        return difference
    }

    private init(auc: Double, positives: [Double], negatives: [Double]) {
        self.auc = auc
        self.positives = positives
        self.negatives = negatives
    }

    /// Covariance of two AUCs (Obuchowski 1997; DeLong's where every unit is one row, as then no unit
    /// holds both classes):
    ///
    ///     I₁/(I₁-1) Σ aₖa'ₖ + I₀/(I₀-1) Σ bₖb'ₖ + I/(I-1) Σ (aₖb'ₖ + a'ₖbₖ)
    ///
    /// over units k, with a and b the sums of positives and of negatives above, of I units, of which I₁ hold a positive
    /// and I₀ a negative.
    func covariance(_ other: Placements, units: SamplingUnits) -> Double {
        var ofPositives = CompensatedSum()
        var ofNegatives = CompensatedSum()
        var across = CompensatedSum()
        for unit in positives.indices {
            ofPositives.add(positives[unit] * other.positives[unit])
            ofNegatives.add(negatives[unit] * other.negatives[unit])
            across.add(positives[unit] * other.negatives[unit] + other.positives[unit] * negatives[unit])
        }
        return Placements.unbiased(ofPositives.value, units.withPositives)
            + Placements.unbiased(ofNegatives.value, units.withNegatives)
            + Placements.unbiased(across.value, units.count)
    }

    /// Not negative: I₁ and I₀ are at most I, so that it is at least I/(I-1) Σ (aₖ + bₖ)². Where that is 0, rounding
    /// could leave it a hair below.
    func variance(units: SamplingUnits) -> Double {
        max(0, covariance(self, units: units))
    }

    private static func unbiased(_ sum: Double, _ count: Int) -> Double {
        sum * (Double(count) / Double(count - 1))
    }

    /// All terms are whole or half numbers, so that the sum is exact.
    private static func auc(_ groups: TieGroups, totals: (positives: Double, negatives: Double)) -> Double {
        var groups = groups
        var positivesAbove = 0.0
        var orderedPairs = 0.0
        while let group = groups.next() {
            orderedPairs += group.negatives * (positivesAbove + group.positives / 2)
            positivesAbove += group.positives
        }
        return orderedPairs / totals.positives / totals.negatives
    }
}
