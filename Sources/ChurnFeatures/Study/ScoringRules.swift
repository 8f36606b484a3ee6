import ChurnHistory

/// What a study says of scoring runs: the checks before work, and how long the ledger keeps what it has.
public struct ScoringRules: Sendable, Equatable {
    /// Above which a check warns, and above which it fails; `nil` for never.
    public struct Levels<Value: Sendable & Equatable>: Sendable, Equatable {
        public let warn: Value?
        public let fail: Value?
    }

    /// How long before the cutoff the newest event may lie.
    public let freshness: Levels<CalendarPeriod>
    /// The share of rows that are rejected.
    public let rejected: Levels<Double>
    /// The population stability index of scores or of a feature, where it is beyond chance.
    public let drift: Levels<Double>
    /// How long runs stay in the ledger; `nil` for ever.
    public let keepRuns: CalendarPeriod?
    /// How long files of rejected rows stay; `nil` for ever.
    public let keepRejects: CalendarPeriod?

    /// The share of a flat table's rows that have a category that training did not know, in the column that has most.
    public static let unseen = Levels<Double>(warn: 0, fail: nil)

    /// Any rejected row warns, and so do events that end a week before the cutoff and drift that the literature calls large. Nothing
    /// fails.
    public static let standard = ScoringRules(
        freshness: .init(warn: CalendarPeriod(days: 7), fail: nil),
        rejected: .init(warn: 0, fail: nil),
        drift: .init(warn: 0.25, fail: nil),
        keepRuns: nil,
        keepRejects: nil
    )

    private init(
        freshness: Levels<CalendarPeriod>,
        rejected: Levels<Double>,
        drift: Levels<Double>,
        keepRuns: CalendarPeriod?,
        keepRejects: CalendarPeriod?
    ) {
        self.freshness = freshness
        self.rejected = rejected
        self.drift = drift
        self.keepRuns = keepRuns
        self.keepRejects = keepRejects
    }

    /// Reads the study's `scoring`.
    init(_ node: StudyNode?) throws(DataError) {
        guard let node else {
            self = .standard
            return
        }
        try node.requireKeys(["checks", "retention"])
        let checks = node.optional("checks")
        try checks?.requireKeys(["freshness", "rejected", "drift"])
        let retention = node.optional("retention")
        try retention?.requireKeys(["runs", "rejects"])
        func shares(_ key: String, _ standard: Levels<Double>, below: Double = 1) throws(DataError) -> Levels<Double> {
            try Self.levels(checks?.optional(key), standard) { (level) throws(DataError) in
                try level.number(in: 0...below)
            } isHigher: {
                $0 > $1
            }
        }
        let reference = CalendarDay(number: 0)
        freshness = try Self.levels(checks?.optional("freshness"), Self.standard.freshness) {
            (level) throws(DataError) in
            try level.period()
        } isHigher: {
            reference.adding($0) > reference.adding($1)
        }
        rejected = try shares("rejected", Self.standard.rejected)
        drift = try shares("drift", Self.standard.drift, below: 100)
        func span(_ key: String) throws(DataError) -> CalendarPeriod? {
            guard let node = retention?.optional(key) else { return nil }
            let period = try node.period()
            if period.isZero { throw node.error("must be longer than nothing", fix: "\(key): 30d") }
            return period
        }
        keepRuns = try span("runs")
        keepRejects = try span("rejects")
    }

    /// - Parameter node: `{warn: …, fail: …}`, either of which may be missing; `nil` for the standard levels.
    private static func levels<Value>(
        _ node: StudyNode?,
        _ standard: Levels<Value>,
        _ read: (StudyNode) throws(DataError) -> Value,
        isHigher: (Value, Value) -> Bool
    ) throws(DataError) -> Levels<Value> {
        guard let node else { return standard }
        try node.requireKeys(["warn", "fail"])
        let warn = try node.optional("warn").map { (node) throws(DataError) in try read(node) }
        let fail = try node.optional("fail").map { (node) throws(DataError) in try read(node) }
        if let warn, let fail, isHigher(warn, fail) {
            throw node.error("warns above what already fails", fix: "give `fail` the higher level")
        }
        return Levels(warn: warn, fail: fail)
    }
}
