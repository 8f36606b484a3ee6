import ChurnEvaluation
import ChurnModels
import ChurnNumerics
import ChurnRegistry

/// How far customers who are scored lie from those who trained the model, on the bins that were frozen then.
public struct DriftReport: Sendable, Codable, Equatable {
    /// What is compared: the scores, or a predictor.
    public struct Quantity: Sendable, Codable, Equatable {
        public let name: String
        /// The population stability index.
        public let stabilityIndex: Double
        /// What it has to pass to mean anything: a level, the farthest training cutoff, and chance.
        public let threshold: Double
        /// How probable it is by chance, as far as training's own cutoffs lie apart; not corrected for the number of quantities.
        public let pValue: Double
        /// Kolmogorov and Smirnov's D on the bins; 0 for texts.
        public let kolmogorovSmirnov: Double
        /// Shares of rows without a value, in training and now.
        public let missingInTraining: Double
        public let missing: Double
        /// The share of rows with a text that training did not have; 0 for numbers.
        public let unseen: Double
        /// By how many standard deviations of the log-odds the predictor moves the mean customer from where training had it; 0 for the
        /// scores.
        public let impact: Double
        /// Beyond its threshold.
        public let hasMoved: Bool
    }

    public let rows: Int
    public let scores: Quantity
    /// In the order of the model's predictors.
    public let predictors: [Quantity]

    /// Rows among which impacts are computed, where there are more.
    public static let impactSample = 20_000
    /// The probability that anything is said to have moved by chance, for all quantities together.
    private static let familySignificance = 0.001

    /// - Parameters:
    ///   - probabilities: one a row of the predictors.
    ///   - level: of the stability index, below which nothing has moved.
    ///   - impactRows: among how many rows impacts are computed; 0 for no impacts.
    ///   - threads: positive; the result does not depend on it.
    public init(
        _ model: StoredModel,
        predictors table: PredictorTable,
        probabilities: [Double],
        level: Double = 0.1,
        impactRows: Int = impactSample,
        threads: Int
    ) throws(ModelError) {
        let reference = model.reference
        let significance = Self.familySignificance / Double(1 + reference.numeric.count + reference.categorical.count)
        let impacts = impactRows > 0 ? try Self.impacts(model.model, table, most: impactRows, threads: threads) : [:]
        rows = table.rowCount
        scores = Quantity(
            reference.scores,
            values: NumericColumn(probabilities),
            level: level,
            significance: significance,
            impact: 0
        )
        let numeric = Dictionary(reference.numeric.map { ($0.name, $0) }) { first, _ in first }
        let categorical = Dictionary(reference.categorical.map { ($0.name, $0) }) { first, _ in first }
        predictors = Parallel.map(table.columns.count, threads: threads) { number -> Quantity? in
            let column = table.columns[number]
            let impact = impacts[column.name] ?? 0
            switch column.values {
            case .numeric(let values):
                return numeric[column.name].map {
                    Quantity($0, values: values, level: level, significance: significance, impact: impact)
                }
            case .categorical(let codes, let levels):
                return categorical[column.name].map {
                    Quantity(
                        $0,
                        codes: codes,
                        levels: levels,
                        level: level,
                        significance: significance,
                        impact: impact
                    )
                }
            }
        }.compactMap(\.self)
    }

    /// The predictors that have moved, those first that matter most to the scores.
    public var moved: [Quantity] {
        predictors.filter(\.hasMoved).sorted {
            abs($0.impact) != abs($1.impact) ? abs($0.impact) > abs($1.impact) : $0.stabilityIndex > $1.stabilityIndex
        }
    }

    /// The mean contribution of each predictor, in standard deviations of the log-odds: contributions are counted from the mean training
    /// row.
    private static func impacts(
        _ model: CalibratedModel,
        _ table: PredictorTable,
        most: Int,
        threads: Int
    ) throws(ModelError) -> [String: Double] {
        let sample = EvenSample.rows(of: table.rowCount, most: most)
        let rows = sample.count == table.rowCount ? table : table.selecting(rows: sample)
        let contributions = try model.fitted.contributions(rows, threads: threads)
        let count = Double(max(sample.count, 1))
        var means: [Double] = []
        var logOdds = [Double](repeating: 0, count: sample.count)
        for column in 0..<contributions.columnCount {
            var sum = 0.0
            for row in 0..<contributions.rowCount {
                sum += contributions[row, column]
                logOdds[row] += contributions[row, column]
            }
            means.append(sum / count)
        }
        let mean = logOdds.reduce(0, +) / count
        let deviation = (logOdds.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
        guard deviation > 0 else { return [:] }
        let names = model.fitted.predictorNames
        return Dictionary(zip(names, means.map { $0 / deviation })) { first, _ in first }
    }
}

extension DriftReport.Quantity {
    fileprivate init(
        _ reference: ReferenceDistributions.Histogram,
        values: NumericColumn,
        level: Double,
        significance: Double,
        impact: Double
    ) {
        let (counts, missing) = reference.counts(of: values)
        let anyMissing = missing > 0 || reference.missing > 0
        self.init(
            name: reference.name,
            // What is missing is a bin of its own in front.
            BinnedComparison(
                reference: (anyMissing ? [reference.missing] : []) + reference.counts,
                current: (anyMissing ? [missing] : []) + counts
            ),
            variation: reference.variation,
            missing: (reference.missing, missing),
            unseen: 0,
            level: level,
            significance: significance,
            impact: impact
        )
    }

    fileprivate init(
        _ reference: ReferenceDistributions.Categories,
        codes: [Int32],
        levels: [String],
        level: Double,
        significance: Double,
        impact: Double
    ) {
        var rows = [Int](repeating: 0, count: levels.count)
        for code in codes where code >= 0 { rows[Int(code)] += 1 }
        var now: [String: Int] = [:]
        var unseen = 0
        for (text, count) in zip(levels, rows) where count > 0 {
            if reference.counts[text] != nil { now[text, default: 0] += count } else { unseen += count }
        }
        let missing = codes.count { $0 < 0 }
        let texts = reference.counts.keys.sorted()
        self.init(
            name: reference.name,
            BinnedComparison(
                reference: texts.map { reference.counts[$0] ?? 0 } + [reference.others ?? 0, reference.missing],
                current: texts.map { now[$0] ?? 0 } + [unseen, missing],
                isOrdered: false
            ),
            variation: nil,
            missing: (reference.missing, missing),
            // Where training had too many to keep, nobody knows which are new.
            unseen: reference.others == nil ? unseen : 0,
            level: level,
            significance: significance,
            impact: impact
        )
    }

    private init(
        name: String,
        _ comparison: BinnedComparison,
        variation: ReferenceDistributions.Variation?,
        missing: (reference: Int, now: Int),
        unseen: Int,
        level: Double,
        significance: Double,
        impact: Double
    ) {
        // Training has the same customers at each cutoff.
        let share = 1 / Double(variation?.periods ?? 1)
        let dispersion = max(1, variation?.dispersion ?? 1)
        func ofAll(_ count: Int, _ rows: Int) -> Double { rows > 0 ? Double(count) / Double(rows) : 0 }
        self.name = name
        stabilityIndex = comparison.stabilityIndex
        threshold = max(level, variation?.largest ?? 0)
        pValue = comparison.pValue(dispersion: dispersion, independent: share)
        kolmogorovSmirnov = comparison.kolmogorovSmirnov
        missingInTraining = ofAll(missing.reference, comparison.referenceRows)
        self.missing = ofAll(missing.now, comparison.rows)
        self.unseen = ofAll(unseen, comparison.rows)
        self.impact = impact
        hasMoved = stabilityIndex > threshold && pValue < significance
    }
}
