import ChurnNumerics
import Foundation
import Testing

@testable import ChurnModels

@Suite struct LogisticObjectiveTests {
    private static let data = SyntheticData.logistic(rows: 700, coefficients: [1, -2, 0.5])
    private static let weights = (0..<700).map { Double($0 % 4) * 0.75 }
    private static let offsets = (0..<700).map { Double($0 % 5) * 0.3 - 0.6 }
    private static let points: [[Double]] = [[0, 0, 0, 0], [0.3, -1, 2, 0.7], [-4, 3, 3, -5]]

    @Test(arguments: points, [0, 2.5]) func theValueIsThePlainSum(point: [Double], l2Strength: Double) throws {
        var sum = 0.5 * l2Strength * point.dropFirst().reduce(0) { $0 + $1 * $1 }
        for row in 0..<Self.data.rowCount {
            var odds = Self.offsets[row] + point[0]
            for column in 0..<3 { odds += point[column + 1] * Self.data.columns[column][row] }
            sum += Self.weights[row] * log(1 + exp(Self.data.labels[row] ? -odds : odds))
        }
        let objective = try objective(l2Strength)
        for curvature in [false, true] {
            #expect(abs(objective.evaluate(at: point, curvature: curvature).value / sum - 1) <= 1e-13)
        }
    }

    @Test(arguments: points, [0, 2.5]) func theGradientIsTheSlopeOfTheValue(
        point: [Double],
        l2Strength: Double
    ) throws {
        let objective = try objective(l2Strength)
        let gradient = objective.evaluate(at: point, curvature: false).gradient
        let size = gradient.map(abs).max() ?? 0
        for element in 0..<4 {
            let slope = central(element, at: point) { objective.evaluate(at: $0, curvature: false).value }
            #expect(abs(gradient[element] - slope) <= 1e-6 * max(1, size), "element \(element)")
        }
    }

    @Test(arguments: points, [0, 2.5]) func theHessianIsTheSlopeOfTheGradient(
        point: [Double],
        l2Strength: Double
    ) throws {
        let objective = try objective(l2Strength)
        let hessian = try #require(objective.evaluate(at: point, curvature: true).hessian)
        let size = hessian.elements.map(abs).max() ?? 0
        for row in 0..<4 {
            for column in 0..<4 {
                let slope = central(column, at: point) {
                    objective.evaluate(at: $0, curvature: false).gradient[row]
                }
                #expect(abs(hessian[row, column] - slope) <= 1e-6 * max(1, size), "\(row), \(column)")
            }
        }
    }

    /// A factor from the rows is one of the same Hessian, with more digits.
    @Test(arguments: [0, 2.5]) func theFactorOfTheRowsIsTheHessians(l2Strength: Double) throws {
        let objective = try objective(l2Strength)
        let point = Self.points[1]
        let hessian = try #require(objective.evaluate(at: point, curvature: true).hessian)
        let right = [1, -2, 3, 0.5]
        let expected = try CholeskyFactor(hessian).solve(right)
        #expect(largestError(try objective.factorByRows(at: point).solve(right), expected) <= 1e-12)
    }

    /// Of ½·log det of the information, by differences.
    @Test(arguments: points.prefix(2)) func theLeverageGradientIsTheSlopeOfTheLogDeterminant(point: [Double]) throws {
        let objective = try objective(0)
        func half(_ point: [Double]) throws -> Double {
            let hessian = try #require(objective.evaluate(at: point, curvature: true).hessian)
            return try 0.5 * CholeskyFactor(hessian).logDeterminant
        }
        let hessian = try #require(objective.evaluate(at: point, curvature: true).hessian)
        let gradient = objective.logDeterminantGradient(at: point, factor: try CholeskyFactor(hessian))
        for element in 0..<4 {
            var (above, below) = (point, point)
            above[element] += 1e-5
            below[element] -= 1e-5
            let slope = try (half(above) - half(below)) / 2e-5
            #expect(abs(gradient[element] - slope) <= 1e-6, "element \(element)")
        }
    }

    @Test func extremeLogOddsStayFinite() throws {
        let evaluation = try objective(0, hasOffsets: false).evaluate(at: [1000, 0, 0, 0], curvature: true)
        let negatives = zip(Self.weights, Self.data.labels).reduce(0) { $0 + ($1.1 ? 0 : $1.0) }
        #expect(abs(evaluation.value / (1000 * negatives) - 1) <= 1e-14)
        #expect(evaluation.gradient.allSatisfy { $0.isFinite })
        #expect(abs(evaluation.gradient[0] - negatives) <= 1e-9)
        let elements = try #require(evaluation.hessian).elements
        #expect(elements.allSatisfy { $0.isFinite })
    }

    private func objective(_ l2Strength: Double, hasOffsets: Bool = true) throws -> LogisticObjective {
        let training = try Self.data.trainingData(weights: Self.weights)
        return LogisticObjective(
            design: training.design,
            labels: training.labels,
            weights: training.weights,
            offsets: hasOffsets ? Self.offsets : nil,
            l2: [0, l2Strength, l2Strength, l2Strength],
            threads: 2
        )
    }

    private func central(_ element: Int, at point: [Double], _ value: ([Double]) -> Double) -> Double {
        let step = 1e-5
        var above = point
        var below = point
        above[element] += step
        below[element] -= step
        return (value(above) - value(below)) / (2 * step)
    }
}
