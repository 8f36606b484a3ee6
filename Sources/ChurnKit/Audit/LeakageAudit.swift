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
    /// Findings that are left out because their kind is accepted.
    public let ignored: Int

    /// Audits a study, and a table of its features where one is given.
    ///
    /// The sources are read, never a kept index: rows that stand in two files are looked for, too.
    /// - Parameters:
    ///   - table: features of any origin.
    ///   - memory: bytes that the events may take up; `nil` for no bound.
    ///   - threads: positive; the result does not depend on it.
    public init(
        study: Study,
        table: AuditedTable? = nil,
        memory: Int? = nil,
        threads: Int = Parallel.availableThreads
    ) throws {
        var options = EventHistory.Options(maximumRejected: study.maximumRejected)
        options.countsRepetitions = true
        options.memory = memory
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
        let sweep = FeatureSweep(study: study, index: index, plan: plan, cutoffs: cutoffs, threads: threads)

        let proof = try sweep.truncationProof()
        var findings = Self.findings(proof)
        findings += RepetitionAudit.findings(history.report)
        findings += AttributeAudit(study: study, index: index, cutoffs: cutoffs).findings
        findings += ContractAudit.findings(index)
        findings += Self.windowsBeforeData(study, index, cutoffs)
        findings += Self.similarIds(index)
        findings += HourProfile.findings(index, calendar: study.calendar)
        findings += try Self.tellingFeatures(sweep, rowCount: proof.examples)
        if let table {
            findings += try TableAudit(table, study: study, history: history, threads: threads).findings
        }
        self.init(
            findings,
            features: plan.features.count,
            cutoffs: cutoffs.count,
            examples: proof.examples,
            comparedValues: proof.values
        )
    }

    /// Audits a flat table: what tells its label, and what stands on both sides of its split.
    public init(table: AuditedTable, threads: Int = Parallel.availableThreads) {
        self.init(
            table.findingsOfPredictors(threads: threads) + table.findingsOfSplit() + table.findingsOfRepetitions(),
            features: table.predictors.columns.count,
            cutoffs: 0,
            examples: table.predictors.rowCount,
            comparedValues: 0
        )
    }

    private init(
        _ findings: [AuditFinding],
        features: Int,
        cutoffs: Int,
        examples: Int,
        comparedValues: Int,
        ignored: Int = 0
    ) {
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
            ignored: ignored + findings.count - rest.count
        )
    }

    // MARK: Findings

    private static func findings(_ proof: TruncationProof) -> [AuditFinding] {
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
                    "\(intrusion.customers) customers, such as \(intrusion.customer), are examples, or are none, because of"
                        + " what came later. This is a defect of ChurnKit: please report it.",
                    count: intrusion.customers
                )
            }
    }

    private static func windowsBeforeData(_ study: Study, _ index: EventIndex, _ cutoffs: [Cutoff]) -> [AuditFinding] {
        DataFinding.windowsBeforeData(study, index, cutoffs).map { finding in
            AuditFinding(
                .windowBeforeData,
                finding.examples.first ?? "",
                finding.text + " Begin later, or take shorter windows.",
                count: finding.count
            )
        }
    }

    private static func similarIds(_ index: EventIndex) -> [AuditFinding] {
        SimilarCustomerIds.findings(index).map { finding in
            AuditFinding(
                .customerOnBothSides,
                finding.examples.first ?? "",
                finding.text + " Two ids of one customer can be on both sides of a split.",
                count: finding.count
            )
        }
    }

    /// Features that tell too much, looked for in a sample of the examples where there are very many.
    private static func tellingFeatures(_ sweep: FeatureSweep, rowCount: Int) throws -> [AuditFinding] {
        guard sweep.cutoffs.contains(where: \.isMature) else { return [] }
        let step = max(1, rowCount / StudyData.leakSample)
        guard let table = try sweep.sample(everyRun: step, dataFingerprint: "") else { return [] }
        return AuditedTable(table, path: "").findingsOfPredictors(threads: sweep.threads)
    }
}
