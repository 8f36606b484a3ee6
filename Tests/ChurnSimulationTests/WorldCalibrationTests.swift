import ChurnHistory
import Testing

@testable import ChurnSimulation

/// Rates asked for come out. The tolerances are four standard deviations of trial run and world together: rates vary over
/// customers by 70 percent, so that 4,096 trial customers and 4,000 customers leave 1.5 percent of error; of 1,000 lost
/// customers another 3.2.
@Suite struct WorldCalibrationTests {
    private static let rateTolerance = 0.065
    private static let churnTolerance = 0.14

    private static func tally(
        _ rates: [EventKind: Double],
        churnRate: Double? = nil,
        world: WorldKind = .noncontractual
    ) throws -> CourseTally {
        let parameters = try SimulationParameters(
            customers: 4000,
            seed: 13,
            world: world,
            rates: rates,
            churnRate: churnRate
        )
        return try SimulatedWorld(parameters, threads: 2).generate(threads: 2).tally
    }

    @Test func ratesOfAllKindsComeOutTogetherWithTheChurnRate() throws {
        let asked: [EventKind: Double] = [
            .purchase: 6, .return: 0.6, .complaint: 1.5, .ticket: 0.5, .emailOpen: 12, .emailClick: 6, .visit: 9,
        ]
        let tally = try Self.tally(asked, churnRate: 0.18)
        for (kind, rate) in asked {
            #expect(abs(tally.rate(of: kind) / rate - 1) < Self.rateTolerance, "\(kind): \(tally.rate(of: kind))")
        }
        #expect(abs(tally.churnRate / 0.18 - 1) < Self.churnTolerance, "\(tally.churnRate)")
    }

    @Test func aContractualWorldLosesAsManyAsAskedFor() throws {
        let tally = try Self.tally([.ticket: 4], churnRate: 0.25, world: .contractual)
        #expect(abs(tally.churnRate / 0.25 - 1) < Self.churnTolerance, "\(tally.churnRate)")
        #expect(abs(tally.rate(of: .ticket) / 4 - 1) < Self.rateTolerance)
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
