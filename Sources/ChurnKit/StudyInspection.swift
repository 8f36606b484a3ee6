import ChurnFeatures
import ChurnHistory
import ChurnNumerics

/// What a study's data hold: the result of `churn inspect`.
public struct StudyInspection: Sendable, Encodable {
    public struct EventType: Sendable, Encodable {
        public let type: String
        /// Rows that could be read, those that were dropped too.
        public let rows: Int
        public let kept: Int
        /// Orders and the like: rows of one transaction count once.
        public let transactions: Int
        public let customers: Int
        /// `null` where the sum is too large for a number.
        public let amount: Double?
    }

    public struct NumericColumn: Sendable, Encodable {
        public let column: String
        public let minimum: Double?
        public let maximum: Double?
        public let zero: Int
        public let empty: Int
        /// Rows with a negative number, by event type.
        public let negative: [String: Int]
    }

    public struct Rejection: Sendable, Encodable {
        public let code: String
        public let reason: String
        public let rows: Int
        public let examples: [String]
    }

    public struct File: Sendable, Encodable {
        public let path: String
        /// `events`, `customers` or `contracts`.
        public let role: ReadingReport.Role
        public let rows: Int
        public let kept: Int
        public let rejected: Int
        public let dropped: Int
        public let sha256: String
        /// What was read as if it were plain, a sentence each.
        public let normalised: [String]
    }

    public struct CutoffState: Sendable, Encodable {
        public let cutoff: String
        public let isMature: Bool
    }

    public let study: String
    public let rows: Int
    public let kept: Int
    /// Rejected rows of events, and of all files: the latter is what `maxRejected` limits.
    public let rejected: Int
    public let rejectedInAllFiles: Int
    public let droppedWithoutCustomer: Int
    public let droppedDuplicates: Int
    public let droppedOtherCurrencies: Int
    /// Rows that repeat an earlier row to the byte, kept or not.
    public let duplicateRows: Int
    /// Whether every source with repeated rows says what they mean; if not, other commands stop at them.
    public let duplicatesAreDecided: Bool
    public let customers: Int
    public let firstEvent: String?
    public let lastEvent: String?
    /// `null` where nothing tells: no event was kept and the study does not say.
    public let observedUntil: String?
    public let types: [EventType]
    public let numericColumns: [NumericColumn]
    public let rejections: [Rejection]
    public let files: [File]
    /// What is wrong with whole files, such as a header without rows.
    public let fileFaults: [String]
    /// What the study must decide before other commands read the data.
    public let questions: [String]
    /// What is odd about the data.
    public let findings: [DataFinding]
    /// Kinds of data that matter for churn, and whether they are there.
    public let coverage: [DataCoverage]
    public let cutoffs: [CutoffState]
    /// Cutoffs of the study that lie behind the data and are left out.
    public let cutoffsBehindData: Int
    /// Event types that `churn` names and the data do not have.
    public let unknownEventTypes: [String]
    /// Values of attributes that `churn` names in `where` and `horizonBy` and the data do not have.
    public let unknownAttributeValues: [UnknownAttributeValue]

    /// Reads the study's sources; rejected rows are counted, however many there are.
    /// - Parameters:
    ///   - rejects: takes the rejected rows.
    ///   - threads: positive; the result does not depend on it.
    public init(
        study: Study,
        rejects: RejectedRows? = nil,
        threads: Int = Parallel.availableThreads
    ) throws(DataError) {
        var options = EventHistory.Options.inspection
        options.threads = threads
        let history = try EventHistory(
            sources: study.sources,
            calendar: study.calendar,
            observedUntil: study.observedUntilInstant,
            options: options,
            rejects: rejects
        )
        let index = history.index
        let report = history.report
        self.study = study.name
        rows = report.rows
        kept = report.kept
        rejected = report.sum(.events, \.rejected)
        rejectedInAllFiles = report.rejected
        droppedWithoutCustomer = report.droppedWithoutCustomer
        droppedDuplicates = report.droppedDuplicates
        droppedOtherCurrencies = report.droppedOtherCurrencies
        duplicateRows = report.duplicates ?? 0
        duplicatesAreDecided = !report.questions.contains { $0.code == .duplicateRows }
        customers = index.customers.count
        firstEvent = index.timeRange.map { study.calendar.wallClock($0.lowerBound) }
        lastEvent = index.timeRange.map { study.calendar.wallClock($0.upperBound) }
        let isObserved = index.eventCount > 0 || study.observedUntil != nil
        fileFaults = report.fileFaults.map(\.description)
        observedUntil = isObserved ? study.calendar.day(of: history.observedUntil).description : nil
        types = Self.types(report, index)
        numericColumns = report.numericColumns.map {
            NumericColumn(
                column: $0.name,
                minimum: $0.minimum.isFinite ? $0.minimum : nil,
                maximum: $0.maximum.isFinite ? $0.maximum : nil,
                zero: $0.zero,
                empty: $0.empty,
                negative: $0.negative
            )
        }
        rejections = report.rejections.map {
            Rejection(
                code: $0.code.rawValue,
                reason: $0.problem,
                rows: $0.rows,
                examples: $0.examples.map(\.description)
            )
        }
        files = report.files.map {
            File(
                path: $0.path,
                role: $0.role,
                rows: $0.rows,
                kept: $0.kept,
                rejected: $0.rejected,
                dropped: $0.rows - $0.kept - $0.rejected,
                sha256: $0.digest,
                normalised: $0.normalisations.sentences
            )
        }
        let known = isObserved ? study.cutoffs(observedUntil: history.observedUntil) : []
        let cutoffFault =
            !isObserved
            ? nil
            : known.isEmpty
                ? study.noCutoffFault(observedUntil: history.observedUntil)
                : study.maturityFault(observedUntil: history.observedUntil)
        questions = (report.questions + [cutoffFault].compactMap(\.self)).map(\.description)
        cutoffs = known.map { CutoffState(cutoff: $0.day.description, isMature: $0.isMature) }
        cutoffsBehindData = isObserved ? study.observations.days.count - known.count : 0
        findings = DataFinding.all(study: study, history: history, cutoffs: known)
        coverage = DataCoverage.all(index)
        unknownEventTypes = Set(study.churn.eventTypes + study.churn.activityTypes)
            .subtracting(index.typeNames).sorted()
        unknownAttributeValues = study.churn.unknownAttributeValues(in: index)
    }

    private static func types(_ report: ReadingReport, _ index: EventIndex) -> [EventType] {
        var transactions = [Int](repeating: 0, count: index.typeNames.count)
        var customers = transactions
        var amounts = [Double](repeating: 0, count: index.typeNames.count)
        var lastCustomer = [Int](repeating: -1, count: index.typeNames.count)
        for customer in index.customers.indices {
            for row in index.rows(ofCustomer: customer) {
                let type = Int(index.types[row])
                if index.startsTransaction(row) { transactions[type] += 1 }
                if !index.amounts[row].isNaN { amounts[type] += index.amounts[row] }
                if lastCustomer[type] != customer {
                    lastCustomer[type] = customer
                    customers[type] += 1
                }
            }
        }
        return report.types.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }.map { count in
            let code = index.typeNames.firstIndex(of: count.name)
            return EventType(
                type: count.name,
                rows: count.rows,
                kept: count.kept,
                transactions: code.map { transactions[$0] } ?? 0,
                customers: code.map { customers[$0] } ?? 0,
                amount: code.map { amounts[$0] }.flatMap { $0.isFinite ? $0 : nil } ?? (code == nil ? 0 : nil)
            )
        }
    }

    /// The plain figures, for a CSV.
    public var figures: [(name: String, value: String)] {
        var figures: [(String, String)] = [
            ("rows", "\(rows)"), ("kept", "\(kept)"), ("rejected", "\(rejected)"),
            ("droppedWithoutCustomer", "\(droppedWithoutCustomer)"), ("droppedDuplicates", "\(droppedDuplicates)"),
            ("duplicateRows", "\(duplicateRows)"), ("customers", "\(customers)"), ("firstEvent", firstEvent ?? ""),
            ("lastEvent", lastEvent ?? ""), ("observedUntil", observedUntil ?? ""),
        ]
        for type in types {
            figures += [
                ("\(type.type).rows", "\(type.rows)"), ("\(type.type).kept", "\(type.kept)"),
                ("\(type.type).transactions", "\(type.transactions)"), ("\(type.type).customers", "\(type.customers)"),
            ]
        }
        for rejection in rejections { figures.append(("rejected.\(rejection.code)", "\(rejection.rows)")) }
        for finding in findings { figures.append(("finding.\(finding.kind.rawValue)", "\(finding.count)")) }
        for kind in coverage { figures.append(("coverage.\(kind.kind)", "\(kind.isPresent)")) }
        return figures
    }
}
