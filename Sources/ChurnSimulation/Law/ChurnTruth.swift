/// What only the simulator can know of a customer at the last mature cutoff.
public struct ChurnTruth: Sendable, Equatable {
    /// Number of the customer, from 1.
    public let customer: Int
    /// The probability of churn in the label window (no purchase or, in a contractual world, a notice), given the hidden
    /// state just before the cutoff.
    public let probability: Double
    /// Whether the simulated events say so.
    public let churned: Bool
}
