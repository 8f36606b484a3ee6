import ArgumentParser
import ChurnKit
import Foundation

/// Trains every kind of model on studies and compares them on each study's last mature cutoff: a table in Markdown for each.
@main
struct ModelComparison: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "model-comparison")

    @Argument(help: "Study files.") var studies: [String]
    @Option var threads = Parallel.availableThreads
    @Option var seed: UInt64 = 1

    func run() throws {
        for path in studies {
            let comparison = try StudyComparison(path: path, threads: threads, seed: seed)
            FileHandle.standardOutput.write(Data((comparison.markdown + "\n").utf8))
        }
    }
}

/// All models of one study.
struct StudyComparison {
    private struct Row {
        let name: String
        let outcome: Result<Figures, any Error>
    }

    private struct Figures {
        let predictions: Predictions
        let metrics: BinaryClassificationMetrics
        let slope: Double?
    }

    private let title: String
    private let test: String
    private let rows: [Row]
    /// What others are compared with.
    private static let reference = "boosted"

    init(path: String, threads: Int, seed: UInt64) throws {
        let study = try Study(path: path)
        let data = try StudyData(study: study, threads: threads)
        let table = try data.featureTable(plan: data.plan(), threads: threads)
        let split = try TimeSplit(cutoffs: table.cutoffs.map {
            TimeSplit.Cutoff(instant: $0.instant, labelEnd: $0.labelEnd, isMature: $0.isMature)
        })
        let last = split.test.map { table.cutoffs[$0] }
        title = study.name
        test = last.map(\.day.description).joined(separator: ", ")
        let exact = FittedPipeline.Specification(estimator: try LogisticRegression(l2Strength: 1))
        let descent = FittedPipeline.Specification(
            estimator: try StochasticDescent(penalty: Penalty(l2: 1), seed: seed)
        )
        let trees = try BoostedTrees(seed: seed)
        func options(_ estimator: any ModelEstimator, _ calibration: Calibration.Method? = nil) -> TrainingOptions {
            TrainingOptions(estimator, calibration: calibration, seed: seed, threads: threads)
        }
        func row(_ name: String, _ train: () throws -> StoredModel) -> Row {
            FileHandle.standardError.write(Data("\(study.name): \(name)\n".utf8))
            return Row(name: name, outcome: Result { try Self.figures(of: train(), on: data, last, threads: threads) })
        }
        var rows = Baseline.allCases.map { baseline in
            row(baseline.rawValue) {
                let calibration: Calibration.Method? = baseline.buyTillYouDie == nil ? nil : .platt
                return try ModelTraining.train(baseline, on: data, options: options(exact, calibration))
            }
        }
        let kinds: [(String, TrainingOptions)] = [
            ("logistic", options(exact)), ("sgd", options(descent)), (Self.reference, options(trees)), ("boosted, Platt", options(trees, .platt)),
            ("boosted, beta", options(trees, .beta)), ("boosted, isotonic", options(trees, .isotonic)),
        ]
        rows.append(
            row("logistic, bent") {
                var terms = Self.bends(table.plan.featureNames)
                while true {
                    let bent = FittedPipeline.Specification(
                        estimator: try LogisticRegression(l2Strength: 1),
                        terms: terms
                    )
                    do {
                        return try ModelTraining.train(on: table, options: options(bent))
                    } catch ModelError.tooFewKnots(let column, _) {
                        terms.splines[column] = nil
                    }
                }
            }
        )
        rows.append(
            row("logistic, buy-till-you-die features") {
                let plan = try FeaturePlan(study: study.adding(.buyTillYouDie), index: data.history.index)
                let table = try data.featureTable(plan: plan, threads: threads)
                return try ModelTraining.train(on: table, options: options(exact))
            }
        )
        for (name, options) in kinds {
            rows.append(row(name) { try ModelTraining.train(on: table, options: options) })
        }
        self.rows = rows
    }

    /// Splines of what tells how long ago and how often.
    private static func bends(_ names: [String]) -> Terms {
        var terms = Terms()
        for name in names where bent.contains(name) || name.hasSuffix("_since_last") { terms.splines[name] = 4 }
        for name in names where name.hasPrefix("purchase_count_") { terms.splines[name] = 4 }
        return terms
    }

    private static let bent: Set = ["recency", "tenure", "gap_mean", "recency_over_gap_mean", "any_since_last_over_gap"]

    private static func figures(
        of model: StoredModel,
        on data: StudyData,
        _ cutoffs: [Cutoff],
        threads: Int
    ) throws -> Figures {
        let table = try data.featureTable(plan: model.featurePlan, cutoffs: cutoffs, threads: threads)
        let labels = table.labels.map { $0 == 1 }
        let scores = try model.model.probabilities(
            table.predictors(rows: Array(0..<table.rowCount)),
            threads: threads
        )
        let predictions = try Predictions(labels: labels, scores: scores)
        let odds = scores.map { log(max($0, 1e-12) / max(1 - $0, 1e-12)) }
        let line = try? FittedPipeline.fit(
            PredictorTable(rowCount: odds.count, columns: [PredictorColumn(name: "odds", values: .numeric(odds))]),
            labels: labels,
            FittedPipeline.Specification(estimator: LogisticRegression(l2Strength: 0)),
            threads: threads
        )
        return Figures(
            predictions: predictions,
            metrics: BinaryClassificationMetrics(of: predictions, skipped: 0),
            slope: line?.coefficients.first?.rawValue
        )
    }

    var markdown: String {
        func text(_ value: Double?, _ digits: Int = 4) -> String {
            value.map { String(format: "%.\(digits)f", $0) } ?? ""
        }
        var lines = [
            "### \(title): customers of \(test)", "",
            "| model | AUC | AUC less that of boosted (95 %) | log loss | Brier | calibration slope | expected/observed |",
            "|---|---|---|---|---|---|---|",
        ]
        let reference = rows.first { $0.name == Self.reference }.flatMap { try? $0.outcome.get() }
        for row in rows {
            switch row.outcome {
            case .failure(let error): lines.append("| \(row.name) | \(error) | | | | | |")
            case .success(let figures):
                var difference = ""
                if row.name != Self.reference, let reference,
                    let compared = try? DeLong.compare(figures.predictions, reference.predictions)
                {
                    difference =
                        "\(text(compared.difference)) (\(text(compared.interval.lower)) to \(text(compared.interval.upper)))"
                }
                let scores = figures.predictions.scores
                let ratio = scores.reduce(0, +) / Double(max(figures.predictions.positives, 1))
                lines.append(
                    "| \(row.name) | \(text(figures.metrics.auc)) | \(difference) | \(text(figures.metrics.logLoss))"
                        + " | \(text(figures.metrics.brier)) | \(text(figures.slope, 2)) | \(text(ratio, 2)) |"
                )
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
