import ChurnNumerics

/// How an optimum under an elastic net is looked at once more before it counts.
///
/// A Hessian has no digits of what nearly equal columns differ in, so that the step to its model's minimum may be short where
/// the optimum is far, or long where it is near. A factor from the rows has twice as many, and tells how long Newton's step
/// still is among the coefficients that are not 0.
extension ElasticNetSolver {
    /// Whether the Hessian, or else a factor from the rows, has enough digits to say that the optimum is near, and says so.
    /// - Parameters:
    ///   - loss: without any penalty.
    ///   - hessian: of the loss at the state.
    ///   - trustsHessian: whether a Hessian that has enough digits has said so already.
    func isConfirmed<Objective: ColumnwiseObjective>(
        _ loss: Objective,
        _ penalty: CoefficientPenalty,
        _ state: State,
        _ hessian: Matrix,
        trustsHessian: Bool
    ) -> Bool {
        func hasEnoughDigits(_ elements: [Int]) -> Bool {
            let condition = Self.condition(of: hessian, penalty, elements)
            return condition.map { $0 <= CholeskyFactor.safeCondition } ?? false
        }
        // The first of all is part of every objective.
        var elements = state.point.indices.filter {
            $0 == 0 || state.point[$0] != 0 || penalty.l1[$0] == 0
        }
        if hasEnoughDigits(elements) { return trustsHessian }
        let dependent = loss.restricted(to: elements).dependentPlaces()
        elements = elements.indices.filter { !dependent.contains($0) || penalty.l2[elements[$0]] > 0 }
            .map { elements[$0] }
        if trustsHessian, !dependent.isEmpty, hasEnoughDigits(elements) { return true }
        let strengths = elements.map { penalty.l2[$0] }
        let all = penalty.slopes(at: state.point, gradient: state.evaluation.gradient)
        let slopes = elements.map { state.point[$0] == 0 && penalty.l1[$0] > 0 ? 0 : all[$0] }
        guard let factor = try? loss.factorByRows(at: state.point, of: elements, l2: strengths),
            let step = try? factor.solve(slopes)
        else { return false }
        let nearness =
            trustsHessian
            ? Nearness(atRoundingOf: tolerance, decrementTolerance: tolerance) : Nearness(tolerance)
        return nearness.isReached(
            gradientNorm: VectorOperations.largest(all),
            decrement: VectorOperations.dot(slopes, step),
            point: elements.map { state.point[$0] },
            step: step,
            scale: max(loss.scale, .leastNormalMagnitude)
        )
    }

    /// An estimate of the condition number of the Hessian of some coefficients with their L2 penalty, in units in which its
    /// diagonal is 1, so that the columns' units do not matter.
    /// - Returns: `nil` where it has no factor.
    private static func condition(of hessian: Matrix, _ penalty: CoefficientPenalty, _ elements: [Int]) -> Double? {
        let sizes = elements.map { (hessian[$0, $0] + penalty.l2[$0]).squareRoot() }
        guard sizes.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
        var part = Matrix(rowCount: elements.count, columnCount: elements.count)
        hessian.withBlock { block in
            part.withMutableElements { target in
                for (place, element) in elements.enumerated() {
                    let column = block.column(element)
                    let first = place * elements.count
                    for (other, row) in elements.enumerated() {
                        target[first + other] = column[row] / sizes[place] / sizes[other]
                    }
                    target[first + place] = 1
                }
            }
        }
        return try? CholeskyFactor(part).conditionEstimate()
    }
}
