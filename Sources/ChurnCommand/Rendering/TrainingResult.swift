import ChurnKit

/// What `churn train` reports; the JSON is described in `docs/formats/command-json.md`.
struct TrainingResult: Encodable {
    let model: String
    let version: Int
    let rows: Int
    let positives: Int
    let testRows: Int
    let trainingCutoffs: [String]
    let testCutoffs: [String]
    let purgedCutoffs: [String]
    let features: Int
    let intercept: Double
    let rawIntercept: Double
    let coefficients: [FittedPipeline.Coefficient]
    let penalty: Penalty
    let standardErrorType: LogisticInference.Kind?
    let usesFirth: Bool
    let classWeights: ClassFactors?
    let penaltyFactors: [Double]?
    let interceptCoefficient: FittedPipeline.Coefficient
    private let fit: String
    private let descentText: String
    let descent: StochasticDescent.Method?
    private let effort: String
    let parent: String?

    private enum CodingKeys: String, CodingKey {
        case model, version, parent, rows, positives, testRows, trainingCutoffs, testCutoffs, purgedCutoffs, features,
            intercept
        case rawIntercept, interceptCoefficient, coefficients, penalty, usesFirth, descent, classWeights,
            penaltyFactors,
            standardErrorType, inference
        case logLikelihood, certificate, metrics
    }

    let inference: LogisticInference?
    let logLikelihood: Double
    let certificate: FitCertificate
    let metrics: TrainingRecord.Figures

    init(name: String, version: Int, stored: StoredModel) {
        let pipeline = stored.pipeline
        model = name
        self.version = version
        rows = stored.training.rows
        positives = stored.training.positives
        testRows = stored.training.testRows
        trainingCutoffs = stored.training.trainingCutoffs
        testCutoffs = stored.training.testCutoffs
        purgedCutoffs = stored.training.purgedCutoffs
        features = pipeline.coefficients.count
        intercept = pipeline.model.intercept
        rawIntercept = pipeline.rawIntercept
        coefficients = pipeline.coefficients
        interceptCoefficient = pipeline.interceptCoefficient
        penalty = pipeline.model.penalty
        usesFirth = pipeline.model.usesFirth
        classWeights = pipeline.model.classWeights
        penaltyFactors = pipeline.model.penaltyFactors
        fit = pipeline.model.penaltyText
        descentText = pipeline.model.descentText
        descent = pipeline.model.descent
        effort = pipeline.model.effortText
        parent = stored.training.parent
        inference = pipeline.model.inference
        standardErrorType = inference.flatMap { $0.standardErrors.isEmpty ? nil : $0.kind }
        logLikelihood = pipeline.model.logLikelihood
        certificate = pipeline.model.certificate
        metrics = stored.training.metrics
    }

    func print(_ format: OutputFormat) throws {
        switch format {
        case .json:
            try ResultPrinter.json(self)
        case .csv:
            try ResultPrinter.csv(
                header: [
                    "name", "value", "rawValue", "standardError", "zValue", "pValue", "oddsRatio", "lower95", "upper95",
                ],
                rows: ([interceptCoefficient] + coefficients).map {
                    [
                        .text($0.name), .number($0.value), .number($0.rawValue), .number($0.standardError),
                        .number($0.zValue), .number($0.pValue), .number($0.oddsRatio), .number($0.lower95),
                        .number($0.upper95),
                    ]
                }
            )
            try ResultPrinter.flush()
        case .table:
            try ResultPrinter.text(text)
        }
    }

    /// What was fitted, in words.
    private var fitText: String {
        var parts = [fit]
        if let classWeights {
            parts.append(
                "rows weighted \(NumberText.significant(classWeights.positive)) where churned and"
                    + " \(NumberText.significant(classWeights.negative)) where not, the intercept put right"
            )
        }
        if let penaltyFactors {
            let shares = Set(penaltyFactors).sorted().map { NumberText.significant($0) }.joined(separator: ", ")
            parts.append("penalty factors \(shares)")
        }
        if penalty.l1 > 0 {
            parts.append("\(coefficients.count { $0.value != 0 }) of \(coefficients.count) coefficients not 0")
        }
        return "logistic regression\(descentText), " + parts.joined(separator: "; ")
    }

    private static func text(_ inference: LogisticInference) -> [String] {
        var lines = inference.standardErrors.isEmpty ? [] : ["standard errors: \(inference.kind.rawValue)"]
        if let test = inference.globalTest {
            let name = test.kind == .likelihoodRatio ? "likelihood-ratio test" : "Wald test"
            lines.append(
                "\(name) of all coefficients: chi-squared \(NumberText.decimals(test.statistic, 2)) with"
                    + " \(test.degreesOfFreedom) degrees of freedom, p \(NumberText.probability(test.pValue))"
            )
        }
        lines.append(
            "AIC \(NumberText.decimals(inference.aic, 2)), BIC \(NumberText.decimals(inference.bic, 2)) of"
                + " \(NumberText.significant(inference.effectiveDegreesOfFreedom)) effective degrees of freedom"
        )
        return lines
    }

    private var text: String {
        var lines: [String] = []
        lines.append(
            "\(model)@\(version): \(NumberText.count(rows)) training rows, \(NumberText.count(positives)) positive"
                + " (\(NumberText.percent(Double(positives) / Double(max(rows, 1))))), \(features) features"
        )
        if !trainingCutoffs.isEmpty {
            lines.append(WrappedText.wrap("trained on \(trainingCutoffs.joined(separator: ", "))"))
            if !testCutoffs.isEmpty { lines.append("tested on \(testCutoffs.joined(separator: ", "))") }
            if !purgedCutoffs.isEmpty {
                lines.append(
                    WrappedText.wrap(
                        "left out, because their label windows reach past the test cutoff: "
                            + purgedCutoffs.joined(separator: ", ")
                    )
                )
            }
        }
        if let parent { lines.append("goes on from \(parent)") }
        lines.append(WrappedText.wrap(fitText))
        let hasErrors = inference.map { !$0.standardErrors.isEmpty } ?? false
        var table = TextTable(
            headers: ["coefficient", "per std. dev.", "per unit"] + (hasErrors ? ["std. error", "z", "p"] : [])
        )
        for coefficient in [interceptCoefficient] + coefficients {
            table.append(
                [
                    coefficient.name, NumberText.significant(coefficient.value),
                    NumberText.significant(coefficient.rawValue),
                ]
                    + (hasErrors
                        ? [
                            NumberText.significant(coefficient.standardError),
                            NumberText.decimals(coefficient.zValue, 2),
                            NumberText.probability(coefficient.pValue),
                        ] : [])
            )
        }
        lines += ["", table.text]
        lines +=
            inference.map(Self.text) ?? [
                WrappedText.wrap(
                    descent != nil
                        ? "no standard errors: a stochastic descent does not look at the curvature of all rows; --model logistic"
                            + " does"
                        : "no standard errors: an L1 penalty chooses coefficients, and errors that do not know it would be too"
                            + " small"
                )
            ]
        if !certificate.aliased.isEmpty {
            lines.append(
                WrappedText.wrap(
                    "aliased (repeat earlier columns, dropped): \(certificate.aliased.joined(separator: ", "))"
                )
            )
        }
        if !certificate.dropped.isEmpty {
            lines.append(WrappedText.wrap("constant (dropped): \(certificate.dropped.joined(separator: ", "))"))
        }
        let status =
            switch certificate.status {
            case .notConverged: "not converged"
            case .stoppedEarly: "stopped by the \(certificate.stoppedBy ?? "held-out loss")"
            case .converged, .diverged: certificate.status.rawValue
            }
        lines.append(
            WrappedText.wrap(
                "fit: \(status) after \(effort), gradient"
                    + " \(NumberText.significant(certificate.gradientNorm)), log-likelihood"
                    + " \(abs(logLikelihood) < 1e15 ? NumberText.decimals(logLikelihood, 6) : NumberText.significant(logLikelihood))"
            )
        )
        lines += [
            "",
            MetricsText.table([("training rows", metrics.train)] + (metrics.test.map { [("test rows", $0)] } ?? [])),
        ]
        return lines.joined(separator: "\n")
    }
}
