import ChurnHistory
import Testing

@testable import ChurnSimulation

@Suite struct ContractTests {
    private static let history = Result {
        try SimulatedWorld(SimulationParameters(customers: 1500, seed: 23, world: .contractual))
            .generate(recordsDrivers: true, threads: 2)
    }

    @Test func termsFollowOneAnotherWithoutGaps() throws {
        let history = try Self.history.get()
        var renewals = 0
        for course in history.courses {
            let contracts = course.contracts
            #expect(contracts.first?.term.start == course.customer.since)
            for (position, contract) in contracts.enumerated() {
                let months = position == 0 ? course.customer.contract?.firstMonths : 12
                #expect(contract.renewal == position && contract.term.months == months)
                #expect(contract.term.start < contract.term.plannedEnd)
                #expect(contract.term.start < history.parameters.observedUntil)
                guard position > 0 else { continue }
                renewals += 1
                #expect(contract.term.start == contracts[position - 1].term.plannedEnd)
            }
        }
        #expect(renewals > 1000)
    }

    @Test func anEndIsThePlannedOneAndNeverKnownAfterIt() throws {
        let history = try Self.history.get()
        let until = history.parameters.observedUntil
        var running = 0
        for course in history.courses {
            for contract in course.contracts.dropLast() {
                #expect(contract.end == contract.term.plannedEnd && contract.endKnown == contract.end)
            }
            guard let last = course.contracts.last else { continue }
            if let end = last.end, let known = last.endKnown {
                #expect(end == last.term.plannedEnd && known <= end && known < until)
            } else {
                running += 1
                #expect(last.end == nil && last.endKnown == nil && last.term.plannedEnd >= until)
            }
        }
        #expect(running > 500)
    }

    @Test func aNoticeIsOneEventInTimeForTheEndOfTheLastTerm() throws {
        let history = try Self.history.get()
        var notices = 0
        for course in history.courses {
            let days = course.events.filter { $0.kind == .cancellation }.map { history.parameters.firstDay + $0.day }
            #expect(days.count <= 1)
            guard let day = days.first, let last = course.contracts.last else { continue }
            notices += 1
            #expect(last.endKnown == day && last.end == last.term.plannedEnd)
            let deadline = last.term.plannedEnd.subtracting(CalendarPeriod(months: last.noticeMonths))
            #expect(day >= last.term.start && day <= deadline && day.weekday < 5)
        }
        #expect(notices > 150)
    }

    @Test func whoHasGivenNoticePurchasesNothingMoreAndActsNoLongerThanTheContractLasts() throws {
        let history = try Self.history.get()
        for course in history.courses {
            guard let notice = course.path.noticeDay, let left = course.path.left else { continue }
            for event in course.events {
                let day = history.parameters.firstDay + event.day
                if event.kind == .purchase { #expect(day < notice) }
                if event.kind != .return { #expect(day < left) }
            }
        }
    }

    @Test func nobodyIsAtRiskOnceTheDeadlineHasPassed() throws {
        for course in try Self.history.get().courses {
            for row in course.drivers {
                let term = try #require(
                    course.contracts.first { $0.term.start <= row.week && row.week < $0.term.plannedEnd }
                )
                #expect(row.week + 4 <= term.term.deadline)
                #expect(row.drivers.isDeadlineNear == (term.term.deadline - row.week - 4 < 56))
            }
        }
    }

    /// The last eight of the weeks in which a notice is in time, and none before them.
    @Test func theDeadlineIsNearInTheLastEightWeeksAtRisk() throws {
        let world = try SimulatedWorld(SimulationParameters(customers: 40, seed: 23, world: .contractual))
        for number in 1...40 {
            let setting = CustomerSetting(number: number, parameters: world.parameters, outer: world.law.outer)
            guard let term = setting.terms.first(where: { $0.start >= world.parameters.firstDay }),
                term.deadline < world.parameters.observedUntil
            else { continue }
            let mondays = (0..<200).map { term.start.mondayOnOrAfter + 7 * $0 }
                .filter { setting.term(on: $0) == term && world.law.isAtRisk(setting, weekFrom: $0) }
            let near = mondays.map {
                world.law.drivers(of: setting, weekFrom: $0, recent: .none).isDeadlineNear
            }
            #expect(near == mondays.indices.map { $0 >= mondays.count - 8 })
        }
    }

    @Test func firstTermsAndNoticePeriodsComeWithTheirShares() throws {
        let contracts = try Self.history.get().customers.compactMap(\.contract)
        func expect(_ count: Int, _ share: Double) {
            let deviation = (share * (1 - share) / Double(contracts.count)).squareRoot()
            #expect(abs(Double(count) / Double(contracts.count) - share) < 4 * deviation)
        }
        expect(contracts.count { $0.firstMonths == 12 }, 0.55)
        expect(contracts.count { $0.firstMonths == 24 }, 0.30)
        expect(contracts.count { $0.firstMonths == 36 }, 0.15)
        expect(contracts.count { $0.noticeMonths == 1 }, 0.30)
        expect(contracts.count { $0.noticeMonths == 3 }, 0.70)
    }

    @Test func aTermFromTheLastOfFebruaryKeepsToTheCalendar() throws {
        let leapDay = try #require(CalendarDay("2020-02-29"))
        let terms = ContractTerms(firstMonths: 12, noticeMonths: 3, yearlyValueCents: 1200)
            .terms(from: leapDay, until: leapDay + 400)
        #expect(terms.map(\.plannedEnd.description) == ["2021-02-28", "2022-02-28"])
        #expect(terms[0].deadline.description == "2020-11-28")
    }

    @Test func aPriceRiseReachesAContractWithItsRenewal() throws {
        let day = try #require(CalendarDay("2023-01-01"))
        let parameters = try SimulationParameters(
            customers: 300,
            seed: 2,
            world: .contractual,
            priceRises: [PriceRise(day: day, percent: 20)]
        )
        for course in try SimulatedWorld(parameters).generate(threads: 1).courses {
            let base = try #require(course.customer.contract?.yearlyValueCents)
            for contract in course.contracts {
                #expect(contract.yearlyValueCents == (contract.term.start < day ? base : base * 6 / 5))
            }
        }
    }
}
