import ChurnFeatures
import ChurnHistory
import ChurnModels
import ChurnRegistry
import ChurnScoring

/// Scores customers with a stored model.
public enum ModelScoring {
    /// What a scoring has to say beside the scores.
    public struct Outcome: Sendable {
        public let scores: ScoreTable
        /// Rows with a category that training did not know, by column.
        public let unseenCategories: [UnseenCategories]
    }

    /// Scores the customers of a study who are eligible at a day.
    /// - Parameters:
    ///   - keepsContributions: of all predictors, not the strongest alone.
    ///   - threads: positive; the result does not depend on it.
    public static func score(
        _ model: StoredModel,
        on data: StudyData,
        asOf day: CalendarDay,
        keepsContributions: Bool = false,
        threads: Int
    ) throws -> Outcome {
        let table = try data.featureTable(
            plan: model.featurePlan,
            cutoffs: [try data.cutoff(asOf: day)],
            threads: threads
        )
        let predictors = table.predictors(rows: Array(0..<table.rowCount))
        let scores = try ScoreTable(
            model: model.model,
            predictors: predictors,
            customers: Array(table.customers),
            asOf: day.description,
            keepsContributions: keepsContributions,
            threads: threads
        )
        return Outcome(scores: scores, unseenCategories: [])
    }

    /// Scores the rows of a flat table. Without an id column a row's number, from 1, is its customer.
    public static func score(
        _ model: StoredModel,
        on table: FlatTable,
        keepsContributions: Bool = false,
        threads: Int = 1
    ) throws -> Outcome {
        let plan = try model.tablePlan
        let table = table.known(by: model)
        let predictors = try table.predictors(of: model)
        let customers = try plan.id.map { try table.ids($0) } ?? (1...table.rowCount).map(String.init)
        return Outcome(
            scores: try ScoreTable(
                model: model.model,
                predictors: predictors,
                customers: customers,
                asOf: nil,
                offsets: try plan.offset.map { try table.finiteNumbers($0) },
                keepsContributions: keepsContributions,
                threads: threads
            ),
            unseenCategories: try model.model.fitted.unseenCategories(in: predictors)
        )
    }
}
