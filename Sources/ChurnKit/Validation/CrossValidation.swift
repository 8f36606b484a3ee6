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
        public let trainingRows: Int
        public let rows: Int
        public let churned: Int
        /// The worst of the fold's fits.
        public let status: FitCertificate.Status
        public let metrics: MetricValues
    }

    /// How rows were dealt, which decides how figures are put together.
    public enum Scheme: String, Sendable, Encodable {
        /// Later cutoffs by models of earlier ones.
        case overTime
        /// The same, each customer by models that did not see him.
        case overTimeUnseen
        /// At random, each customer with all of his rows.
        case random
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

    public let scheme: Scheme
    public let folds: [Fold]
    public let predictions: [Prediction]
    /// Of a flat table; one a prediction.
    public let weights: [Double]?
    /// All predictions, with their customers as clusters.
    public let pooled: RankedPredictions
    /// Of random folds.
    private let foldCount: Int
    private let economics: RetentionEconomics

    // MARK: Over time

    /// Tests each of the last mature cutoffs by a model of earlier ones.
    /// - Parameters:
    ///   - rules: how many cutoffs, and which train.
    ///   - calendar: of the embargo's days.
    ///   - unseen: groups of customers, each tested by models of the others; `nil` to test customers whom training knew.
    ///   - economics: of the campaign whose profit is a metric.
    ///   - options: its estimator is that of every fold, unless `estimator` makes one.
    ///   - estimator: what fits a fold, given its last training cutoff.
    public static func overTime(
        _ table: FeatureTable,
        rules: ValidationRules,
        calendar: StudyCalendar,
        unseen: Int? = nil,
        economics: RetentionEconomics = .standard,
        options: TrainingOptions,
        estimator: ((Int) throws -> any ModelEstimator)? = nil
    ) throws -> CrossValidation {
        let cutoffs = table.cutoffs.map { cutoff in
            let end = calendar.day(of: cutoff.labelEnd).adding(rules.embargo)
            return TimeSplit.Cutoff(
                instant: cutoff.instant,
                labelEnd: rules.embargo.isZero ? cutoff.labelEnd : calendar.start(of: end),
                isMature: cutoff.isMature
            )
        }
        let folds = try TimeFolds(
            cutoffs: cutoffs,
            count: rules.folds,
            window: rules.window.map { .rolling($0) } ?? .expanding
        ).folds
        func days(_ codes: [Int]) -> [String] { codes.map { table.cutoffs[$0].day.description } }
        var tested = Tested()
        for (number, fold) in folds.enumerated() {
            var options = options
            if let estimator, let last = fold.train.last { options.estimator = try estimator(last) }
            let (train, test) = (table.rows(ofCutoffs: Set(fold.train)), table.rows(ofCutoffs: [fold.test]))
            var scores = [Double](repeating: 0, count: test.count)
            var status = FitCertificate.Status.converged
            var trainingRows = 0
            for group in 0..<(unseen ?? 1) {
                func isOfGroup(_ row: Int) -> Bool {
                    unseen.map { Self.group(of: table.customers[row], seed: options.seed, count: $0) == group } ?? true
                }
                let chosen = test.indices.filter { isOfGroup(test[$0]) }
                if chosen.isEmpty { continue }
                let known = unseen == nil ? train : train.filter { !isOfGroup($0) }
                let (model, _, _) = try ModelTraining.fit(table.trainingRows(known), options)
                let predictors = table.predictors(rows: chosen.map { test[$0] })
                let probabilities = try model.probabilities(predictors, threads: options.threads)
                for (place, probability) in zip(chosen, probabilities) { scores[place] = probability }
                status = status.worse(than: model.fitted.certificate.status)
                trainingRows += known.count
            }
            let day = table.cutoffs[fold.test].day.description
            try tested.add(
                Fold(
                    name: day,
                    trainingCutoffs: days(fold.train),
                    purgedCutoffs: days(fold.purged),
                    trainingRows: trainingRows / (unseen ?? 1),
                    rows: test.count,
                    churned: test.count { table.labels[$0] == 1 },
                    status: status,
                    metrics: MetricValues(
                        of: RankedPredictions(
                            Predictions(labels: test.map { table.labels[$0] == 1 }, scores: scores)
                        ),
                        economics: economics
                    )
                ),
                zip(test, scores).map { row, score in
                    Prediction(
                        customer: table.customers[row],
                        cutoff: day,
                        fold: number + 1,
                        label: table.labels[row] == 1,
                        probability: score
                    )
                },
                customers: test.map { UInt32(table.customers.codes[$0]) }
            )
        }
        return try CrossValidation(
            unseen == nil ? .overTime : .overTimeUnseen,
            tested,
            foldCount: folds.count,
            economics
        )
    }

    /// The group of a customer, the same at every cutoff.
    private static func group(of customer: String, seed: UInt64, count: Int) -> Int {
        Int(StableHash.mix(StableHash.fnv1a(customer.utf8) ^ StableHash.mix(seed)) % UInt64(count))
    }

    // MARK: At random

    /// Tests each fold of a flat table's customers by a model of the others.
    /// - Parameters:
    ///   - count: folds, at least 2.
    ///   - repetitions: how often the customers are dealt anew; positive.
    ///   - isShuffled: whether they are dealt at random by the seed, and not as they come.
    ///   - economics: of the campaign whose profit is a metric.
    public static func random(
        _ table: FlatTable,
        plan: StoredModel.TablePlan,
        folds count: Int,
        repetitions: Int = 1,
        isShuffled: Bool = true,
        economics: RetentionEconomics = .standard,
        options: TrainingOptions
    ) throws -> CrossValidation {
        let labelled = try LabelledTable(table, plan: plan, options: options)
        let known = labelled.labelledRows
        let rows = labelled.rows(known)
        let customers = rows.clusters ?? rows.labels.indices.map { Int32(truncatingIfNeeded: $0) }
        var tested = Tested()
        for repetition in 0..<repetitions {
            let dealt = try CustomerFolds(
                rows,
                count: count,
                order: isShuffled ? .shuffled(seed: options.seed, repetition: repetition) : .asTheyCome
            )
            for fold in 0..<count {
                let (train, test) = (dealt.rows(outside: fold), dealt.rows(of: fold))
                let (model, _, _) = try ModelTraining.fit(rows.selecting(rows: train), options)
                let held = rows.selecting(rows: test)
                let scores = try model.probabilities(held.table, offsets: held.offsets, threads: options.threads)
                let number = repetition * count + fold + 1
                try tested.add(
                    Fold(
                        name: repetitions == 1 ? "\(fold + 1)" : "\(fold + 1) of repetition \(repetition + 1)",
                        trainingCutoffs: [],
                        purgedCutoffs: [],
                        trainingRows: train.count,
                        rows: test.count,
                        churned: held.labels.count { $0 },
                        status: model.fitted.certificate.status,
                        metrics: MetricValues(
                            of: RankedPredictions(
                                Predictions(labels: held.labels, scores: scores, weights: held.weights)
                            ),
                            economics: economics
                        )
                    ),
                    zip(test, scores).map { row, score in
                        Prediction(
                            customer: labelled.ids?[known[row]] ?? "\(known[row] + 1)",
                            cutoff: nil,
                            fold: number,
                            label: rows.labels[row],
                            probability: score
                        )
                    },
                    customers: test.map { UInt32(customers[$0]) },
                    weights: held.weights
                )
            }
        }
        return try CrossValidation(.random, tested, foldCount: count, economics)
    }

    // MARK: Figures

    /// What is gathered fold by fold.
    private struct Tested {
        var folds: [Fold] = []
        var predictions: [Prediction] = []
        var customers: [UInt32] = []
        var weights: [Double]?

        mutating func add(
            _ fold: Fold,
            _ predictions: [Prediction],
            customers: [UInt32],
            weights: [Double]? = nil
        ) throws {
            folds.append(fold)
            self.predictions += predictions
            self.customers += customers
            if let weights { self.weights = (self.weights ?? []) + weights }
        }
    }

    private init(
        _ scheme: Scheme,
        _ tested: Tested,
        foldCount: Int,
        _ economics: RetentionEconomics
    ) throws(EvaluationError) {
        self.scheme = scheme
        self.economics = economics
        self.foldCount = foldCount
        folds = tested.folds
        predictions = tested.predictions
        weights = tested.weights
        pooled = RankedPredictions(
            try Predictions(
                labels: predictions.map(\.label),
                scores: predictions.map(\.probability),
                weights: weights,
                clusters: tested.customers
            )
        )
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
                let estimate = CorrectedFolds.estimate(values, testShare: 1 / Double(foldCount))
                return estimate.map { (metric, $0) }
            }
        }
        return try CustomerBootstrap([pooled], draws: draws, seed: seed, economics: economics, threads: threads)
            .estimates(ofModel: 0)
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
