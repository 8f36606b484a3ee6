import ChurnNumerics

/// A fitted model with the calibration that belongs to it, where it has one.
public struct CalibratedModel: Sendable {
    public let fitted: any FittedModel
    public let calibration: Calibration?
    /// What the calibration is worth, where there is one that was fitted here.
    public let calibrationGain: CalibrationGain?

    public init(
        _ fitted: any FittedModel,
        calibration: Calibration? = nil,
        calibrationGain: CalibrationGain? = nil
    ) {
        self.fitted = fitted
        self.calibration = calibration
        self.calibrationGain = calibrationGain
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
    /// - Throws: `tooFewForFolds` where a class has fewer customers than there are folds; what the estimator throws.
    public static func fit(
        _ estimator: any ModelEstimator,
        _ rows: TrainingRows,
        calibration method: Calibration.Method?,
        seed: UInt64,
        threads: Int
    ) throws(ModelError) -> CalibratedModel {
        let fitted = try estimator.fit(rows, threads: threads)
        guard let method else { return CalibratedModel(fitted) }
        try rows.check()
        let folds: CustomerFolds?
        var logOdds: [Double]
        if estimator.usesLabels {
            let dealt = try CustomerFolds(rows, count: foldCount, order: .shuffled(seed: seed))
            logOdds = [Double](repeating: 0, count: rows.labels.count)
            for fold in 0..<foldCount {
                let part = try estimator.fit(rows.selecting(rows: dealt.rows(outside: fold)), threads: threads)
                let held = dealt.rows(of: fold)
                let seen = rows.selecting(rows: held)
                let scores = try part.linearPredictor(seen.table, offsets: seen.offsets, threads: threads)
                for (position, row) in held.enumerated() { logOdds[row] = scores[position] }
            }
            folds = dealt
        } else {
            logOdds = try fitted.linearPredictor(rows.table, offsets: rows.offsets, threads: threads)
            // Too few customers to tell what it is worth are no reason to go without.
            folds = try? CustomerFolds(rows, count: foldCount, order: .shuffled(seed: seed))
        }
        func calibration(_ chosen: [Int]) throws(ModelError) -> Calibration {
            try Calibration(
                method,
                logOdds: chosen.map { logOdds[$0] },
                labels: chosen.map { rows.labels[$0] },
                weights: rows.weights.map { weights in chosen.map { weights[$0] } },
                threads: threads
            )
        }
        func gain(_ folds: CustomerFolds) throws(ModelError) -> CalibrationGain {
            var (before, after, total) = (0.0, 0.0, 0.0)
            for fold in 0..<foldCount {
                let others = try calibration(folds.rows(outside: fold))
                for row in folds.rows(of: fold) {
                    let (weight, label) = (rows.weights?[row] ?? 1, rows.labels[row])
                    before += weight * StableFunctions.softplus(label ? -logOdds[row] : logOdds[row])
                    after += weight * others.logLoss(ofLogOdds: logOdds[row], label: label)
                    total += weight
                }
            }
            return CalibrationGain(logLossBefore: before / total, logLossAfter: after / total)
        }
        return CalibratedModel(
            fitted,
            calibration: try calibration(Array(rows.labels.indices)),
            calibrationGain: folds.flatMap { try? gain($0) }
        )
    }

    static let foldCount = 5
}

/// The mean log loss of each fifth of the customers, before and after a calibration that was fitted to the other four, of log-odds
/// whose model had not seen the fifth's labels either. Small differences say little: they change with the seed of the fifths.
public struct CalibrationGain: Sendable, Equatable, Codable {
    public let logLossBefore: Double
    public let logLossAfter: Double

    /// Whether customers who are left out are better off with the calibration.
    public var isGain: Bool { logLossAfter < logLossBefore }
}
