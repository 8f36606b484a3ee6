import ChurnEvaluation
import ChurnFeatures
import ChurnHistory
import ChurnModels
import ChurnNumerics
import ChurnRegistry

/// A model fitted several times, each time tested on rows that it did not see. All that learns (scaling, imputation, categories,
/// calibration, early stopping) learns inside the fold: a fold is given rows and gives back probabilities.
public struct CrossValidation: Sendable {
    /// A model and the rows that tested it.
    public struct Fold: Sendable, Encodable {
        /// The test cutoff, or the number of the fold.
        public let name: String
        public let trainingCutoffs: [String]
        public let purgedCutoffs: [String]
        /// Of several models their mean.
        public let trainingRows: Int
        public let rows: Int
        public let churned: Int
        /// The worst of the fold's fits.
        public let status: FitCertificate.Status
        public let metrics: MetricValues
    }

    /// The probability of each tested row, by a model that did not see it.
    public struct Prediction: Sendable, Equatable {
        public let customer: String
        /// `nil` for a flat table.
        public let cutoff: String?
        /// From 1.
        public let fold: Int
        public let label: Bool
        public let probability: Double
    }

    /// What is validated: how a model is fitted.
    public struct Candidate: Sendable {
        public var options: TrainingOptions
        /// What fits a fold, given its last training cutoff; `nil` for the estimator of the options.
        public var estimator: (@Sendable (Int) throws -> any ModelEstimator)?

        public init(_ options: TrainingOptions, estimator: (@Sendable (Int) throws -> any ModelEstimator)? = nil) {
            self.options = options
            self.estimator = estimator
        }
    }

    public var scheme: ValidationRows.Scheme { rows.scheme }
    public let folds: [Fold]
    /// All predictions, with their customers as clusters.
    public let pooled: RankedPredictions
    private let rows: ValidationRows
    /// By prediction, the row that was tested.
    private let testedRows: [Int]
    private let economics: RetentionEconomics

    // MARK: Folds

    /// Tests a candidate fold by fold.
    /// - Parameter economics: of the campaign whose profit is a metric.
    /// - Throws: where a predictor leaks, and what a fold's fit throws.
    public init(
        _ candidate: Candidate,
        on rows: ValidationRows,
        economics: RetentionEconomics = .standard
    ) throws {
        let folds = try rows.folds()
        try rows.refuseLeaks(in: folds, candidate.options)
        let threads = candidate.options.threads
        var fits = Fits([candidate], threads: threads)
        self = try Self.run(1, on: rows, folds: folds, economics: economics, threads: threads) { train, last in
            fits.models(of: train, lastCutoff: last)
        }[0].get()
    }

    /// Tests several models on the same folds. Leaks are not looked for.
    /// - Parameters:
    ///   - count: of models.
    ///   - share: of the training customers that fits see, in (0, 1].
    ///   - threads: positive; the result does not depend on it.
    ///   - fit: the models of some rows, given their last training cutoff; `nil` for a flat table.
    /// - Returns: by model, or the first error of its fits.
    static func run(
        _ count: Int,
        on rows: ValidationRows,
        folds: [ValidationRows.Fold],
        share: Double = 1,
        economics: RetentionEconomics,
        threads: Int,
        fit: (_ train: TrainingRows, _ lastCutoff: Int?) throws -> [Result<CalibratedModel, any Error>]
    ) throws -> [Result<CrossValidation, any Error>] {
        var open = [Result<[TestedFold], any Error>](repeating: .success([]), count: count)
        for fold in folds {
            for number in open.indices { open[number] = open[number].map { $0 + [TestedFold(fold)] } }
            for part in fold.parts {
                let train = rows.selecting(rows.thinned(part.train, share: share), threads: threads)
                let models = try fit(train, fold.trainingCutoffs.last)
                let test = rows.selecting(part.test, threads: threads)
                let before = open
                open = Parallel.map(count, threads: threads) { number in
                    Result {
                        var tested = try before[number].get()
                        try tested[tested.count - 1].add(
                            models[number].get(),
                            trainedOn: train.labels.count,
                            test,
                            part.test,
                            threads: max(1, threads / count)
                        )
                        return tested
                    }
                }
            }
        }
        return open.map { tested in
            Result { try CrossValidation(tested.get(), rows, economics, threads: threads) }
        }
    }

    /// Fits candidates, each from where its last fit ended.
    struct Fits {
        private var candidates: [Candidate]
        private let isCertified: Bool
        private let threads: Int

        /// - Parameters:
        ///   - isCertified: whether fits are looked at as closely as those of a version: that takes a Hessian of all rows.
        ///   - threads: positive; shared by the candidates.
        init(_ candidates: [Candidate], isCertified: Bool = false, threads: Int) {
            self.candidates = candidates
            self.isCertified = isCertified
            self.threads = threads
        }

        /// - Parameter lastCutoff: of those that train; `nil` for a flat table.
        mutating func models(of train: TrainingRows, lastCutoff: Int?) -> [Result<CalibratedModel, any Error>] {
            let (candidates, isCertified, threads) = (candidates, isCertified, threads)
            let models = Parallel.map(candidates.count, threads: threads) { number in
                Result {
                    var options = candidates[number].options
                    options.threads = max(1, threads / candidates.count)
                    if let estimator = candidates[number].estimator, let lastCutoff {
                        options.estimator = try estimator(lastCutoff)
                    }
                    if !isCertified { options.estimator = options.estimator.withoutInference }
                    return try ModelTraining.model(train, options)
                }
            }
            for (number, model) in models.enumerated() where candidates[number].estimator == nil {
                guard let fitted = try? model.get().fitted else { continue }
                // The next optimum is near this one.
                let estimator = candidates[number].options.estimator
                self.candidates[number].options.estimator = estimator.starting(near: fitted)
            }
            return models
        }
    }

    /// A model's fold.
    private struct TestedFold: Sendable {
        let fold: ValidationRows.Fold
        private var scores: [(row: Int, score: Double)] = []
        private var status = FitCertificate.Status.converged
        private var trainingRows = 0

        init(_ fold: ValidationRows.Fold) { self.fold = fold }

        mutating func add(
            _ model: CalibratedModel,
            trainedOn trainingRows: Int,
            _ test: TrainingRows,
            _ numbers: [Int],
            threads: Int
        ) throws(ModelError) {
            let probabilities = try model.probabilities(test.table, offsets: test.offsets, threads: threads)
            scores += zip(numbers, probabilities).map { (row: $0, score: $1) }
            status = status.worse(than: model.fitted.certificate.status)
            self.trainingRows += trainingRows
        }

        /// The fold with its figures, and its rows in the order of the table, whatever group tested them.
        func closed(
            _ rows: ValidationRows,
            _ economics: RetentionEconomics
        ) throws(EvaluationError) -> (fold: Fold, rows: [Int], scores: [Double]) {
            let ordered = fold.parts.count == 1 ? scores : scores.sorted { $0.row < $1.row }
            let (numbers, scores) = (ordered.map(\.row), ordered.map(\.score))
            let labels = rows.labels(of: numbers)
            let predictions = try Predictions(labels: labels, scores: scores, weights: rows.weights(of: numbers))
            let closed = Fold(
                name: fold.name,
                trainingCutoffs: rows.days(fold.trainingCutoffs),
                purgedCutoffs: rows.days(fold.purgedCutoffs),
                trainingRows: trainingRows / max(1, fold.parts.count),
                rows: numbers.count,
                churned: labels.count { $0 },
                status: status,
                metrics: MetricValues(of: RankedPredictions(predictions), economics: economics)
            )
            return (closed, numbers, scores)
        }
    }

    private init(
        _ tested: [TestedFold],
        _ rows: ValidationRows,
        _ economics: RetentionEconomics,
        threads: Int
    ) throws {
        let closed = try Parallel.map(tested.count, threads: threads) { number in
            Result { try tested[number].closed(rows, economics) }
        }.map { try $0.get() }
        try self.init(
            folds: closed.map(\.fold),
            testedRows: closed.flatMap(\.rows),
            scores: closed.flatMap(\.scores),
            rows,
            economics
        )
    }

    private init(
        folds: [Fold],
        testedRows: [Int],
        scores: [Double],
        _ rows: ValidationRows,
        _ economics: RetentionEconomics
    ) throws(EvaluationError) {
        self.rows = rows
        self.economics = economics
        self.folds = folds
        self.testedRows = testedRows
        pooled = RankedPredictions(
            try Predictions(
                labels: rows.labels(of: testedRows),
                scores: scores,
                weights: rows.weights(of: testedRows),
                clusters: testedRows.map(rows.customer(ofRow:))
            )
        )
    }

    /// Several validations of the same rows as one, such as of models that were chosen fold by fold.
    /// - Parameter parts: at least one.
    init(joining parts: [CrossValidation]) throws(EvaluationError) {
        try self.init(
            folds: parts.flatMap(\.folds),
            testedRows: parts.flatMap(\.testedRows),
            scores: parts.flatMap(\.pooled.predictions.scores),
            parts[0].rows,
            parts[0].economics
        )
    }

    public var predictionCount: Int { testedRows.count }

    /// The prediction of each tested row, fold by fold.
    public var predictions: some Sequence<Prediction> {
        let starts = folds.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.rows) }
        return folds.indices.lazy.flatMap { fold in
            (starts[fold]..<starts[fold + 1]).lazy.map { place in
                let row = testedRows[place]
                return Prediction(
                    customer: rows.name(ofRow: row),
                    cutoff: rows.cutoff(ofRow: row),
                    fold: fold + 1,
                    label: pooled.predictions.labels[place],
                    probability: pooled.predictions.scores[place]
                )
            }
        }
    }

    // MARK: Figures

    /// A metric as validation reports it: over time of all predictions together, of random folds the mean over them; `nil` where it is
    /// undefined.
    public func value(of metric: Metric) -> Double? {
        scheme == .random ? spread(of: metric)?.mean : MetricValues(of: pooled, economics: economics)[metric]
    }

    /// Every metric with its interval: over time of all predictions together, by customer; of random folds the mean over them.
    /// - Parameters:
    ///   - draws: of customers; positive.
    ///   - threads: positive; the result does not depend on it.
    public func estimates(
        draws: Int = CustomerBootstrap.standardDraws,
        seed: UInt64,
        threads: Int
    ) throws -> [(metric: Metric, estimate: MetricEstimate)] {
        guard scheme != .random else {
            return Metric.allCases.compactMap { metric in
                let values = folds.compactMap { $0.metrics[metric] }
                guard values.count == folds.count else { return nil }
                let estimate = CorrectedFolds.estimate(values, testShare: 1 / Double(rows.foldCount))
                return estimate.map { (metric, $0) }
            }
        }
        return try CustomerBootstrap([pooled], draws: draws, seed: seed, economics: economics, threads: threads)
            .estimates(ofModel: 0)
    }

    /// The standard error of `value(of:)`: over random folds that of their mean, as glmnet has it; over time by customer, where a formula is
    /// known (log loss, Brier, AUC).
    public func standardError(of metric: Metric) -> Double? {
        if scheme == .random {
            guard folds.count > 1, let deviation = spread(of: metric)?.standardDeviation else { return nil }
            return deviation / Double(folds.count - 1).squareRoot()
        }
        switch metric {
        case .auc: return (try? DeLong.estimate(pooled.predictions))?.standardError
        default:
            let predictions = pooled.predictions
            guard let losses = predictions.losses(metric) else { return nil }
            return ClusteredMean(losses, weights: predictions.weights, clusters: predictions.clusters)?.standardError
        }
    }

    /// The status of the fit that promises least.
    var worstStatus: FitCertificate.Status {
        folds.reduce(.converged) { $0.worse(than: $1.status) }
    }

    /// The mean and the population's standard deviation of a metric over the folds; `nil` where it is undefined in one.
    public func spread(of metric: Metric) -> (mean: Double, standardDeviation: Double)? {
        let values = folds.compactMap { $0.metrics[metric] }
        guard values.count == folds.count, !values.isEmpty else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        return (mean, square.squareRoot())
    }
}

extension FitCertificate.Status {
    /// The one of two that promises less.
    fileprivate func worse(than other: Self) -> Self {
        let order: [Self] = [.converged, .stoppedEarly, .notConverged, .diverged]
        return (order.firstIndex(of: self) ?? 0) >= (order.firstIndex(of: other) ?? 0) ? self : other
    }
}

extension CrossValidation {
    /// Writes a line a prediction: customer, cutoff, fold, label, probability, and the row's weight where rows have one.
    public func writeCSV(to file: AtomicFile) throws(DataError) {
        let weights = pooled.predictions.weights
        var line = CSVLine()
        for name in ["customer", "cutoff", "fold", "label", "probability"] + (weights == nil ? [] : ["weight"]) {
            line.append(text: name)
        }
        try line.write(to: file)
        for (number, prediction) in predictions.enumerated() {
            line.append(text: prediction.customer)
            line.append(text: prediction.cutoff ?? "")
            line.append(number: Double(prediction.fold))
            line.append(number: prediction.label ? 1 : 0)
            line.append(number: prediction.probability)
            if let weights { line.append(number: weights[number]) }
            try line.write(to: file)
        }
    }
}
