import ChurnNumerics

/// The covariance of the coefficients of a fitted logistic regression.
///
/// With H the Hessian of the objective at the optimum, it is H⁻¹·M·H⁻¹ with a middle M that depends on what may be assumed
/// of the rows:
/// - `clustered`, where clusters repeat: M = G/(G-1)·Σ_g s_g s_gᵀ over clusters, s_g the sum of its rows' scores (Liang
///   and Zeger 1986; the factor is that of Stata for likelihood models).
/// - `sandwich`, under row weights: M = Σ sᵢ sᵢᵀ (White 1982).
/// - `model`, else: M = the information, so that without a penalty the covariance is H⁻¹.
///
/// Under a penalty it describes the penalised estimator, which is biased towards zero.
struct CoefficientCovariance {
    let kind: LogisticInference.Kind
    /// Clusters that count; `nil` where rows are their own.
    let clusterCount: Int?
    /// (p + 1) x (p + 1), the intercept first.
    let matrix: Matrix

    /// H⁻¹, alike.
    let bread: Matrix

    /// - Parameters:
    ///   - information: the Hessian of the loss alone.
    ///   - hessian: of the objective, with the L2 penalty.
    init(
        _ problem: LogisticProblem,
        at point: [Double],
        information: Matrix,
        hessian: CholeskyFactor,
        threads: Int
    ) throws(NumericsError) {
        let inverse = try hessian.inverse()
        bread = inverse
        let data = problem.data
        // In units of the largest: squares of extreme ones are more, or less, than a number can be.
        let scores = problem.loss.slopes(at: point)
        let scale = max(scores.reduce(0) { max($0, abs($1)) }, .leastNormalMagnitude)
        let slopes = scores.map { $0 / scale }
        clusterCount = data.repeatedClusterCount
        if let clusterCount, let clusters = data.clusters {
            kind = .clustered
            let middle = Self.clusteredMiddle(
                data.design,
                slopes: slopes,
                clusters: clusters,
                clusterCount: clusterCount,
                threads: threads
            )
            matrix = inverse.product(around: middle, scale: scale)
        } else if problem.weights != nil {
            kind = .sandwich
            let middle = slopes.map { $0 * $0 }.withUnsafeBufferPointer {
                BlockedProducts(data.design, threads: threads).weightedGram(weights: $0)
            }
            matrix = inverse.product(around: middle, scale: scale)
        } else {
            kind = .model
            matrix = problem.penalty.l2.contains { $0 > 0 } ? inverse.product(around: information) : inverse
        }
    }

    /// Whether there are not more clusters than coefficients: their scores have no more rank than clusters, so that the
    /// covariance is singular or nearly so, and its diagonal too small.
    var hasTooFewClusters: Bool { clusterCount.map { $0 <= matrix.rowCount } ?? false }

    /// p + 1 numbers; none where there are too few clusters, or where one of them would not be finite.
    var standardErrors: [Double] {
        if hasTooFewClusters { return [] }
        let variances = (0..<matrix.rowCount).map { matrix[$0, $0] }
        return variances.allSatisfy(\.isFinite) ? variances.map { max(0, $0).squareRoot() } : []
    }

    private static func clusteredMiddle(
        _ design: any ColumnarDesign,
        slopes: [Double],
        clusters: [Int32],
        clusterCount: Int,
        threads: Int
    ) -> Matrix {
        let size = design.columnCount + 1
        let groups = Int(clusters.max() ?? 0) + 1
        var scores = Matrix(rowCount: groups, columnCount: size)
        scores.withMutableElements { elements in
            nonisolated(unsafe) let base = elements.baseAddress
            // A column each: rows are summed in their order, whatever the threads.
            Parallel.forEach(size, threads: threads) { column in
                guard let sums = base.map({ $0 + column * groups }) else { return }
                if column == 0 {
                    for (row, cluster) in clusters.enumerated() { sums[Int(cluster)] += slopes[row] }
                    return
                }
                withUnsafeTemporaryAllocation(of: Double.self, capacity: RowTiles.rows) { scratch in
                    guard let values = scratch.baseAddress else { return }
                    for first in stride(from: 0, to: design.rowCount, by: RowTiles.rows) {
                        let rows = first..<min(design.rowCount, first + RowTiles.rows)
                        design.copy(column: column - 1, rows: rows, to: values)
                        for row in rows { sums[Int(clusters[row])] += slopes[row] * values[row - first] }
                    }
                }
            }
        }
        let ones = [Double](repeating: 1, count: groups)
        // The products put an intercept in front, which scores already have: its row and column are left out.
        let gram = ones.withUnsafeBufferPointer { BlockedProducts(scores, threads: threads).weightedGram(weights: $0) }
        let factor = Double(clusterCount) / Double(max(clusterCount - 1, 1))
        var middle = Matrix(rowCount: size, columnCount: size)
        for column in 0..<size {
            for row in 0..<size { middle[row, column] = factor * gram[row + 1, column + 1] }
        }
        return middle
    }
}
