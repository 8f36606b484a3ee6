import ChurnNumerics
import Foundation
import Testing

@testable import ChurnModels

/// Splines and products: what they are, and that they are learnt from training rows alone.
@Suite struct TermTests {
    private let values: [Double] = (0..<400).map { row -> Double in Double(row * 37 % 101) / 10 + Double(row) / 1000 }

    /// Knots where R's `quantile` and numpy put these quantiles (type 7).
    @Test func knotsStandAtQuantiles() throws {
        let spline = try #require(RestrictedCubicSpline(knots: 4, values: values, weights: nil))
        let sorted = values.sorted()
        let expected = [0.05, 0.35, 0.65, 0.95].map { quantile -> Double in
            let place = 399 * quantile
            let lower = Int(place)
            return sorted[lower] + (place - Double(lower)) * (sorted[lower + 1] - sorted[lower])
        }
        #expect(largestError(spline.knots, expected) <= 1e-14)
        let twice = try #require(RestrictedCubicSpline(knots: 4, values: values, weights: values.map { _ in 2 }))
        let repeated = try #require(RestrictedCubicSpline(knots: 4, values: values + values, weights: nil))
        #expect(largestError(twice.knots, repeated.knots) <= 1e-14)
        let small = try #require(RestrictedCubicSpline(knots: 4, values: values, weights: values.map { _ in 0.001 }))
        #expect(largestError(small.knots, spline.knots) <= 1e-12)
    }

    /// Two derivatives without a jump, and straight outside the outer knots.
    @Test func theSplineIsSmoothAndStraightAtItsEnds() throws {
        let spline = try #require(RestrictedCubicSpline(knots: 5, values: values, weights: nil))
        func value(_ term: Int, _ x: Double) -> Double {
            var result = x
            spline.evaluate(term: term, &result, count: 1)
            return result
        }
        let (first, last) = (spline.knots[0], spline.knots[4])
        for term in 0..<spline.termCount {
            #expect(value(term, first - 3) == 0 && value(term, first) == 0)
            let step = 0.5
            let second = value(term, last + 3 * step) - 2 * value(term, last + 2 * step) + value(term, last + step)
            #expect(abs(second) <= 1e-12)
            let slope = value(term, last + 1) - value(term, last)
            #expect(abs(value(term, 1e15) / 1e15 / slope - 1) <= 1e-9 && value(term, .nan).isNaN)
            for knot in spline.knots {
                let h = 1e-4
                func curvature(_ x: Double) -> Double {
                    (value(term, x + h) - 2 * value(term, x) + value(term, x - h)) / (h * h)
                }
                #expect(abs(curvature(knot - 2 * h) - curvature(knot + 2 * h)) <= 0.01)
            }
        }
    }

    /// A curve that no straight line follows.
    @Test func aSplineLetsALinearModelBend() throws {
        var stream = RandomStream(seed: 8, purpose: "bend")
        let x = (0..<3000).map { _ in 6 * stream.uniform() - 3 }
        let labels = x.map { stream.bernoulli(StableFunctions.sigmoid(1.5 * $0 * $0 - 4)) }
        let table = try numericTable([("x", x)])
        let plain = try fit(table, labels)
        let bent = try FittedPipeline.fit(
            table,
            labels: labels,
            .init(estimator: LogisticRegression(l2Strength: 0), terms: Terms(splines: ["x": 5])),
            threads: 2
        )
        #expect(bent.preprocessing.designNames == ["x", "x'", "x''", "x'''"])
        #expect(bent.predictorNames == ["x"])
        #expect(bent.model.logLikelihood > plain.model.logLikelihood + 300)
        let later = try numericTable([("x", [0, 2.9, -2.9, 10, .nan])])
        let scores = try bent.probabilities(later)
        #expect(scores[0] < 0.1 && scores[1] > 0.9 && scores[2] > 0.9 && scores[3].isFinite)
        // What the columns of one predictor contribute is one contribution.
        let contributions = try bent.contributions(later)
        #expect(contributions.columnCount == 1)
        let odds = try bent.linearPredictor(later)
        for row in 0..<5 { #expect(abs(contributions[row, 0] + bent.model.intercept - odds[row]) <= 1e-12) }
    }

    @Test func anInteractionIsTheProductOfWhatDiffersFromTheMeans() throws {
        let data = SyntheticData.logistic(rows: 300, coefficients: [1, -1])
        let kinds = (0..<300).map { ["a", "b", "c"][$0 % 3] }
        let table = try PredictorTable(
            rowCount: 300,
            columns: data.table.columns + [categoricalColumn("kind", kinds)]
        )
        let terms = Terms(interactions: [.init("x0", "x1"), .init("x1", "kind")])
        let (preprocessing, design) = try Preprocessing.fit(table, imputation: .mean, terms: terms, threads: 1)
        #expect(
            preprocessing.designNames == ["x0", "x1", "kind=b", "kind=c", "x0:x1", "x1:kind=b", "x1:kind=c"]
        )
        #expect(preprocessing.sourceNames == ["x0", "x1", "kind", "x0:x1", "x1:kind"])
        let means = data.columns.map { $0.reduce(0, +) / 300 }
        let products = (0..<300).map { (data.columns[0][$0] - means[0]) * (data.columns[1][$0] - means[1]) }
        let mean = products.reduce(0, +) / 300
        let deviation = (products.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 300).squareRoot()
        #expect(largestError(design.column(4), products.map { ($0 - mean) / deviation }) <= 1e-12)
        // A category that training did not know stands at the mean of its products, too.
        let later = try PredictorTable(
            rowCount: 1,
            columns: [
                PredictorColumn(name: "kind", values: .categorical(codes: [0], levels: ["zzz"])),
                PredictorColumn(name: "x1", values: .numeric([2.0])),
                PredictorColumn(name: "x0", values: .numeric([1.0])),
            ]
        )
        let row = Matrix(try preprocessing.apply(to: later))
        #expect(row[0, 5] == 0 && row[0, 6] == 0 && row[0, 4] != 0)
    }

    @Test func termsOfNothingAreRefused() throws {
        let table = try numericTable([("tenure", [1, 2, 3, 4, 5]), ("flag", [0, 0, 0, 0, 1])])
        func learn(_ terms: Terms) throws {
            _ = try Preprocessing.fit(table, imputation: .mean, terms: terms, threads: 1)
        }
        #expect(throws: ModelError.unknownPredictor("tenur", nearest: "tenure")) {
            try learn(Terms(splines: ["tenur": 4]))
        }
        #expect(throws: ModelError.unknownPredictor("age", nearest: nil)) {
            try learn(Terms(interactions: [.init("tenure", "age")]))
        }
        #expect(throws: ModelError.tooFewKnots(column: "flag", knots: 3)) { try learn(Terms(splines: ["flag": 3])) }
        #expect(throws: ModelError.self) { try learn(Terms(splines: ["tenure": 8])) }
        let twice = [Terms.Pair("tenure", "flag"), Terms.Pair("flag", "tenure")]
        #expect(throws: ModelError.self) { try learn(Terms(interactions: twice)) }
    }

    @Test func penaltyFactorsAreOfPredictors() throws {
        let data = SyntheticData.logistic(rows: 500, coefficients: [1, -1])
        func fit(_ factors: [String: Double], l2: Double) throws -> [Double] {
            try FittedPipeline.fit(
                data.table,
                labels: data.labels,
                .init(estimator: LogisticRegression(l2Strength: l2), penaltyFactors: factors),
                threads: 1
            ).model.coefficients
        }
        #expect(largestError(try fit(["x0": 2, "x1": 2], l2: 5), try fit([:], l2: 10)) <= 1e-9)
        let free = try fit(["x0": 0], l2: 1e8)
        #expect(abs(free[1]) < 1e-5 && free[0] > 0.5)
        #expect(throws: ModelError.unknownPredictor("x9", nearest: "x0")) { try fit(["x9": 1], l2: 1) }
        // A column that separates, held by the penalty beside one that is not, is no reason to stop.
        let rare = data.labels.enumerated().map { $0 % 50 == 0 && $1 ? 1.0 : 0 }
        let table = try PredictorTable(
            rowCount: 500,
            columns: data.table.columns + [PredictorColumn(name: "rare", values: .numeric(rare))]
        )
        func separated(_ factors: [String: Double]) throws -> FittedPipeline {
            try FittedPipeline.fit(
                table,
                labels: data.labels,
                .init(estimator: LogisticRegression(l2Strength: 1), penaltyFactors: factors),
                threads: 1
            )
        }
        let held = try separated(["x0": 0])
        #expect(held.model.certificate.separated == ["rare"] && held.coefficients[2].standardError == nil)
        #expect(held.coefficients[0].standardError != nil && held.model.penaltyFactors == [0, 1, 1])
        #expect(throws: ModelError.separated(columns: ["rare"])) { try separated(["rare": 0]) }
    }
}
