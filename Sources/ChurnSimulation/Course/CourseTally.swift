import ChurnHistory

/// What happened to customers in numbers, and what was to be expected of them on their way.
public struct CourseTally: Sendable, Equatable {
    /// By kind of event.
    private var counts = [Int](repeating: 0, count: EventKind.allCases.count)
    private var expected = [Double](repeating: 0, count: EventKind.allCases.count)
    /// Purchases with which customers joined: certain, whatever the rates.
    private var joined = 0
    private var activeDays = 0
    private var customerDays = 0
    private var lost = 0
    private var expectedLost = 0.0

    public init() {}

    /// Events of a kind.
    public func count(of kind: EventKind) -> Int { counts[kind.index] }

    public var eventCount: Int { counts.reduce(0, +) }

    /// Customers lost for each year that customers spent neither in decline nor under notice; 0 without any such year.
    public var churnRate: Double { activeDays > 0 ? Double(lost) * 365.25 / Double(activeDays) : 0 }

    /// Events of a kind for each customer and year between joining (or the first day) and leaving (or the end).
    public func rate(of kind: EventKind) -> Double {
        customerDays > 0 ? Double(counts[kind.index]) * 365.25 / Double(customerDays) : 0
    }

    /// As `churnRate`, with the probabilities in place of what they led to.
    var expectedChurnRate: Double { activeDays > 0 ? expectedLost * 365.25 / Double(activeDays) : 0 }

    /// As `rate(of:)`, with the expectations in place of what they led to.
    func expectedRate(of kind: EventKind) -> Double {
        customerDays > 0 ? expected[kind.index] * 365.25 / Double(customerDays) : 0
    }

    /// The part of the expected purchases, for each customer and year, with which customers join.
    var joiningRate: Double { customerDays > 0 ? Double(joined) * 365.25 / Double(customerDays) : 0 }

    mutating func add(_ other: CourseTally) {
        for kind in counts.indices {
            counts[kind] += other.counts[kind]
            expected[kind] += other.expected[kind]
        }
        joined += other.joined
        activeDays += other.activeDays
        customerDays += other.customerDays
        lost += other.lost
        expectedLost += other.expectedLost
    }

    mutating func addEvent(_ kind: EventKind) { counts[kind.index] += 1 }

    mutating func expect(_ mean: Double, of kind: EventKind) { expected[kind.index] += mean }

    /// The purchase with which a customer joins.
    mutating func expectJoining() {
        joined += 1
        expect(1, of: .purchase)
    }

    mutating func addRisk(_ probability: Double, wasLost: Bool) {
        expectedLost += probability
        if wasLost { lost += 1 }
    }

    mutating func addDays(active: Int, customer: Int) {
        activeDays += active
        customerDays += customer
    }
}
