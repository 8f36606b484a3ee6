import ChurnNumerics

/// Stochastic descent with variance reduction (SVRG, Johnson and Zhang 2013): each mini-batch corrects the gradient of all rows
/// at a point that is renewed once an epoch, so that steps need not become small and the optimum is reached to all digits.
///
/// An L1 penalty is a proximal step (Xiao and Zhang 2014) in a diagonal metric.
struct VarianceReducedSolver {
    let tolerance: Double
    let maximumEpochs: Int
    /// Of a step, in units of Newton's.
    let length: Double
    /// Of the rows' whole weight.
    let penalty: CoefficientPenalty

    /// Without a step between them.
    private static let mostHalvings = 30
    /// Of the length of steps, after each that helped.
    private static let growth = 1.2

    /// - Parameters:
    ///   - all: the loss of all rows.
    ///   - metric: at a point.
    func minimise(
        _ all: LogisticObjective,
        batches: MiniBatches,
        loss: MiniBatchLoss,
        from start: [Double],
        metric: ([Double]) -> DescentMetric
    ) -> Solution {
        let scale = all.scale
        let size = start.count
        let perUnit = penalty.perUnit(of: scale)
        let longest = length
        var length = length
        var halvings = 0
        var snapshot = start
        var evaluation = all.evaluate(at: snapshot, curvature: false)
        var value = evaluation.value + penalty.value(at: snapshot)
        var here = metric(snapshot)
        var epochs = 0
        func solution(_ status: FitCertificate.Status) -> Solution {
            Solution(
                point: snapshot,
                value: value,
                gradientNorm: penalty.optimalityResiduals(at: snapshot, gradient: evaluation.gradient).reduce(0, max),
                iterations: epochs,
                status: status
            )
        }
        guard evaluation.isFinite else { return solution(.diverged) }
        while true {
            let slopes = penalty.slopes(at: snapshot, gradient: evaluation.gradient).map { $0 / scale }
            var step = slopes
            here.apply(to: slopes, into: &step)
            let isNear = Nearness(tolerance).isReached(
                gradientNorm: VectorOperations.largest(slopes),
                decrement: VectorOperations.dot(slopes, step),
                point: snapshot,
                step: step,
                scale: 1
            )
            if isNear { return solution(.converged) }
            if epochs == maximumEpochs { return solution(.notConverged) }
            let mean = evaluation.gradient.map { $0 / scale }
            var point = snapshot
            var gradient = [Double](repeating: 0, count: size)
            batches.forEach(epoch: epochs) { batch in
                loss.gradient(of: batch, at: point, less: snapshot, into: &gradient)
                let weight = Double(batch.rowCount) / Double(batches.batchRows)
                for element in 0..<size {
                    gradient[element] =
                        weight * (gradient[element] + mean[element] + perUnit.l2[element] * point[element])
                }
                here.apply(to: gradient, into: &step)
                for element in 0..<size { point[element] -= length * step[element] }
                if case .diagonal(let numbers) = here.form {
                    perUnit.shrink(&point) { weight * length * numbers[$0] }
                }
                return true
            }
            epochs += 1
            let next = all.evaluate(at: point, curvature: false)
            let nextValue = next.value + penalty.value(at: point)
            let isLevel = Rounding.hides(nextValue, value, scale: scale)
            guard next.isFinite, nextValue < value || isLevel else {
                // Too long a step: again from where the epoch began.
                halvings += 1
                if halvings > Self.mostHalvings { return solution(.notConverged) }
                length /= 2
                continue
            }
            (snapshot, evaluation, value) = (point, next, nextValue)
            halvings = 0
            length = min(longest, Self.growth * length)
            // It changes less and less.
            if epochs.nonzeroBitCount == 1 { here = metric(snapshot) }
        }
    }
}
