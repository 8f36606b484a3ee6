import ChurnEvaluation
import ChurnModels
import ChurnRegistry
import Foundation

/// The page that says what a model is: kept with every version.
enum ModelCard {
    static func text(
        source: StoredModel.PredictorSource,
        model: CalibratedModel,
        training: TrainingRecord
    ) -> String {
        let fitted = model.fitted
        let (title, effort, details) = description(of: fitted, meanings: meanings(source))
        var lines = ["# Model card", "", title, ""]
        if case .table(let plan) = source {
            lines.append(
                "- Label: column \"\(plan.label)\", positive where it is \(plan.positive.map { "\"\($0)\"" } ?? "1 or true")"
            )
        }
        lines.append("- Training rows: \(training.rows), of which positive: \(training.positives)")
        if !training.trainingCutoffs.isEmpty {
            lines.append("- Training cutoffs: \(training.trainingCutoffs.joined(separator: ", "))")
            lines.append("- Test cutoffs: \(list(training.testCutoffs))")
            lines.append("- Left out, because their label windows reach into the test: \(list(training.purgedCutoffs))")
        } else {
            lines.append("- Test rows: \(training.testRows) (stratified, seed \(training.seed))")
        }
        let certificate = fitted.certificate
        if let parent = training.parent { lines.append("- Goes on from \(parent)") }
        let end = certificate.stoppedBy.map { " by the \($0)" } ?? ""
        lines.append("- Fit: \(certificate.status.rawValue)\(end) after \(effort)")
        if let calibration = model.calibration { lines.append("- Calibrated: \(calibration.method.rawValue)") }
        if !certificate.aliased.isEmpty { lines.append("- Aliased columns, dropped: \(list(certificate.aliased))") }
        if !certificate.dropped.isEmpty { lines.append("- Constant columns, dropped: \(list(certificate.dropped))") }
        for warning in certificate.warnings { lines.append("- Warning: \(warning)") }
        lines += ["", "| figure | training rows | test rows |", "|---|---|---|"]
        let train = training.metrics.train.figures
        let test = training.metrics.test?.figures
        for (position, figure) in train.enumerated() {
            lines.append("| \(figure.name) | \(text(figure.value)) | \(text(test?[position].value)) |")
        }
        lines += [""] + details
        return lines.joined(separator: "\n") + "\n"
    }

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

    private static func text(_ value: Double?) -> String { value.map(rounded) ?? "undefined" }

    /// Six significant digits.
    private static func rounded(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return "\(value)" }
        var scale = 1.0
        while abs(value) * scale < 1e5, scale < 1e15 { scale *= 10 }
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
