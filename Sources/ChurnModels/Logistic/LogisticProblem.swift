import ChurnNumerics

/// A logistic fit as solvers see it: a loss, a penalty, and where to start.
struct LogisticProblem {
    let data: TrainingData
    let penalty: CoefficientPenalty
    /// Weights of the rows with those of their classes; `nil` for all 1.
    let weights: [Double]?
    /// The loss with the L2 part of the penalty.
    let objective: LogisticObjective
    /// The loss alone.
    let loss: LogisticObjective
    /// The intercept that gives all rows the base rate, and nothing else.
    let start: [Double]
    /// Weights of the classes; `nil` for none.
    let classFactors: ClassFactors?

    init(_ data: TrainingData, penalty: Penalty, classWeights: ClassWeights, threads: Int) {
        self.data = data
        let (positive, negative) = Self.classTotals(of: data, weights: data.weights)
        let factors = classWeights.factors(positive: positive, negative: negative)
        if classWeights == .none {
            weights = data.weights
            classFactors = nil
        } else {
            classFactors = factors
            weights = data.labels.indices.map { row in
                (data.weights?[row] ?? 1) * (data.labels[row] > 0.5 ? factors.positive : factors.negative)
            }
        }
        let weighted = (positive: positive * factors.positive, negative: negative * factors.negative)
        self.penalty = CoefficientPenalty(
            penalty,
            factors: data.penaltyFactors,
            columnCount: data.design.columnCount,
            totalWeight: weighted.positive + weighted.negative
        )
        loss = LogisticObjective(
            design: data.design,
            labels: data.labels,
            weights: weights,
            offsets: data.offsets,
            l2: [Double](repeating: 0, count: self.penalty.l2.count),
            threads: threads
        )
        objective = loss.penalised(self.penalty.l2)
        var start = [Double](repeating: 0, count: self.penalty.l2.count)
        start[0] = PortableMath.log(weighted.positive / weighted.negative)
        if let offsets = data.offsets {
            start[0] = Self.intercept(of: data, weights: weights, beside: offsets, from: 0, threads: threads)
        }
        self.start = start
    }

    /// The weight of each class, summed apart: in a difference the heavier one would hide the lighter.
    private static func classTotals(
        of data: TrainingData,
        weights: [Double]?
    ) -> (positive: Double, negative: Double) {
        var totals = (positive: 0.0, negative: 0.0)
        for (row, label) in data.labels.enumerated() {
            let weight = weights?[row] ?? 1
            if label > 0.5 { totals.positive += weight } else { totals.negative += weight }
        }
        return totals
    }

    /// The curvature of the loss along each coefficient, were all rows undecided.
    func largestCurvatures() -> [Double] {
        guard weights == nil, let sums = data.squareSums else { return loss.largestCurvatures() }
        return ([Double(data.labels.count)] + sums).map { $0 / 4 }
    }

    /// The objective with its whole penalty.
    func value(at point: [Double]) -> Double { loss.loss(at: point) + penalty.value(at: point) }

    /// - Throws: `tooFewRows` where nothing holds as many coefficients as there are rows.
    func requireRows() throws(ModelError) {
        let free = penalty.unpenalisedColumns
        if !free.isEmpty || data.design.columnCount == 0, data.effectiveRowCount <= free.count {
            throw .tooFewRows(rows: data.effectiveRowCount, coefficients: free.count + 1)
        }
    }

    /// What columns separate the classes.
    /// - Parameter isHeld: whether something else than the penalty keeps all coefficients finite.
    /// - Throws: `separated` where nothing keeps them finite.
    func separation(isHeld: Bool = false, threads: Int) throws(ModelError) -> SeparationCheck.Finding {
        let free = penalty.unpenalisedColumns
        func fail(separatedBy columns: [Int]) throws(ModelError) {
            if !columns.isEmpty { throw .separated(columns: columns.map { data.columnNames[$0] }) }
        }
        let isWhollyFree = free.count == data.design.columnCount
        // Without a penalty of its own a coefficient can grow without bound, whatever holds the others.
        if !free.isEmpty, !isWhollyFree, !isHeld {
            let found = SeparationCheck.finding(in: data.selecting(columns: free), threads: threads)
            try fail(separatedBy: found.columns.map { free[$0] })
        }
        let found = SeparationCheck.finding(in: data, threads: threads)
        if isWhollyFree, !isHeld { try fail(separatedBy: found.columns) }
        return found
    }

    /// What a point's neighbourhood is like.
    struct Curvature {
        /// The Hessian of the loss.
        let information: Matrix
        /// Of the objective's Hessian.
        let hessian: CholeskyFactor
        /// H⁻¹g of the objective: how far it is to the optimum.
        let step: [Double]
        /// gᵀH⁻¹g: twice what its value could still fall by.
        let decrement: Double
    }

    func curvature(at point: [Double]) throws(NumericsError) -> Curvature {
        let evaluation = loss.evaluate(at: point, curvature: true)
        guard let information = evaluation.hessian else { throw .notPositiveDefinite(column: 0) }
        var matrix = information
        var gradient = evaluation.gradient
        for (element, strength) in penalty.l2.enumerated() {
            matrix[element, element] += strength
            gradient[element] += strength * point[element]
        }
        let hessian = try objective.carefulFactor(of: matrix, at: point)
        let step = try hessian.solve(gradient)
        return Curvature(
            information: information,
            hessian: hessian,
            step: step,
            decrement: VectorOperations.dot(gradient, step)
        )
    }

    /// The loss with an intercept and the offsets alone.
    func nullLoss() -> Double {
        loss.restricted(to: [0]).loss(at: [start[0]])
    }

    // MARK: A growing sample

    /// The optimum of a sample, with which the fit of all rows begins.
    struct WarmStart {
        let point: [Double]
        /// The objective of the largest sample, or of all rows; `nil` where these are few.
        let sample: LogisticObjective?

        /// The factor of the sample's Hessian.
        func metric() -> CholeskyFactor? {
            guard let sample, let hessian = sample.evaluate(at: point, curvature: true).hessian else { return nil }
            return try? CholeskyFactor(hessian)
        }
    }

    static let sampleGrowth = 8
    /// Of the rows whose Hessian is the metric beside a neighbour's optimum.
    static let neighbourSampling = 2
    static let leastSampleRows = 4096
    static let leastSampleRowsPerCoefficient = 16

    /// Begins at the optimum of nearly the same rows, which is nearer than that of any sample. From there the Hessian of half
    /// the rows is as good a metric as that of all for half of the work; an eighth's would cost more gradients than it saves.
    /// - Returns: `nil` where it is no better than no coefficients at all, as where the scale of a column has changed.
    func warmStart(atNeighbour point: [Double]) -> WarmStart? {
        let isLarge = rowsSuffice(forSampleOf: Self.sampleGrowth)
        let rows = isLarge ? objective.sample(everyRun: Self.sampleGrowth) : objective
        let value = rows.evaluate(at: point, curvature: false).value
        guard value < rows.evaluate(at: start, curvature: false).value else { return nil }
        return WarmStart(point: point, sample: isLarge ? objective.sample(everyRun: Self.neighbourSampling) : nil)
    }

    private func rowsSuffice(forSampleOf step: Int) -> Bool {
        objective.rowCount / step >= max(Self.leastSampleRows, Self.leastSampleRowsPerCoefficient * start.count)
    }

    /// Fits samples that grow eightfold, each from where the last one ended, up to an eighth of the rows.
    ///
    /// A sample that has no optimum of its own, because a class or a column's values are missing, is passed over.
    /// - Parameter guess: a point that may be near the optimum; counts where it is nearer than none.
    func warmStart(near guess: [Double]?, tolerance: Double) -> WarmStart {
        var steps: [Int] = []
        var step = Self.sampleGrowth
        while rowsSuffice(forSampleOf: step) {
            steps.append(step)
            step *= Self.sampleGrowth
        }
        var point = start
        if let guess {
            let rows = steps.last.map { objective.sample(everyRun: $0) } ?? objective
            // Where the penalty is strong, what the rows alone would have is farther.
            let isNearer =
                rows.evaluate(at: guess, curvature: false).value < rows.evaluate(at: start, curvature: false).value
            if isNearer { point = guess }
        }
        var last: LogisticObjective?
        for step in steps.reversed() {
            let sample = objective.sample(everyRun: step)
            guard sample.hasBothClasses else { continue }
            // A tenth of the error that the sample has anyway.
            let precision = max(tolerance, 0.1 / Double(sample.rowCount).squareRoot() / 10)
            let solver = NewtonSolver(
                gradientTolerance: precision,
                decrementTolerance: precision,
                maximumIterations: 30,
                takesLastStep: false
            )
            if let solution = try? solver.minimise(sample, from: point), solution.status == .converged {
                point = solution.point
                last = sample
            }
        }
        return WarmStart(point: point, sample: last)
    }

    // MARK: Intercept

    /// The intercept with which the mean probability of the rows, weighted without the classes' weights, is their base rate.
    func calibratedIntercept(of point: [Double], threads: Int) -> Double {
        var predictor = [Double](repeating: 0, count: data.labels.count)
        predictor.withUnsafeMutableBufferPointer {
            BlockedProducts(data.design, threads: threads).linearPredictor(point, into: $0)
        }
        if let offsets = data.offsets {
            for row in predictor.indices { predictor[row] += offsets[row] }
        }
        // Without any column the prior correction (King and Zeng 2001) is all of it.
        let factors = classFactors ?? ClassFactors(positive: 1, negative: 1)
        let guess = PortableMath.log(factors.negative / factors.positive)
        return point[0]
            + Self.intercept(of: data, weights: data.weights, beside: predictor, from: guess, threads: threads)
    }

    /// The intercept at which the rows' probabilities sum to their labels, beside log-odds that are known.
    private static func intercept(
        of data: TrainingData,
        weights: [Double]?,
        beside predictor: [Double],
        from start: Double,
        threads: Int
    ) -> Double {
        let alone = LogisticObjective(
            design: SelectedColumns([], of: data.design),
            labels: data.labels,
            weights: weights,
            offsets: predictor,
            l2: [0],
            threads: threads
        )
        // Of the lighter class: the other one's weight would hide it.
        let totals = classTotals(of: data, weights: weights)
        let lighter = min(totals.positive, totals.negative)
        let rounding = 1e-13 * max(lighter, .leastNormalMagnitude)
        // The sum of probabilities rises with the intercept: Newton's steps, kept inside a bracket.
        let reach = predictor.reduce(0) { max($0, abs($1)) } + 800
        var bracket = (low: -reach, high: reach)
        var intercept = start
        for _ in 0..<200 {
            let evaluation = alone.evaluate(at: [intercept], curvature: true)
            let surplus = evaluation.gradient[0]
            if abs(surplus) <= rounding { break }
            if surplus > 0 { bracket.high = intercept } else { bracket.low = intercept }
            let next = intercept - surplus / (evaluation.hessian?[0, 0] ?? 0)
            let isInside = next > bracket.low && next < bracket.high
            let target = isInside || next == intercept ? next : bracket.low / 2 + bracket.high / 2
            if target == intercept { break }
            intercept = target
        }
        return intercept
    }
}
