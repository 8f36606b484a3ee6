import ChurnEvaluation

/// What was trained on what, with which result: the content of `metrics.json`.
public struct TrainingRecord: Sendable, Codable, Equatable {
    /// Figures of a set of rows; `nil` is undefined.
    public struct Figures: Sendable, Codable, Equatable {
        public let train: BinaryClassificationMetrics
        public let test: BinaryClassificationMetrics?

        public init(train: BinaryClassificationMetrics, test: BinaryClassificationMetrics?) {
            self.train = train
            self.test = test
        }

        private enum CodingKeys: String, CodingKey { case train, test }

        /// Writes `test` also where it is null.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(train, forKey: .train)
            try container.encode(test, forKey: .test)
        }
    }

    /// What a training cutoff's rows did, and what the model says of them.
    public struct CutoffFigures: Sendable, Codable, Equatable {
        public let cutoff: String
        public let rows: Int
        public let churned: Int
        /// The sum of the probabilities.
        public let expected: Double

        public init(cutoff: String, rows: Int, churned: Int, expected: Double) {
            self.cutoff = cutoff
            self.rows = rows
            self.churned = churned
            self.expected = expected
        }
    }

    public let rows: Int
    public let positives: Int
    public let testRows: Int
    /// Cutoffs of a study; empty for a flat table.
    public let trainingCutoffs: [String]
    public let testCutoffs: [String]
    /// Mature cutoffs whose label window reaches past the first test cutoff.
    public let purgedCutoffs: [String]
    /// The end of the last training label window, in microseconds since 1970 UTC; `nil` for a flat table. What lies at or
    /// after it, the model has not seen, nor any that its fit went on from.
    public let trainingLabelEnd: Int64?
    /// The test share and seed of a flat table's split.
    public let testShare: Double?
    public let seed: UInt64
    /// The version whose coefficients the fit went on from; absent where it began anew.
    public let parent: String?
    public let dataFingerprint: String
    /// SHA-256 of the study that the features were computed from; `nil` for a flat table.
    public let studyHash: String?
    public let metrics: Figures
    /// How seasons and chance part training cutoffs; `nil` for a flat table.
    public let byCutoff: [CutoffFigures]?
    /// Predictors that were allowed to tell the label almost perfectly; `nil` for none.
    public let allowedLeaks: [String]?
    /// The study's definition of churn in words; `nil` for a flat table, and of versions that were trained before it was kept.
    public let churn: String?
    /// Of a flat table, whether a version that the fit went on from may have learned from the rows that were kept back; `nil` where not.
    public let heldOutMayBeSeen: Bool?

    public init(
        rows: Int,
        positives: Int,
        testRows: Int,
        trainingCutoffs: [String],
        testCutoffs: [String],
        purgedCutoffs: [String],
        trainingLabelEnd: Int64?,
        testShare: Double?,
        seed: UInt64,
        parent: String? = nil,
        dataFingerprint: String,
        studyHash: String?,
        metrics: Figures,
        byCutoff: [CutoffFigures]? = nil,
        allowedLeaks: Set<String> = [],
        churn: String? = nil,
        heldOutMayBeSeen: Bool = false
    ) {
        self.rows = rows
        self.positives = positives
        self.testRows = testRows
        self.trainingCutoffs = trainingCutoffs
        self.testCutoffs = testCutoffs
        self.purgedCutoffs = purgedCutoffs
        self.trainingLabelEnd = trainingLabelEnd
        self.testShare = testShare
        self.seed = seed
        self.parent = parent
        self.dataFingerprint = dataFingerprint
        self.studyHash = studyHash
        self.metrics = metrics
        self.byCutoff = byCutoff
        self.allowedLeaks = allowedLeaks.isEmpty ? nil : allowedLeaks.sorted()
        self.churn = churn
        self.heldOutMayBeSeen = heldOutMayBeSeen ? true : nil
    }

    /// Whether a fit that this one goes on from, or one before it, may have seen labels of this one's test rows: they would
    /// flatter it.
    public func mayBeTestedOnRows(seenBy ancestor: TrainingRecord) -> Bool {
        guard testRows > 0 else { return false }
        if let end = trainingLabelEnd, let earlierEnd = ancestor.trainingLabelEnd { return earlierEnd > end }
        // The same split of the same table keeps the same rows back.
        return ancestor.dataFingerprint != dataFingerprint || ancestor.seed != seed || ancestor.testShare != testShare
    }
}
