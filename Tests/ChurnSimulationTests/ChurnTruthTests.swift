import ChurnHistory
import ChurnNumerics
import Testing

@testable import ChurnSimulation

@Suite struct ChurnTruthTests {
    /// A world in which everything happens that a world can have.
    private static func eventful(
        _ world: WorldKind,
        seed: UInt64,
        customers: Int = 2000,
        horizonDays: Int = 90
    ) throws -> SimulatedWorld {
        let cutoff = CalendarDay(number: 19_814)  // 2024-04-01
        return try SimulatedWorld(
            SimulationParameters(
                customers: customers,
                seed: seed,
                horizonDays: horizonDays,
                world: world,
                priceRises: [PriceRise(day: cutoff - 20, percent: 12), PriceRise(day: cutoff + 30, percent: 9)],
                campaigns: [cutoff - 60, cutoff + 15],
                driftFrom: cutoff + 40
            )
        )
    }

    /// In tenths by probability, as many churn as the probabilities add up to.
    @Test(arguments: [WorldKind.noncontractual, .contractual], [UInt64(1), 2])
    func probabilitiesAreCalibrated(world: WorldKind, seed: UInt64) throws {
        let truth = try Self.eventful(world, seed: seed, customers: 3000).generate(threads: 2).truth
            .sorted { ($0.probability, $0.customer) < ($1.probability, $1.customer) }
        #expect(abs(Self.deviation(truth[...])) < 4)
        let parts = world == .contractual ? 4 : 10
        for part in 0..<parts {
            let rows = truth[truth.count * part / parts..<truth.count * (part + 1) / parts]
            #expect(abs(Self.deviation(rows)) < 4, "part \(part)")
        }
        let churned = truth.count { $0.churned }
        #expect(churned > 60 && churned < truth.count / 2)
    }

    @Test func theDefaultWorldIsNeitherHopelessNorTrivial() throws {
        let truth = try SimulatedWorld(SimulationParameters(customers: 3000, seed: 3)).generate(threads: 2).truth
        let rate = Double(truth.count { $0.churned }) / Double(truth.count)
        #expect((0.2...0.3).contains(rate))
        let best = Self.areaUnderCurve(truth.sorted { $0.probability < $1.probability })
        #expect((0.87...0.94).contains(best))
    }

    @Test func anotherDefinitionOfChurnIsCalibratedToo() throws {
        let parameters = try SimulationParameters(
            customers: 1500,
            seed: 8,
            firstDay: #require(CalendarDay("2019-02-15")),
            observedUntil: #require(CalendarDay("2020-12-24")),
            horizonDays: 40,
            activeWithinDays: 60
        )
        let truth = try SimulatedWorld(parameters).generate(threads: 2).truth.sorted { $0.probability < $1.probability }
        for half in [truth.prefix(truth.count / 2), truth.suffix(truth.count / 2)] {
            #expect(abs(Self.deviation(half)) < 4)
        }
    }

    /// Weeks drawn one by one by the documented law, from a state and a day on.
    @Test(arguments: [
        (4, LatentState.active, "2024-04-01", 90),  // a Monday
        (9, LatentState.active, "2024-02-29", 61),  // a Thursday, to a Tuesday
        (12, LatentState.declining(weeks: 0), "2024-04-01", 90),
        (20, LatentState.declining(weeks: 3), "2023-12-31", 45),  // a Sunday
        (31, LatentState.declining(weeks: 9), "2024-03-06", 3),  // inside one week
    ])
    func silenceAgreesWithBruteForce(number: Int, state: LatentState, from: String, days: Int) throws {
        let world = try Self.eventful(.noncontractual, seed: 3)
        let start = try #require(CalendarDay(from))
        let outlook = Self.outlook(of: number, in: world, state: state, before: start)
        let exact = world.noPurchaseProbability(outlook, from: start, to: start + days)
        let brute = BruteForce(outlook: outlook, law: world.law, start: start, end: start + days)
        Self.expect(exact, drawn: { stream in brute.isSilent(&stream) }, number)
    }

    @Test(arguments: [(2, "2024-04-01", 90), (5, "2024-02-29", 61), (11, "2024-03-02", 79)])
    func noticeAgreesWithBruteForce(number: Int, from: String, days: Int) throws {
        let world = try Self.eventful(.contractual, seed: 3)
        let start = try #require(CalendarDay(from))
        let outlook = Self.outlook(of: number, in: world, state: .active, before: start)
        let exact = world.noticeProbability(outlook, from: start, to: start + days)
        let brute = BruteForce(outlook: outlook, law: world.law, start: start, end: start + days)
        Self.expect(exact, drawn: { stream in brute.givesNotice(&stream) }, number)
    }

    @Test func whoHasLeftNeverBuysAgain() throws {
        let world = try Self.eventful(.noncontractual, seed: 3)
        let cutoff = world.parameters.lastCutoff
        let outlook = Self.outlook(of: 5, in: world, state: .left, before: cutoff)
        #expect(world.noPurchaseProbability(outlook, from: cutoff, to: cutoff + 90) == 1)
    }

    @Test func withoutDaysThereIsSilenceAndASundayChangesNothing() throws {
        let world = try Self.eventful(.noncontractual, seed: 3)
        let sunday = try #require(CalendarDay("2024-03-31"))
        let outlook = Self.outlook(of: 5, in: world, state: .active, before: sunday)
        #expect(world.noPurchaseProbability(outlook, from: sunday, to: sunday) == 1)
        #expect(abs(world.noPurchaseProbability(outlook, from: sunday, to: sunday + 1) - 1) < 1e-12)
    }

    @Test func aDeclineMakesSilenceLikelierTheLongerItLasts() throws {
        let world = try Self.eventful(.noncontractual, seed: 3)
        let cutoff = world.parameters.lastCutoff
        for number in 1...50 {
            let states = [LatentState.active] + (0..<60).map { LatentState.declining(weeks: $0) } + [.left]
            let path = states.map { state in
                let outlook = Self.outlook(of: number, in: world, state: state, before: cutoff)
                return world.noPurchaseProbability(outlook, from: cutoff, to: cutoff + 90)
            }
            for (earlier, later) in zip(path, path.dropFirst()) { #expect(earlier <= later) }
        }
    }

    /// A notice that is on its way at the cutoff arrives for certain.
    @Test func aNoticeThatIsDecidedArrivesOnItsDay() throws {
        let world = try Self.eventful(.contractual, seed: 3)
        let start = try #require(CalendarDay("2024-02-29"))
        let outlook = Outlook(
            setting: CustomerSetting(number: 1, parameters: world.parameters, outer: world.law.outer),
            state: .declining(weeks: 0),
            ages: RecentAges(),
            returnArrivals: [],
            noticeDay: start + 1
        )
        #expect(world.noticeProbability(outlook, from: start, to: start + 2) == 1)
        #expect(world.noticeProbability(outlook, from: start, to: start + 1) == 0)
    }

    // MARK: What the tests share

    private static func outlook(
        of number: Int,
        in world: SimulatedWorld,
        state: LatentState,
        before start: CalendarDay
    ) -> Outlook {
        var ages = RecentAges()
        ages.ticket = 2
        ages.visit = 0
        ages.complaintThisWeek = start.weekday != 0 && number % 2 == 1
        return Outlook(
            setting: CustomerSetting(number: number, parameters: world.parameters, outer: world.law.outer),
            state: state,
            ages: ages,
            returnArrivals: [start - 3, start + 20],
            noticeDay: nil
        )
    }

    private static func expect(_ exact: Double, drawn: (inout RandomStream) -> Bool, _ number: Int) {
        let draws = 20_000
        var stream = RandomStream(seed: 99, purpose: "brute force", index: UInt64(number))
        var hits = 0
        for _ in 0..<draws where drawn(&stream) { hits += 1 }
        let frequency = Double(hits) / Double(draws)
        let error = (exact * (1 - exact) / Double(draws)).squareRoot()
        #expect(exact > 0.001 && exact < 0.999, "the case says something: \(exact)")
        #expect(abs(frequency - exact) < 5 * error, "exact \(exact), drawn \(frequency)")
    }

    private static func deviation(_ part: ArraySlice<ChurnTruth>) -> Double {
        var sum = Deviation()
        for row in part { sum.add(row.churned, probability: row.probability) }
        return sum.inStandardDeviations
    }

    /// Area under the ROC curve of rows sorted by probability; ties count by half.
    private static func areaUnderCurve(_ sorted: [ChurnTruth]) -> Double {
        var below = 0.0
        var wins = 0.0
        var start = 0
        while start < sorted.count {
            let end = sorted[start...].firstIndex { $0.probability != sorted[start].probability } ?? sorted.count
            let churned = Double(sorted[start..<end].count { $0.churned })
            let stayed = Double(end - start) - churned
            wins += churned * (below + stayed / 2)
            below += stayed
            start = end
        }
        let churned = Double(sorted.count { $0.churned })
        return wins / (churned * (Double(sorted.count) - churned))
    }
}
