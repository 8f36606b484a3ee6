/// How much the rows of each class count, beside weights of their own.
///
/// A model that was fitted with class weights says too high or too low probabilities. The intercept is put right afterwards,
/// so that the mean probability of the training rows is their base rate again; the other coefficients stay. (The shift by the
/// logarithm of the weights' ratio, as King and Zeng 2001 have it for samples, is that only for models without a penalty.)
public enum ClassWeights: Sendable, Equatable {
    case none
    /// Both classes count the same in all.
    case balanced
    /// Weights of a row that is positive and of one that is not; both from 1e-100 to 1e100.
    case fixed(positive: Double, negative: Double)

    /// - Throws: `invalidHyperparameter` for a weight that is not from 1e-100 to 1e100.
    func check() throws(ModelError) {
        guard case .fixed(let positive, let negative) = self else { return }
        for weight in [positive, negative] where !(weight > 0 && Magnitude.allows(weight)) {
            throw .invalidHyperparameter(
                name: "class weight",
                value: weight,
                allowed: "from \(Magnitude.smallest) to \(Magnitude.largest)"
            )
        }
    }

    /// The weights of a positive and of a negative row.
    /// - Parameters:
    ///   - positive: total weight of the positive rows.
    ///   - negative: of the others.
    func factors(positive: Double, negative: Double) -> ClassFactors {
        switch self {
        case .none: ClassFactors(positive: 1, negative: 1)
        case .balanced:
            ClassFactors(
                positive: (positive + negative) / (2 * positive),
                negative: (positive + negative) / (2 * negative)
            )
        case .fixed(let positive, let negative): ClassFactors(positive: positive, negative: negative)
        }
    }
}

/// Weights of the rows of each class.
public struct ClassFactors: Sendable, Equatable, Codable {
    public let positive: Double
    public let negative: Double
}
