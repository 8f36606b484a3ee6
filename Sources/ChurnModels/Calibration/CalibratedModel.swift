import ChurnNumerics

/// A fitted model with the calibration that belongs to it, where it has one.
public struct CalibratedModel: Sendable {
    public let fitted: any FittedModel
    public let calibration: Calibration?

    public init(_ fitted: any FittedModel, calibration: Calibration? = nil) {
        self.fitted = fitted
        self.calibration = calibration
    }

    public func probability(ofLogOdds logOdds: Double) -> Double {
        calibration?.probability(ofLogOdds: logOdds) ?? StableFunctions.sigmoid(logOdds)
    }

    /// The probability of the positive class for each row.
    public func probabilities(
        _ table: PredictorTable,
        offsets: [Double]? = nil,
        threads: Int = 1
    ) throws(ModelError) -> [Double] {
        guard calibration != nil else { return try fitted.probabilities(table, offsets: offsets, threads: threads) }
        return try fitted.linearPredictor(table, offsets: offsets, threads: threads).map(probability(ofLogOdds:))
    }

    /// Fits a model to all rows, and a calibration to log-odds of rows that a model of the same kind did not see: each fifth of the
    /// customers by one that was fitted to the other four.
    ///
    /// A model that is fitted without labels is calibrated on its own training rows: it cannot have learnt them by heart.
    /// - Parameters:
    ///   - method: `nil` for no calibration.
    ///   - seed: of the folds.
    ///   - threads: positive; the result does not depend on it.
    /// - Throws: `tooFewToCalibrate` where a class has fewer customers than there are folds; what the estimator throws.
    public static func fit(
        _ estimator: any ModelEstimator,
        _ rows: TrainingRows,
        calibration method: Calibration.Method?,
        seed: UInt64,
        threads: Int
    ) throws(ModelError) -> CalibratedModel {
        let fitted = try estimator.fit(rows, threads: threads)
        guard let method else { return CalibratedModel(fitted) }
        var logOdds: [Double]
        if estimator.usesLabels {
            try rows.check()
            logOdds = [Double](repeating: 0, count: rows.labels.count)
            let folds = try CustomerFolds(rows, count: foldCount, seed: seed)
            for fold in 0..<foldCount {
                let part = try estimator.fit(rows.selecting(rows: folds.rows(outside: fold)), threads: threads)
                let held = folds.rows(of: fold)
                let seen = rows.selecting(rows: held)
                let scores = try part.linearPredictor(seen.table, offsets: seen.offsets, threads: threads)
                for (position, row) in held.enumerated() { logOdds[row] = scores[position] }
            }
        } else {
            logOdds = try fitted.linearPredictor(rows.table, offsets: rows.offsets, threads: threads)
        }
        return CalibratedModel(
            fitted,
            calibration: try Calibration(
                method,
                logOdds: logOdds,
                labels: rows.labels,
                weights: rows.weights,
                threads: threads
            )
        )
    }

    static let foldCount = 5
}

/// Rows dealt at random into folds: all rows of a customer into one, and of each class, customers who ever churned and others, as
/// many into each.
struct CustomerFolds {
    private let folds: [Int]

    /// - Throws: `tooFewToCalibrate` where a class has fewer customers than there are folds.
    init(_ rows: TrainingRows, count: Int, seed: UInt64) throws(ModelError) {
        let customers = rows.clusters?.map(Int.init) ?? Array(rows.labels.indices)
        var churned = [Bool](repeating: false, count: (customers.max() ?? -1) + 1)
        var isThere = churned
        for (row, customer) in customers.enumerated() {
            isThere[customer] = true
            if rows.labels[row] { churned[customer] = true }
        }
        var foldOf = [Int](repeating: 0, count: churned.count)
        for (number, label) in [false, true].enumerated() {
            let members = churned.indices.filter { isThere[$0] && churned[$0] == label }
            guard members.count >= count else {
                throw .tooFewToCalibrate(customers: members.count, churned: label, folds: count)
            }
            var stream = RandomStream(seed: seed, purpose: "calibration folds", index: UInt64(number))
            for (position, place) in stream.permutation(members.count).enumerated() {
                foldOf[members[place]] = position % count
            }
        }
        folds = customers.map { foldOf[$0] }
    }

    func rows(of fold: Int) -> [Int] { folds.indices.filter { folds[$0] == fold } }

    func rows(outside fold: Int) -> [Int] { folds.indices.filter { folds[$0] != fold } }
}
