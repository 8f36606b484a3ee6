import ChurnNumerics

/// The logistic loss of a data set with an L2 penalty: Σ wᵢ·loss(yᵢ, oᵢ + β₀ + xᵢβ) + Σ l2ⱼ/2·βⱼ².
///
/// Element 0 of a point is the intercept. One pass over the rows gives value, gradient and, where it is wanted, the Hessian.
struct LogisticObjective: ColumnwiseObjective, LeverageObjective {
    private let products: BlockedProducts
    private let labels: [Double]
    private let weights: [Double]?
    private let offsets: [Double]?
    /// Of each coefficient.
    private(set) var l2: [Double]
    /// Sum of the weights: what "per row" means.
    let scale: Double

    init(
        design: any ColumnarDesign,
        labels: [Double],
        weights: [Double]?,
        offsets: [Double]?,
        l2: [Double],
        threads: Int
    ) {
        products = BlockedProducts(design, threads: threads)
        precondition(l2.count == products.dimension, "one strength a coefficient")
        self.labels = labels
        self.weights = weights
        self.offsets = offsets
        self.l2 = l2
        scale = weights?.reduce(0, +) ?? Double(labels.count)
    }

    var dimension: Int { products.dimension }

    /// The same loss with other strengths of the L2 penalty.
    func penalised(_ l2: [Double]) -> LogisticObjective {
        var other = self
        other.l2 = l2
        return other
    }

    func evaluate(at point: [Double], curvature: Bool) -> Evaluation {
        let size = dimension
        // Value, then gradient, then the upper triangle of the Hessian.
        let sums = pass(at: point, length: 1 + size + (curvature ? size * size : 0), curvature: curvature) {
            block,
            rows,
            result in
            result[0] += rows.loss
            block.addTransposedProduct(rows.slopes, to: result + 1)
            if let curvatures = rows.curvatures { block.addGram(weights: curvatures, to: result + 1 + size) }
        }
        var gradient = Array(sums[1...size])
        var value = sums[0]
        for element in 0..<size {
            gradient[element] += l2[element] * point[element]
            value += 0.5 * l2[element] * point[element] * point[element]
        }
        var hessian = curvature ? Matrix(upperTriangle: sums[(1 + size)...], size: size) : nil
        for element in 0..<size { hessian?[element, element] += l2[element] }
        return Evaluation(value: value, gradient: gradient, hessian: hessian)
    }

    /// Σ wᵢxᵢⱼ²/4 + l2ⱼ, as where all rows are undecided.
    func largestCurvatures() -> [Double] {
        let sums = products.sum(length: dimension) { block, result in
            Self.withOptional(weights) { weights in
                block.addSquares(weights: weights.map { $0 + block.rows.lowerBound }, to: result)
            }
        }
        return zip(sums, l2).map { $0 / 4 + $1 }
    }

    func dependentPlaces() -> Set<Int> {
        let found = try? RankRevealingQR(
            products.design,
            besideIntercept: true,
            rowFactors: weights.map { $0.map { $0.squareRoot() } },
            tolerance: Self.dependence,
            threads: products.threads
        )
        return Set((found?.aliasedColumns ?? []).map { $0 + 1 })
    }

    /// What rounding leaves of a column that is a combination of others.
    private static let dependence = 1e-13

    /// The Hessian's factor from the rows themselves, by QR: it has twice the digits of one from the Hessian.
    func factorByRows(at point: [Double]) throws(NumericsError) -> CholeskyFactor {
        try factorByRows(at: point, of: Array(0..<dimension), l2: l2)
    }

    func factorByRows(at point: [Double], of elements: [Int], l2: [Double]) throws(NumericsError) -> CholeskyFactor {
        let curvatures = perRow(at: point) { $0.curvatures }
        let roots = curvatures.map { $0.squareRoot() }
        return try CholeskyFactor(
            triangle: TallSkinnyQR.triangle(
                of: elements.count == dimension ? products.design : columns(of: elements),
                besideIntercept: true,
                rowFactors: roots,
                diagonal: l2.map { $0.squareRoot() },
                threads: products.threads
            )
        )
    }

    func logDeterminantGradient(at point: [Double], factor: CholeskyFactor) -> [Double] {
        products.sum(length: dimension, use: .gram) { block, result in
            let count = block.rows.count
            withRows(of: block, at: point, curvature: true) { rows in
                withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { values in
                    guard let values = values.baseAddress, let curvatures = rows.curvatures else { return }
                    block.quadraticForm(factor, into: values)
                    // The leverage times ½ - p, the slope of log p(1 - p) halved.
                    for row in 0..<count {
                        let weight = weights?[block.rows.lowerBound + row] ?? 1
                        let half =
                            weight > 0 ? 0.5 - rows.slopes[row] / weight - labels[block.rows.lowerBound + row] : 0
                        values[row] *= curvatures[row] * half
                    }
                    block.addTransposedProduct(values, to: result)
                }
            }
        }
    }

    /// wᵢ·(pᵢ - yᵢ): what each row pulls at the intercept.
    func slopes(at point: [Double]) -> [Double] { perRow(at: point) { $0.slopes } }

    /// The loss alone, without a penalty.
    func loss(at point: [Double]) -> Double {
        pass(at: point, length: 1, curvature: false) { _, rows, result in result[0] += rows.loss }[0]
    }

    // MARK: Rows

    /// A block's rows at some point.
    private struct BlockRows {
        let loss: Double
        let slopes: UnsafeMutablePointer<Double>
        let curvatures: UnsafeMutablePointer<Double>?
    }

    private func pass(
        at point: [Double],
        length: Int,
        curvature: Bool,
        _ body: @Sendable (DesignBlock, BlockRows, UnsafeMutablePointer<Double>) -> Void
    ) -> [Double] {
        products.sum(length: length, use: curvature ? .gram : .vectors) { block, result in
            withRows(of: block, at: point, curvature: curvature) { body(block, $0, result) }
        }
    }

    private func withRows(
        of block: DesignBlock,
        at point: [Double],
        curvature: Bool,
        _ body: (BlockRows) -> Void
    ) {
        let first = block.rows.lowerBound
        let count = block.rows.count
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 3 * count) { scratch in
            guard let predictor = scratch.baseAddress else { return }
            point.withUnsafeBufferPointer { coefficients in
                guard let base = coefficients.baseAddress else { return }
                block.linearPredictor(base, into: predictor)
            }
            if let offsets {
                for row in 0..<count { predictor[row] += offsets[first + row] }
            }
            let slopes = predictor + count
            let curvatures = curvature ? slopes + count : nil
            let loss = labels.withUnsafeBufferPointer { labels in
                Self.withOptional(weights) { weights -> Double in
                    guard let base = labels.baseAddress else { return 0 }
                    return LogisticLoss.evaluate(
                        .init(labels: base + first, weights: weights.map { $0 + first }, count: count),
                        predictor: predictor,
                        slopes: slopes,
                        curvatures: curvatures
                    )
                }
            }
            body(BlockRows(loss: loss, slopes: slopes, curvatures: curvatures))
        }
    }

    private static func withOptional<Result>(
        _ values: [Double]?,
        _ body: (UnsafePointer<Double>?) -> Result
    ) -> Result {
        guard let values else { return body(nil) }
        return values.withUnsafeBufferPointer { body($0.baseAddress) }
    }

    private func perRow(
        at point: [Double],
        _ part: @Sendable (BlockRows) -> UnsafeMutablePointer<Double>?
    ) -> [Double] {
        [Double](unsafeUninitializedCapacity: labels.count) { buffer, initialized in
            nonisolated(unsafe) let target = buffer.baseAddress
            products.forEachBlock { block in
                withRows(of: block, at: point, curvature: true) { rows in
                    guard let target, let source = part(rows) else { return }
                    (target + block.rows.lowerBound).initialize(from: source, count: block.rows.count)
                }
            }
            initialized = labels.count
        }
    }

    // MARK: Samples

    /// The same for a sample of the rows, which count for all: its optimum is near the one of all rows.
    /// - Parameter step: every so many runs of rows.
    func sample(everyRun step: Int) -> LogisticObjective {
        let rows = SampledRows(everyRun: step, of: Self.runLength, in: products.design)
        let sampled = weights.map { rows.values(of: $0) }
        let total = sampled?.reduce(0, +) ?? Double(rows.rowCount)
        let share = total > 0 ? scale / total : 1
        return LogisticObjective(
            design: rows,
            labels: rows.values(of: labels),
            weights: sampled?.map { $0 * share } ?? [Double](repeating: share, count: rows.rowCount),
            offsets: offsets.map { rows.values(of: $0) },
            l2: l2,
            threads: products.threads
        )
    }

    /// - Parameter elements: ascending; the intercept, 0, must be among them.
    func restricted(to elements: [Int]) -> LogisticObjective {
        LogisticObjective(
            design: columns(of: elements),
            labels: labels,
            weights: weights,
            offsets: offsets,
            l2: elements.map { l2[$0] },
            threads: products.threads
        )
    }

    private func columns(of elements: [Int]) -> SelectedColumns {
        precondition(elements.first == 0, "the intercept is always fitted")
        return SelectedColumns(elements.dropFirst().map { $0 - 1 }, of: products.design)
    }

    var rowCount: Int { labels.count }

    /// Rows of the class that has fewer.
    var rarerCount: Int {
        let positives = labels.count { $0 > 0.5 }
        return min(positives, labels.count - positives)
    }

    /// Whether both classes are among the rows that count.
    var hasBothClasses: Bool { LogisticLoss.hasBothClasses(labels, weights: weights) }

    /// Rows of a sample that lie together.
    private static let runLength = 512
}
