/// How often things happen: factors on the rates of each kind, 1 where nothing else was asked for.
struct EventRates: Sendable, Equatable {
    /// Contacts of an average active customer in a year.
    static let complaintsPerYear = 0.5
    static let ticketsPerYear = 3.0
    static let emailOpensPerYear = 18.0
    static let visitsPerYear = 36.0
    /// Share of opened e-mails in which something is clicked.
    static let clickShare = 0.2

    private(set) var factors = [Double](repeating: 1, count: EventKind.allCases.count)

    subscript(kind: EventKind) -> Double {
        get { factors[kind.index] }
        set { factors[kind.index] = newValue }
    }

    /// Probability that something is clicked in an opened e-mail.
    var clickProbability: Double { EventRates.clickShare * self[.emailClick] }
}
