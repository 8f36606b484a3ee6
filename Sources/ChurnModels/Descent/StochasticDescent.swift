import ChurnNumerics

/// Logistic regression by gradients of some rows at a time, for tables that are too large to be gone through often.
///
/// Minimises what `LogisticRegression` minimises. `momentum` and `adam` end where the log loss of rows that are held out falls no
/// more; `svrg` ends at the optimum. Steps are in the metric of a sample's Hessian where there is no L1 penalty and no more than
/// 1,024 coefficients, so that a learning rate of 1 suits columns that are much alike, too.
public struct StochasticDescent: LogisticEstimator, Equatable {
    /// How points move.
    public enum Method: String, Sendable, Codable, CaseIterable {
        /// Gradient descent with momentum.
        case momentum
        /// Steps in units of each coefficient's own gradients.
        case adam
        /// Variance reduction: to the optimum, in steps that stay as long.
        case svrg
    }

    /// How steps become shorter, under `momentum` and `adam`.
    public enum Schedule: String, Sendable, Codable, CaseIterable {
        case constant
        /// With the root of the number of mini-batches.
        case inverseSquareRoot
        /// Along a line, to 0 at the last epoch.
        case linear

        /// - Parameters:
        ///   - step: mini-batches so far.
        ///   - progress: the share of all epochs that is done.
        ///   - slowness: mini-batches after which a step is a root of a half of the first.
        func factor(step: Double, progress: Double, slowness: Double) -> Double {
            switch self {
            case .constant: 1
            case .inverseSquareRoot: 1 / (1 + step / slowness).squareRoot()
            case .linear: 1 - progress
            }
        }
    }

    public let penalty: Penalty
    public let classWeights: ClassWeights
    public let method: Method
    public let schedule: Schedule
    /// Of the step that the curvature and the size of a mini-batch allow.
    public let learningRate: Double
    /// Of the last direction, that the next one keeps, under `momentum`.
    public let momentum: Double
    public let batchRows: Int
    /// Whether the result is an average of points, later ones counting more, under `momentum` and `adam`.
    public let averages: Bool
    public let maximumEpochs: Int
    /// Of the rows, or of their clusters, on which the end is decided, but 20,480 rows at most; 0 for all epochs.
    public let heldOutShare: Double
    /// Looks at the held-out rows without a gain, after which it ends; each after an epoch, or as many rows as make one of a table
    /// that is neither small nor large.
    public let patience: Int
    /// Of `svrg`: largest element of the gradient, per unit of the rows' weight, at which it is done.
    public let tolerance: Double
    public let seed: UInt64

    /// Tables up to it are shuffled row by row, in memory of their own.
    private static let numbersInMemory = 1 << 22
    /// How often steps are made shorter, and by how much.
    private static let mostRates = 10
    private static let shorter = 0.25
    /// Than the start, of the objective, where no held-out rows tell: what the noise of mini-batches leaves at an optimum is less.
    private static let worse = 1.01
    /// Enough of them to tell that, if so many are of each class.
    private static let rowsOfJudge = 1 << 16
    private static let rowsOfJudgeByClass = 1000
    /// The share of rows that may be held out from the result.
    private static let mostLostRows = 0.05
    /// Of a step in the metric of the Hessian, where a mini-batch has very many rows.
    private static let boldness = 0.5
    /// How far rows are from the mean, squared, in units of what normal ones are.
    private static let kurtosis = 3.0
    private static let adamLength = 0.05

    /// - Parameter averages: `nil` where there is no L1 penalty, of whose zeros an average would keep few.
    /// - Throws: `invalidHyperparameter`.
    public init(
        penalty: Penalty,
        classWeights: ClassWeights = .none,
        method: Method = .momentum,
        schedule: Schedule = .inverseSquareRoot,
        learningRate: Double = 1,
        momentum: Double = 0.9,
        batchRows: Int = 256,
        averages: Bool? = nil,
        maximumEpochs: Int = 1000,
        heldOutShare: Double = 0.1,
        patience: Int = 3,
        tolerance: Double = 1e-10,
        seed: UInt64 = 1
    ) throws(ModelError) {
        func check(_ name: String, _ value: Double, _ isAllowed: Bool, _ allowed: String) throws(ModelError) {
            if !isAllowed { throw .invalidHyperparameter(name: name, value: value, allowed: allowed) }
        }
        try check(
            "learningRate",
            learningRate,
            (1e-3...1e3).contains(learningRate),
            "from 0.001 to 1000"
        )
        try check("momentum", momentum, (0...0.99).contains(momentum), "from 0 to 0.99")
        try check(
            "batchRows",
            Double(batchRows),
            (1...Self.mostBatchRows).contains(batchRows),
            "from 1 to \(Self.mostBatchRows)"
        )
        try check("maximumEpochs", Double(maximumEpochs), maximumEpochs >= 1, "at least 1")
        try check(
            "heldOutShare",
            heldOutShare,
            heldOutShare == 0 || (1e-3...0.5).contains(heldOutShare),
            "0, or from 0.001 to 0.5"
        )
        try check(
            "patience",
            Double(patience),
            (1...Self.mostPatience).contains(patience),
            "from 1 to \(Self.mostPatience)"
        )
        try check("tolerance", tolerance, tolerance > 0 && tolerance <= 0.01, "more than 0 and at most 0.01")
        try classWeights.check()
        self.penalty = penalty
        self.classWeights = classWeights
        self.method = method
        self.schedule = schedule
        self.learningRate = learningRate
        self.momentum = momentum
        self.batchRows = batchRows
        self.averages = averages ?? (penalty.l1 == 0)
        self.maximumEpochs = maximumEpochs
        self.heldOutShare = heldOutShare
        self.patience = patience
        self.tolerance = tolerance
        self.seed = seed
    }

    private static let mostBatchRows = 65_536
    private static let mostPatience = 1000

    /// - Parameters:
    ///   - model: with whose coefficients it begins; `nil` for none and an intercept of the base rate.
    ///   - threads: positive; the result does not depend on it.
    /// - Throws: `tooFewRows` or `diverged`; `nothingHeldOut` where rows are so few that none can be.
    public func fit(
        _ given: TrainingData,
        from model: FittedLogisticRegression?,
        threads: Int
    ) throws(ModelError) -> FittedLogisticRegression {
        if let model, model.coefficients.count != given.design.columnCount {
            throw .numerics(
                .shapeMismatch(
                    what: "coefficients to begin with",
                    expected: given.design.columnCount,
                    got: model.coefficients.count
                )
            )
        }
        let rows = given.labels.count
        var data = given
        if rows * given.design.columnCount <= Self.numbersInMemory {
            var stream = RandomStream(seed: seed, purpose: "order of rows")
            data = given.gathering(rows: stream.permutation(rows), threads: threads)
        }
        let problem = LogisticProblem(data, penalty: penalty, classWeights: classWeights, threads: threads)
        try problem.requireRows()
        let batches = MiniBatches(data.design, batchRows: batchRows, seed: seed, threads: threads)
        let start = model.map { [$0.intercept] + $0.coefficients } ?? problem.start
        return method == .svrg
            ? try varianceReduced(problem, batches, from: start, threads: threads)
            : try descended(problem, batches, from: start, threads: threads)
    }

    /// What tells whether a point is worse than the start: a sample of evenly spaced runs of rows, or all where it has too few of a class.
    private static func judge(of loss: LogisticObjective) -> LogisticObjective {
        let step = loss.rowCount / rowsOfJudge
        guard step > 1 else { return loss }
        let sample = loss.sample(everyRun: step)
        return sample.rarerCount < rowsOfJudgeByClass ? loss : sample
    }

    /// The length of a step at which mini-batches of so few rows do not drive coefficients away.
    private func length(in metric: DescentMetric) -> Double {
        learningRate * Self.boldness / (1 + Self.kurtosis * metric.effectiveDimension / Double(batchRows))
    }

    private func metric(of problem: LogisticProblem, at point: [Double], curvatures: [Double]) -> DescentMetric {
        DescentMetric(
            of: problem.loss,
            l2: problem.penalty.l2,
            at: point,
            curvatures: curvatures,
            isDiagonal: problem.penalty.hasL1
        )
    }

    // MARK: To the optimum

    private func varianceReduced(
        _ problem: LogisticProblem,
        _ batches: MiniBatches,
        from start: [Double],
        threads: Int
    ) throws(ModelError) -> FittedLogisticRegression {
        let separated = try problem.separation(threads: threads).columns
        let curvatures = problem.largestCurvatures()
        let first = metric(of: problem, at: start, curvatures: curvatures)
        var solution = VarianceReducedSolver(
            tolerance: tolerance,
            maximumEpochs: maximumEpochs,
            length: length(in: first),
            penalty: problem.penalty
        ).minimise(
            problem.loss,
            batches: batches,
            loss: MiniBatchLoss(labels: problem.data.labels, weights: problem.weights, offsets: problem.data.offsets),
            from: start
        ) { point in
            if case .diagonal = first.form { return first }
            return metric(of: problem, at: point, curvatures: curvatures)
        }
        guard solution.status != .diverged else { throw .diverged(advice: Self.advice) }
        if solution.status == .converged, !isConfirmed(solution.point, problem) { solution.status = .notConverged }
        return FittedLogisticRegression(
            self,
            problem,
            solution,
            separated: separated.map { problem.data.columnNames[$0] },
            threads: threads
        )
    }

    /// Whether an exact solver finds nothing to do at a point, where coefficients are not too many for one.
    ///
    /// The metric of a descent does not know along what the objective is flat.
    private func isConfirmed(_ point: [Double], _ problem: LogisticProblem) -> Bool {
        guard point.count <= LogisticRegression.mostNewtonCoefficients else { return true }
        var state = ElasticNetSolver.State(point: point, evaluation: problem.loss.evaluate(at: point, curvature: true))
        let look = ElasticNetSolver(tolerance: 10 * tolerance, maximumIterations: 0)
        return look.minimise(problem.loss, penalty: problem.penalty, state: &state).status == .converged
    }

    private static let advice = "lower the learning rate, scale the columns, or raise the penalty"

    // MARK: To where held-out rows gain no more

    private func descended(
        _ problem: LogisticProblem,
        _ batches: MiniBatches,
        from start: [Double],
        threads: Int
    ) throws(ModelError) -> FittedLogisticRegression {
        let held = try HeldOutRows(of: problem, share: heldOutShare, seed: seed, threads: threads)
        let loss = MiniBatchLoss(
            labels: problem.data.labels,
            weights: held.trainingWeights,
            offsets: problem.data.offsets
        )
        var length = learningRate * Self.adamLength
        var rule = StochasticSolver.Rule.adam
        let curvatures = method == .momentum ? problem.largestCurvatures() : []
        /// Measures steps by the curvature at a point, from where they have a length that is right for it.
        func settle(at point: [Double]) {
            guard method == .momentum else { return }
            let metric = metric(of: problem, at: point, curvatures: curvatures)
            length = self.length(in: metric)
            rule = .momentum(momentum, metric)
        }
        settle(at: start)
        func descend(
            from point: [Double],
            length: Double,
            epochs: Int,
            _ loss: MiniBatchLoss,
            _ heldOut: (([Double]) -> Double)?
        ) -> StochasticSolver.End {
            StochasticSolver(
                rule: rule,
                length: length,
                schedule: schedule,
                averages: averages,
                maximumEpochs: epochs,
                patience: patience,
                penalty: problem.penalty.perUnit(of: problem.loss.scale)
            ).descend(batches, rowCount: problem.data.labels.count, loss: loss, from: point, heldOut: heldOut)
        }
        let judge = held.meanLoss == nil ? Self.judge(of: problem.loss) : nil
        func isWorse(_ point: [Double]) -> Bool {
            guard let judge else { return false }
            func value(_ point: [Double]) -> Double { judge.loss(at: point) + problem.penalty.value(at: point) }
            return !(value(point) <= Self.worse * value(start))
        }
        var last: StochasticSolver.End?
        var epochs = 0
        for _ in 0..<Self.mostRates {
            var end = descend(from: start, length: length, epochs: maximumEpochs, loss, held.meanLoss)
            epochs += end.epochs
            end.epochs = epochs
            if isWorse(end.point) { end.status = .diverged }
            // Where nothing is better than the start, steps may have been too long, or nothing is better.
            if end.status != .diverged {
                last = end
                if end.point != start { break }
            }
            length *= Self.shorter
        }
        guard var last else { throw .diverged(advice: Self.advice) }
        // Steps of that length may circle around the optimum: shorter ones go on from there, as long as held-out rows gain.
        if let meanLoss = held.meanLoss, last.point != start {
            var lowest = meanLoss(last.point)
            var share = 1.0
            while last.status == .stoppedEarly, last.epochs < maximumEpochs {
                let left = maximumEpochs - last.epochs
                let before = (length, rule)
                share *= Self.shorter
                settle(at: last.point)
                if method == .momentum { length *= share } else { length *= Self.shorter }
                let end = descend(from: last.point, length: length, epochs: left, loss, meanLoss)
                last.epochs += end.epochs
                let value = meanLoss(end.point)
                guard end.status != .diverged, value < lowest else {
                    (length, rule) = before
                    break
                }
                (last.point, last.epochsToPoint) = (end.point, end.epochsToPoint)
                if value > (1 - StochasticSolver.leastGain) * lowest { break }
                lowest = value
            }
        }
        // Held-out rows are too many to be lost: from there on through all rows, as often as the last stage took.
        if last.point != start, Double(held.rowCount) > Self.mostLostRows * Double(problem.data.labels.count) {
            let all = MiniBatchLoss(
                labels: problem.data.labels,
                weights: problem.weights,
                offsets: problem.data.offsets
            )
            let again = descend(from: last.point, length: length, epochs: last.epochsToPoint, all, nil)
            if again.status != .diverged, problem.value(at: again.point) < problem.value(at: last.point) {
                last.point = again.point
                last.epochs += again.epochs
            }
        }
        return FittedLogisticRegression(self, problem, last, heldOutRows: held.rowCount, threads: threads)
    }
}

extension StochasticDescent {
    /// Rows on which the end of a descent is decided, whole clusters where there are any.
    struct HeldOutRows {
        /// Of the rows that train, 0 of those that are held out; `nil` for all 1.
        let trainingWeights: [Double]?
        let rowCount: Int
        /// The mean loss of the held-out rows at a point; `nil` where there are none.
        let meanLoss: (([Double]) -> Double)?

        init(of problem: LogisticProblem, share: Double, seed: UInt64, threads: Int) throws(ModelError) {
            let data = problem.data
            guard share > 0 else {
                trainingWeights = problem.weights
                rowCount = 0
                meanLoss = nil
                return
            }
            let rows = HeldOutSample.rows(
                labels: data.labels.map { $0 > 0.5 },
                weights: problem.weights,
                clusters: data.clusters,
                share: share,
                seed: seed
            )
            var weights = problem.weights ?? [Double](repeating: 1, count: data.labels.count)
            for row in rows { weights[row] = 0 }
            let held = LogisticObjective(
                design: data.design.matrix(of: rows, threads: threads),
                labels: rows.map { data.labels[$0] },
                weights: problem.weights.map { weights in rows.map { weights[$0] } },
                offsets: data.offsets.map { offsets in rows.map { offsets[$0] } },
                l2: problem.loss.l2,
                threads: threads
            )
            guard held.hasBothClasses, LogisticLoss.hasBothClasses(data.labels, weights: weights) else {
                throw .nothingHeldOut(rows: rows.count)
            }
            trainingWeights = weights
            rowCount = rows.count
            meanLoss = { held.loss(at: $0) / held.scale }
        }
    }
}
