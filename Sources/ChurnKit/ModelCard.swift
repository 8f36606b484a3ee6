import ChurnEvaluation
import ChurnModels
import ChurnRegistry

/// The page that says what a model is: kept with every version.
enum ModelCard {
    static func text(
        source: StoredModel.PredictorSource,
        pipeline: FittedPipeline,
        training: TrainingRecord
    ) -> String {
        var lines = [
            "# Model card", "", "Logistic regression\(pipeline.model.descentText), \(pipeline.model.penaltyText).", "",
        ]
        var meanings: [String: String] = [:]
        switch source {
        case .table(let plan):
            lines.append(
                "- Label: column \"\(plan.label)\", positive where it is \(plan.positive.map { "\"\($0)\"" } ?? "1 or true")"
            )
        case .features(let plan):
            for feature in plan.features { meanings[feature.name] = feature.sentence }
        }
        lines.append("- Training rows: \(training.rows), of which positive: \(training.positives)")
        if !training.trainingCutoffs.isEmpty {
            lines.append("- Training cutoffs: \(training.trainingCutoffs.joined(separator: ", "))")
            lines.append("- Test cutoffs: \(list(training.testCutoffs))")
            lines.append("- Left out, because their label windows reach into the test: \(list(training.purgedCutoffs))")
        } else {
            lines.append("- Test rows: \(training.testRows) (stratified, seed \(training.seed))")
        }
        let certificate = pipeline.model.certificate
        if let parent = training.parent { lines.append("- Goes on from \(parent)") }
        let end = certificate.stoppedBy.map { " by the \($0)" } ?? ""
        lines.append("- Fit: \(certificate.status.rawValue)\(end) after \(pipeline.model.effortText)")
        if !certificate.aliased.isEmpty { lines.append("- Aliased columns, dropped: \(list(certificate.aliased))") }
        if !certificate.dropped.isEmpty { lines.append("- Constant columns, dropped: \(list(certificate.dropped))") }
        for warning in certificate.warnings { lines.append("- Warning: \(warning)") }
        lines += ["", "| figure | training rows | test rows |", "|---|---|---|"]
        let train = training.metrics.train.figures
        let test = training.metrics.test?.figures
        for (position, figure) in train.enumerated() {
            lines.append("| \(figure.name) | \(text(figure.value)) | \(text(test?[position].value)) |")
        }
        lines += ["", "| coefficient | per standard deviation | per unit | meaning |", "|---|---|---|---|"]
        for coefficient in pipeline.coefficients {
            lines.append(
                "| \(coefficient.name) | \(rounded(coefficient.value)) | \(rounded(coefficient.rawValue))"
                    + " | \(meanings[coefficient.name] ?? "") |"
            )
        }
        return lines.joined(separator: "\n") + "\n"
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
