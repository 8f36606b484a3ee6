/// What a world produced: its customers, their events in time order, and the truth at the last mature cutoff.
public struct SimulatedHistory: Sendable {
    public let parameters: SimulationParameters
    /// By number.
    public let customers: [SimulatedCustomer]
    /// By time, then customer.
    public let events: [SimulatedEvent]
    /// By customer; exactly those who are eligible at the last cutoff.
    public let truth: [ChurnTruth]

    /// Share of `truth` that churned, 0 where nobody was eligible.
    public var churnRate: Double {
        truth.isEmpty ? 0 : Double(truth.count { $0.churned }) / Double(truth.count)
    }
}
