/// Several splits in time of the same cutoffs: each of the last mature ones is tested by a model that learned from labels known before it.
public struct TimeFolds: Sendable, Equatable {
    /// Which earlier cutoffs train.
    public enum Window: Sendable, Equatable {
        /// All.
        case expanding
        /// The latest so many; positive.
        case rolling(Int)
    }

    /// Indices into the cutoffs, ascending.
    public struct Fold: Sendable, Equatable {
        public let train: [Int]
        public let test: Int
        /// Before the test, with labels (or the embargo behind them) that reach into it.
        public let purged: [Int]
    }

    /// By test cutoff, ascending.
    public let folds: [Fold]

    /// - Parameters:
    ///   - cutoffs: in ascending order, each instant once. An embargo lies in their label ends: `labelEnd` is where a label may be learned
    ///     from.
    ///   - count: folds at most; at least 1. Cutoffs without an earlier one to learn from are not tested.
    /// - Throws: `EvaluationError` when cutoffs are not in order, none is mature, or none can be tested.
    public init(cutoffs: [TimeSplit.Cutoff], count: Int, window: Window = .expanding) throws(EvaluationError) {
        let mature = try TimeSplit.everythingTrains(cutoffs).train
        var folds: [Fold] = []
        for test in mature.reversed() where folds.count < count {
            let earlier = mature.filter { $0 < test }
            var train = earlier.filter { cutoffs[$0].labelEnd <= cutoffs[test].instant }
            guard !train.isEmpty else { break }
            let purged = earlier.filter { cutoffs[$0].labelEnd > cutoffs[test].instant }
            if case .rolling(let length) = window { train = Array(train.suffix(length)) }
            folds.append(Fold(train: train, test: test, purged: purged))
        }
        guard !folds.isEmpty else {
            let last = mature.last ?? 0
            throw .noTrainingCutoff(firstTest: cutoffs[last].instant, purged: mature.count - 1)
        }
        self.folds = folds.reversed()
    }
}
