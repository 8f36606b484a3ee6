/// Rounds in which many candidates are tried on few customers, and of those the best on more (Jamieson and Talwalkar 2016).
public struct SuccessiveHalving: Sendable, Equatable {
    /// How many candidates a round tries, on what share of the training customers.
    public struct Round: Sendable, Equatable {
        public let candidates: Int
        public let share: Double
    }

    /// The last one is on all customers.
    public let rounds: [Round]

    /// Each round keeps the best third and has three times the customers, the first one a ninth.
    public static let keptShare = 3
    static let mostRounds = 3

    /// - Parameter candidates: of the first round; positive.
    public init(candidates: Int) {
        precondition(candidates > 0, "there is something to try")
        var counts = [candidates]
        while let last = counts.last, last > Self.keptShare, counts.count < Self.mostRounds {
            counts.append((last + Self.keptShare - 1) / Self.keptShare)
        }
        var rounds: [Round] = []
        var divisor = 1
        for count in counts.reversed() {
            rounds.append(Round(candidates: count, share: 1 / Double(divisor)))
            divisor *= Self.keptShare
        }
        self.rounds = rounds.reversed()
    }
}
