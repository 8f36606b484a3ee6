/// The scores of each class from the highest to the lowest: all that the AUC of independent rows and its variance depend on. Who has a
/// score does not matter, so that half as much is sorted as for `Placements`.
struct ClassScores {
    /// `RadixOrder.descendingKey`s, ascending.
    private let positives: [UInt64]
    private let negatives: [UInt64]

    /// - Parameter predictions: without weights, each row a unit of its own; two of each class at least.
    init(_ predictions: Predictions) {
        var (positives, negatives) = ([UInt64](), [UInt64]())
        positives.reserveCapacity(predictions.positives)
        negatives.reserveCapacity(predictions.count - predictions.positives)
        for (score, label) in zip(predictions.scores, predictions.labels) {
            let key = RadixOrder.descendingKey(score)
            if label { positives.append(key) } else { negatives.append(key) }
        }
        RadixSort.sort(&positives) { $0 }
        RadixSort.sort(&negatives) { $0 }
        (self.positives, self.negatives) = (positives, negatives)
    }

    /// DeLong's variance, from the placements as `Placements` has them.
    func estimate() -> AUCEstimate {
        let (count, others) = (Double(positives.count), Double(negatives.count))
        // All terms are whole or half numbers, so that the sum is exact.
        var orderedPairs = 0.0
        forEachTie { tie in orderedPairs += tie.negatives * (tie.positivesAbove + tie.positives / 2) }
        let auc = orderedPairs / count / others
        var (ofPositives, ofNegatives) = (CompensatedSum(), CompensatedSum())
        forEachTie { tie in
            let negativesBelow = others - tie.negativesAbove - tie.negatives
            let ofPositive = ((negativesBelow + tie.negatives / 2) / others - auc) / count
            let ofNegative = ((tie.positivesAbove + tie.positives / 2) / count - auc) / others
            ofPositives.add(tie.positives * ofPositive * ofPositive)
            ofNegatives.add(tie.negatives * ofNegative * ofNegative)
        }
        let variance = ofPositives.value * (count / (count - 1)) + ofNegatives.value * (others / (others - 1))
        return AUCEstimate(auc: auc, variance: variance, kind: .independent)
    }

    /// Rows with one score.
    private struct Tie {
        let positives: Double
        let negatives: Double
        /// With a higher score.
        let positivesAbove: Double
        let negativesAbove: Double
    }

    /// From the highest score to the lowest.
    @inline(__always)
    private func forEachTie(_ body: (Tie) -> Void) {
        positives.withUnsafeBufferPointer { positives in
            negatives.withUnsafeBufferPointer { negatives in
                var (positive, negative) = (0, 0)
                while positive < positives.count || negative < negatives.count {
                    let key = min(
                        positive < positives.count ? positives[positive] : .max,
                        negative < negatives.count ? negatives[negative] : .max
                    )
                    let (firstPositive, firstNegative) = (positive, negative)
                    while positive < positives.count, positives[positive] == key { positive += 1 }
                    while negative < negatives.count, negatives[negative] == key { negative += 1 }
                    body(
                        Tie(
                            positives: Double(positive - firstPositive),
                            negatives: Double(negative - firstNegative),
                            positivesAbove: Double(firstPositive),
                            negativesAbove: Double(firstNegative)
                        )
                    )
                }
            }
        }
    }
}
