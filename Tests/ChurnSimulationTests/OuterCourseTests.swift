import ChurnHistory
import Testing

@testable import ChurnSimulation

@Suite struct OuterCourseTests {
    private static let day = CalendarDay(number: 19_510)  // Thursday, 2023-06-01

    @Test func pricesRiseOnTheDayAndTheHazardForThirteenWeeksFromTheMondayAfter() throws {
        let outer = OuterCourse(
            try SimulationParameters(
                customers: 1,
                seed: 1,
                priceRises: [PriceRise(day: Self.day, percent: 10), PriceRise(day: Self.day + 30, percent: 5)]
            )
        )
        #expect(outer.priceFactor(on: Self.day - 1) == 1 && outer.priceFactor(on: Self.day) == 1.1)
        #expect(abs(outer.priceFactor(on: Self.day + 30) - 1.155) < 1e-12)
        let monday = Self.day.mondayOnOrAfter
        #expect(outer.priceRise(weekFrom: monday - 7) == 0 && outer.priceRise(weekFrom: monday) == 1)
        #expect(outer.priceRise(weekFrom: monday + 84) == 1.5)
        #expect(outer.priceRise(weekFrom: monday + 91) == 0.5)
    }

    /// The same customer buys the same things for more money.
    @Test func afterAPriceRiseTheSameGoodsCostMore() throws {
        let end = SimulationParameters.defaultObservedUntil
        func purchases(_ rises: [PriceRise]) throws -> [SimulatedEvent] {
            // On the last Friday, so that no hazard has changed yet.
            let parameters = try SimulationParameters(customers: 1500, seed: 1, priceRises: rises)
            return try SimulatedWorld(parameters).generate(threads: 2).events.filter { $0.kind == .purchase }
        }
        let before = try purchases([])
        let after = try purchases([PriceRise(day: end - 3, percent: 50)])
        #expect(before.count == after.count)
        var dearer = 0
        for (plain, risen) in zip(before, after) {
            #expect(plain.quantity == risen.quantity && plain.second == risen.second)
            if risen.day >= end - 3 - SimulationParameters.defaultFirstDay {
                dearer += 1
                #expect(abs(Double(risen.cents) / Double(plain.cents) - 1.5) < 0.01)
            } else {
                #expect(risen.cents == plain.cents)
            }
        }
        #expect(dearer > 20)
    }

    @Test func aCampaignTreatsARandomHalfOfThoseWhoHaveJoinedAndNotLeft() throws {
        let parameters = try SimulationParameters(customers: 4000, seed: 5, campaigns: [Self.day, Self.day + 100])
        let courses = try SimulatedWorld(parameters).generate(threads: 2).courses
        var both = 0
        for (position, day) in parameters.campaigns.enumerated() {
            let treated = courses.compactMap { $0.treatments[position] }
            #expect(abs(Double(treated.count { $0 }) / Double(treated.count) - 0.5) < 0.04)
            for course in courses {
                let hasLeft = course.path.left.map { $0 <= day } ?? false
                #expect((course.treatments[position] == nil) == (course.customer.since >= day || hasLeft))
            }
            let gone = courses.count { $0.path.left.map { $0 <= day } ?? false }
            #expect(gone > 100)
        }
        for course in courses where course.treatments == [true, true] { both += 1 }
        #expect(abs(Double(both) / Double(courses.count { $0.treatments[0] != nil }) - 0.25) < 0.04)
        // Treated by lot: loyalty, the strongest hidden driver, is the same on both sides.
        func meanLoyalty(_ isTreated: Bool) -> Double {
            let group = courses.filter { $0.treatments[0] == isTreated }
            return group.reduce(0) { $0 + $1.customer.loyalty } / Double(group.count)
        }
        #expect(abs(meanLoyalty(true) - meanLoyalty(false)) < 4 * (4 / 3000.0).squareRoot())
    }

    /// Treated against control in the 26 weeks of a campaign: an odds ratio of e^-0.6 a week.
    @Test func aCampaignKeepsCustomersWhoAreTreated() throws {
        let parameters = try SimulationParameters(customers: 6000, seed: 5, churnRate: 0.6, campaigns: [Self.day])
        let monday = Self.day.mondayOnOrAfter
        var lost = [true: 0.0, false: 0.0]
        var weeks = [true: 0.0, false: 0.0]
        for course in try SimulatedWorld(parameters, threads: 2).generate(recordsDrivers: true, threads: 2).courses {
            guard let isTreated = course.treatments[0] else { continue }
            for row in course.drivers where row.week >= monday && row.week < monday + 182 {
                weeks[isTreated, default: 0] += 1
                if row.declined { lost[isTreated, default: 0] += 1 }
                #expect(row.drivers.campaigns == (isTreated ? 1 : 0))
            }
        }
        let (treated, control) = (lost[true] ?? 0, lost[false] ?? 0)
        let logRatio = (treated / (weeks[true] ?? 1)) / (control / (weeks[false] ?? 1))
        // At a weekly hazard near 1 % a rate ratio is an odds ratio; e^-0.6 = 0.549. Its standard error is that of the
        // logarithm of a ratio of counts.
        let error = (1 / treated + 1 / control).squareRoot()
        #expect(treated > 100 && abs(logRatio / 0.549 - 1) < 3.5 * error, "\(logRatio) +- \(error)")
    }

    @Test func driftChangesNothingBeforeItsDayAndMoreAreLostAfterIt() throws {
        func rows(_ drift: CalendarDay?) throws -> [DriverRow] {
            try SimulatedWorld(SimulationParameters(customers: 2000, seed: 6, driftFrom: drift))
                .generate(recordsDrivers: true, threads: 2).courses.flatMap(\.drivers)
        }
        let (plain, drifted) = (try rows(nil), try rows(Self.day))
        let before = plain.filter { $0.week < Self.day }
        #expect(drifted.filter { $0.week < Self.day } == before)
        func rate(_ rows: [DriverRow]) -> Double {
            let after = rows.filter { $0.week >= Self.day }
            return Double(after.count { $0.declined }) / Double(after.count)
        }
        // e^0.3 at least; more for direct debit and long tenure.
        #expect(rate(drifted) / rate(plain) > 1.25)
    }
}
