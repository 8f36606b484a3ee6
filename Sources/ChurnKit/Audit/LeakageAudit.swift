import ChurnEvaluation
import ChurnFeatures
import ChurnHistory
import ChurnNumerics

/// A search for what a model would learn from and could not have known: the result of `churn audit`.
public struct LeakageAudit: Sendable, Encodable {
    /// In the order of `AuditFinding.Kind`, then of discovery.
    public let findings: [AuditFinding]
    /// Features of the study, or predictors of a flat table.
    public let features: Int
    public let cutoffs: Int
    /// Examples that were computed a second time, each from data that end at its cutoff; rows of a flat table.
    public let examples: Int
    /// Values that were compared bit by bit.
    public let comparedValues: Int
    /// Whether there were enough labels of both classes to look for what tells them.
    public let hasLabels: Bool
    /// What there was to look at in the table of features; `nil` without one.
    public let table: TableExtent?
    /// Findings that are left out because their kind is accepted.
    public let ignored: Int

    /// What an audit looked at in a table of features.
    public struct TableExtent: Sendable, Equatable, Encodable {
        public let rows: Int
        /// Columns that stand for features of the study, and so were compared with what was known.
        public let comparedColumns: [String]
        /// All others: what they tell is looked at, not what they are.
        public let otherColumns: [String]
        /// Rows with labels, which were compared with the study's.
        public let comparedLabels: Int
    }

    /// Audits a study, and a table of its features where one is given.
    ///
    /// The sources are read, never a kept index: rows that stand in two files are looked for, too.
    /// - Parameters:
    ///   - table: features of any origin.
    ///   - threads: positive; the result does not depend on it.
    public init(
        study: Study,
        table: AuditedTable? = nil,
        threads: Int = Parallel.availableThreads
    ) throws {
        var options = EventHistory.Options(maximumRejected: study.maximumRejected)
        options.countsRepetitions = study.sources.events.contains { $0.files.count > 1 }
        options.threads = threads
        let history = try EventHistory(
            sources: study.sources,
            calendar: study.calendar,
            observedUntil: study.observedUntilInstant,
            options: options
        )
        let index = history.index
        let cutoffs = study.cutoffs(observedUntil: history.observedUntil)
        if cutoffs.isEmpty { throw study.noCutoffFault(observedUntil: history.observedUntil) }
        let plan = try FeaturePlan(study: study, index: index)
        let sweep = FeatureSweep(
            study: study,
            index: index,
            plan: plan,
            cutoffs: cutoffs,
            purchaseModel: BuyTillYouDieFeatures(),
            threads: threads
        )

        let proof = try sweep.truncationProof()
        var findings = Self.findings(proof, study)
        findings += RepetitionAudit.findings(history.report, study.sources)
        findings += AttributeAudit(study: study, index: index, cutoffs: cutoffs, threads: threads).findings
        findings += ContractAudit.findings(index, observedUntil: history.observedUntil)
        findings += Self.windowsBeforeData(plan, study, index, cutoffs)
        findings += Self.similarIds(index)
        findings += HourProfile.findings(index, calendar: study.calendar)
        let telling = try Self.tellingFeatures(sweep, rowCount: proof.examples)
        findings += telling.findings
        let ofTable = try table.map { try TableAudit($0, study: study, history: history, threads: threads) }
        findings += ofTable?.findings ?? []
        self.init(
            findings,
            features: plan.features.count,
            cutoffs: cutoffs.count,
            examples: proof.examples,
            comparedValues: proof.values,
            hasLabels: telling.hasLabels,
            table: ofTable?.extent
        )
    }

    /// Audits a flat table: what tells its label, and what stands on both sides of its split.
    public init(table: AuditedTable, threads: Int = Parallel.availableThreads) {
        self.init(
            table.findingsOfPredictors(threads: threads) + table.findingsOfSplit() + table.findingsOfRepetitions(),
            features: table.predictors.columns.count,
            cutoffs: 0,
            examples: table.predictors.rowCount,
            comparedValues: 0,
            hasLabels: table.hasLabels,
            table: nil
        )
    }

    private init(
        _ findings: [AuditFinding],
        features: Int,
        cutoffs: Int,
        examples: Int,
        comparedValues: Int,
        hasLabels: Bool,
        table: TableExtent?,
        ignored: Int = 0
    ) {
        self.hasLabels = hasLabels
        self.table = table
        self.ignored = ignored
        self.findings = AuditFinding.Kind.allCases.flatMap { kind in findings.filter { $0.kind == kind } }
        self.features = features
        self.cutoffs = cutoffs
        self.examples = examples
        self.comparedValues = comparedValues
    }

    /// The same without the findings of some kinds.
    public func ignoring(_ kinds: Set<AuditFinding.Kind>) -> LeakageAudit {
        let rest = findings.filter { !kinds.contains($0.kind) }
        return LeakageAudit(
            rest,
            features: features,
            cutoffs: cutoffs,
            examples: examples,
            comparedValues: comparedValues,
            hasLabels: hasLabels,
            table: table,
            ignored: ignored + findings.count - rest.count
        )
    }

    // MARK: Findings

    private static func findings(_ proof: TruncationProof, _ study: Study) -> [AuditFinding] {
        let features = Dictionary(grouping: proof.differences, by: \.feature).values
            .sorted { $0[0].feature.utf8.lexicographicallyPrecedes($1[0].feature.utf8) }
        return features.map { places in
            let first = places[0]
            return AuditFinding(
                .featureKnowsFuture,
                first.feature,
                "at \(places.count) cutoffs it is another one where the data end there: \(first.fromAll) for customer"
                    + " \(first.customer) at \(first.cutoff), and \(first.fromKnown) from what was known then."
                    + " This is a defect of ChurnKit: please report it.",
                count: places.reduce(0) { $0 + $1.examples }
            )
        }
            + proof.intrusions.map { intrusion in
                AuditFinding(
                    .exampleKnowsFuture,
                    intrusion.cutoff.description,
                    study.churn.kind == .contractEnd
                        ? "\(intrusion.customers) customers, such as \(intrusion.customer), are left out because of ends of contracts"
                            + " that became known later only (`endKnown` behind the end): a model would not learn from them,"
                            + " and scoring on that day would not have left them out."
                        : "\(intrusion.customers) customers, such as \(intrusion.customer), are examples, or are none, because of"
                            + " what came later. This is a defect of ChurnKit: please report it.",
                    count: intrusion.customers
                )
            }
    }

    /// The part of a window that may lie before the first event: where customers are few, nobody came on the first days.
    private static let tolerableShare = 0.02

    private static func windowsBeforeData(
        _ plan: FeaturePlan,
        _ study: Study,
        _ index: EventIndex,
        _ cutoffs: [Cutoff]
    ) -> [AuditFinding] {
        guard let first = index.timeRange.map({ study.calendar.day(of: $0.lowerBound) }) else { return [] }
        var reaches: [FeaturePlan.Feature.Reach] = []
        for reach in plan.features.compactMap(\.reach) where !reaches.contains(reach) { reaches.append(reach) }
        return reaches.compactMap { reach in
            let early = cutoffs.filter {
                let start = reach.firstDay(at: $0.day).number
                return Double(first.number - start) > tolerableShare * Double(reach.windowDays(at: $0.day))
            }
            guard let cutoff = early.first else { return nil }
            return AuditFinding(
                .windowBeforeData,
                reach.name,
                "it reaches before the data's first day, \(first), at \(early.count) of \(cutoffs.count) cutoffs, the first"
                    + " \(cutoff.day): what it counts is too low there. Begin later, or take shorter windows.",
                count: early.count
            )
        }
    }

    private static func similarIds(_ index: EventIndex) -> [AuditFinding] {
        SimilarCustomerIds.findings(index).map { finding in
            AuditFinding(
                .similarCustomerIds,
                finding.examples.first ?? "",
                finding.text + " Two ids of one customer can be on both sides of a split.",
                count: finding.count
            )
        }
    }

    /// Features that tell too much, looked for in a sample of the examples where there are very many.
    private static func tellingFeatures(
        _ sweep: FeatureSweep,
        rowCount: Int
    ) throws -> (findings: [AuditFinding], hasLabels: Bool) {
        guard sweep.cutoffs.contains(where: \.isMature) else { return ([], false) }
        let step = max(1, rowCount / StudyData.leakSample)
        guard let table = try sweep.sample(everyRun: step, dataFingerprint: "") else { return ([], false) }
        let audited = AuditedTable(table, path: "")
        let findings = audited.findingsOfPredictors(
            computed: .init(
                names: Set(sweep.plan.featureNames),
                ofEvents: sweep.plan.featuresOfEvents,
                rows: table.rowCount
            ),
            threads: sweep.threads
        )
        return (findings, audited.hasLabels)
    }
}

extension FeaturePlan {
    /// Features that tell what customers did: the same from data that end at the cutoff, they cannot repeat labels. An
    /// attribute can, as its source may have computed it from them.
    var featuresOfEvents: Set<String> { Set(features.filter { $0.primitive.subject != .attributes }.map(\.name)) }
}
