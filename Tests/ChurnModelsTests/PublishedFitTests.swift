import ChurnNumerics
import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnModels

/// Fits of real tables against scikit-learn 1.9.1 and scipy, to every digit that was printed.
@Suite(.enabled(if: SharedData.isAvailable, "needs the shared data: set CHURN_DATA"))
struct PublishedFitTests {
    static let fourFeatures = ["SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges"]

    /// scikit-learn on the four features, z-scored; blank TotalCharges are 0.
    @Test(arguments: [
        (0.0, [-1.49672638, 0.23342512, -1.64172929, 0.85496297, 0.32582483]),
        (1.0, [-1.49040853, 0.23325515, -1.61062233, 0.85954095, 0.29560361]),
        (100.0, [-1.32004834, 0.22457971, -0.93148515, 0.82851073, -0.24866604]),
    ])
    func telcosFourFeaturesAgree(l2Strength: Double, expected: [Double]) throws {
        let telco = try PublishedData.telco()
        #expect(telco.labels.count == 7043 && telco.labels.count { $0 } == 1869)
        let fitted = try fit(
            telco.selecting(Self.fourFeatures),
            telco.labels,
            l2Strength: l2Strength,
            imputation: .zero,
            threads: 2
        )
        #expect(fitted.preprocessing.designNames == Self.fourFeatures)
        #expect(fitted.model.certificate.status == .converged)
        for (got, wanted) in zip(fitted.model.point, expected) { #expect(abs(got - wanted) <= 5.1e-9) }
    }

    @Test func telcosFourFeaturesPredictAsWell() throws {
        let telco = try PublishedData.telco()
        let table = try telco.selecting(Self.fourFeatures)
        let fitted = try fit(table, telco.labels, imputation: .zero)
        #expect(abs(fitted.model.logLikelihood - -3162.904842) <= 5.1e-7)
        let probabilities = try fitted.probabilities(table)
        #expect(abs(pairwiseAUC(probabilities, telco.labels) - 0.813025) <= 5.1e-7)
        #expect(abs(brier(probabilities, telco.labels) - 0.146454) <= 5.1e-7)
    }

    /// 30 one-hot columns of rank 23: what "No internet service" and "No phone service" repeat.
    @Test func telcosAllColumnsAgree() throws {
        let telco = try PublishedData.telco()
        let fitted = try fit(telco.table, telco.labels, imputation: .zero, threads: 2)
        let certificate = fitted.model.certificate
        #expect(certificate.status == .converged)
        #expect(fitted.model.coefficients.count == 23)
        #expect(certificate.dropped == [])
        #expect(certificate.separated == [])
        #expect(
            certificate.aliased == [
                "MultipleLines=No phone service", "OnlineSecurity=No internet service",
                "OnlineBackup=No internet service", "DeviceProtection=No internet service",
                "TechSupport=No internet service", "StreamingTV=No internet service",
                "StreamingMovies=No internet service",
            ]
        )
        #expect(abs(fitted.model.logLikelihood - -2914.142155) <= 5.1e-7)
        let probabilities = try fitted.probabilities(telco.table)
        #expect(abs(pairwiseAUC(probabilities, telco.labels) - 0.848453) <= 5.1e-7)
        #expect(abs(brier(probabilities, telco.labels) - 0.134174) <= 5.1e-7)
        let logLoss = zip(probabilities, telco.labels).reduce(0) { $0 - log($1.1 ? $1.0 : 1 - $1.0) } / 7043
        #expect(abs(logLoss - 0.413764) <= 5.1e-7)
    }

    /// Fold of a row: its index within its class, modulo 10. Everything is learnt inside the fold.
    @Test func telcosTenFoldsAgree() throws {
        let telco = try PublishedData.telco()
        var seen = [false: 0, true: 0]
        let folds = telco.labels.map { label in
            defer { seen[label, default: 0] += 1 }
            return seen[label, default: 0] % 10
        }
        let areas = try (0..<10).map { fold in
            let train = folds.indices.filter { folds[$0] != fold }
            let test = folds.indices.filter { folds[$0] == fold }
            let fitted = try fit(
                telco.table.selecting(rows: train),
                train.map { telco.labels[$0] },
                l2Strength: 1,
                imputation: .zero,
                threads: 2
            )
            let scores = try fitted.probabilities(telco.table.selecting(rows: test))
            return pairwiseAUC(scores, test.map { telco.labels[$0] })
        }
        let mean = areas.reduce(0, +) / 10
        let deviation = (areas.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 10).squareRoot()
        #expect(abs(mean - 0.845900) <= 5.1e-7)
        #expect(abs(deviation - 0.015422) <= 5.1e-7)
    }

    @Test func mlcChurnAgrees() throws {
        let mlc = try PublishedData.mlcChurn()
        #expect(mlc.labels.count == 5000 && mlc.labels.count { $0 } == 707)
        let fitted = try fit(mlc.table, mlc.labels, l2Strength: 1, threads: 2)
        #expect(abs(pairwiseAUC(try fitted.probabilities(mlc.table), mlc.labels) - 0.828796) <= 5.1e-7)
    }

    private func brier(_ probabilities: [Double], _ labels: [Bool]) -> Double {
        let squares = zip(probabilities, labels).map { ($0 - ($1 ? 1 : 0)) * ($0 - ($1 ? 1 : 0)) }
        return squares.reduce(0, +) / Double(labels.count)
    }
}
