import ChurnNumerics

/// Finds the hazard's intercept and the factors of the events' rates under which the rates asked for come out.
///
/// Trial customers, whose numbers no customer of the world has, go through the history; what was to be expected of them
/// (probabilities and Poisson means, not what was drawn) is compared with what was asked for, and the intercept and the
/// factors are corrected by the ratio. The same trial customers run again and again, so this settles in a few rounds. How
/// many customers the world has makes no difference.
struct WorldCalibration {
    let law: WorldLaw

    /// Trial customers: enough for about one percent of error.
    private static let customers = 4_096
    /// Far above the largest number of a customer.
    private static let firstNumber = 1 << 40
    private static let rounds = 14
    /// What ends the rounds, and what is still taken as reached when they are over.
    private static let aim = 0.002
    private static let tolerance = 0.02

    init(_ world: SimulatedWorld, threads: Int) throws(SimulationError) {
        let parameters = world.parameters
        let asked = EventKind.rated.compactMap { kind in parameters.rates[kind].map { (kind: kind, rate: $0) } }
        var law = world.law
        for (kind, rate) in asked where rate == 0 { law.rates[kind] = 0 }
        var worst = Deviation(parameter: "", asked: 0, reached: 0)
        for round in 0...WorldCalibration.rounds {
            let tally = WorldCalibration.trial(SimulatedWorld(parameters, law: law), threads: threads)
            worst = Deviation(parameter: "", asked: 0, reached: 0)
            var next = law
            for (kind, rate) in asked where rate > 0 {
                let found = Deviation(
                    parameter: "rate of \(kind.name)",
                    asked: rate,
                    reached: tally.expectedRate(of: kind)
                )
                if found.size > worst.size { worst = found }
                next.rates[kind] *= found.correction
            }
            if let rate = parameters.churnRate {
                let found = Deviation(parameter: "churnRate", asked: rate, reached: tally.expectedChurnRate)
                if found.size > worst.size { worst = found }
                next.hazard.intercept += PortableMath.log(found.correction)
            }
            // No factor makes something out of nothing.
            if worst.reached == 0, worst.asked > 0 { throw worst.error }
            let isLast = round == WorldCalibration.rounds
            if worst.size <= WorldCalibration.aim || isLast { break }
            law = next
        }
        guard worst.size <= WorldCalibration.tolerance else { throw worst.error }
        // A probability cannot be more than 1, whatever factor the rounds arrived at.
        let returns = DeclineBehaviour.decliningReturnProbability * law.rates[.return]
        if returns > 1, let rate = parameters.rates[.return] {
            throw .unreachable(parameter: "rate of return", asked: rate, reached: rate / returns)
        }
        if law.rates.clickProbability > 1, let rate = parameters.rates[.emailClick] {
            throw .unreachable(
                parameter: "rate of emailClick",
                asked: rate,
                reached: rate / law.rates.clickProbability
            )
        }
        self.law = law
    }

    /// What was asked for, and what a round came to.
    private struct Deviation {
        let parameter: String
        let asked: Double
        let reached: Double

        /// How far they are apart, on the scale of logarithms.
        var size: Double {
            guard asked > 0 else { return 0 }
            return reached > 0 ? abs(PortableMath.log(asked / reached)) : .infinity
        }

        /// The factor that would bring one to the other; within bounds, lest a round goes astray.
        var correction: Double { reached > 0 ? min(max(asked / reached, 0.05), 20) : 20 }

        var error: SimulationError { .unreachable(parameter: parameter, asked: asked, reached: reached) }
    }

    private static func trial(_ world: SimulatedWorld, threads: Int) -> CourseTally {
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
