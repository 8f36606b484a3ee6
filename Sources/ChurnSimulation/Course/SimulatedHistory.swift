/// What a world produced, in memory: its customers' courses by number.
public struct SimulatedHistory: Sendable {
    public let parameters: SimulationParameters
    public let courses: [SimulatedCourse]

    public var customers: [SimulatedCustomer] { courses.map(\.customer) }

    /// By customer, then time.
    public var events: [SimulatedEvent] { courses.flatMap(\.events) }

    /// By customer, then start.
    public var contracts: [SimulatedContract] { courses.flatMap(\.contracts) }

    /// By customer; exactly those who are eligible at the last cutoff.
    public var truth: [ChurnTruth] { courses.compactMap(\.truth) }

    /// Of all customers.
    public var tally: CourseTally {
        var tally = CourseTally()
        for course in courses { tally.add(course.tally) }
        return tally
    }
}
