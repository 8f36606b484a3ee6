import ChurnNumerics

extension FittedLogisticRegression {
    /// - Parameter heldOutRows: on which the end was decided; 0 for none.
    init(
        _ estimator: StochasticDescent,
        _ problem: LogisticProblem,
        _ end: StochasticSolver.End,
        heldOutRows: Int,
        threads: Int
    ) {
        let evaluation = problem.loss.evaluate(at: end.point, curvature: false)
        let gradientNorm = problem.penalty.optimalityResiduals(at: end.point, gradient: evaluation.gradient)
            .reduce(0, max)
        let isOptimal = gradientNorm <= estimator.tolerance * problem.loss.scale
        let status = end.status == .notConverged && isOptimal ? .converged : end.status
        self.init(
            estimator,
            problem,
            point: end.point,
            logLikelihood: -evaluation.value,
            FitCertificate(
                status: status,
                stoppedBy: status == .stoppedEarly ? "log loss of \(heldOutRows) held-out rows" : nil,
                iterations: end.epochs,
                gradientNorm: gradientNorm,
                conditionEstimate: nil,
                warnings: status == .notConverged ? [Self.warning(epochs: end.epochs, heldOutRows: heldOutRows)] : []
            ),
            threads: threads
        )
    }

    /// - Parameter solution: of variance reduction.
    init(
        _ estimator: StochasticDescent,
        _ problem: LogisticProblem,
        _ solution: Solution,
        separated: [String],
        threads: Int
    ) {
        var warnings = Self.warnings(ofSeparation: separated, usesFirth: false)
        if solution.status == .notConverged {
            let isOut = solution.iterations >= estimator.maximumEpochs
            warnings.append(
                "not converged after \(epochs(solution.iterations)): the gradient is still \(solution.gradientNorm). "
                    + (isOut
                        ? "Raise --epochs or the penalty, or use --model logistic"
                        : "Some columns nearly repeat others, or few rows have nearly all of the weight. Use --model logistic")
            )
        }
        self.init(
            estimator,
            problem,
            point: solution.point,
            logLikelihood: problem.penalty.value(at: solution.point) - solution.value,
            FitCertificate(
                status: solution.status,
                iterations: solution.iterations,
                gradientNorm: solution.gradientNorm,
                conditionEstimate: nil,
                separated: separated,
                warnings: warnings
            ),
            threads: threads
        )
    }

    private static func warning(epochs count: Int, heldOutRows: Int) -> String {
        heldOutRows > 0
            ? "\(epochs(count)) were too few to tell whether the log loss of \(heldOutRows) held-out rows falls no more. Raise"
                + " --epochs"
            : "without held-out rows nothing tells whether \(epochs(count)) were enough. Use --held-out 0.1"
    }

    private init(
        _ estimator: StochasticDescent,
        _ problem: LogisticProblem,
        point: [Double],
        logLikelihood: Double,
        _ certificate: FitCertificate,
        threads: Int
    ) {
        penalty = estimator.penalty
        usesFirth = false
        descent = estimator.method
        classWeights = problem.classFactors
        penaltyFactors = problem.data.penaltyFactors
        intercept =
            estimator.classWeights == .none ? point[0] : problem.calibratedIntercept(of: point, threads: threads)
        coefficients = Array(point.dropFirst())
        inference = nil
        self.logLikelihood = logLikelihood
        self.certificate = certificate
    }
}

private func epochs(_ count: Int) -> String { count == 1 ? "1 epoch" : "\(count) epochs" }
