import ChurnNumerics

/// Standard errors of a fitted logistic regression.
///
/// With H the Hessian of the objective at the optimum, the covariance is H⁻¹·M·H⁻¹ with a middle M that depends on what
/// may be assumed of the rows:
/// - `clustered`, where clusters repeat: M = G/(G-1)·Σ_g s_g s_gᵀ over clusters, s_g the sum of its rows' scores (Liang
///   and Zeger 1986; the factor is that of Stata for likelihood models).
/// - `sandwich`, under row weights: M = Σ sᵢ sᵢᵀ (White 1982).
/// - `model`, else: M = the information, so that without a penalty the covariance is H⁻¹.
///
/// Under a penalty they describe the penalised estimator, which is biased towards zero.
struct StandardErrors {
    let kind: FittedLogisticRegression.StandardErrorKind
    /// p + 1 numbers, the intercept's first.
    let values: [Double]

    init(
        objective: LogisticObjective,
        hessian: CholeskyFactor,
        data: TrainingData,
        isPenalised: Bool,
        threads: Int
    ) throws(NumericsError) {
        let bread = try hessian.inverse()
        let size = bread.rowCount
        let middle: Matrix?
        if let clusterCount = data.repeatedClusterCount, let clusters = data.clusters {
            kind = .clustered
            middle = Self.clusteredMiddle(
                data.design,
                residuals: objective.residuals,
                clusters: clusters,
                clusterCount: clusterCount,
                threads: threads
            )
        } else if data.weights != nil {
            kind = .sandwich
            let squares = objective.residuals.map { $0 * $0 }
            middle = data.design.withBlock { block in
                squares.withUnsafeBufferPointer {
                    BlockedProducts(design: block, threads: threads).weightedGram(weights: $0)
                }
            }
        } else {
            kind = .model
            middle = isPenalised ? objective.information() : nil
        }
        var values: [Double] = []
        for element in 0..<size {
            guard let middle else {
                values.append(max(0, bread[element, element]).squareRoot())
                continue
            }
            var variance = 0.0
            for column in 0..<size {
                var product = 0.0
                for row in 0..<size { product += bread[element, row] * middle[row, column] }
                variance += product * bread[column, element]
            }
            values.append(max(0, variance).squareRoot())
        }
        self.values = values
    }

    private static func clusteredMiddle(
        _ design: Matrix,
        residuals: [Double],
        clusters: [Int32],
        clusterCount: Int,
        threads: Int
    ) -> Matrix {
        let size = design.columnCount + 1
        let rows = Int(clusters.max() ?? 0) + 1
        var scores = Matrix(rowCount: rows, columnCount: size)
        scores.withMutableElements { sums in
            for (row, cluster) in clusters.enumerated() { sums[Int(cluster)] += residuals[row] }
            design.withBlock { block in
                for column in 0..<block.columnCount {
                    let values = block.column(column)
                    let target = (column + 1) * rows
                    for (row, cluster) in clusters.enumerated() {
                        sums[target + Int(cluster)] += residuals[row] * values[row]
                    }
                }
            }
        }
        let ones = [Double](repeating: 1, count: rows)
        // The products put an intercept in front, which scores already have: its row and column are left out.
        let gram = scores.withBlock { block in
            ones.withUnsafeBufferPointer { BlockedProducts(design: block, threads: threads).weightedGram(weights: $0) }
        }
        let factor = Double(clusterCount) / Double(max(clusterCount - 1, 1))
        var middle = Matrix(rowCount: size, columnCount: size)
        for column in 0..<size {
            for row in 0..<size { middle[row, column] = factor * gram[row + 1, column + 1] }
        }
        return middle
    }
}
