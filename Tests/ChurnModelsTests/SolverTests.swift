import ChurnNumerics
import Foundation
import Testing

@testable import ChurnModels

/// Σ (cosh(xⱼ - aⱼ) - 1): convex, with its minimum at a.
private struct Catenary: ColumnwiseObjective {
    let minimum: [Double]
    var dimension: Int { minimum.count }
    var scale: Double { 1 }

    func evaluate(at point: [Double], curvature: Bool) -> Evaluation {
        let moves = zip(point, minimum).map { $0 - $1 }
        var hessian = Matrix(rowCount: dimension, columnCount: dimension)
        for (element, move) in moves.enumerated() { hessian[element, element] = cosh(move) }
        return Evaluation(
            value: moves.reduce(0) { $0 + cosh($1) - 1 },
            gradient: moves.map(sinh),
            hessian: curvature ? hessian : nil
        )
    }

    func factorByRows(at point: [Double]) throws(NumericsError) -> CholeskyFactor {
        throw .notPositiveDefinite(column: 0)
    }

    func restricted(to elements: [Int]) -> Catenary { Catenary(minimum: elements.map { minimum[$0] }) }
    func factorByRows(at point: [Double], of elements: [Int], l2: [Double]) throws(NumericsError) -> CholeskyFactor {
        throw .notPositiveDefinite(column: 0)
    }
    func largestCurvatures() -> [Double] { minimum.map(cosh) }
    func dependentPlaces() -> Set<Int> { [] }
}

/// Solvers on a function whose minimum is known.
@Suite struct SolverTests {
    @Test func newtonFindsTheMinimumFromFarAway() throws {
        for keepsFactors in [false, true] {
            let solution = try NewtonSolver(keepsFactors: keepsFactors)
                .minimise(Catenary(minimum: [3, -2]), from: [30, 11])
            #expect(solution.status == .converged)
            #expect(largestError(solution.point, [3, -2]) <= 1e-10)
            #expect(solution.gradientNorm <= 1e-10)
        }
    }

    @Test func memoryFindsTheMinimumFromFarAway() throws {
        let solution = try LBFGSSolver().minimise(Catenary(minimum: [3, -2, 7]), from: [30, 11, 0])
        #expect(solution.status == .converged && solution.gradientNorm <= 1e-10)
        #expect(largestError(solution.point, [3, -2, 7]) <= 1e-10)
    }

    @Test func aMetricSavesIterations() throws {
        let objective = Catenary(minimum: [2, -1, 0.5, 3])
        let start = [0.0, 0, 0, 0]
        let metric = try #require(objective.evaluate(at: [1, 0, 0, 2], curvature: true).hessian)
        let plain = try LBFGSSolver(memory: 1).minimise(objective, from: start)
        let fast = try LBFGSSolver(memory: 1).minimise(objective, from: start, metric: CholeskyFactor(metric))
        #expect(plain.status == .converged && fast.status == .converged)
        #expect(largestError(plain.point, fast.point) <= 1e-9)
    }

    /// With an L1 penalty of l each coordinate stops where sinh(x - a) = ∓l, or at 0.
    @Test func theElasticNetHasItsClosedForm() {
        let objective = Catenary(minimum: [3, -2, 0.2, -0.1])
        for (mostTogether, l1) in [(512, 0.5), (1, 0.5), (1, 0), (512, 0), (1, 100)] {
            let penalty = CoefficientPenalty(l1: [0, l1, l1, l1], l2: [0, 0, 0, 0])
            let start = [0.0, 0, 0, 0]
            var state = ElasticNetSolver.State(
                point: start,
                evaluation: objective.evaluate(at: start, curvature: false)
            )
            let solution = ElasticNetSolver(mostTogether: mostTogether)
                .minimise(objective, penalty: penalty, state: &state)
            let expected = zip(objective.minimum, penalty.l1).map { minimum, strength -> Double in
                let shrunk = abs(minimum) - asinh(strength)
                // At 0 the slope is sinh(|a|).
                return sinh(abs(minimum)) <= strength ? 0 : minimum < 0 ? -shrunk : shrunk
            }
            #expect(solution.status == .converged && solution.gradientNorm <= 1e-10)
            #expect(largestError(solution.point, expected) <= 1e-10, "L1 of \(l1)")
            #expect(solution.point.indices.allSatisfy { (expected[$0] == 0) == (solution.point[$0] == 0) })
        }
    }

    @Test func convergedMeansWithinTolerance() throws {
        for limit in 1...8 {
            let newton = try NewtonSolver(maximumIterations: limit).minimise(Catenary(minimum: [3]), from: [8])
            let memory = try LBFGSSolver(maximumIterations: limit).minimise(Catenary(minimum: [3]), from: [8])
            for solution in [newton, memory] {
                let isOptimal = abs(sinh(solution.point[0] - 3)) <= 1e-10
                #expect((solution.status == .converged) == isOptimal, "\(limit) iterations")
            }
        }
    }

    @Test func startingAtTheMinimumStaysThere() throws {
        let solution = try NewtonSolver().minimise(Catenary(minimum: [3, -2]), from: [3, -2])
        #expect(solution.point == [3, -2])
        #expect(solution.iterations <= 1)
        #expect(solution.status == .converged)
    }

    @Test func whoWatchesMayStopTheSearch() throws {
        var seen = 0
        let solution = try NewtonSolver().minimise(Catenary(minimum: [3]), from: [20]) { _, _ in
            seen += 1
            return seen == 3 ? .stop : .proceed
        }
        #expect(seen == 3)
        #expect(solution.iterations == 2)
        #expect(solution.status == .notConverged)
    }

    @Test func aValueThatIsNotFiniteDiverges() throws {
        #expect(try NewtonSolver().minimise(Catenary(minimum: [0]), from: [1e4]).status == .diverged)
        #expect(try LBFGSSolver().minimise(Catenary(minimum: [0]), from: [1e4]).status == .diverged)
    }
}

/// What an approximate Hessian learns from a step.
@Suite struct SecantUpdateTests {
    private let hessian = Matrix(upperTriangle: [4, 0, 0, 1, 3, 0, 0.5, -1, 2][...], size: 3)

    @Test func theStepIsMappedToTheChangeThatWasSeen() {
        var matrix = hessian
        let step = [1.0, -0.5, 2]
        let change = [5.0, -2, 4]
        matrix.update(step: step, change: change)
        for row in 0..<3 {
            let product = (0..<3).reduce(0) { $0 + matrix[row, $1] * step[$1] }
            #expect(abs(product - change[row]) <= 1e-12)
            for column in 0..<3 { #expect(abs(matrix[row, column] - matrix[column, row]) <= 1e-15) }
        }
        #expect(throws: Never.self) { try CholeskyFactor(matrix) }
    }

    @Test(arguments: [[-5.0, 2, -4], [0, 0, 0], [1e4, 0, 0], [.nan, 0, 0]])
    func whatCannotBeTrueIsNotLearned(change: [Double]) {
        var matrix = hessian
        matrix.update(step: [1, -0.5, 2], change: change)
        #expect(matrix == hessian)
    }
}
