import ChurnEvaluation
import ChurnModels
import ChurnNumerics
import ChurnRegistry
import Foundation

/// The page that says what a model is, how well it does, and what it is not for: kept with every version.
enum ModelCard {
    /// Rows that tested a model.
    struct Test {
        let predictions: Predictions
        let table: PredictorTable

        private static let mostSampled = 200_000

        /// Rows enough for what is told of groups of them.
        fileprivate var sampled: Test {
            if predictions.count <= Self.mostSampled { return self }
            let rows = EvenSample.rows(of: predictions.count, most: Self.mostSampled)
            guard let some = try? predictions.selecting(rows) else { return self }
            return Test(predictions: some, table: table.selecting(rows: rows))
        }
    }

    /// - Parameter test: `nil` where no rows were kept back.
    static func text(
        source: StoredModel.PredictorSource,
        model: CalibratedModel,
        training: TrainingRecord,
        test: Test?,
        threads: Int
    ) throws(ModelError) -> String {
        let fitted = model.fitted
        let (title, effort, details) = description(of: fitted, meanings: meanings(source))
        var lines = ["# Model card", "", title, ""]
        lines += ["## What it predicts, and from what", ""] + data(source, training)
        lines += ["", "## The fit", ""] + fit(model, training, effort: effort)
        lines += ["", "## How well it does", ""] + figures(training, test)
        if let test = test?.sampled {
            lines += ["", "### Calibration on the test rows", ""] + calibration(test.predictions)
            lines += ["", "### Where it is weak", ""]
            lines += try weakness(
                WeakSegments(test.predictions, test.table, fitted, threads: threads),
                meanings(source)
            )
        }
        lines += ["", "## What it is not for", ""] + limits(source, training)
        lines += ["", "## What is in it", ""] + details
        return lines.joined(separator: "\n") + "\n"
    }

    private static func data(_ source: StoredModel.PredictorSource, _ training: TrainingRecord) -> [String] {
        var lines: [String] = []
        switch source {
        case .table(let plan):
            lines.append(
                "- Churn: column \"\(plan.label)\", where it is \(plan.positive.map { "\"\($0)\"" } ?? "1 or true")"
            )
        case .features: lines.append("- Churn: \(training.churn ?? "as the study defines it")")
        }
        lines.append("- Training rows: \(training.rows), of which churned: \(training.positives)")
        if training.trainingCutoffs.isEmpty {
            lines.append("- Test rows: \(training.testRows) (stratified, seed \(training.seed))")
        } else {
            lines.append("- Training cutoffs: \(training.trainingCutoffs.joined(separator: ", "))")
            lines.append("- Test cutoffs: \(list(training.testCutoffs)), \(training.testRows) rows")
            lines.append("- Left out, because their label windows reach into the test: \(list(training.purgedCutoffs))")
        }
        lines.append("- Data: SHA-256 \(training.dataFingerprint)")
        if let parent = training.parent { lines.append("- Goes on from \(parent)") }
        return lines
    }

    private static func fit(_ model: CalibratedModel, _ training: TrainingRecord, effort: String) -> [String] {
        let certificate = model.fitted.certificate
        let end = certificate.stoppedBy.map { " by the \($0)" } ?? ""
        var lines = ["- Status: \(certificate.status.rawValue)\(end) after \(effort)"]
        if let calibration = model.calibration { lines.append("- Calibrated: \(calibration.method.rawValue)") }
        if !certificate.aliased.isEmpty { lines.append("- Aliased columns, dropped: \(list(certificate.aliased))") }
        if !certificate.dropped.isEmpty { lines.append("- Constant columns, dropped: \(list(certificate.dropped))") }
        if let leaks = training.allowedLeaks { lines.append("- Allowed although they tell almost all: \(list(leaks))") }
        for warning in certificate.warnings { lines.append("- Warning: \(warning)") }
        return lines
    }

    /// Figures, with intervals where a formula is known.
    private static func figures(_ training: TrainingRecord, _ test: Test?) -> [String] {
        var lines = ["| figure | training rows | test rows | 95 % |", "|---|---|---|---|"]
        let estimates = test.map { intervals($0.predictions) } ?? [:]
        let tested = training.metrics.test?.figures
        for (position, figure) in training.metrics.train.figures.enumerated() {
            let estimate = estimates[figure.name]
            let interval = estimate.flatMap { one in
                one.low.flatMap { low in one.high.map { "\(rounded(low, digits: 4)) to \(rounded($0, digits: 4))" } }
            }
            lines.append(
                "| \(figure.name) | \(text(figure.value)) | \(text(tested?[position].value)) | \(interval ?? "") |"
            )
        }
        if let ratio = test?.predictions.observedOverExpected?.estimate, let low = ratio.low, let high = ratio.high {
            lines.append(
                "| observed/expected | | \(rounded(ratio.value)) | \(rounded(low, digits: 4)) to \(rounded(high, digits: 4)) |"
            )
        }
        if test == nil { lines += ["", "No rows were kept back: nothing tells how it does on new ones."] }
        return lines
    }

    private static func intervals(_ predictions: Predictions) -> [String: MetricEstimate] {
        var found: [String: MetricEstimate] = [:]
        if let auc = try? DeLong.estimate(predictions) { found[Metric.auc.title] = MetricEstimate(auc) }
        for metric in [Metric.logLoss, .brier] {
            guard let losses = predictions.losses(metric),
                let mean = ClusteredMean(losses, weights: predictions.weights, clusters: predictions.clusters)
            else { continue }
            found[metric.title] = mean.estimate
        }
        return found
    }

    /// What was said and what came of each tenth of the rows.
    private static func calibration(_ predictions: Predictions) -> [String] {
        let order = predictions.scores.indices.sorted {
            (predictions.scores[$0], $0) < (predictions.scores[$1], $1)
        }
        let tenths = min(10, max(1, order.count / 20))
        var lines = ["| rows by probability | rows | mean probability | churned |", "|---|---|---|---|"]
        for tenth in 0..<tenths {
            let rows = order[tenth * order.count / tenths..<(tenth + 1) * order.count / tenths]
            if rows.isEmpty { continue }
            let expected = rows.reduce(0) { $0 + predictions.scores[$1] } / Double(rows.count)
            let churned = Double(rows.count { predictions.labels[$0] }) / Double(rows.count)
            lines.append("| \(tenth + 1) of \(tenths) | \(rows.count) | \(percent(expected)) | \(percent(churned)) |")
        }
        return lines
    }

    private static func weakness(_ weak: WeakSegments, _ meanings: [String: String]) -> [String] {
        if weak.found.isEmpty {
            return [
                "Of \(weak.count) groups of test rows none is off by more than chance and a quarter, nor ranked much worse."
            ]
        }
        var lines = ["| group | rows | churned | expected | AUC | |", "|---|---|---|---|---|---|"]
        for segment in weak.found {
            let problem =
                switch segment.problem {
                case .tooLow: "probabilities are too low"
                case .tooHigh: "probabilities are too high"
                case .ranksWorse: "ranks worse"
                }
            let name = meanings[segment.predictor].map { "\(segment.predictor) (\($0))" } ?? segment.predictor
            lines.append(
                "| \(name) \(segment.words) | \(segment.rows) | \(segment.churned) | \(rounded(segment.expected, digits: 4)) |"
                    + " \(segment.auc.map { rounded($0, digits: 3) } ?? "") | \(problem) |"
            )
        }
        lines += ["", "Of \(weak.count) groups that were looked at; beyond chance for all of them together."]
        return lines
    }

    private static func limits(_ source: StoredModel.PredictorSource, _ training: TrainingRecord) -> [String] {
        var lines = [
            "- It tells who is likely to churn, not why, and not who can be kept: that a predictor raises a score does not mean that changing it",
            "  changes the customer. Only an experiment tells what a campaign does.",
            "- Not for customers unlike those of training: other markets, other products, other kinds of contract. `churn monitor` tells when they move away.",
            "- Not for decisions about persons without a human being: prices, credit, the end of a contract.",
        ]
        switch source {
        case .features:
            lines.append(
                "- Not for other horizons than that of its churn, nor for customers who were not eligible at its cutoffs."
            )
            if training.trainingCutoffs.count < 12 {
                lines.append(
                    "- It has seen \(training.trainingCutoffs.count) cutoff\(training.trainingCutoffs.count == 1 ? "" : "s"), from \(training.trainingCutoffs.first ?? "-") to"
                        + " \(training.trainingCutoffs.last ?? "-"): what other seasons do it does not know."
                )
            }
        case .table:
            lines.append(
                "- Its test rows are of the same time as its training rows: how it does on later ones nobody has looked at."
            )
        }
        return lines
    }

    private static func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }

    /// What the features mean, by their names.
    private static func meanings(_ source: StoredModel.PredictorSource) -> [String: String] {
        guard case .features(let plan) = source else { return [:] }
        return Dictionary(plan.features.map { ($0.name, $0.sentence) }, uniquingKeysWith: { first, _ in first })
    }

    /// The kind of model, for how long it was looked for, and a table of what was found.
    private static func description(
        of fitted: any FittedModel,
        meanings: [String: String]
    ) -> (title: String, effort: String, table: [String]) {
        switch fitted.content {
        case .logistic(let pipeline):
            (
                "Logistic regression\(pipeline.model.descentText), \(pipeline.model.penaltyText).",
                pipeline.model.effortText,
                ["| coefficient | per standard deviation | per unit | meaning |", "|---|---|---|---|"]
                    + pipeline.coefficients.map {
                        "| \($0.name) | \(rounded($0.value)) | \(rounded($0.rawValue)) | \(meanings[$0.name] ?? "") |"
                    }
            )
        case .buyTillYouDie(let purchases):
            (
                "\(purchases.words): the probability of no purchase within \(String(format: "%g", purchases.horizon)) days.",
                "\(purchases.fit.iterations) iterations",
                ["| parameter (times in days) | value |", "|---|---|"]
                    + zip(purchases.parameterNames, purchases.fit.parameters).map { "| \($0) | \(rounded($1)) |" }
            )
        case .boosted(let trees):
            (
                "Boosted trees (XGBoost) of \(trees.settings.maximumDepth) levels, learning rate \(trees.settings.learningRate).",
                "\(trees.treeCount) rounds",
                ["| predictor | gain | splits | meaning |", "|---|---|---|---|"]
                    + trees.importances.filter { $0.splits > 0 }.map {
                        "| \($0.predictor) | \(rounded($0.gain)) | \($0.splits) | \(meanings[$0.predictor] ?? "") |"
                    }
            )
        }
    }

    private static func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }

    private static func text(_ value: Double?) -> String { value.map { rounded($0) } ?? "undefined" }

    /// Some significant digits, and all those before the decimal point.
    static func rounded(_ value: Double, digits: Int = 6) -> String {
        guard value.isFinite, value != 0 else { return "\(value)" }
        var (scale, enough) = (1.0, 1.0)
        for _ in 1..<digits { enough *= 10 }
        while abs(value) * scale < enough, scale < 1e15 { scale *= 10 }
        let result = (value * scale).rounded() / scale
        return "\(result)"
    }
}

extension BinaryClassificationMetrics {
    /// Every figure with its name, in the order in which they are shown.
    public var figures: [(name: String, value: Double?)] {
        [
            ("base rate", baseRate), ("AUC", auc), ("average precision", averagePrecision), ("log loss", logLoss),
            ("Brier", brier), ("KS", ks), ("ECE", ece), ("lift at 5 %", lift.top5), ("lift at 10 %", lift.top10),
            ("lift at 20 %", lift.top20), ("recall at 5 %", recall.top5), ("recall at 10 %", recall.top10),
            ("recall at 20 %", recall.top20),
        ]
    }
}
