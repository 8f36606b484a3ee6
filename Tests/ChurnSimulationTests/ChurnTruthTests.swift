import ChurnHistory
import ChurnNumerics
import Testing

@testable import ChurnSimulation

@Suite struct ChurnTruthTests {
    private static let parameters = Result { try SimulationParameters(customers: 400, seed: 3) }

    /// Over several worlds, in tenths by probability, as many churn as the probabilities add up to.
    @Test func probabilitiesAreCalibrated() throws {
        var truth: [ChurnTruth] = []
        for seed in 1...4 {
            let parameters = try SimulationParameters(customers: 1500, seed: UInt64(seed))
            truth += SimulatedWorld(parameters).generate(threads: 2).truth
        }
        truth.sort { ($0.probability, $0.customer) < ($1.probability, $1.customer) }
        #expect(Self.deviation(truth[...]) < 4)
        for tenth in 0..<10 {
            let part = truth[truth.count * tenth / 10..<truth.count * (tenth + 1) / 10]
            #expect(Self.deviation(part) < 4, "tenth \(tenth)")
        }
        let rate = Double(truth.count { $0.churned }) / Double(truth.count)
        #expect((0.2...0.3).contains(rate))
        let best = Self.areaUnderCurve(truth)
        #expect((0.85...0.92).contains(best))
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
        let truth = SimulatedWorld(parameters).generate(threads: 2).truth.sorted { $0.probability < $1.probability }
        #expect(Self.deviation(truth[...]) < 4)
        for half in [truth.prefix(truth.count / 2), truth.suffix(truth.count / 2)] {
            #expect(Self.deviation(half) < 4)
        }
    }

    /// Days drawn one by one by the documented law, from a state and a day on.
    @Test(arguments: [
        (4, LatentState.active, "2024-04-01", 90),  // a Monday
        (9, LatentState.active, "2024-02-29", 61),  // a Thursday, to a Tuesday
        (12, LatentState.declining(weeks: 0), "2024-04-01", 90),
        (20, LatentState.declining(weeks: 3), "2023-12-31", 45),  // a Sunday
        (31, LatentState.declining(weeks: 9), "2024-03-06", 3),  // inside one week
    ])
    func probabilityAgreesWithBruteForce(number: Int, state: LatentState, from: String, days: Int) throws {
        let world = SimulatedWorld(try Self.parameters.get())
        let customer = SimulatedCustomer(number: number, parameters: world.parameters)
        let start = try #require(CalendarDay(from))
        let exact = world.noPurchaseProbability(of: customer, in: state, from: start, to: start + days)

        let draws = 20_000
        var stream = RandomStream(seed: 99, purpose: "brute force", index: UInt64(number))
        let weeks = BruteForce(customer, world.hazard, from: start, days: days)
        let silent = (0..<draws).count { _ in weeks.isSilent(from: state, &stream) }
        let frequency = Double(silent) / Double(draws)
        let error = (exact * (1 - exact) / Double(draws)).squareRoot()
        #expect(exact > 0.001 && exact < 0.999, "the case says something")
        #expect(abs(frequency - exact) < 5 * error, "exact \(exact), drawn \(frequency)")
    }

    @Test func whoHasLeftNeverBuysAgain() throws {
        let world = SimulatedWorld(try Self.parameters.get())
        let customer = SimulatedCustomer(number: 5, parameters: world.parameters)
        let cutoff = world.parameters.lastCutoff
        #expect(world.noPurchaseProbability(of: customer, in: .left, from: cutoff, to: cutoff + 90) == 1)
    }

    @Test func withoutDaysThereIsSilenceAndASundayChangesNothing() throws {
        let world = SimulatedWorld(try Self.parameters.get())
        let customer = SimulatedCustomer(number: 5, parameters: world.parameters)
        let sunday = try #require(CalendarDay("2024-03-31"))
        let probability = world.noPurchaseProbability
        #expect(probability(of: customer, in: .active, from: sunday, to: sunday) == 1)
        #expect(abs(probability(of: customer, in: .active, from: sunday, to: sunday + 1) - 1) < 1e-12)
    }

    @Test func aDeclineMakesSilenceLikelierTheLongerItLasts() throws {
        let world = SimulatedWorld(try Self.parameters.get())
        let cutoff = world.parameters.lastCutoff
        for number in 1...50 {
            let customer = SimulatedCustomer(number: number, parameters: world.parameters)
            let states = [LatentState.active] + (0..<60).map { LatentState.declining(weeks: $0) } + [.left]
            let path = states.map { world.noPurchaseProbability(of: customer, in: $0, from: cutoff, to: cutoff + 90) }
            for (earlier, later) in zip(path, path.dropFirst()) { #expect(earlier <= later) }
        }
    }

    @Test func theHazardIsTheDocumentedFormula() throws {
        let day = try #require(CalendarDay("2024-01-01"))
        let customer = SimulatedCustomer(
            number: 1,
            since: day - 1461,
            industry: .retail,
            employees: 300,
            country: .germany,
            paymentMethod: .prepayment,
            loyalty: 0.5,
            meanGapDays: 30,
            ticketsPerDay: 0,
            visitsPerDay: 0,
            typicalOrderCents: 1
        )
        // -4.75 + 0.30 + 0.60 - 0.20 ln 10 - 0.10 · 4 - 0.60 · 0.5 = -5.010517, whose sigmoid is 0.00662355.
        let probability = ChurnHazard().declineProbability(of: customer, weekFrom: day)
        #expect(abs(probability - 0.006_623_5) < 1e-6)
        // -2.4 + 0.12 · 20 = 0.
        #expect(ChurnHazard().leavingProbability(weeksInDecline: 20) == 0.5)
    }

    /// Churned against expected, in standard deviations; a part without variance must be exact.
    private static func deviation(_ part: ArraySlice<ChurnTruth>) -> Double {
        var variance = 0.0
        var difference = 0.0
        for row in part {
            variance += row.probability * (1 - row.probability)
            difference += (row.churned ? 1 : 0) - row.probability
        }
        return variance > 1e-9 ? abs(difference) / variance.squareRoot() : abs(difference) * 1e9
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

/// The documented law, day by day and without any of the exact recursion.
private struct BruteForce {
    /// Purchases expected of an active customer on each day.
    private let daily: [Double]
    /// The probability that an active customer declines on each day; 0 but on Mondays.
    private let decline: [Double]
    private let isMonday: [Bool]
    private let hazard: ChurnHazard

    init(_ customer: SimulatedCustomer, _ hazard: ChurnHazard, from start: CalendarDay, days: Int) {
        let all = (0..<days).map { start + $0 }
        self.daily = all.map { DemandCalendar.weight(of: $0) / customer.meanGapDays }
        self.isMonday = all.map { $0.weekday == 0 }
        self.decline = all.map { hazard.declineProbability(of: customer, weekFrom: $0) }
        self.hazard = hazard
    }

    func isSilent(from state: LatentState, _ stream: inout RandomStream) -> Bool {
        var isDeclining = false
        var weeks = 0
        var factor = 1.0
        if case .declining(let begun) = state {
            isDeclining = true
            weeks = begun
            for _ in 0...min(begun, 52) { factor *= 0.88 }
        }
        for day in daily.indices {
            if isMonday[day] {
                if isDeclining {
                    if stream.bernoulli(hazard.leavingProbability(weeksInDecline: weeks)) { return true }
                    weeks += 1
                    if weeks <= 52 { factor *= 0.88 }
                } else if stream.bernoulli(decline[day]) {
                    isDeclining = true
                    factor *= 0.88
                }
            }
            if daily[day] > 0, stream.poisson(mean: daily[day] * factor) > 0 { return false }
        }
        return true
    }
}
