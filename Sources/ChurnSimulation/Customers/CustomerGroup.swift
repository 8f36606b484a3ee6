import ChurnHistory
import ChurnNumerics

/// A group of companies: several customers with one parent, and what befalls them together.
///
/// From time to time a group reviews its suppliers. Such a crisis begins on a Monday, lasts 26 weeks, and raises the
/// hazard of all its members. Between the end of one and the beginning of the next lie exponentially many weeks, 110 on
/// average.
public struct CustomerGroup: Sendable, Equatable {
    /// From 1.
    public let number: Int
    /// The Mondays on which a crisis begins, ascending.
    public let crises: [CalendarDay]

    static let crisisDays = 26 * 7
    private static let meanWeeksBetween = 110.0
    /// Customers from whom the members of `groupsPerBlock` groups are drawn.
    private static let blockSize = 160
    private static let groupsPerBlock = 4
    private static let memberShare = 0.22

    /// The number of the group that a customer belongs to; most belong to none, and a group has 9 members on average.
    ///
    /// A block of neighbouring numbers shares a few groups: who is a member does not depend on how many customers the
    /// world has.
    static func draw(for customer: Int, from stream: inout RandomStream) -> Int? {
        let isMember = stream.bernoulli(memberShare)
        let group = (customer - 1) / blockSize * groupsPerBlock + stream.below(groupsPerBlock) + 1
        return isMember ? group : nil
    }

    init(number: Int, parameters: SimulationParameters) {
        var stream = RandomStream(seed: parameters.seed, purpose: "simulated group", index: UInt64(number))
        var crises: [CalendarDay] = []
        // The first day may lie inside a crisis.
        var monday = parameters.firstDay.monday - CustomerGroup.crisisDays
        while true {
            monday = monday + 7 * (1 + Int(stream.exponential(mean: CustomerGroup.meanWeeksBetween)))
            guard monday < parameters.observedUntil else { break }
            crises.append(monday)
            monday = monday + CustomerGroup.crisisDays
        }
        self.number = number
        self.crises = crises
    }

    func isInCrisis(on day: CalendarDay) -> Bool {
        crises.contains { day >= $0 && day < $0 + CustomerGroup.crisisDays }
    }
}
