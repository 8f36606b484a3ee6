import ChurnNumerics

/// Finds the hazard's intercept and the factors of the events' rates under which the rates asked for come out.
///
/// Trial customers, whose numbers no customer of the world has, go through the history; what was to be expected of them
/// (probabilities and Poisson means, not what was drawn) is compared with what was asked for, and the intercept and the
/// factors are corrected by the ratio. The same trial customers run again and again, so this settles in a few rounds. How
/// many customers the world has makes no difference.
struct WorldCalibration {
    let law: WorldLaw

    /// Trial customers: a few while the rounds are far from the aim, and at the end as many as the documented error takes.
    private static let firstCustomers = 4_096
    private static let lastCustomers = 32_768
    /// Far above the largest number of a customer.
    private static let firstNumber = 1 << 40
    private static let rounds = 14
    /// What ends the rounds.
    private static let aim = 0.002
    /// What is near enough to go on with all trial customers, and is still taken as reached when the rounds are over.
    private static let tolerance = 0.02

    init(_ world: SimulatedWorld, threads: Int) throws(SimulationError) {
        let parameters = world.parameters
        var law = world.law
        for kind in EventKind.rated where parameters.rates[kind] == 0 { law.rates[kind] = 0 }
        var customers = WorldCalibration.firstCustomers
        var round = 0
        while true {
            let trial = SimulatedWorld(parameters, law: law)
            let tally = WorldCalibration.tally(trial, customers: customers, threads: threads)
            let found = WorldCalibration.deviations(of: tally, from: parameters)
            guard let worst = found.max(by: { $0.size < $1.size }) else { break }
            // No factor makes something out of nothing.
            if worst.reached == 0 { throw worst.error }
            if let tooLow = found.first(where: { $0.asked <= $0.certain }) { throw tooLow.error }
            let isSettled = customers == WorldCalibration.lastCustomers && worst.size <= WorldCalibration.aim
            if isSettled || round == WorldCalibration.rounds {
                guard worst.size <= WorldCalibration.tolerance else { throw worst.error }
                break
            }
            for deviation in found { deviation.correct(&law) }
            if worst.size <= WorldCalibration.tolerance { customers = WorldCalibration.lastCustomers }
            round += 1
        }
        // A probability cannot be more than 1, whatever factor the rounds arrived at.
        let returns = DeclineBehaviour.decliningReturnProbability * law.rates[.return]
        if returns > 1, let rate = parameters.rates[.return] {
            throw .unreachable(parameter: .rate(.return), asked: rate, reached: rate / returns)
        }
        if law.rates.clickProbability > 1, let rate = parameters.rates[.emailClick] {
            throw .unreachable(
                parameter: .rate(.emailClick),
                asked: rate,
                reached: rate / law.rates.clickProbability
            )
        }
        self.law = law
    }

    /// What was asked for, and what a round came to.
    private struct Deviation {
        /// The kind of event; `nil` for the churn rate.
        let kind: EventKind?
        let asked: Double
        let reached: Double
        /// The part of both that no factor changes.
        let certain: Double

        /// How far they are apart, on the scale of logarithms.
        var size: Double { reached > 0 ? abs(PortableMath.log(asked / reached)) : .infinity }

        /// By the factor that would bring one to the other; within bounds, lest a round goes astray.
        func correct(_ law: inout WorldLaw) {
            let ratio = reached > certain ? (asked - certain) / (reached - certain) : 20
            let factor = min(max(ratio, 0.05), 20)
            if let kind {
                law.rates[kind] *= factor
            } else {
                law.hazard.intercept += PortableMath.log(factor)
            }
        }

        /// Where too little was asked for, the nearest is what is certain.
        var error: SimulationError {
            .unreachable(
                parameter: kind.map { .rate($0) } ?? .churnRate,
                asked: asked,
                reached: asked <= certain ? certain : reached
            )
        }
    }

    /// Of everything that was asked for; rates of zero are settled already.
    private static func deviations(of tally: CourseTally, from parameters: SimulationParameters) -> [Deviation] {
        var deviations = EventKind.rated.compactMap { kind -> Deviation? in
            guard let rate = parameters.rates[kind], rate > 0 else { return nil }
            let certain = kind == .purchase ? tally.joiningRate : 0
            return Deviation(kind: kind, asked: rate, reached: tally.expectedRate(of: kind), certain: certain)
        }
        if let rate = parameters.churnRate {
            deviations.append(Deviation(kind: nil, asked: rate, reached: tally.expectedChurnRate, certain: 0))
        }
        return deviations
    }

    private static func tally(_ world: SimulatedWorld, customers: Int, threads: Int) -> CourseTally {
        let size = SimulatedWorld.blockSize
        let tallies = Parallel.map(customers / size, threads: threads) { block in
            var tally = CourseTally()
            for offset in 0..<size {
                tally.add(world.course(of: firstNumber + block * size + offset, detail: .trial).tally)
            }
            return tally
        }
        return tallies.reduce(into: CourseTally()) { $0.add($1) }
    }
}
