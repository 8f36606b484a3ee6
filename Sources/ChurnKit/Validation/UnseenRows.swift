import ChurnEvaluation
import ChurnFeatures
import ChurnHistory
import ChurnModels
import ChurnNumerics
import ChurnRegistry

/// Rows whose outcome is known and that none of some models has seen, with what each says of them.
public struct UnseenRows: Sendable {
    /// Why the rows are unseen, or that they may not be.
    public enum Kind: String, Sendable, Codable {
        /// Cutoffs at or after the end of every training label window.
        case laterCutoffs
        /// The part of the training table that all models kept back.
        case heldOut
        /// A table that is not the training table of any model, byte for byte. Whether they have seen its customers, nobody knows.
        case otherTable
        /// What some models kept back of their training table, and others may have learned from.
        case heldOutOfSome
    }

    public let kind: Kind
    /// Of a study; empty for a flat table.
    public let cutoffs: [String]
    /// By row.
    public let customers: [String]
    /// Of a study, by row: which of the cutoffs.
    public let cutoffOfRow: [Int]?
    /// By model, with the customers as clusters where they repeat.
    public let predictions: [RankedPredictions]
    /// By model: rows with a category of a flat table that its training did not know, by column.
    public let unseenCategories: [[UnseenCategories]]
    /// Rows without a label.
    public let skipped: Int
    /// By model.
    let predictors: [PredictorTable]
    /// By model, what its rows add to the log-odds; `nil` for nothing.
    let offsets: [[Double]?]

    public var labels: [Bool] { predictions[0].predictions.labels }
    public var count: Int { customers.count }

    /// The mature cutoffs of a study at or after the end of every model's training label windows.
    /// - Parameter models: at least one.
    /// - Throws: `sourceMismatch` for a model of a flat table, `otherChurn` for one that was trained to predict something else,
    ///   `nothingUnseen` where there is no such cutoff.
    public init(_ models: [StoredModel], on data: StudyData, threads: Int) throws {
        var seenUntil = Int64.min
        for model in models {
            guard case .features = model.source, let end = model.training.trainingLabelEnd else {
                throw WorkflowError.sourceMismatch(trainedOn: "a flat table", given: "a study")
            }
            let asked = data.study.churn.words
            if let churn = model.training.churn, churn != asked {
                throw WorkflowError.otherChurn(trainedOn: churn, asked: asked)
            }
            seenUntil = max(seenUntil, end)
        }
        let embargo = data.study.validation.embargo
        if !embargo.isZero {
            let calendar = data.study.calendar
            seenUntil = calendar.start(of: calendar.day(of: seenUntil).adding(embargo))
        }
        let later = data.cutoffs.filter { $0.isMature && $0.instant >= seenUntil }
        if later.isEmpty {
            throw WorkflowError.nothingUnseen(
                seenUntil: data.study.calendar.day(of: seenUntil).description,
                cutoffs: data.cutoffs.filter(\.isMature).map(\.day.description)
            )
        }
        var tables: [(plan: FeaturePlan, table: FeatureTable)] = []
        var predictions: [RankedPredictions] = []
        var predictors: [PredictorTable] = []
        for model in models {
            let plan = try model.featurePlan
            // Models of one plan share its features.
            let table: FeatureTable
            if let known = tables.first(where: { $0.plan == plan }) {
                table = known.table
            } else {
                table = try data.featureTable(plan: plan, cutoffs: later, threads: threads)
                tables.append((plan, table))
            }
            let rows = table.predictors(rows: Array(0..<table.rowCount))
            predictors.append(rows)
            predictions.append(
                RankedPredictions(
                    try Predictions(
                        labels: table.labels.map { $0 == 1 },
                        scores: model.model.probabilities(rows, threads: threads),
                        clusters: table.customers.codes.map { UInt32($0) }
                    )
                )
            )
        }
        let table = tables[0].table
        kind = .laterCutoffs
        cutoffs = later.map(\.day.description)
        customers = Array(table.customers)
        cutoffOfRow = table.cutoffCodes.map(Int.init)
        self.predictions = predictions
        self.predictors = predictors
        offsets = models.map { _ in nil }
        unseenCategories = models.map { _ in [] }
        skipped = 0
    }

    /// The rows of a flat table that were kept back from every model that was trained on it, or all of another table.
    /// - Parameter models: at least one.
    /// - Throws: `sourceMismatch` for a model of a study, `otherLabels` where they are told by different columns, `nothingHeldOut`.
    public init(_ models: [StoredModel], on given: FlatTable) throws {
        let plan = try models[0].tablePlan
        for model in models.dropFirst() {
            let other = try model.tablePlan
            guard other.label == plan.label, other.positive == plan.positive, other.weight == plan.weight,
                other.id == plan.id
            else { throw WorkflowError.otherLabels }
        }
        let labels = try given.known(by: models[0]).labels(plan.label, positive: plan.positive, mustOccur: false)
        let ids = try plan.id.map { try given.ids($0) }
        var rows = labels.indices.filter { labels[$0] != nil }
        var keptBack = 0
        for model in models where given.digest == model.training.dataFingerprint {
            if model.training.heldOutMayBeSeen != true { keptBack += 1 }
            guard let share = model.training.testShare else { continue }
            let split = try LabelledRows(labels: labels, ids: ids, testShare: share, seed: model.training.seed)
            let test = Set(split.test)
            rows = rows.filter(test.contains)
        }
        if rows.isEmpty { throw WorkflowError.nothingHeldOut }
        var predictions: [RankedPredictions] = []
        var predictors: [PredictorTable] = []
        var categories: [[UnseenCategories]] = []
        var offsetsOfModels: [[Double]?] = []
        let clusters = ids.map { ids in ModelTraining.clusterCodes(rows.map { ids[$0] }).map { UInt32($0) } }
        for model in models {
            let table = given.known(by: model)
            let known = try table.predictors(of: model).selecting(rows: rows)
            let weights = try plan.weight.map { try table.weights($0) }
            let offsets = try model.tablePlan.offset.map { column in
                let all = try table.finiteNumbers(column)
                return rows.map { all[$0] }
            }
            offsetsOfModels.append(offsets)
            predictors.append(known)
            categories.append(try model.model.fitted.unseenCategories(in: known))
            predictions.append(
                RankedPredictions(
                    try Predictions(
                        labels: rows.map { labels[$0] == true },
                        scores: model.model.probabilities(known, offsets: offsets),
                        weights: weights.map { w in rows.map { w[$0] } },
                        clusters: clusters
                    )
                )
            )
        }
        let isTrainingTable = models.contains { $0.training.dataFingerprint == given.digest }
        kind = keptBack == models.count ? .heldOut : isTrainingTable ? .heldOutOfSome : .otherTable
        cutoffs = []
        customers = rows.map { ids?[$0] ?? "\($0 + 1)" }
        cutoffOfRow = nil
        self.predictions = predictions
        self.predictors = predictors
        unseenCategories = categories
        offsets = offsetsOfModels
        skipped = labels.count { $0 == nil }
    }

    /// The metrics of the models, and how they differ, with intervals by draws of customers.
    public func bootstrap(
        draws: Int,
        seed: UInt64,
        economics: RetentionEconomics = .standard,
        threads: Int
    ) throws(EvaluationError) -> CustomerBootstrap {
        try CustomerBootstrap(predictions, draws: draws, seed: seed, economics: economics, threads: threads)
    }

    /// Different customers with a row that churned, and with one that did not.
    var customersOfClasses: (churned: Int, stayed: Int) {
        guard let first = predictions.first?.predictions else { return (0, 0) }
        var (churned, stayed) = (Set<UInt32>(), Set<UInt32>())
        for row in 0..<count {
            let customer = first.clusters?[row] ?? UInt32(truncatingIfNeeded: row)
            if first.labels[row] { churned.insert(customer) } else { stayed.insert(customer) }
        }
        return (churned.count, stayed.count)
    }
}
