import ChurnHistory
import Testing

@testable import ChurnSimulation

@Suite struct SimulationParametersTests {
    @Test func defaultsGiveMonthlyCutoffsUpToTheLastMatureOne() throws {
        let parameters = try SimulationParameters(customers: 10, seed: 1)
        #expect(parameters.firstDay.description == "2022-01-01")
        #expect(parameters.observedUntil.description == "2024-07-01")
        #expect(parameters.firstCutoff.description == "2023-01-01")
        #expect(parameters.lastCutoff.description == "2024-04-01")
    }

    @Test func aLabelWindowThatEndsOnTheLastDayIsMature() throws {
        let day = try #require(CalendarDay("2024-06-30"))
        #expect(
            try SimulationParameters(customers: 1, seed: 1, observedUntil: day).lastCutoff.description == "2024-04-01"
        )
        #expect(
            try SimulationParameters(customers: 1, seed: 1, observedUntil: day - 1).lastCutoff.description
                == "2024-03-01"
        )
    }

    @Test func aYearPassesBeforeTheFirstCutoffEvenWhenItIsALeapYear() throws {
        let parameters = try SimulationParameters(
            customers: 1,
            seed: 1,
            firstDay: #require(CalendarDay("2023-06-02")),
            observedUntil: #require(CalendarDay("2025-01-01"))
        )
        // 365 days after 2023-06-02 is 2024-06-01, because of 29 February.
        #expect(parameters.firstCutoff.description == "2024-06-01")
    }

    @Test func rejectsAHistoryWithoutAMatureCutoffAndSaysHowLongItMustBe() throws {
        let end = try #require(CalendarDay("2023-03-31"))
        let error = #expect(throws: SimulationError.self) {
            try SimulationParameters(customers: 1, seed: 1, observedUntil: end)
        }
        #expect(
            error?.description
                == "A history from 2022-01-01 to 2023-03-31 is too short for a first year and one label window. "
                + "Fix: let it end on 2023-04-01 or later."
        )
        #expect(throws: Never.self) { try SimulationParameters(customers: 1, seed: 1, observedUntil: end + 1) }
    }

    @Test func rejectsNumbersOutOfRange() throws {
        #expect(throws: SimulationError.outOfRange(parameter: .customers, got: 0, allowed: 1...50_000_000)) {
            try SimulationParameters(customers: 0, seed: 1)
        }
        #expect(throws: SimulationError.outOfRange(parameter: .horizonDays, got: 367, allowed: 1...366)) {
            try SimulationParameters(customers: 1, seed: 1, horizonDays: 367)
        }
        #expect(throws: SimulationError.outOfRange(parameter: .activeWithinDays, got: 366, allowed: 1...365)) {
            try SimulationParameters(customers: 1, seed: 1, activeWithinDays: 366)
        }
        let late = try #require(CalendarDay("2095-12-31"))
        let error = #expect(throws: SimulationError.self) {
            try SimulationParameters(customers: 1, seed: 1, observedUntil: late)
        }
        #expect(error?.description == "days of history is 27027, but must be between 1 and 14610.")
    }

    @Test(arguments: ["1980-12-31", "2096-01-01", "0001-01-01", "9999-12-31"])
    func rejectsYearsThatCannotBeSimulated(text: String) throws {
        let day = try #require(CalendarDay(text))
        let early = #expect(throws: SimulationError.self) {
            try SimulationParameters(customers: 1, seed: 1, firstDay: day)
        }
        #expect(early?.description == "firstDay is \(text), but must be between 1981-01-01 and 2095-12-31.")
        let late = #expect(throws: SimulationError.self) {
            try SimulationParameters(customers: 1, seed: 1, observedUntil: day)
        }
        #expect(late?.description == "observedUntil is \(text), but must be between 1981-01-01 and 2095-12-31.")
    }

    @Test(arguments: [("1981-01-01", "1982-07-01"), ("2094-01-01", "2095-12-31")])
    func simulatesTheFirstAndTheLastYears(first: String, end: String) throws {
        let parameters = try SimulationParameters(
            customers: 30,
            seed: 1,
            firstDay: #require(CalendarDay(first)),
            observedUntil: #require(CalendarDay(end))
        )
        #expect(try SimulatedWorld(parameters).generate(threads: 1).customers.count == 30)
    }

    @Test(arguments: [
        ([EventKind.ticket: -0.1], "rate of ticket is -0.1, but must be between 0.0 and 1000.0."),
        ([EventKind.purchase: 0], "rate of purchase is 0.0, but must be between 0.5 and 300.0."),
        ([EventKind.visit: .nan], "rate of visit is nan, but must be between 0.0 and 1000.0."),
        ([EventKind.cancellation: 1], "rate of cancellation is 1.0, but must be between 0.0 and 0.0."),
    ])
    func rejectsRatesThatCannotBe(rates: [EventKind: Double], message: String) throws {
        let error = #expect(throws: SimulationError.self) {
            try SimulationParameters(customers: 1, seed: 1, rates: rates)
        }
        #expect(error?.description == message)
    }

    @Test(arguments: [0, -1, 2.5, Double.infinity, .nan])
    func rejectsChurnRatesThatCannotBe(rate: Double) throws {
        #expect(throws: SimulationError.self) { try SimulationParameters(customers: 1, seed: 1, churnRate: rate) }
    }

    @Test func rejectsPriceRisesOutsideTheHistoryRepeatedOrBeyondMeasure() throws {
        let day = try #require(CalendarDay("2023-05-01"))
        func error(_ rises: [PriceRise]) -> SimulationError? {
            #expect(throws: SimulationError.self) {
                try SimulationParameters(customers: 1, seed: 1, priceRises: rises)
            }
        }
        let end = SimulationParameters.defaultObservedUntil
        #expect(
            error([PriceRise(day: end, percent: 5)])?.description
                == "priceRises is 2024-07-01, which lies outside the history. Fix: choose a day from 2022-01-01 on and "
                + "before 2024-07-01."
        )
        #expect(
            error([PriceRise(day: day, percent: 5), PriceRise(day: day, percent: 3)])
                == .repeatedDay(parameter: .priceRises, day: day)
        )
        #expect(
            error([PriceRise(day: day, percent: 0)])
                == .numberOutOfRange(parameter: .percentOfPriceRise, got: 0, allowed: 0.1...100)
        )
        #expect(
            error((0..<4).map { PriceRise(day: day + $0, percent: 100) })?.description
                == "The price rises make everything 16.0 times as dear. Fix: let them multiply to at most 10.0."
        )
    }

    @Test func rejectsCampaignsAndDriftOutsideTheHistory() throws {
        let first = SimulationParameters.defaultFirstDay
        #expect(throws: SimulationError.self) {
            try SimulationParameters(customers: 1, seed: 1, campaigns: [first - 1])
        }
        #expect(throws: SimulationError.tooMany(parameter: .campaigns, got: 21, maximum: 20)) {
            try SimulationParameters(customers: 1, seed: 1, campaigns: (0..<21).map { first + $0 })
        }
        #expect(throws: SimulationError.self) {
            try SimulationParameters(customers: 1, seed: 1, driftFrom: SimulationParameters.defaultObservedUntil)
        }
        #expect(throws: Never.self) { try SimulationParameters(customers: 1, seed: 1, driftFrom: first) }
    }

    @Test func priceRisesAndCampaignsAreKeptInTimeOrder() throws {
        let day = try #require(CalendarDay("2023-05-01"))
        let parameters = try SimulationParameters(
            customers: 1,
            seed: 1,
            priceRises: [PriceRise(day: day + 9, percent: 5), PriceRise(day: day, percent: 3)],
            campaigns: [day + 3, day]
        )
        #expect(parameters.priceRises.map(\.percent) == [3, 5])
        #expect(parameters.campaigns == [day, day + 3])
    }
}
