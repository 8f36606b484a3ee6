/// Cutoffs split in time: a model learns from labels that were known before the first test cutoff, and is tested on
/// later ones.
///
/// Every cutoff is in exactly one of the four lists. Indices into the cutoffs, ascending.
public struct TimeSplit: Sendable, Equatable {
    /// An observation date and how far its label looks.
    public struct Cutoff: Sendable, Equatable {
        /// Microseconds since 1970, UTC.
        public let instant: Int64
        /// The exclusive end of the longest label window, in microseconds; not before `instant`.
        public let labelEnd: Int64
        /// Whether the data reaches `labelEnd`.
        public let isMature: Bool

        public init(instant: Int64, labelEnd: Int64, isMature: Bool) {
            self.instant = instant
            self.labelEnd = labelEnd
            self.isMature = isMature
        }
    }

    /// Mature, with labels that end at or before the first test cutoff.
    public let train: [Int]
    /// Mature, to test on.
    public let test: [Int]
    /// Mature and before the test, but their labels reach into it: a model that learned from them would know the
    /// future.
    public let purged: [Int]
    /// Their labels are not known yet: they neither train nor test.
    public let immature: [Int]

    /// Tests on the last mature cutoff, or on all mature cutoffs from an instant on.
    ///
    /// - Parameters:
    ///   - cutoffs: in ascending order, each instant once.
    ///   - firstTest: mature cutoffs at or after this instant (microseconds) are tested; `nil` tests the last one only.
    /// - Throws: `EvaluationError` when cutoffs are not in order, none is mature, or none is left to test or to train
    ///   on. Whoever wants to train all the same says so with `everythingTrains`.
    public init(cutoffs: [Cutoff], firstTest: Int64? = nil) throws(EvaluationError) {
        let (mature, immature) = try TimeSplit.byMaturity(cutoffs)
        guard let lastMature = mature.last else { throw .noMatureCutoff(cutoffs: cutoffs.count) }
        let threshold = firstTest ?? cutoffs[lastMature].instant
        let test = mature.filter { cutoffs[$0].instant >= threshold }
        guard let testStart = test.first.map({ cutoffs[$0].instant }) else { throw .noTestCutoff(firstTest: threshold) }
        let earlier = mature.filter { cutoffs[$0].instant < threshold }
        let train = earlier.filter { cutoffs[$0].labelEnd <= testStart }
        guard !train.isEmpty else { throw .noTrainingCutoff(firstTest: testStart, purged: earlier.count) }
        self.train = train
        self.test = test
        self.purged = earlier.filter { cutoffs[$0].labelEnd > testStart }
        self.immature = immature
    }

    /// All mature cutoffs train and none is tested: for a final model, or where there are too few to split.
    ///
    /// - Throws: `EvaluationError` when cutoffs are not in order or none is mature.
    public static func everythingTrains(_ cutoffs: [Cutoff]) throws(EvaluationError) -> TimeSplit {
        let (mature, immature) = try byMaturity(cutoffs)
        guard !mature.isEmpty else { throw .noMatureCutoff(cutoffs: cutoffs.count) }
        return TimeSplit(train: mature, immature: immature)
    }

    private init(train: [Int], immature: [Int]) {
        self.train = train
        test = []
        purged = []
        self.immature = immature
    }

    private static func byMaturity(
        _ cutoffs: [Cutoff]
    ) throws(EvaluationError) -> (mature: [Int], immature: [Int]) {
        for index in cutoffs.indices {
            let cutoff = cutoffs[index]
            guard cutoff.labelEnd >= cutoff.instant else {
                throw .labelEndsBeforeCutoff(index: index, labelEnd: cutoff.labelEnd, instant: cutoff.instant)
            }
            if index > 0, cutoff.instant <= cutoffs[index - 1].instant {
                throw .cutoffsNotAscending(
                    index: index,
                    got: cutoff.instant,
                    previous: cutoffs[index - 1].instant
                )
            }
        }
        return (cutoffs.indices.filter { cutoffs[$0].isMature }, cutoffs.indices.filter { !cutoffs[$0].isMature })
    }
}
