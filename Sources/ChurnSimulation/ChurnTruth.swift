/// What only the simulator can know of a customer at the last mature cutoff.
public struct ChurnTruth: Sendable, Equatable {
    /// Number of the customer, from 1.
    public let customer: Int
    /// The probability of no purchase in the label window, given the latent state just before the cutoff.
    public let probability: Double
    /// Whether the simulated events have no purchase in the label window.
    public let churned: Bool
}
