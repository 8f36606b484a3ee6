import ChurnKit

/// Coefficients and inference of a logistic regression.
struct LogisticDetails: ModelDetails {
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
    let descent: StochasticDescent.Method?
    let inference: LogisticInference?
    let logLikelihood: Double
    private let model: FittedLogisticRegression

    private enum CodingKeys: String, CodingKey {
        case features, intercept, rawIntercept, interceptCoefficient, coefficients, penalty, usesFirth, descent,
            classWeights, penaltyFactors, standardErrorType, inference, logLikelihood
    }

    init(_ pipeline: FittedPipeline) {
        model = pipeline.model
        features = pipeline.coefficients.count
        intercept = model.intercept
        rawIntercept = pipeline.rawIntercept
        coefficients = pipeline.coefficients
        interceptCoefficient = pipeline.interceptCoefficient
        penalty = model.penalty
        usesFirth = model.usesFirth
        classWeights = model.classWeights
        penaltyFactors = model.penaltyFactors
        descent = model.descent
        inference = model.inference
        standardErrorType = inference.flatMap { $0.standardErrors.isEmpty ? nil : $0.kind }
        logLikelihood = model.logLikelihood
    }

    var size: String { features == 1 ? "1 feature" : "\(features) features" }

    var title: String {
        var parts = [model.penaltyText]
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
        return "logistic regression\(model.descentText), " + parts.joined(separator: "; ")
    }

    var table: String {
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
        return table.text
    }

    var remarks: [String] {
        guard let inference else {
            return [
                descent != nil
                    ? "no standard errors: a stochastic descent does not look at the curvature of all rows; --model logistic"
                        + " does"
                    : "no standard errors: an L1 penalty chooses coefficients, and errors that do not know it would be too"
                        + " small"
            ]
        }
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

    var end: String {
        let likelihood =
            abs(logLikelihood) < 1e15 ? NumberText.decimals(logLikelihood, 6) : NumberText.significant(logLikelihood)
        return "\(model.effortText), gradient \(NumberText.significant(model.certificate.gradientNorm)), log-likelihood"
            + " \(likelihood)"
    }

    var csv: (header: [String], rows: [[ResultPrinter.Cell]]) {
        (
            ["name", "value", "rawValue", "standardError", "zValue", "pValue", "oddsRatio", "lower95", "upper95"],
            ([interceptCoefficient] + coefficients).map {
                [
                    .text($0.name), .number($0.value), .number($0.rawValue), .number($0.standardError),
                    .number($0.zValue), .number($0.pValue), .number($0.oddsRatio), .number($0.lower95),
                    .number($0.upper95),
                ]
            }
        )
    }
}
