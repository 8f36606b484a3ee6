import ChurnNumerics
import Foundation
import Testing

@testable import ChurnModels

@Suite struct LogisticObjectiveTests {
    private static let data = SyntheticData.logistic(rows: 700, coefficients: [1, -2, 0.5])
    private static let weights = (0..<700).map { Double($0 % 4) * 0.75 }
    private static let points: [[Double]] = [[0, 0, 0, 0], [0.3, -1, 2, 0.7], [-4, 3, 3, -5]]

    @Test(arguments: points, [0, 2.5]) func theValueIsThePlainSum(point: [Double], l2Strength: Double) throws {
        try withObjective(l2Strength) { objective in
            var sum = 0.5 * l2Strength * point.dropFirst().reduce(0) { $0 + $1 * $1 }
            for row in 0..<Self.data.rowCount {
                var odds = point[0]
                for column in 0..<3 { odds += point[column + 1] * Self.data.columns[column][row] }
                sum += Self.weights[row] * log(1 + exp(Self.data.labels[row] ? -odds : odds))
            }
            #expect(abs(objective.move(to: point) / sum - 1) <= 1e-13)
        }
    }

    @Test(arguments: points, [0, 2.5]) func theGradientIsTheSlopeOfTheValue(
        point: [Double],
        l2Strength: Double
    ) throws {
        try withObjective(l2Strength) { objective in
            _ = objective.move(to: point)
            let gradient = objective.gradient()
            let size = gradient.map(abs).max() ?? 0
            for element in 0..<4 {
                let slope = central(element, at: point) { objective.move(to: $0) }
                #expect(abs(gradient[element] - slope) <= 1e-6 * max(1, size), "element \(element)")
            }
        }
    }

    @Test(arguments: points, [0, 2.5]) func theHessianIsTheSlopeOfTheGradient(
        point: [Double],
        l2Strength: Double
    ) throws {
        try withObjective(l2Strength) { objective in
            _ = objective.move(to: point)
            let hessian = objective.hessian()
            let size = hessian.elements.map(abs).max() ?? 0
            for row in 0..<4 {
                for column in 0..<4 {
                    let slope = central(column, at: point) {
                        _ = objective.move(to: $0)
                        return objective.gradient()[row]
                    }
                    #expect(abs(hessian[row, column] - slope) <= 1e-6 * max(1, size), "\(row), \(column)")
                }
            }
        }
    }

    /// A line search reuses the direction's predictor: it must see what a move would see.
    @Test func theValueAlongADirectionIsTheValueThere() throws {
        try withObjective(1.5) { objective in
            _ = objective.move(to: [0.3, -1, 2, 0.7])
            objective.setDirection([1, 0.5, -2, 0.25])
            let ahead = objective.value(atStep: 0.5)
            objective.take(step: 0.5)
            let there = objective.value(atStep: 0)
            #expect(objective.currentPoint == [0.8, -0.75, 1, 0.825])
            let moved = objective.move(to: [0.8, -0.75, 1, 0.825])
            #expect(abs(ahead / moved - 1) <= 1e-14 && abs(there / moved - 1) <= 1e-14)
        }
    }

    @Test func extremeLogOddsStayFinite() throws {
        try withObjective(0) { objective in
            let value = objective.move(to: [1000, 0, 0, 0])
            let negatives = zip(Self.weights, Self.data.labels).reduce(0) { $0 + ($1.1 ? 0 : $1.0) }
            #expect(abs(value / (1000 * negatives) - 1) <= 1e-14)
            #expect(objective.gradient().allSatisfy { $0.isFinite })
            #expect(abs(objective.gradient()[0] - negatives) <= 1e-9)
            #expect(objective.hessian().elements.allSatisfy { $0.isFinite })
        }
    }

    @Test func theSignedRangeTellsHowADirectionSeparates() throws {
        let design = try Matrix(rowCount: 4, columnCount: 1, elements: [-2, -1, 1, 3])
        design.withBlock { block in
            var objective = LogisticObjective(
                design: block,
                labels: [0, 0, 1, 1],
                weights: [1, 1, 1, 0],
                l2Strength: 0,
                threads: 1
            )
            objective.setDirection([0.5, 1])
            // The last row, which would give 3.5, has no weight.
            #expect(objective.signedDirection.min() == 0.5)
            objective.setDirection([1.25, 1])
            #expect(objective.signedDirection.min() == -0.25)
        }
    }

    private func withObjective(_ l2Strength: Double, _ body: (inout LogisticObjective) throws -> Void) throws {
        let training = try Self.data.trainingData(weights: Self.weights)
        try training.design.withBlock { block in
            var objective = LogisticObjective(
                design: block,
                labels: training.labels,
                weights: training.weights,
                l2Strength: l2Strength,
                threads: 2
            )
            try body(&objective)
        }
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

/// Newton's method on functions whose minimum is known.
@Suite struct NewtonSolverTests {
    /// Σ (cosh(xⱼ - aⱼ) - 1): convex, with its minimum at a.
    private struct Catenary: CurvedObjective {
        let minimum: [Double]
        var currentPoint: [Double] = []
        var direction: [Double] = []
        var dimension: Int { minimum.count }
        var scale: Double { 1 }

        mutating func move(to point: [Double]) -> Double {
            currentPoint = point
            return value(atStep: 0)
        }
        mutating func setDirection(_ newDirection: [Double]) { direction = newDirection }
        func value(atStep step: Double) -> Double {
            minimum.indices.reduce(0) { sum, element in
                let move = step == 0 ? 0 : step * direction[element]
                return sum + cosh(currentPoint[element] + move - minimum[element]) - 1
            }
        }
        mutating func take(step: Double) {
            for element in minimum.indices { currentPoint[element] += step * direction[element] }
        }
        func gradient() -> [Double] { zip(currentPoint, minimum).map { sinh($0 - $1) } }
        func hessian() -> Matrix {
            var hessian = Matrix(rowCount: dimension, columnCount: dimension)
            for element in minimum.indices {
                hessian[element, element] = cosh(currentPoint[element] - minimum[element])
            }
            return hessian
        }
    }

    @Test func findsTheMinimumFromFarAway() throws {
        var objective = Catenary(minimum: [3, -2])
        let solution = try NewtonSolver().minimise(&objective, from: [30, 11])
        #expect(solution.status == .converged)
        #expect(largestError(solution.point, [3, -2]) <= 1e-10)
        #expect(solution.gradientNorm <= 1e-10)
    }

    @Test func convergedMeansWithinTolerance() throws {
        for limit in 1...8 {
            var objective = Catenary(minimum: [3])
            let solution = try NewtonSolver(maximumIterations: limit).minimise(&objective, from: [8])
            let isOptimal = abs(sinh(solution.point[0] - 3)) <= 1e-10
            #expect((solution.status == .converged) == isOptimal, "\(limit) iterations")
        }
    }

    @Test func startingAtTheMinimumStaysThere() throws {
        var objective = Catenary(minimum: [3, -2])
        let solution = try NewtonSolver().minimise(&objective, from: [3, -2])
        #expect(solution.point == [3, -2])
        #expect(solution.iterations <= 1)
        #expect(solution.status == .converged)
    }

    @Test func whoWatchesMayStopTheSearch() throws {
        var objective = Catenary(minimum: [3])
        var seen = 0
        let solution = try NewtonSolver().minimise(&objective, from: [20]) { _ in
            seen += 1
            return seen == 3 ? .stop : .proceed
        }
        #expect(seen == 3)
        #expect(solution.iterations == 2)
        #expect(solution.status == .notConverged)
    }

    @Test func aValueThatIsNotFiniteDiverges() throws {
        var objective = Catenary(minimum: [0])
        #expect(try NewtonSolver().minimise(&objective, from: [1e4]).status == .diverged)
    }
}
