import ChurnFeatures
import ChurnHistory
import ChurnModels
import ChurnRegistry
import ChurnScoring

/// Scores customers with a stored model.
public struct ModelScoring: Sendable {
    /// What is scored.
    public enum Source: Sendable {
        /// The customers of a study who are eligible at a day.
        case study(StudyData, asOf: CalendarDay)
        /// The rows of a flat table. Without an id column a row's number, from 1, is its customer.
        case table(FlatTable)
    }

    public let model: StoredModel
    public let source: Source
    private let keepsContributions: Bool
    private let pseudonyms: Pseudonyms?
    let threads: Int

    /// - Parameters:
    ///   - keepsContributions: of all predictors, not the strongest alone.
    ///   - pseudonyms: what stands in the place of the customers' ids.
    ///   - threads: positive; the result does not depend on it.
    public init(
        _ model: StoredModel,
        on source: Source,
        keepsContributions: Bool = false,
        pseudonyms: Pseudonyms? = nil,
        threads: Int = 1
    ) {
        self.model = model
        self.source = source
        self.keepsContributions = keepsContributions
        self.pseudonyms = pseudonyms
        self.threads = threads
    }

    /// The rows that are scored, before they are.
    public struct Rows: Sendable {
        public let predictors: PredictorTable
        public let customers: [String]
        let offsets: [Double]?
        /// Rows of a flat table with a category that training did not know, by column.
        public let unseenCategories: [UnseenCategories]
    }

    /// Computes the features at the cutoff, or finds the model's columns in the table.
    public func rows() throws -> Rows {
        switch source {
        case .study(let data, let day):
            let table = try data.featureTable(
                plan: try model.featurePlan,
                cutoffs: [try data.scoringCutoff(asOf: day)],
                threads: threads
            )
            return Rows(
                predictors: table.predictors(rows: Array(0..<table.rowCount)),
                customers: named(Array(table.customers)),
                offsets: nil,
                unseenCategories: []
            )
        case .table(let table):
            let plan = try model.tablePlan
            let table = table.known(by: model)
            let predictors = try table.predictors(of: model)
            return Rows(
                predictors: predictors,
                customers: named(try plan.id.map { try table.ids($0) } ?? (1...table.rowCount).map(String.init)),
                offsets: try plan.offset.map { try table.finiteNumbers($0) },
                unseenCategories: try model.model.fitted.unseenCategories(in: predictors)
            )
        }
    }

    private func named(_ customers: [String]) -> [String] {
        pseudonyms.map { pseudonyms in customers.map { pseudonyms($0) } } ?? customers
    }

    public func scores() throws -> ScoreTable { try scores(rows()) }

    public func scores(_ rows: Rows) throws -> ScoreTable {
        try ScoreTable(
            model: model.model,
            predictors: rows.predictors,
            customers: rows.customers,
            asOf: source.asOf,
            offsets: rows.offsets,
            keepsContributions: keepsContributions,
            threads: threads
        )
    }
}

extension ModelScoring.Source {
    /// The cutoff as `2024-12-31`; `nil` for a table.
    var asOf: String? {
        switch self {
        case .study(_, let day): day.description
        case .table: nil
        }
    }

    /// Which data this is.
    var dataFingerprint: String {
        switch self {
        case .study(let data, _): data.history.dataFingerprint
        case .table(let table): table.digest
        }
    }

    var counts: ScoringRun.End.Counts {
        switch self {
        case .study(let data, _):
            let report = data.history.report
            return .init(
                rowsRead: report.rows,
                rowsKept: report.kept,
                rowsRejected: report.sum(.events, \.rejected),
                rowsDropped: report.droppedWithoutCustomer + report.droppedDuplicates
                    + report.droppedOtherCurrencies
            )
        case .table(let table):
            return .init(rowsRead: table.rowCount, rowsKept: table.rowCount, rowsRejected: 0, rowsDropped: 0)
        }
    }
}

extension StudyData {
    /// The cutoff of a scoring. Where the study says from which age on data are too old, it may lie behind them: that nothing happened
    /// since is then up to the check.
    func scoringCutoff(asOf day: CalendarDay) throws(DataError) -> Cutoff {
        guard study.scoring.freshness.fail != nil else {
            do throws(DataError) {
                return try cutoff(asOf: day)
            } catch {
                throw DataError(
                    error.code,
                    error.problem,
                    column: error.column,
                    value: error.value,
                    fix:
                        "choose an earlier date, or say in the study how old data may be: scoring: {checks: {freshness: {fail: 4d}}}"
                )
            }
        }
        return Cutoff(
            day: day,
            churn: study.churn,
            calendar: study.calendar,
            observedUntil: history.observedUntil
        )
    }
}
