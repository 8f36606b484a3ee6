import ChurnNumerics
import Foundation
import Testing

@testable import ChurnModels

/// Against statsmodels 0.15, and numpy where it has no such estimator (`Expectations/make.py`).
@Suite struct StandardErrorTests {
    private struct Expectations: Decodable {
        struct Fit: Decodable {
            let coefficients: [Double]
            let standardErrors: [Double]
            let logLikelihood: Double
        }

        let columns: [[Double]]
        let labels: [Bool]
        let weights: [Double]
        let clusters: [Int32]
        let l2Strength: Double
        let model: Fit
        let penalisedModel: Fit
        let clustered: Fit
        let sandwich: Fit
        let weightedClustered: Fit

        var data: SyntheticData { SyntheticData(columns: columns, labels: labels) }

        static func load(from source: String = #filePath) throws -> Expectations {
            let folder = URL(filePath: source).deletingLastPathComponent().appending(path: "Expectations")
            let json = try Data(contentsOf: folder.appending(path: "standard-errors.json"))
            return try JSONDecoder().decode(Expectations.self, from: json)
        }
    }

    @Test func modelErrorsAgree() throws {
        let expected = try Expectations.load()
        try check(expected.data.trainingData(), .model, expected.model)
    }

    @Test func penalisedModelErrorsAgree() throws {
        let expected = try Expectations.load()
        try check(expected.data.trainingData(), .model, expected.penalisedModel, l2Strength: expected.l2Strength)
    }

    @Test func sandwichErrorsUnderWeightsAgree() throws {
        let expected = try Expectations.load()
        try check(expected.data.trainingData(weights: expected.weights), .sandwich, expected.sandwich)
    }

    @Test func clusteredErrorsAgree() throws {
        let expected = try Expectations.load()
        try check(expected.data.trainingData(clusters: expected.clusters), .clustered, expected.clustered)
    }

    @Test func clusteredErrorsUnderWeightsAgree() throws {
        let expected = try Expectations.load()
        let data = try expected.data.trainingData(weights: expected.weights, clusters: expected.clusters)
        try check(data, .clustered, expected.weightedClustered)
    }

    @Test func clustersThatDoNotRepeatAreNoClusters() throws {
        let expected = try Expectations.load()
        let clusters = (0..<Int32(expected.labels.count)).reversed().map { $0 }
        try check(expected.data.trainingData(clusters: clusters), .model, expected.model)
    }

    @Test func numbersOfClustersDoNotMatter() throws {
        let expected = try Expectations.load()
        let renamed = expected.clusters.map { 100 - 7 * $0 }
        try check(expected.data.trainingData(clusters: renamed), .clustered, expected.clustered)
    }

    /// Twice the same rows say no more than once, if it is known whose they are.
    @Test func repeatingEveryCustomerDoesNotNarrowTheErrors() throws {
        let expected = try Expectations.load()
        let rows = Array(0..<expected.labels.count)
        let once = try expected.data.trainingData(clusters: expected.clusters)
        let twice = try expected.data.selecting(rows: rows + rows)
            .trainingData(clusters: expected.clusters + expected.clusters)
        let estimator = try LogisticRegression(l2Strength: 0)
        let errors = try [once, twice].map { try estimator.fit($0, threads: 1).standardErrors }
        #expect(largestError(errors[1], errors[0]) <= 1e-10)
    }

    @Test func theInferenceOfACoefficientBelongsTogether() throws {
        let expected = try Expectations.load()
        let fitted = try fit(expected.data.table, expected.labels)
        #expect(fitted.coefficients.map(\.name) == ["x0", "x1", "x2"])
        for (number, coefficient) in fitted.coefficients.enumerated() {
            let column = fitted.preprocessing.designColumns[number]
            let error = try #require(coefficient.standardError)
            let z = try #require(coefficient.zValue)
            let p = try #require(coefficient.pValue)
            #expect(abs(coefficient.rawValue - expected.model.coefficients[number + 1]) <= 1e-9)
            #expect(abs(coefficient.value - coefficient.rawValue * column.standardDeviation) <= 1e-15)
            #expect(abs(error / column.standardDeviation - expected.model.standardErrors[number + 1]) <= 1e-9)
            #expect(abs(z - coefficient.value / error) <= 1e-15)
            #expect(abs(p - erfc(abs(z) / 2.0.squareRoot())) <= 1e-15)
        }
        #expect(abs(fitted.rawIntercept - expected.model.coefficients[0]) <= 1e-9)
    }

    private func check(
        _ data: TrainingData,
        _ kind: LogisticInference.Kind,
        _ expected: Expectations.Fit,
        l2Strength: Double = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let model = try LogisticRegression(l2Strength: l2Strength).fit(data, threads: 2)
        #expect(model.inference?.kind == kind, sourceLocation: sourceLocation)
        #expect(largestError(model.point, expected.coefficients) <= 1e-9, sourceLocation: sourceLocation)
        #expect(largestError(model.standardErrors, expected.standardErrors) <= 1e-9, sourceLocation: sourceLocation)
        #expect(abs(model.logLikelihood / expected.logLikelihood - 1) <= 1e-12, sourceLocation: sourceLocation)
    }
}
