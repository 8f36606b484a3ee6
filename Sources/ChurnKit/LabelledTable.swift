import ChurnEvaluation
import ChurnHistory
import ChurnModels
import ChurnNumerics
import ChurnRegistry

/// A flat table as a fit takes it: predictors typed, labels, weights and offsets read, customers numbered.
struct LabelledTable {
    let predictors: PredictorTable
    /// `nil` for a row without a label.
    let labels: [Bool?]
    let weights: [Double]?
    let offsets: [Double]?
    let ids: [String]?

    init(_ table: FlatTable, plan: StoredModel.TablePlan, options: TrainingOptions) throws {
        labels = try table.labels(plan.label, positive: plan.positive)
        weights = try plan.weight.map { try table.weights($0) }
        offsets = try plan.offset.map { try table.finiteNumbers($0) }
        ids = try plan.id.map { try table.ids($0) }
        if let parent = options.parent {
            predictors = try table.predictors(of: parent.model)
        } else {
            for column in plan.columns where !options.categorical.contains(column) {
                try table.refuseStrayTexts(column)
            }
            predictors = try table.predictors(plan.columns, categorical: options.categorical)
        }
    }

    /// Those with a label, ascending.
    var labelledRows: [Int] { labels.indices.filter { labels[$0] != nil } }

    func split(testShare: Double, seed: UInt64) throws(EvaluationError) -> LabelledRows {
        try LabelledRows(labels: labels, ids: ids, testShare: testShare, seed: seed)
    }

    /// Some rows with a label, for a fit.
    func rows(_ chosen: [Int]) -> TrainingRows {
        TrainingRows(
            table: predictors.selecting(rows: chosen),
            labels: chosen.map { labels[$0] == true },
            weights: weights.map { weights in chosen.map { weights[$0] } },
            clusters: ids.map { ids in ModelTraining.clusterCodes(chosen.map { ids[$0] }) },
            offsets: offsets.map { offsets in chosen.map { offsets[$0] } }
        )
    }
}

/// The rows of a flat table that have a label, split for training and testing.
///
/// Where an id has several rows, all of them are on one side: a test on customers that training has seen would flatter.
struct LabelledRows {
    let train: [Int]
    let test: [Int]
    let unlabelled: Int

    init(labels: [Bool?], ids: [String]?, testShare: Double, seed: UInt64) throws(EvaluationError) {
        let labelled = labels.indices.filter { labels[$0] != nil }
        let units =
            ids.map { ids in ModelTraining.clusterCodes(labelled.map { ids[$0] }).map(Int.init) }
            ?? Array(labelled.indices)
        var unitLabels = [Bool](repeating: false, count: (units.max() ?? -1) + 1)
        for (position, row) in labelled.enumerated() where labels[row] == true { unitLabels[units[position]] = true }
        let split = try StratifiedSplit(labels: unitLabels, testShare: testShare, seed: seed)
        var isTest = [Bool](repeating: false, count: unitLabels.count)
        for unit in split.test { isTest[unit] = true }
        train = labelled.indices.filter { !isTest[units[$0]] }.map { labelled[$0] }
        test = labelled.indices.filter { isTest[units[$0]] }.map { labelled[$0] }
        unlabelled = labels.count - labelled.count
    }
}
