/// What a sweep computed, where the examples themselves are not kept.
public struct FeatureSummary: Sendable, Equatable {
    /// One cutoff's examples.
    public struct CutoffCount: Sendable, Equatable {
        public let cutoff: Cutoff
        public let examples: Int
        /// 0 where no label is known.
        public let churned: Int

        public init(cutoff: Cutoff, examples: Int, churned: Int) {
            self.cutoff = cutoff
            self.examples = examples
            self.churned = churned
        }
    }

    public let cutoffs: [CutoffCount]
    /// Customers left out of a cutoff because they left between it and the start of the label window.
    public let leftInLead: Int
    /// By feature, in the order of the plan; empty where the sweep did not reduce its features.
    public let statistics: [FeatureStatistics]

    public var rowCount: Int { cutoffs.reduce(0) { $0 + $1.examples } }
}
