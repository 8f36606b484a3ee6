import ChurnHistory

/// How a study's models are validated in time, and what decides between them.
public struct ValidationRules: Sendable, Equatable {
    /// Each test cutoff has a model that learned from labels known before it.
    public enum Scheme: String, Sendable, CaseIterable {
        /// From all of them.
        case rollingOrigin
        /// From the latest alone, as many as `window` says.
        case slidingWindow
    }

    /// What decides between models.
    public enum PrimaryMetric: String, Sendable, CaseIterable {
        case logLoss, auc, brier, averagePrecision, expectedMaximumProfit
    }

    public let scheme: Scheme
    /// Test cutoffs, the latest; at least 1.
    public let folds: Int
    /// Training cutoffs of a sliding window; positive.
    public let window: Int?
    /// How long after a label window's end its label is not learned from yet.
    public let embargo: CalendarPeriod
    public let primaryMetric: PrimaryMetric
    /// By how much a challenger may be worse in the primary metric.
    public let margin: Double

    public static let standard = ValidationRules(
        scheme: .rollingOrigin,
        folds: 3,
        window: nil,
        embargo: CalendarPeriod(),
        primaryMetric: .logLoss,
        margin: 0
    )

    public init(
        scheme: Scheme,
        folds: Int,
        window: Int?,
        embargo: CalendarPeriod,
        primaryMetric: PrimaryMetric,
        margin: Double
    ) {
        self.scheme = scheme
        self.folds = folds
        self.window = window
        self.embargo = embargo
        self.primaryMetric = primaryMetric
        self.margin = margin
    }

    /// Reads the study's `validation`.
    init(_ node: StudyNode?) throws(DataError) {
        guard let node else {
            self = .standard
            return
        }
        try node.requireKeys(["scheme", "folds", "window", "embargo", "primaryMetric", "margin"])
        func positive(_ key: String, example: String) throws(DataError) -> Int? {
            guard let value = node.optional(key) else { return nil }
            let count = try value.wholeNumber()
            guard (1...1000).contains(count) else {
                throw value.error("must be from 1 to 1000", value: "\(count)", fix: "\(key): \(example)")
            }
            return count
        }
        scheme = try node.optional("scheme")?.choice(Scheme.self) ?? .rollingOrigin
        folds = try positive("folds", example: "3") ?? 3
        window = try positive("window", example: "6")
        if scheme == .slidingWindow, window == nil {
            throw node.error("has a sliding window without a length", fix: "window: 6")
        }
        if scheme != .slidingWindow, let key = node.optional("window") {
            throw key.error("belongs to a sliding window", fix: "scheme: slidingWindow")
        }
        embargo = try node.optional("embargo")?.period() ?? CalendarPeriod()
        primaryMetric = try node.optional("primaryMetric")?.choice(PrimaryMetric.self) ?? .logLoss
        margin = try node.optional("margin")?.number(in: 0...1_000_000) ?? 0
    }
}
