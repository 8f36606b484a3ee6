import Foundation
import Testing

@testable import ChurnHistory

@Suite struct StudyCalendarTests {
    private static let zones = [
        "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe",
        "Asia/Beirut",
    ]
    private static let second = StudyCalendar.microsecondsPerSecond

    @Test(arguments: zones) func daysAndClocksAgreeWithFoundationAtRandomInstants(zone: String) throws {
        let calendar = try calendar(zone)
        let foundation = try foundationCalendar(zone)
        var random = SeededGenerator(seed: 5)
        for _ in 0..<1000 {
            // 1970-01-02 to 2099.
            let seconds = 86_400 + random.below(4_101_000_000)
            let date = Date(timeIntervalSince1970: Double(seconds))
            let parts = foundation.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
            let (year, month, day) = calendar.day(of: Int64(seconds) * Self.second).components
            #expect([year, month, day] == [parts.year, parts.month, parts.day], "\(seconds)")
            let clock = calendar.wallClock(Int64(seconds) * Self.second).split(separator: " ").last ?? ""
            #expect(
                clock.split(separator: ":").map { Int($0) } == [parts.hour, parts.minute, parts.second],
                "\(seconds)"
            )
        }
    }

    @Test(arguments: zones) func daysBeginWhenFoundationSaysForTwentyYears(zone: String) throws {
        let calendar = try calendar(zone)
        let foundation = try foundationCalendar(zone)
        for number in try day("2005-01-01").number..<day("2025-01-01").number {
            let noon = Date(timeIntervalSince1970: (Double(number) + 0.5) * 86_400)
            let offset = foundation.timeZone.secondsFromGMT(for: noon)
            let start = foundation.startOfDay(for: noon.addingTimeInterval(Double(-offset)))
            let own = calendar.start(of: CalendarDay(number: number))
            #expect(Double(own / Self.second) == start.timeIntervalSince1970, "\(CalendarDay(number: number))")
        }
    }

    @Test(arguments: zones + ["UTC", "Asia/Kolkata", "Africa/Casablanca", "Pacific/Apia", "America/Havana"])
    func daysHaveNoGapsAndTheirEdgesAreHalfOpen(zone: String) throws {
        let calendar = try calendar(zone)
        for number in try day("2004-01-01").number..<day("2026-01-01").number {
            let day = CalendarDay(number: number)
            let start = calendar.start(of: day)
            // Samoa left out 2011-12-30.
            if zone == "Pacific/Apia", day.description == "2011-12-30" {
                #expect(start == calendar.start(of: CalendarDay(number: number + 1)))
                continue
            }
            #expect(calendar.day(of: start) == day)
            #expect(calendar.day(of: start - 1) < day)
            #expect(calendar.day(of: calendar.start(of: CalendarDay(number: number + 1)) - 1) == day)
        }
    }

    /// Every half hour around each change of offset, in zones that skip midnight, go back to it, go back over it, or leave out a
    /// day.
    @Test(arguments: [
        "America/St_Johns", "America/Goose_Bay", "America/Sao_Paulo", "America/Havana", "Asia/Beirut", "Asia/Amman",
        "Africa/Cairo", "America/Asuncion", "Pacific/Apia", "Pacific/Kwajalein", "Australia/Lord_Howe", "Europe/Berlin",
    ])
    func anInstantIsOfTheLastDayThatHasBegun(zone: String) throws {
        let calendar = try calendar(zone)
        let foundation = try foundationCalendar(zone).timeZone
        var counter = DayCounter(calendar)
        var change = Date(timeIntervalSince1970: 86_400)
        while let next = foundation.nextDaylightSavingTimeTransition(after: change),
            next.timeIntervalSince1970 < 1.5e9
        {
            change = next
            var before = CalendarDay(number: .min)
            for step in -60...60 {
                let instant = (Int64(next.timeIntervalSince1970) + Int64(step) * 1800) * Self.second
                let day = calendar.day(of: instant)
                let end = calendar.start(of: CalendarDay(number: day.number + 1))
                let isLast = calendar.start(of: day) <= instant && instant < end
                #expect(isLast && before <= day && Int(counter.day(of: instant)) == day.number, "\(instant)")
                before = day
            }
        }
    }

    @Test func aDayThatHasBegunGoesOnWhereClocksGoBackOverMidnight() throws {
        let zone = try calendar("America/St_Johns")
        let later = try instant("2009-11-01T03:00:00Z")
        #expect(zone.start(of: try day("2009-11-01")) == (try instant("2009-11-01T02:30:00Z")))
        #expect(zone.day(of: later) == (try day("2009-11-01")))
        #expect(zone.wallClock(later) == "2009-10-31 23:30:00", "what the clock shows stays what it shows")
        var counter = DayCounter(zone)
        #expect(Int(counter.day(of: later)) == (try day("2009-11-01").number))
    }

    @Test(arguments: [
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"),
        ("Asia/Beirut", "2022-03-27", "2022-03-26T22:00:00Z"),
        ("America/Havana", "2024-11-03", "2024-11-03T04:00:00Z"),
        ("America/Havana", "2024-03-10", "2024-03-10T05:00:00Z"),
        ("Asia/Kolkata", "2024-01-01", "2023-12-31T18:30:00Z"),
        ("Asia/Kathmandu", "2024-01-01", "2023-12-31T18:15:00Z"),
        ("Europe/Berlin", "2024-03-31", "2024-03-30T23:00:00Z"),
        ("Europe/Berlin", "2024-04-01", "2024-03-31T22:00:00Z"),
    ])
    func aDayBeginsAtMidnightOrAfterTheHourThatIsSkippedThere(zone: String, text: String, expected: String) throws {
        #expect(try calendar(zone).start(of: day(text)) == instant(expected))
    }

    @Test func daysHaveTwentyThreeTwentyFourOrTwentyFiveHours() throws {
        let berlin = try calendar("Europe/Berlin")
        func hours(_ text: String) throws -> Int64 {
            let first = try day(text)
            return (berlin.start(of: CalendarDay(number: first.number + 1)) - berlin.start(of: first)) / 3_600
                / Self.second
        }
        #expect(try [hours("2024-03-31"), hours("2024-10-27"), hours("2024-02-29")] == [23, 25, 24])
    }

    @Test(arguments: zones) func whatTheClockShowsResolvesToTheInstantOrToTheFirstOfTwo(zone: String) throws {
        let calendar = try calendar(zone)
        let foundation = try foundationCalendar(zone)
        var random = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let second = 86_400 + random.below(4_101_000_000)
            let offset = foundation.timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second)))
            switch calendar.resolve(localSecond: second + offset) {
            case .unique(let found): #expect(found == second)
            case .repeated(let found): #expect(found == second || [1800, 3600].contains(second - found))
            case .skipped: Issue.record("\(second) is an instant, so its reading exists")
            }
        }
    }

    @Test func theFirstInstantAfterASkippedHourIsNamed() throws {
        let local = try instant("2024-03-31T02:30:00Z") / Self.second
        let after = try instant("2024-03-31T01:00:00Z") / Self.second
        #expect(try calendar("Europe/Berlin").resolve(localSecond: Int(local)) == .skipped(Int(after)))
    }

    @Test func instantsBeforeTheEpochBelongToTheDayBefore() throws {
        let utc = try calendar("UTC")
        #expect(utc.day(of: -1).description == "1969-12-31")
        #expect(utc.day(of: 0).description == "1970-01-01")
        #expect(utc.wallClock(-1) == "1969-12-31 23:59:59")
    }

    @Test(arguments: ["", "Europe/Atlantis", "Berlin", "Mars"]) func aZoneThatDoesNotExistIsRefused(name: String) {
        #expect(StudyCalendar(timeZoneName: name) == nil)
    }
}
