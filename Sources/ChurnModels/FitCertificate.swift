/// What a fit can vouch for, in figures: how it ended, how near to an optimum, and what was wrong with the data.
public struct FitCertificate: Sendable, Equatable, Codable {
    public enum Status: String, Sendable, Codable {
        /// Gradient and Newton decrement are under their tolerances.
        case converged
        /// A named held-out loss stopped improving; the normal end of stochastic descent and of boosting.
        case stoppedEarly
        /// The iterations ran out, or no step improved the objective any more.
        case notConverged
        /// The objective or the coefficients left what a double can hold.
        case diverged

        /// Whether a model with this status may be promoted.
        public var isTrustworthy: Bool { self == .converged || self == .stoppedEarly }
    }

    public var status: Status
    /// What ended it, where it stopped early: the held-out loss by name.
    public var stoppedBy: String?
    public var iterations: Int
    /// Largest absolute element of the objective's gradient at the end, recomputed there; under an L1 penalty the largest
    /// that the optimality conditions (Karush, Kuhn and Tucker) leave over.
    public var gradientNorm: Double
    /// Estimated condition number of the Hessian at the end; `nil` where it was not computed.
    public var conditionEstimate: Double?
    public var aliased: [String] = []
    public var dropped: [String] = []
    /// Columns that, combined, tell the classes apart on some rows without error.
    public var separated: [String] = []
    public var warnings: [String] = []
}
