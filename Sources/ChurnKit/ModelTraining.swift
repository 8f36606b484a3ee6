import ChurnEvaluation
import ChurnFeatures
import ChurnHistory
import ChurnModels
import ChurnNumerics
import ChurnRegistry

/// Fits models: splits the rows, fits on the training part, evaluates on the rest.
public enum ModelTraining {
    /// Trains on a feature table, split in time: the last mature cutoff tests, cutoffs whose label windows end before it
    /// train, those in between are left out. With no cutoff left to train on, every mature one trains and none tests.
    /// - Parameter table: given up as soon as the rows are chosen, so that a large one does not hold memory during the fit.
    /// - Throws: `otherPlan` where the model that the fit goes on from was trained on other features.
    public static func train(on table: consuming FeatureTable, options: TrainingOptions) throws -> StoredModel {
        if let parent = options.parent, parent.model.source != .features(table.plan) {
            throw WorkflowError.otherPlan(parent.name)
        }
        let split = try TimeSplit(featureTable: copy table)
        let (plan, cutoffs) = (table.plan, table.cutoffs)
        let (dataFingerprint, studyHash) = (table.dataFingerprint, table.studyHash)
        let training = table.trainingRows(ofCutoffs: Set(split.train))
        let examples = table.summary.cutoffs.map(\.examples)
        let testRows = table.rows(ofCutoffs: Set(split.test))
        let testLabels = testRows.map { table.labels[$0] == 1 }
        let testPredictors = table.predictors(rows: testRows)
        let testClusters = table.customers.clusters(ofRows: testRows).map { UInt32(bitPattern: $0) }
        _ = consume table
        let predictors = training.table
        let labels = training.labels
        let (model, trainScores, train) = try fit(training, options)
        let tested =
            testLabels.isEmpty
            ? nil
            : try Predictions(
                labels: testLabels,
                scores: model.probabilities(testPredictors, threads: options.threads),
                clusters: testClusters
            )
        func days(_ codes: [Int]) -> [String] { codes.map { cutoffs[$0].day.description } }
        let record = TrainingRecord(
            rows: predictors.rowCount,
            positives: train.positives,
            testRows: testLabels.count,
            trainingCutoffs: days(split.train),
            testCutoffs: days(split.test),
            purgedCutoffs: days(split.purged),
            trainingLabelEnd: (split.train.map { cutoffs[$0].labelEnd }
                + [options.parent?.model.training.trainingLabelEnd].compactMap(\.self)).max(),
            testShare: nil,
            seed: options.seed,
            parent: options.parent?.name,
            dataFingerprint: dataFingerprint,
            studyHash: studyHash,
            metrics: .init(train: train, test: tested.map { BinaryClassificationMetrics(of: $0) }),
            byCutoff: figures(days(split.train), rows: split.train.map { examples[$0] }, labels, trainScores),
            allowedLeaks: options.allowedLeaks,
            churn: options.churn
        )
        return StoredModel(
            source: .features(plan),
            model: model,
            training: record,
            reference: ReferenceDistributions(
                scores: trainScores,
                table: predictors,
                cutoffRows: split.train.map { examples[$0] },
                threads: options.threads
            ),
            card: try ModelCard.text(
                source: .features(plan),
                model: model,
                training: record,
                test: tested.map { ModelCard.Test(predictions: $0, table: testPredictors) },
                threads: options.threads
            )
        )
    }

    /// - Parameter rows: how many rows each cutoff has, which follow each other.
    private static func figures(
        _ cutoffs: [String],
        rows: [Int],
        _ labels: [Bool],
        _ scores: [Double]
    ) -> [TrainingRecord.CutoffFigures] {
        var first = 0
        return zip(cutoffs, rows).map { cutoff, count in
            let span = first..<(first + count)
            first = span.upperBound
            return .init(
                cutoff: cutoff,
                rows: count,
                churned: span.count { labels[$0] },
                expected: span.reduce(0) { $0 + scores[$1] }
            )
        }
    }

    /// Trains on a flat table, split at random within each class.
    /// - Parameter plan: where the fit goes on from a model, that model's.
    public static func train(
        on table: FlatTable,
        plan: StoredModel.TablePlan,
        options: TrainingOptions
    ) throws -> StoredModel {
        let table = options.parent.map { table.known(by: $0.model) } ?? table
        let labelled = try LabelledTable(table, plan: plan, options: options)
        let split = try labelled.split(testShare: options.testShare, seed: options.seed)
        let trainRows = labelled.rows(split.train)
        let (model, trainScores, train) = try fit(trainRows, skipped: split.unlabelled, options)
        let testRows = labelled.rows(split.test)
        let tested =
            split.test.isEmpty
            ? nil
            : try Predictions(
                labels: testRows.labels,
                scores: model.probabilities(testRows.table, offsets: testRows.offsets, threads: options.threads),
                weights: testRows.weights,
                clusters: testRows.clusters?.map { UInt32(bitPattern: $0) }
            )
        let record = TrainingRecord(
            rows: split.train.count,
            positives: train.positives,
            testRows: split.test.count,
            trainingCutoffs: [],
            testCutoffs: [],
            purgedCutoffs: [],
            trainingLabelEnd: nil,
            testShare: options.testShare,
            seed: options.seed,
            parent: options.parent?.name,
            dataFingerprint: table.digest,
            studyHash: nil,
            metrics: .init(train: train, test: tested.map { BinaryClassificationMetrics(of: $0) }),
            allowedLeaks: options.allowedLeaks,
            heldOutMayBeSeen: parentMayHaveSeenHeldOut(table, options)
        )
        return StoredModel(
            source: .table(plan),
            model: model,
            training: record,
            reference: ReferenceDistributions(scores: trainScores, table: trainRows.table, threads: options.threads),
            card: try ModelCard.text(
                source: .table(plan),
                model: model,
                training: record,
                test: tested.map { ModelCard.Test(predictions: $0, table: testRows.table) },
                threads: options.threads
            )
        )
    }

    /// Whether the version that a fit goes on from may have learned from rows that are kept back now.
    private static func parentMayHaveSeenHeldOut(_ table: FlatTable, _ options: TrainingOptions) -> Bool {
        guard let parent = options.parent?.model.training, options.testShare > 0 else { return false }
        // The same split of the same table keeps the same rows back.
        let isSameSplit =
            parent.dataFingerprint == table.digest && parent.seed == options.seed
            && parent.testShare == options.testShare
        return !isSameSplit || parent.heldOutMayBeSeen == true
    }

    /// The fitted model, with its probabilities of the training rows and their figures.
    static func fit(
        _ rows: consuming TrainingRows,
        skipped: Int = 0,
        _ options: TrainingOptions
    ) throws -> (model: CalibratedModel, scores: [Double], figures: BinaryClassificationMetrics) {
        try refuseLeaks(rows.table, labels: rows.labels, options)
        let model = try Self.model(rows, options)
        let (table, labels, weights, offsets) = (rows.table, rows.labels, rows.weights, rows.offsets)
        _ = consume rows
        let scores = try model.probabilities(table, offsets: offsets, threads: options.threads)
        return (model, scores, try metrics(labels, scores, weights: weights, skipped: skipped))
    }

    /// The fitted model alone; leaks are not looked for.
    static func model(_ rows: TrainingRows, _ options: TrainingOptions) throws(ModelError) -> CalibratedModel {
        try CalibratedModel.fit(
            options.estimator,
            rows,
            calibration: options.calibration,
            seed: options.seed,
            threads: options.threads
        )
    }

    /// Stops where a predictor that nobody allowed tells the label almost perfectly: it probably knows the outcome.
    static func refuseLeaks(
        _ predictors: PredictorTable,
        labels: [Bool],
        mostOfEach: Int = LeakingPredictor.mostRowsOfClass,
        _ options: TrainingOptions
    ) throws(WorkflowError) {
        let names = predictors.columnNames
        if let unknown = options.allowedLeaks.sorted().first(where: { !names.contains($0) }) {
            throw .unknownPredictor(unknown, nearest: NearestName.of(unknown, among: names))
        }
        let leaks = LeakingPredictor.find(
            in: predictors,
            labels: labels,
            mostOfEach: mostOfEach,
            threads: options.threads
        )
        .filter { !options.allowedLeaks.contains($0.name) }
        if !leaks.isEmpty { throw .leakingPredictors(leaks) }
    }

    /// One number a distinct text, in the order of first appearance.
    static func clusterCodes(_ ids: [String]) -> [Int32] {
        var dictionary = ByteDictionary()
        return ids.map { dictionary.code(for: $0) }
    }

    static func metrics(
        _ labels: [Bool],
        _ scores: [Double],
        weights: [Double]? = nil,
        skipped: Int = 0
    ) throws(EvaluationError) -> BinaryClassificationMetrics {
        BinaryClassificationMetrics(
            of: try Predictions(labels: labels, scores: scores, weights: weights),
            skipped: skipped
        )
    }
}

extension FeatureTable {
    /// The rows of some mature cutoffs, for a fit.
    func trainingRows(ofCutoffs codes: Set<Int>) -> TrainingRows {
        trainingRows(rows(ofCutoffs: codes))
    }

    /// Some rows with a label, for a fit.
    /// - Parameter threads: positive.
    func trainingRows(_ rows: [Int], threads: Int = 1) -> TrainingRows {
        TrainingRows(
            table: predictors(rows: rows, threads: threads),
            labels: rows.map { labels[$0] == 1 },
            clusters: customers.clusters(ofRows: rows)
        )
    }
}

extension TimeSplit {
    /// The split of a feature table's cutoffs; everything mature trains where no cutoff is left for it otherwise.
    init(featureTable table: FeatureTable) throws(EvaluationError) {
        let cutoffs = table.cutoffs.map {
            TimeSplit.Cutoff(instant: $0.instant, labelEnd: $0.labelEnd, isMature: $0.isMature)
        }
        do {
            self = try TimeSplit(cutoffs: cutoffs)
        } catch .noTrainingCutoff {
            self = try TimeSplit.everythingTrains(cutoffs)
        }
    }
}
