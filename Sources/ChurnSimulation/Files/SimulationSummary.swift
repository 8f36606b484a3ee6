/// What a written world holds.
public struct SimulationSummary: Sendable, Equatable {
    /// In the order in which they were put in place.
    public internal(set) var files: [String] = []
    public internal(set) var customers = 0
    public internal(set) var tally = CourseTally()
    /// Customers who could churn at the last cutoff.
    public internal(set) var eligible = 0
    /// How many of them did.
    public internal(set) var churned = 0

    public var events: Int { tally.eventCount }

    /// `nil` where nobody was eligible.
    public var churnShare: Double? { eligible > 0 ? Double(churned) / Double(eligible) : nil }

    mutating func add(_ course: SimulatedCourse) {
        customers += 1
        tally.add(course.tally)
        guard let truth = course.truth else { return }
        eligible += 1
        if truth.churned { churned += 1 }
    }

    mutating func add(_ other: SimulationSummary) {
        customers += other.customers
        tally.add(other.tally)
        eligible += other.eligible
        churned += other.churned
    }
}
