import ChurnHistory

/// One customer's way through the history, and all that the files tell of it.
public struct SimulatedCourse: Sendable {
    public let customer: SimulatedCustomer
    /// One for each campaign of the world, in their order; whether it treats the customer; `nil` where the
    /// customer had not joined yet, or had left by then.
    public let treatments: [Bool?]
    public let path: LatentPath
    /// By time.
    public let events: [SimulatedEvent]
    /// By week; empty unless they were asked for.
    public let drivers: [DriverRow]
    /// By start; empty in worlds without contracts.
    public let contracts: [SimulatedContract]
    /// For who is eligible at the last cutoff.
    public let truth: ChurnTruth?
    public let tally: CourseTally
}
