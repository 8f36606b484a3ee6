import ChurnNumerics

/// A smooth objective of which some coefficients can be held at 0 and left out.
protocol ColumnwiseObjective: SmoothObjective {
    /// The objective of some coefficients, the first of all among them, where all others are 0.
    func restricted(to elements: [Int]) -> Self
    /// A factor of the Hessian of some coefficients, the first of all among them, at a point of all, with twice the digits of the
    /// Hessian.
    /// - Parameter l2: the strength of an L2 penalty on each of them.
    func factorByRows(at point: [Double], of elements: [Int], l2: [Double]) throws(NumericsError) -> CholeskyFactor
    /// The largest that each diagonal element of the Hessian can be, or how large it usually is.
    func largestCurvatures() -> [Double]
    /// Places among its coefficients of those whose columns are, to rounding, combinations of earlier ones: there is a way along
    /// which it does not change.
    func dependentPlaces() -> Set<Int>
}

/// Minimises a smooth loss with an elastic net by proximal Newton (Lee, Sun and Saunders 2014): quadratic models of the loss
/// are minimised by coordinate descent (`ElasticNetQuadratic`), and a line search keeps the sum falling.
///
/// Few coefficients are worked on together. Of many, those that the strong rule keeps (Tibshirani and others 2012) are, and
/// the optimality conditions of all others are checked before the solution counts; who violates them joins.
///
/// A Hessian costs several gradients. One serves as long as steps with it bring the optimality conditions down fast, and
/// learns from each step's change of the gradient (`Matrix.update`): the steps along a path are nearly parallel, so that
/// one Hessian serves for most of it.
///
/// Converged means that what is left over of the optimality conditions (Karush, Kuhn and Tucker) is under the tolerance, per
/// unit of the objective's scale, so is what the objective could still fall by, and the step to the quadratic model's minimum
/// would be short (`Nearness`). Where rounding leaves no step that lowers the value, `Nearness(atRoundingOf:)` counts. Before
/// it counts the optimum may be looked at once more (`isConfirmed`).
struct ElasticNetSolver {
    var tolerance = 1e-10
    var maximumIterations = 500
    /// Coefficients up to which all are worked on together.
    var mostTogether = 512
    /// Whether an optimum is judged with the Hessian at the very point, and with a factor from the rows where that one has too
    /// few digits.
    var confirms = true

    /// Where the search stands: what the next strength of a path begins with.
    struct State {
        var point: [Double]
        /// Of the loss at the point.
        fileprivate(set) var evaluation: Evaluation
        /// From nearby.
        fileprivate(set) var hessian: Matrix?

        /// The objective's coefficients and gradient at a point, of which no Hessian is known.
        init(point: [Double], evaluation: Evaluation) {
            self.point = point
            self.evaluation = evaluation
            hessian = evaluation.hessian
        }
    }

    /// - Parameters:
    ///   - loss: without any penalty.
    ///   - state: begins and ends there.
    ///   - previousL1: the strengths of which `state` is the optimum, for the strong rule; `nil` for none.
    func minimise<Objective: ColumnwiseObjective>(
        _ loss: Objective,
        penalty: CoefficientPenalty,
        state: inout State,
        previousL1: [Double]? = nil
    ) -> Solution {
        if loss.dimension <= mostTogether { return newton(loss, penalty, &state) }
        var working = Set(
            (0..<loss.dimension).filter { element in
                if element == 0 || state.point[element] != 0 || penalty.l1[element] == 0 { return true }
                let bound = 2 * penalty.l1[element] - (previousL1?[element] ?? penalty.l1[element])
                return abs(state.evaluation.gradient[element]) >= bound
            }
        )
        var iterations = 0
        var isLast = false
        while true {
            let elements = working.sorted()
            let part = loss.restricted(to: elements)
            let partPenalty = penalty.restricted(to: elements)
            let point = elements.map { state.point[$0] }
            var partState = State(point: point, evaluation: part.evaluate(at: point, curvature: true))
            var solver = self
            // Only when nobody has to join any more.
            solver.confirms = confirms && isLast
            solver.maximumIterations = maximumIterations - iterations
            let found = solver.newton(part, partPenalty, &partState)
            iterations += found.iterations
            for (place, element) in elements.enumerated() { state.point[element] = found.point[place] }
            state.evaluation = loss.evaluate(at: state.point, curvature: false)
            let left = penalty.optimalityResiduals(at: state.point, gradient: state.evaluation.gradient)
            let limit = tolerance * max(loss.scale, .leastNormalMagnitude)
            let violators = left.indices.filter { left[$0] > limit && !working.contains($0) }
            if !violators.isEmpty, found.status == .converged {
                working.formUnion(violators)
                isLast = false
            } else if confirms, !isLast, found.status == .converged || iterations < maximumIterations {
                isLast = true
            } else {
                return Solution(
                    point: state.point,
                    value: state.evaluation.value + penalty.value(at: state.point),
                    gradientNorm: left.max() ?? 0,
                    iterations: iterations,
                    status: found.status
                )
            }
        }
    }

    /// What rounding leaves of a model's slopes, per unit of the objective's scale.
    private static let modelRounding = 1e-14
    /// A step that does not bring what is left below this share of what it was asks for a new Hessian.
    private static let goodContraction = 0.1
    /// Steps in a row that may bring neither a lower value nor half of what was left at best.
    private static let mostIdleSteps = 30
    /// Steps that are taken where the Hessian says that the optimum is near and a factor from the rows does not.
    private static let mostDoubts = 3
    /// Of the largest curvature that there can be, on the diagonal of a Hessian that has led nowhere, a hundred times more each
    /// time: where rows are nearly certain, curvature says nothing of what comes behind it.
    private static let (leastDamping, mostDamping) = (1e-6, 1e4)

    private func newton<Objective: ColumnwiseObjective>(
        _ loss: Objective,
        _ penalty: CoefficientPenalty,
        _ state: inout State
    ) -> Solution {
        let limit = tolerance * max(loss.scale, .leastNormalMagnitude)
        var iterations = 0
        var isFresh = false
        var damping = 0.0
        var doubts = 0
        // Whether the factor from the rows has said at this point that the optimum is not near.
        var isRefuted = false
        lazy var largestCurvatures = loss.largestCurvatures()
        var best = (value: Double.infinity, left: Double.infinity, steps: 0)
        func residual(_ state: State) -> Double {
            penalty.optimalityResiduals(at: state.point, gradient: state.evaluation.gradient).reduce(0, max)
        }
        func solution(_ state: State, _ status: FitCertificate.Status) -> Solution {
            Solution(
                point: state.point,
                value: state.evaluation.value + penalty.value(at: state.point),
                gradientNorm: residual(state),
                iterations: iterations,
                status: status
            )
        }
        while true {
            guard state.evaluation.isFinite else { return solution(state, .diverged) }
            let left = residual(state)
            if left > limit, iterations == maximumIterations { return solution(state, .notConverged) }
            if state.hessian == nil {
                state.evaluation = loss.evaluate(at: state.point, curvature: true)
                state.hessian = state.evaluation.hessian
                isFresh = true
            }
            guard let hessian = state.hessian else { return solution(state, .diverged) }
            let model = ElasticNetQuadratic(
                hessian: damping == 0 ? hessian : hessian.addingToDiagonal(largestCurvatures.map { damping * $0 }),
                gradient: state.evaluation.gradient,
                point: state.point,
                penalty: penalty
            )
            // Where the conditions are met, the model's very minimum tells whether the optimum is near as well.
            let (target, isMinimum) = model.minimiser(
                tolerance: left > limit
                    ? max(0.01 * limit, 1e-3 * left) : max(1e-6 * limit, min(limit, Self.modelRounding * loss.scale))
            )
            let promised = penalty.promisedFall(from: state.point, gradient: state.evaluation.gradient, to: target)
            func isNear(_ nearness: Nearness) -> Bool {
                isMinimum && damping == 0
                    && nearness.isReached(
                        gradientNorm: left,
                        decrement: promised,
                        point: state.point,
                        step: VectorOperations.moved(target, along: state.point, by: -1),
                        scale: max(loss.scale, .leastNormalMagnitude)
                    )
            }
            if isNear(Nearness(tolerance)) {
                if !confirms { return solution(state, .converged) }
                if !isFresh {
                    state.hessian = nil
                    continue
                }
                isRefuted = isRefuted || !isConfirmed(loss, penalty, state, hessian, trustsHessian: true)
                if !isRefuted { return solution(state, .converged) }
                // The next steps may still get there.
                doubts += 1
                if doubts > Self.mostDoubts { return solution(state, .notConverged) }
            }
            if iterations == maximumIterations { return solution(state, .notConverged) }
            let isIdle = best.steps >= Self.mostIdleSteps
            let next = isIdle ? nil : step(loss, penalty, state, left: left, to: target, promised: promised)
            guard let next else {
                if !isFresh {
                    state.hessian = nil
                    continue
                }
                let isNear = isNear(Nearness(atRoundingOf: tolerance))
                if isNear, !confirms { return solution(state, .converged) }
                if isNear || confirms && isMinimum && damping == 0 {
                    // A step of rounding alone may be long along what has no digits.
                    isRefuted = isRefuted || !isConfirmed(loss, penalty, state, hessian, trustsHessian: isNear)
                    if !isRefuted { return solution(state, .converged) }
                    if isNear { return solution(state, .notConverged) }
                }
                if !isIdle, damping < Self.mostDamping {
                    damping = max(Self.leastDamping, 100 * damping)
                } else if damping > 0 {
                    // Only without damping it can be seen whether the optimum is near.
                    damping = 0
                    best.steps = Self.mostIdleSteps
                } else {
                    return solution(state, .notConverged)
                }
                continue
            }
            state.hessian?.update(
                step: VectorOperations.moved(next.point, along: state.point, by: -1),
                change: VectorOperations.moved(next.evaluation.gradient, along: state.evaluation.gradient, by: -1)
            )
            state.point = next.point
            state.evaluation = next.evaluation
            iterations += 1
            isFresh = false
            isRefuted = false
            let (value, rest) = (state.evaluation.value + penalty.value(at: state.point), residual(state))
            if rest > Self.goodContraction * left || damping > 0 { state.hessian = nil }
            damping = damping > Self.leastDamping ? damping / 100 : 0
            let isLower = value < best.value && !Rounding.hides(value, best.value, scale: loss.scale)
            if isLower || rest <= 0.5 * best.left {
                best = (min(value, best.value), min(rest, best.left), 0)
            } else {
                best.steps += 1
            }
        }
    }

    /// The part of the way to the model's minimum that lowers the objective enough.
    /// - Parameters:
    ///   - left: of the optimality conditions at the state.
    ///   - promised: by how much the objective would fall on all of the way, were it as the model's slope.
    private func step<Objective: SmoothObjective>(
        _ loss: Objective,
        _ penalty: CoefficientPenalty,
        _ state: State,
        left: Double,
        to target: [Double],
        promised: Double
    ) -> (point: [Double], evaluation: Evaluation)? {
        let direction = zip(target, state.point).map { $0 - $1 }
        let value = state.evaluation.value + penalty.value(at: state.point)
        var length = 1.0
        for _ in 0..<40 {
            // At the whole length the zeros of the target stay zeros.
            let candidate =
                length == 1 ? target : VectorOperations.moved(state.point, along: direction, by: length)
            // Where there is no curvature the model leads nowhere.
            if candidate == state.point { return nil }
            let evaluation = loss.evaluate(at: candidate, curvature: false)
            let reached = evaluation.value + penalty.value(at: candidate)
            // Where rounding hides what the value does, the optimality conditions tell.
            let isLevel = Rounding.hides(reached, value, scale: loss.scale)
            let residual = penalty.optimalityResiduals(at: candidate, gradient: evaluation.gradient).reduce(0, max)
            let isNearer = isLevel && residual <= 0.5 * left
            if evaluation.isFinite, isNearer || reached <= value - 1e-4 * length * max(promised, 0) {
                return (candidate, evaluation)
            }
            length /= 2
        }
        return nil
    }
}

extension CoefficientPenalty {
    /// What each coefficient leaves over of the optimality conditions.
    /// - Parameter gradient: of the loss alone.
    func optimalityResiduals(at point: [Double], gradient: [Double]) -> [Double] {
        slopes(at: point, gradient: gradient).map(abs)
    }

    /// The objective's slope along each coefficient; of one at 0 in the direction that lowers it, 0 where none does.
    /// - Parameter gradient: of the loss alone.
    func slopes(at point: [Double], gradient: [Double]) -> [Double] {
        point.indices.map { element in
            let (slope, strength) = (gradient[element] + l2[element] * point[element], l1[element])
            if point[element] > 0 { return slope + strength }
            if point[element] < 0 { return slope - strength }
            return slope > 0 ? max(0, slope - strength) : min(0, slope + strength)
        }
    }

    /// By how much the loss, were it as steep all the way, and the penalty together fall between two points. At the minimum of
    /// a quadratic model this is twice what they fall by.
    /// - Parameter gradient: of the loss alone.
    func promisedFall(from point: [Double], gradient: [Double], to target: [Double]) -> Double {
        var slope = 0.0
        for element in point.indices { slope += gradient[element] * (target[element] - point[element]) }
        return value(at: point) - value(at: target) - slope
    }

    func restricted(to elements: [Int]) -> CoefficientPenalty {
        CoefficientPenalty(l1: elements.map { l1[$0] }, l2: elements.map { l2[$0] })
    }
}
