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

    /// The four objectives: L1 and an elastic net as scikit-learn and glmnet write them, and LIBLINEAR's penalised bias.
    /// The elastic net is scikit-learn 1.9.1's, solver saga, to a tolerance of 1e-13.
    @Test func telcosPenaltiesAgreeWithTheirPeers() throws {
        let telco = try PublishedData.telco()
        let table = try telco.selecting(Self.fourFeatures)
        let lasso = [-1.32473773, 0.16493317, -1.11993569, 0.74287935, 0]
        let bias = [-1.18823415, 0.21735976, -0.86050732, 0.79943372, -0.26763929]
        let net = [-1.321911866211, 0.20681881102, -1.017581816576, 0.789478396532, -0.129891115817]
        let cases: [(Penalty, [Double], Double)] = [
            (try .scikitLearn(c: 0.01, l1Ratio: 1), lasso, 5.1e-9),
            (try .glmnet(lambda: 1 / (7043 * 0.01)), lasso, 5.1e-9),
            (try .liblinear(c: 0.01), bias, 5.1e-9),
            (try .scikitLearn(c: 0.01, l1Ratio: 0.3), net, 1e-8),
        ]
        for (penalty, expected, error) in cases {
            for solver in [LogisticRegression.Solver.coordinateDescent, .automatic] {
                let fitted = try FittedPipeline.fit(
                    table,
                    labels: telco.labels,
                    .init(estimator: LogisticRegression(penalty: penalty, solver: solver), imputation: .zero),
                    threads: 2
                )
                #expect(fitted.model.certificate.status == .converged)
                for (got, wanted) in zip(fitted.model.point, expected) {
                    #expect(abs(got - wanted) <= error, "\(penalty)")
                }
                #expect((fitted.model.coefficients[3] == 0) == (expected[4] == 0))
            }
        }
    }

    /// Every solver, on every column.
    @Test(arguments: [0, 0.1, 100], LogisticRegression.Solver.allCases)
    func theSolversAgree(l2Strength: Double, solver: LogisticRegression.Solver) throws {
        for data in [try PublishedData.telco(), try PublishedData.mlcChurn()] {
            func fit(_ solver: LogisticRegression.Solver) throws -> FittedLogisticRegression {
                try FittedPipeline.fit(
                    data.table,
                    labels: data.labels,
                    .init(
                        estimator: LogisticRegression(
                            penalty: Penalty(l2: l2Strength),
                            solver: solver,
                            tolerance: 1e-12
                        ),
                        imputation: .zero
                    ),
                    threads: 2
                ).model
            }
            let (one, other) = (try fit(.newton), try fit(solver))
            #expect(other.certificate.status == .converged)
            #expect(other.certificate.gradientNorm <= 1e-8)
            #expect(largestError(other.point, one.point) <= 1e-8)
        }
    }

    /// statsmodels 0.15: likelihood-ratio test, AIC, BIC, Wald intervals; with customers in threes, the cluster-robust test.
    @Test func telcosInferenceAgrees() throws {
        let telco = try PublishedData.telco()
        let table = try telco.selecting(Self.fourFeatures)
        let fitted = try fit(table, telco.labels, imputation: .zero)
        let inference = try #require(fitted.model.inference)
        // Of the base rate alone; statsmodels searches for it and stops 4e-8 short.
        let null = 1869 * log(1869.0 / 7043) + 5174 * log(5174.0 / 7043)
        #expect(abs(inference.nullLogLikelihood - null) <= 1e-9 && abs(null - -4075.072949547855) <= 1e-7)
        #expect(abs(inference.aic - 6335.809684982354) <= 1e-8 && abs(inference.bic - 6370.108632456081) <= 1e-8)
        let test = try #require(inference.globalTest)
        #expect(test.kind == .likelihoodRatio && test.degreesOfFreedom == 4 && test.pValue == 0)
        #expect(abs(test.statistic - 1824.3362141133557) <= 1e-7)
        let intervals = [
            (0.17615415368874243, 0.29069609228352256), (-1.904645443126858, -1.3788131363608633),
            (0.7527883602587332, 0.9571375832956154), (0.05216973796263463, 0.5994799128738566),
        ]
        for (coefficient, interval) in zip(fitted.coefficients, intervals) {
            #expect(abs(try #require(coefficient.lower95) - interval.0) <= 1e-9)
            #expect(abs(try #require(coefficient.upper95) - interval.1) <= 1e-9)
            #expect(abs(log(try #require(coefficient.oddsRatio)) - coefficient.value) <= 1e-15)
        }
        let clusters = telco.labels.indices.map { Int32($0 / 3) }
        let clustered = try fit(table, telco.labels, clusters: clusters, imputation: .zero)
        let robust = try #require(clustered.model.inference?.globalTest)
        #expect(robust.kind == .wald)
        // statsmodels was asked without the factor G/(G - 1).
        let groups = 2348.0
        #expect(abs(robust.statistic * groups / (groups - 1) / 1132.0848213492322 - 1) <= 1e-9)
    }

    /// scikit-learn's balanced weights, before and after the intercept is put right.
    @Test func telcosBalancedWeightsAgree() throws {
        let telco = try PublishedData.telco()
        let table = try telco.selecting(Self.fourFeatures)
        let fitted = try FittedPipeline.fit(
            table,
            labels: telco.labels,
            .init(
                estimator: LogisticRegression(penalty: Penalty(l2: 1), classWeights: .balanced),
                imputation: .zero
            ),
            threads: 2
        )
        let expected = [0.247682857277, -1.527454008874, 0.877260660242, 0.228943290977]
        #expect(largestError(fitted.model.coefficients, expected) <= 1e-10)
        let mean = try fitted.probabilities(table).reduce(0, +) / 7043
        #expect(abs(mean - 1869.0 / 7043) <= 1e-12)
        #expect(fitted.model.inference?.kind == .sandwich)
    }

    /// statsmodels' GLM with an offset that a step in the tenure makes.
    @Test func telcosOffsetAgrees() throws {
        let telco = try PublishedData.telco()
        let tenure = try #require(try telco.selecting(["tenure"]).columns.first)
        guard case .numeric(let months) = tenure.values else {
            Issue.record("the tenure is a number")
            return
        }
        let offsets = months.map { $0 > 24 ? -0.5 : 0.25 }
        let table = try telco.selecting(["SeniorCitizen", "MonthlyCharges"])
        let fitted = try FittedPipeline.fit(
            table,
            labels: telco.labels,
            offsets: offsets,
            .init(estimator: LogisticRegression(penalty: .none, tolerance: 1e-13)),
            threads: 2
        )
        #expect(largestError(fitted.model.point, [-0.955855631576, 0.226854978842, 0.521672793532]) <= 1e-11)
        #expect(abs(fitted.model.logLikelihood - -3576.2907347489827) <= 1e-9)
        #expect(abs(try #require(fitted.model.inference).nullLogLikelihood - -3811.5517251068454) <= 1e-9)
        let mean = try fitted.probabilities(table, offsets: offsets).reduce(0, +) / 7043
        #expect(abs(mean - 1869.0 / 7043) <= 1e-12)
        #expect(throws: ModelError.self) { try fitted.probabilities(table, offsets: [1, 2]) }
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
