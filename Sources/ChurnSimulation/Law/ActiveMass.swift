import ChurnNumerics

/// Probability of being still active (and of whatever else was demanded so far), together with how many weeks ago the
/// last complaint, ticket and visit were.
///
/// Each of the three ages is 0 to 3 whole weeks, or 4 for longer ago: 125 states. While a customer is active the three
/// kinds happen independently of each other and of the past, so a week carries the states forward exactly.
struct ActiveMass {
    /// Ages of one kind; the last stands for "not recent".
    static let ages = ChurnHazard.recentWeeks + 1

    /// At `(complaint · 5 + ticket) · 5 + visit`.
    private var mass: [Double]

    init(_ ages: RecentAges) {
        mass = [Double](repeating: 0, count: ActiveMass.ages * ActiveMass.ages * ActiveMass.ages)
        mass[(ages.complaint * ActiveMass.ages + ages.ticket) * ActiveMass.ages + ages.visit] = 1
    }

    var total: Double { mass.reduce(0, +) }

    /// Takes away those who are lost at the beginning of a week, and returns how much that is.
    ///
    /// - Parameters:
    ///   - logOdds: of being lost, without what recent complaints, tickets and visits add.
    mutating func lose(logOdds: Double, _ hazard: ChurnHazard) -> Double {
        var lost = 0.0
        let recent = ChurnHazard.recentWeeks
        for combination in 0..<8 {
            let signals = RecentSignals(
                complaint: combination & 4 != 0,
                ticket: combination & 2 != 0,
                visit: combination & 1 != 0,
                return: false
            )
            let probability = StableFunctions.sigmoid(logOdds + hazard.logOdds(of: signals))
            for complaint in signals.complaint ? 0..<recent : recent..<recent + 1 {
                for ticket in signals.ticket ? 0..<recent : recent..<recent + 1 {
                    let row = (complaint * ActiveMass.ages + ticket) * ActiveMass.ages
                    for visit in signals.visit ? 0..<recent : recent..<recent + 1 {
                        lost += mass[row + visit] * probability
                        mass[row + visit] *= 1 - probability
                    }
                }
            }
        }
        return lost
    }

    mutating func multiply(by factor: Double) {
        for state in mass.indices { mass[state] *= factor }
    }

    /// Ends a week in which each kind happened with the given probability.
    mutating func endWeek(complaint: Double, ticket: Double, visit: Double) {
        let ages = ActiveMass.ages
        for line in 0..<ages * ages {
            age(from: line, stride: ages * ages, complaint)
            age(from: line / ages * ages * ages + line % ages, stride: ages, ticket)
            age(from: line * ages, stride: 1, visit)
        }
    }

    /// Ages one kind in one line of states: back to 0 with `probability`, else a week older.
    private mutating func age(from start: Int, stride: Int, _ probability: Double) {
        let last = start + (ActiveMass.ages - 1) * stride
        var sum = mass[last]
        mass[last] += mass[last - stride]
        mass[last] *= 1 - probability
        var state = last - stride
        while state > start {
            sum += mass[state]
            mass[state] = mass[state - stride] * (1 - probability)
            state -= stride
        }
        sum += mass[start]
        mass[start] = sum * probability
    }
}
