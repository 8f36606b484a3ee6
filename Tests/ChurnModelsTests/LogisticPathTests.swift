import ChurnNumerics
import Testing

@testable import ChurnModels

@Suite struct LogisticPathTests {
    private static let data = SyntheticData.logistic(rows: 900, coefficients: [1, -2, 0.5, 0, 0, 0.1])

    @Test(arguments: [1, 0.4]) func everyPointIsTheFitAtItsLambda(alpha: Double) throws {
        let training = try Self.data.trainingData()
        let points = try LogisticPath(alpha: alpha, count: 20, tolerance: 1e-12).fit(training, threads: 2)
        #expect(points.count == 20 && points[0].degreesOfFreedom == 0 && points[19].degreesOfFreedom == 6)
        #expect(points[1].degreesOfFreedom > 0 && abs(points[19].lambda / points[0].lambda / 1e-4 - 1) <= 1e-12)
        for point in points {
            #expect(point.status == .converged && point.residual <= 1e-12)
            let alone = try LogisticRegression(
                penalty: .glmnet(lambda: point.lambda, alpha: alpha),
                tolerance: 1e-12
            ).fit(training, threads: 1)
            #expect(largestError([point.intercept] + point.coefficients, alone.point) <= 1e-8)
        }
        let ratios = points.map(\.devianceRatio)
        #expect(abs(ratios[0]) <= 1e-12)
        #expect(zip(ratios, ratios.dropFirst()).allSatisfy { $0 < $1 })
    }

    /// The first lambda is the smallest that fits nothing.
    @Test func theFirstLambdaIsTheEdge() throws {
        let training = try Self.data.trainingData()
        let edge = try LogisticPath(count: 2).fit(training, threads: 1)[0].lambda
        func fitted(_ lambda: Double) throws -> [Double] {
            try LogisticRegression(penalty: .glmnet(lambda: lambda)).fit(training, threads: 1).coefficients
        }
        #expect(try fitted(edge * 1.000001).allSatisfy { $0 == 0 })
        #expect(try fitted(edge * 0.999).count { $0 != 0 } == 1)
    }

    /// 250 rows of 700 rare columns.
    private static let rare: SyntheticData = {
        var stream = RandomStream(seed: 4, purpose: "rare")
        let rows = 250
        let columns = (0..<700).map { _ in
            let share = 0.02 + 0.1 * stream.uniform()
            return (0..<rows).map { _ in stream.bernoulli(share) ? 1.0 : 0 }
        }
        let labels = (0..<rows).map { row in
            let odds = 2 * (columns[0][row] + columns[1][row]) - 2 * columns[2][row] - 0.5
            return stream.bernoulli(StableFunctions.sigmoid(odds))
        }
        return SyntheticData(columns: columns, labels: labels)
    }()

    /// More columns than rows, most of them rare: what the strong rule leaves out is checked before it counts.
    @Test func manyRareColumnsAreFittedExactly() throws {
        let (columns, labels, rows) = (Self.rare.columns, Self.rare.labels, Self.rare.rowCount)
        let training = try Self.rare.trainingData()
        let points = try LogisticPath(alpha: 0.9, count: 30, tolerance: 1e-11).fit(training, threads: 2)
        #expect(points.count == 30 && points[29].degreesOfFreedom > 50)
        let last = points[29]
        #expect(abs(last.lambda / points[0].lambda / 0.01 - 1) <= 1e-9)
        // The conditions of all columns, in plain sums.
        let slopes = (0..<rows).map { row -> Double in
            var odds = last.intercept
            for (column, coefficient) in last.coefficients.enumerated() { odds += coefficient * columns[column][row] }
            return StableFunctions.sigmoid(odds) - (labels[row] ? 1 : 0)
        }
        for (column, coefficient) in last.coefficients.enumerated() {
            var slope = 0.1 * last.lambda * coefficient
            for row in 0..<rows { slope += slopes[row] * columns[column][row] / Double(rows) }
            let limit = 0.9 * last.lambda
            let left =
                coefficient == 0 ? max(0, abs(slope) - limit) : abs(slope + (coefficient > 0 ? limit : -limit))
            #expect(left <= 1e-10, "column \(column)")
        }
    }

    /// A single strength of many columns is come to by way of stronger ones, and is the path's.
    @Test func aSingleStrengthOfManyColumnsIsThePathsPoint() throws {
        let training = try Self.rare.trainingData()
        let points = try LogisticPath(alpha: 0.9, count: 30, tolerance: 1e-11).fit(training, threads: 2)
        for point in [points[12], points[29]] {
            let penalty = try Penalty.glmnet(lambda: point.lambda, alpha: 0.9)
            let fitted = try LogisticRegression(penalty: penalty, tolerance: 1e-11).fit(training, threads: 2)
            #expect(fitted.certificate.status == .converged)
            #expect(largestError(fitted.coefficients, point.coefficients) <= 1e-7)
        }
    }

    @Test(arguments: [1, 2, 7]) func theIterationsOfManyColumnsAreBounded(most: Int) throws {
        let fitted = try LogisticRegression(penalty: Penalty(l1: 1), maximumIterations: most)
            .fit(Self.rare.trainingData(), threads: 2)
        #expect(fitted.certificate.iterations <= most && fitted.certificate.status == .notConverged)
    }

    /// A strength so small that the way to it has no number of steps.
    @Test func aTinyStrengthOfManyColumnsComesToAnEnd() throws {
        let penalty = try Penalty(l1: 1e-100, l2: 1)
        let fitted = try LogisticRegression(penalty: penalty, tolerance: 1e-8).fit(Self.rare.trainingData(), threads: 2)
        let ridge = try LogisticRegression(l2Strength: 1).fit(Self.rare.trainingData(), threads: 2)
        #expect(fitted.certificate.status == .converged)
        #expect(largestError(fitted.coefficients, ridge.coefficients) <= 1e-5)
    }

    @Test func columnsWithoutAPenaltyAreInFromTheStart() throws {
        let free = try TrainingData(
            design: Self.data.trainingData().design,
            columnNames: Self.data.names,
            labels: Self.data.labels,
            penaltyFactors: [0, 1, 1, 1, 1, 3]
        )
        let first = try LogisticPath(count: 3, tolerance: 1e-12).fit(free, threads: 1)[0]
        #expect(first.coefficients.dropFirst().allSatisfy { $0 == 0 })
        let alone = try fit(Self.data.selecting(columns: [0]).table, Self.data.labels)
        #expect(abs(first.coefficients[0] - alone.coefficients[0].rawValue) <= 1e-9)
    }

    /// Rows and their mirror images, labels mirrored too, have no intercept: with and without one the path is the same.
    @Test func withoutAnInterceptItStaysZero() throws {
        let mirrored = SyntheticData(
            columns: Self.data.columns.map { $0 + $0.map { -$0 } },
            labels: Self.data.labels + Self.data.labels.map { !$0 }
        )
        let training = try mirrored.trainingData()
        let with = try LogisticPath(count: 5, tolerance: 1e-11).fit(training, threads: 1)
        let without = try LogisticPath(count: 5, fitsIntercept: false, tolerance: 1e-11).fit(training, threads: 1)
        for (one, other) in zip(with, without) {
            #expect(other.intercept == 0 && abs(one.intercept) <= 1e-9)
            #expect(largestError(other.coefficients, one.coefficients) <= 1e-8)
        }
        let lopsided = try LogisticPath(count: 3, fitsIntercept: false).fit(Self.data.trainingData(), threads: 1)
        #expect(lopsided.allSatisfy { $0.intercept == 0 && $0.status == .converged })
    }

    @Test func hyperparametersAreChecked() {
        #expect(throws: ModelError.self) { try LogisticPath(alpha: 0) }
        #expect(throws: ModelError.self) { try LogisticPath(alpha: 1.1) }
        #expect(throws: ModelError.self) { try LogisticPath(count: 0) }
        #expect(throws: ModelError.self) { try LogisticPath(smallestRatio: 1) }
        #expect(throws: ModelError.self) { try LogisticPath(tolerance: 0) }
    }
}
