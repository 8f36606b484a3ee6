import ChurnHistory
import ChurnNumerics
import Testing

@testable import ChurnSimulation

/// Rates asked for are to be expected. The trial run and the customers counted here are 32,768 and 30,000 different ones;
/// rates vary over customers by about 70 percent, which leaves 0.6 percent of error between them, and the bound is more
/// than three times that.
@Suite struct WorldCalibrationTests {
    private static let tolerance = 0.02

    /// What is to be expected of other customers than those of the trial run.
    private static func expectation(
        _ rates: [EventKind: Double],
        churnRate: Double? = nil,
        world: WorldKind = .noncontractual
    ) throws -> CourseTally {
        let parameters = try SimulationParameters(
            customers: 30_000,
            seed: 13,
            world: world,
            rates: rates,
            churnRate: churnRate
        )
        let world = try SimulatedWorld(parameters, threads: 2)
        let tallies = Parallel.map(30, threads: 2) { block in
            var tally = CourseTally()
            for number in block * 1000 + 1...block * 1000 + 1000 {
                tally.add(world.course(of: number, detail: .trial).tally)
            }
            return tally
        }
        return tallies.reduce(into: CourseTally()) { $0.add($1) }
    }

    private static func expect(_ tally: CourseTally, _ asked: [EventKind: Double]) {
        for (kind, rate) in asked {
            let expected = tally.expectedRate(of: kind)
            #expect(abs(expected / rate - 1) < tolerance, "\(kind): \(expected)")
        }
    }

    @Test func ratesOfAllKindsAreExpectedTogetherWithTheChurnRate() throws {
        let asked: [EventKind: Double] = [
            .purchase: 6, .return: 0.6, .complaint: 1.5, .ticket: 0.5, .emailOpen: 12, .emailClick: 6, .visit: 9,
        ]
        let tally = try Self.expectation(asked, churnRate: 0.18)
        Self.expect(tally, asked)
        #expect(abs(tally.expectedChurnRate / 0.18 - 1) < Self.tolerance, "\(tally.expectedChurnRate)")
    }

    @Test func aContractualWorldIsExpectedToLoseAsManyAsAskedFor() throws {
        let tally = try Self.expectation([.ticket: 4], churnRate: 0.25, world: .contractual)
        Self.expect(tally, [.ticket: 4])
        #expect(abs(tally.expectedChurnRate / 0.25 - 1) < Self.tolerance, "\(tally.expectedChurnRate)")
    }

    /// Most purchases are those with which customers join; returns of them count, and those after the end do not.
    @Test(arguments: [(0.5, 0.05), (1, 0.1)])
    func rarePurchasesAndTheirReturnsAreExpectedAsAskedFor(purchases: Double, returns: Double) throws {
        let asked: [EventKind: Double] = [.purchase: purchases, .return: returns]
        Self.expect(try Self.expectation(asked), asked)
    }

    /// What is drawn agrees with what is expected: within four standard deviations of a Poisson number.
    @Test(arguments: WorldKind.allCases)
    func asManyEventsAndLossesComeAsAreExpected(world: WorldKind) throws {
        let parameters = try SimulationParameters(
            customers: 4000,
            seed: 13,
            world: world,
            rates: [.purchase: 1, .return: 0.1, .ticket: 4],
            churnRate: 0.25
        )
        let tally = try SimulatedWorld(parameters, threads: 2).generate(threads: 2).tally
        for kind in EventKind.rated {
            let scale = Double(tally.count(of: kind)) / tally.rate(of: kind)
            let expected = tally.expectedRate(of: kind) * scale
            // A click needs its e-mail, so clicks are Poisson too; purchases on joining are certain and only add.
            #expect(abs(Double(tally.count(of: kind)) - expected) < 4 * expected.squareRoot(), "\(kind): \(expected)")
        }
        #expect(tally.count(of: .return) > 400)
        #expect(abs(tally.churnRate / tally.expectedChurnRate - 1) < 0.14)
    }

    @Test func aRateOfZeroMeansNone() throws {
        let parameters = try SimulationParameters(
            customers: 300,
            seed: 1,
            rates: [.visit: 0, .emailOpen: 0, .return: 0]
        )
        let tally = try SimulatedWorld(parameters, threads: 2).generate(threads: 2).tally
        #expect(tally.count(of: .visit) == 0 && tally.count(of: .return) == 0)
        #expect(tally.count(of: .emailOpen) == 0 && tally.count(of: .emailClick) == 0)
        #expect(tally.count(of: .purchase) > 1000)
    }

    @Test(arguments: [
        ([EventKind.return: 500.0], "rate of return"),
        ([EventKind.emailOpen: 2, .emailClick: 5], "rate of emailClick"),
        ([EventKind.emailOpen: 0, .emailClick: 5], "rate of emailClick"),
    ])
    func ratesThatTheOthersDoNotAllowAreRefused(rates: [EventKind: Double], name: String) throws {
        let parameters = try SimulationParameters(customers: 10, seed: 1, rates: rates)
        let error = #expect(throws: SimulationError.self) { try SimulatedWorld(parameters, threads: 2) }
        #expect(error?.description.hasPrefix("\(name) cannot be ") == true)
    }

    @Test func theTrialRunDependsNeitherOnThreadsNorOnTheNumberOfCustomers() throws {
        func world(_ customers: Int, threads: Int) throws -> SimulatedWorld {
            try SimulatedWorld(
                SimulationParameters(customers: customers, seed: 2, churnRate: 0.3),
                threads: threads
            )
        }
        let intercept = try world(10, threads: 1).hazard.intercept
        #expect(try world(1000, threads: 3).hazard.intercept == intercept)
        #expect(intercept < ChurnHazard(world: .noncontractual).intercept)
    }
}
