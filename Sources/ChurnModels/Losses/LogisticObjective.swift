import ChurnNumerics

/// The penalised logistic loss of a data set: Σ wᵢ·log(1 + exp(-sᵢηᵢ)) + λ/2·Σ βⱼ², with s = ±1 and η = β₀ + Xβ.
///
/// The intercept β₀ (element 0 of a point) is not penalised. λ is 1/C of scikit-learn's objective.
struct LogisticObjective: CurvedObjective {
    private let products: BlockedProducts
    private let labels: [Double]
    private let weights: [Double]?
    private let l2Strength: Double
    private var point: [Double]
    private var predictor: [Double]
    private var direction: [Double]
    private var directionPredictor: [Double]

    /// Rows of one partial sum of the loss; fixed, so that sums do not depend on threads.
    private static let chunkRows = 8192

    init(
        design: MatrixBlock,
        labels: [Double],
        weights: [Double]?,
        l2Strength: Double,
        threads: Int
    ) {
        products = BlockedProducts(design: design, threads: threads)
        self.labels = labels
        self.weights = weights
        self.l2Strength = l2Strength
        point = [Double](repeating: 0, count: products.dimension)
        predictor = [Double](repeating: 0, count: labels.count)
        direction = point
        directionPredictor = predictor
    }

    var dimension: Int { products.dimension }

    /// Sum of the weights: what "per row" means.
    var scale: Double { weights?.reduce(0, +) ?? Double(labels.count) }

    mutating func move(to newPoint: [Double]) -> Double {
        point = newPoint
        predictor.withUnsafeMutableBufferPointer { products.linearPredictor(newPoint, into: $0) }
        return value(atStep: 0)
    }

    mutating func setDirection(_ newDirection: [Double]) {
        direction = newDirection
        directionPredictor.withUnsafeMutableBufferPointer { products.linearPredictor(newDirection, into: $0) }
    }

    func value(atStep step: Double) -> Double {
        let chunks = (labels.count + Self.chunkRows - 1) / Self.chunkRows
        let sums = Parallel.map(chunks, threads: products.threads) { chunk in
            var sum = 0.0
            for row in chunk * Self.chunkRows..<min(labels.count, (chunk + 1) * Self.chunkRows) {
                let eta = step == 0 ? predictor[row] : predictor[row] + step * directionPredictor[row]
                sum += (weights?[row] ?? 1) * StableFunctions.logLoss(label: labels[row], linearPredictor: eta)
            }
            return sum
        }
        var penalty = 0.0
        for element in 1..<dimension {
            let coefficient = point[element] + step * direction[element]
            penalty += coefficient * coefficient
        }
        return sums.reduce(0, +) + 0.5 * l2Strength * penalty
    }

    mutating func take(step: Double) {
        for element in 0..<dimension { point[element] += step * direction[element] }
        for row in 0..<labels.count { predictor[row] += step * directionPredictor[row] }
    }

    func gradient() -> [Double] {
        var gradient = residuals.withUnsafeBufferPointer { products.transposedProduct($0) }
        for element in 1..<dimension { gradient[element] += l2Strength * point[element] }
        return gradient
    }

    func hessian() -> Matrix {
        var hessian = information()
        for element in 1..<dimension { hessian[element, element] += l2Strength }
        return hessian
    }

    /// The Hessian of the loss alone, [1 X]ᵀ W [1 X] with W = w·p·(1 - p).
    func information() -> Matrix {
        let curvature = perRow { row, probability in (weights?[row] ?? 1) * probability * (1 - probability) }
        return curvature.withUnsafeBufferPointer { products.weightedGram(weights: $0) }
    }

    var currentPoint: [Double] { point }
    var currentDirection: [Double] { direction }

    /// wᵢ·(pᵢ - yᵢ): what each row pulls at the intercept.
    var residuals: [Double] { perRow { row, probability in (weights?[row] ?? 1) * (probability - labels[row]) } }

    /// sᵢ times the direction's predictor, of the rows that count (infinite elsewhere): none negative where it separates.
    var signedDirection: [Double] {
        labels.indices.map { row in
            guard (weights?[row] ?? 1) > 0 else { return .infinity }
            return labels[row] > 0.5 ? directionPredictor[row] : -directionPredictor[row]
        }
    }

    private func perRow(_ body: @Sendable (Int, Double) -> Double) -> [Double] {
        let count = labels.count
        return [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
            nonisolated(unsafe) let base = buffer
            Parallel.forEach((count + Self.chunkRows - 1) / Self.chunkRows, threads: products.threads) { chunk in
                for row in chunk * Self.chunkRows..<min(count, (chunk + 1) * Self.chunkRows) {
                    base.initializeElement(at: row, to: body(row, StableFunctions.sigmoid(predictor[row])))
                }
            }
            initialized = count
        }
    }
}
