import ChurnNumerics

/// How an optimum under an elastic net is looked at once more before it counts.
///
/// A Hessian has no digits of what nearly equal columns differ in. A factor from the rows has twice as many, and tells how
/// long Newton's step still is among the coefficients that are not 0, or that should not be.
enum ElasticNetConfirmation {
    /// Not at all, on the way to another optimum.
    case none
    /// With a factor from the rows, where the Hessian at hand has too few digits.
    case nearby
    /// The same, with the Hessian at the very point.
    case atThePoint
}

extension ElasticNetSolver {
    /// A strength that holds a coefficient of any scale at 0.
    private static let holding = 1e100

    /// - Parameters:
    ///   - loss: without any penalty.
    ///   - hessian: of the loss.
    func isConfirmed<Objective: ColumnwiseObjective>(
        _ loss: Objective,
        _ penalty: CoefficientPenalty,
        _ state: State,
        _ hessian: Matrix
    ) -> Bool {
        if confirmation == .none { return true }
        let point = state.point
        let slopes = penalty.slopes(at: point, gradient: state.evaluation.gradient)
        func isFree(_ element: Int) -> Bool {
            point[element] != 0 || slopes[element] != 0 || penalty.l1[element] == 0
        }
        let free = point.indices.filter(isFree)
        if hasEnoughDigits(hessian, penalty, free) { return true }
        // The first of all is part of every objective.
        let holdsFirst = !isFree(0)
        let dependent = loss.restricted(to: holdsFirst ? [0] + free : free)
            .dependentElements(besideFirst: !holdsFirst)
        let elements = (holdsFirst ? [0] + free : free).enumerated().compactMap { place, element in
            dependent.contains(place) && penalty.l2[element] == 0 ? nil : element
        }
        let part = loss.restricted(to: elements).penalised(
            elements.map { $0 == 0 && holdsFirst ? Self.holding : penalty.l2[$0] }
        )
        let (partPoint, partSlopes) = (elements.map { point[$0] }, elements.map { slopes[$0] })
        guard let factor = try? part.factorByRows(at: partPoint), let step = try? factor.solve(partSlopes) else {
            return false
        }
        return Nearness(atRoundingOf: tolerance, decrementTolerance: tolerance).isReached(
            gradientNorm: VectorOperations.largest(slopes),
            decrement: VectorOperations.dot(partSlopes, step),
            point: partPoint,
            step: step,
            scale: max(loss.scale, .leastNormalMagnitude)
        )
    }

    /// Whether a factor of the Hessian's part is good for a step, whatever the columns' units.
    private func hasEnoughDigits(_ hessian: Matrix, _ penalty: CoefficientPenalty, _ elements: [Int]) -> Bool {
        let part = hessian.withBlock { ScaledPart(of: $0, elements: elements, l2: penalty.l2) }
        guard let part, let condition = try? CholeskyFactor(part.matrix).conditionEstimate() else { return false }
        return condition <= CholeskyFactor.safeCondition
    }
}
