import ChurnEvaluation
import ChurnFeatures
import ChurnHistory
import ChurnNumerics

/// A study with its history read: what features are computed from.
public struct StudyData: Sendable {
    public private(set) var study: Study
    public let history: EventHistory
    /// Where the history comes from.
    public let origin: Origin
    /// The study's cutoffs, ascending, as far as the data reach.
    public let cutoffs: [Cutoff]
    /// How many of the study's cutoffs lie behind the data and are left out.
    public var cutoffsBehindData: Int { study.observations.days.count - cutoffs.count }

    /// Where a history comes from.
    public enum Origin: Sendable, Equatable {
        case sources
        /// The kept index, which is current.
        case keptIndex(path: String)
        /// The sources, because the kept index must not be used.
        case sourcesInPlaceOfIndex(path: String, reason: String)
    }

    /// How a kept index is treated.
    public enum IndexUse: Sendable {
        /// It is used while its files have the size, time and inode that they had.
        case ifCurrent
        /// It is used while its files have the content that they had, which is read whole to know.
        case ifVerified
        case never
    }

    /// Reads a study's sources, or the kept index where it is current.
    /// - Parameters:
    ///   - rejects: takes the rows that are put aside, for which the sources must be read.
    ///   - memory: bytes that the events may take up; the rest goes to temporary files. `nil` for no bound.
    ///   - identifiesData: whether anything will be written that says which data it comes from.
    ///   - threads: must be positive; the result does not depend on it.
    public init(
        study: Study,
        rejects: RejectedRows? = nil,
        index: IndexUse = .ifCurrent,
        memory: Int? = nil,
        identifiesData: Bool = true,
        threads: Int = Parallel.availableThreads
    ) throws(DataError) {
        self.study = study
        let path = KeptIndex.path(ofStudy: study.path)
        let found =
            rejects == nil && index != .never
            ? study.keptIndex(verifies: index == .ifVerified, threads: threads) : .none
        if case .current(let history) = found {
            self.history = history
            origin = .keptIndex(path: path)
        } else {
            history = try study.readSources(
                rejects: rejects,
                memory: memory,
                identifiesData: identifiesData,
                threads: threads
            )
            if case .notCurrent(let reason) = found {
                origin = .sourcesInPlaceOfIndex(path: path, reason: reason)
            } else {
                origin = .sources
            }
        }
        cutoffs = study.cutoffs(observedUntil: history.observedUntil)
    }

    /// The same history with other windows or families of features; `nil` leaves them.
    public func choosing(windows: [FeatureWindow]?, families: [FeatureGroup]?) -> StudyData {
        var data = self
        data.study = study.choosing(windows: windows, families: families)
        return data
    }

    /// The plan that the study and its data make.
    public func plan() throws(FeatureError) -> FeaturePlan {
        try FeaturePlan(study: study, index: history.index)
    }

    /// Fails where no label is known at any cutoff, so that nothing can be learned.
    public func requireMatureCutoff() throws(DataError) {
        if cutoffs.isEmpty { throw study.noCutoffFault(observedUntil: history.observedUntil) }
        if let fault = study.maturityFault(observedUntil: history.observedUntil) { throw fault }
    }

    /// The feature table of a plan.
    /// - Parameter cutoffs: ascending; the study's where `nil`.
    public func featureTable(
        plan: FeaturePlan,
        cutoffs: [Cutoff]? = nil,
        threads: Int
    ) throws(FeatureError) -> FeatureTable {
        try featureSweep(plan: plan, cutoffs: cutoffs, threads: threads)
            .table(dataFingerprint: history.dataFingerprint)
    }

    /// The feature table of a plan in little memory: its features stand in a temporary file in `$TMPDIR`.
    /// - Parameter memory: bytes that the features may take up while they are read.
    public func spilledFeatureTable(plan: FeaturePlan, memory: Int, threads: Int) throws -> FeatureTable {
        try featureSweep(plan: plan, threads: threads)
            .spilledTable(dataFingerprint: history.dataFingerprint, memory: memory)
    }

    /// The computation of a plan's features, for whatever is to become of them.
    /// - Parameter cutoffs: ascending; the study's where `nil`.
    public func featureSweep(plan: FeaturePlan, cutoffs: [Cutoff]? = nil, threads: Int) -> FeatureSweep {
        FeatureSweep(
            study: study,
            index: history.index,
            plan: plan,
            cutoffs: cutoffs ?? self.cutoffs,
            purchaseModel: BuyTillYouDieFeatures(),
            threads: threads
        )
    }

    /// The features of a plan at a cutoff, a row for everybody who was ever active before it, whatever `activeWithin` says.
    public func everybody(plan: FeaturePlan, at cutoff: Cutoff, threads: Int) throws(FeatureError) -> PredictorTable {
        let table = try FeatureSweep(
            study: study.ofEverybody,
            index: history.index,
            plan: plan,
            cutoffs: [cutoff],
            threads: threads
        ).table(dataFingerprint: history.dataFingerprint)
        return table.predictors(rows: Array(0..<table.rowCount))
    }

    /// Computes features and writes them as the ending of the file's name says: Arrow while they are computed, CSV once
    /// all are there.
    public func write(_ sweep: FeatureSweep, to file: AtomicFile) throws -> FeatureSummary {
        switch try FeatureTable.FileFormat(path: file.path) {
        case .arrow: return try sweep.writeArrow(to: file, dataFingerprint: history.dataFingerprint)
        case .csv:
            let table = try sweep.table(dataFingerprint: history.dataFingerprint)
            try table.write(to: file)
            return table.summary
        }
    }

    /// Examples among which leaking features are looked for: enough for cutoffs that are judged alone and for low churn rates.
    static let leakSample = 200_000

    /// Features that alone tell the label almost perfectly, among the examples of every customer or, where there are very
    /// many, of some.
    /// - Parameter rowCount: how many examples the sweep has.
    public func leakingFeatures(_ sweep: FeatureSweep, rowCount: Int) throws(FeatureError) -> [LeakingPredictor] {
        let step = max(1, rowCount / Self.leakSample)
        guard let table = try sweep.sample(everyRun: step, dataFingerprint: history.dataFingerprint) else { return [] }
        return table.leakingPredictors(threads: sweep.threads)
    }

    /// The one cutoff at a day.
    public func cutoff(asOf day: CalendarDay) throws(DataError) -> Cutoff {
        try study.cutoff(asOf: day, observedUntil: history.observedUntil)
    }
}

extension Study {
    /// Reads the sources.
    fileprivate func readSources(
        rejects: RejectedRows?,
        memory: Int?,
        identifiesData: Bool = true,
        threads: Int
    ) throws(DataError) -> EventHistory {
        var options = EventHistory.Options(maximumRejected: maximumRejected)
        options.threads = threads
        options.memory = memory
        options.identifiesData = identifiesData
        return try EventHistory(
            sources: sources,
            calendar: calendar,
            observedUntil: observedUntilInstant,
            options: options,
            rejects: rejects
        )
    }

    /// Looks for the kept index of the study.
    /// - Parameters:
    ///   - verifies: whether the content of the sources is compared, too.
    ///   - threads: must be positive.
    public func keptIndex(verifies: Bool, threads: Int) -> KeptIndex.Found {
        KeptIndex.find(
            at: KeptIndex.path(ofStudy: path),
            sourcesDigest: sourcesDigest,
            files: sourceFiles,
            calendar: calendar,
            verifies: verifies,
            threads: threads
        )
    }

    /// Reads the sources and keeps their index beside the study.
    /// - Returns: what was read, and where it is kept.
    public func keepIndex(
        rejects: RejectedRows? = nil,
        memory: Int? = nil,
        threads: Int
    ) throws(DataError) -> (history: EventHistory, path: String) {
        let path = KeptIndex.path(ofStudy: self.path)
        // Made first: a place that cannot be written is found before any work is done.
        let file = try AtomicFile(path: path, mode: 0o600)
        let history = try readSources(rejects: rejects, memory: memory, threads: threads)
        try KeptIndex.write(history, sourcesDigest: sourcesDigest, to: file)
        return (history, path)
    }
}

extension FeatureTable {
    /// Features that alone tell the label almost perfectly, over all rows of mature cutoffs.
    public func leakingPredictors(threads: Int) -> [LeakingPredictor] {
        let rows = rows(ofCutoffs: Set(cutoffs.indices.filter { cutoffs[$0].isMature }))
        return LeakingPredictor.find(
            in: predictors(rows: rows),
            labels: rows.map { labels[$0] == 1 },
            threads: threads
        )
    }
}
