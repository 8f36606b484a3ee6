import Foundation
import Testing

@testable import ChurnHistory

@Suite struct CalendarDayTests {
    @Test func everyDayOfEightCenturiesFollowsTheOneBefore() throws {
        var number = try day("1600-01-01").number
        for year in 1600..<2400 {
            let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
            for (month, length) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
                #expect(CalendarDay(year: year, month: month + 1, day: length + 1) == nil)
                for dayOfMonth in 1...length {
                    let isRight =
                        CalendarDay(year: year, month: month + 1, day: dayOfMonth)?.number == number
                        && CalendarDay(number: number).components == (year, month + 1, dayOfMonth)
                    if !isRight { Issue.record("\(year)-\(month + 1)-\(dayOfMonth)") }
                    number += 1
                }
            }
        }
        #expect(try day("1970-01-01").number == 0)
    }

    @Test func theFirstAndLastDayThatCanBeWrittenSurviveARoundTrip() throws {
        for text in ["0001-01-01", "0999-12-31", "9999-12-31"] {
            let parsed = try day(text)
            #expect(parsed.description == text)
            #expect(CalendarDay(number: parsed.number).description == text)
        }
    }

    @Test(arguments: [
        "", "2024", "2024-01", "2024-1-01", "2024-01-1", "24-01-01", "2024-02-30", "2023-02-29", "1900-02-29",
        "2024-13-01",
        "2024-00-01", "2024-01-00", "0000-01-01", "2024/01/01", "2024-01-01 ", "2024-01-01T00:00", "-2024-01-01",
        "20240101",
        "2024-+1-01", "+024-01-01",
    ])
    func whatIsNoDayIsRefused(text: String) {
        #expect(CalendarDay(text) == nil)
    }

    @Test(arguments: [
        ("2024-01-31", "1mo", "2024-02-29"), ("2023-01-31", "1mo", "2023-02-28"), ("2024-02-29", "1y", "2025-02-28"),
        ("2024-02-29", "4y", "2028-02-29"), ("2024-12-31", "2mo", "2025-02-28"), ("2024-03-31", "13mo", "2025-04-30"),
        ("2024-02-28", "1d", "2024-02-29"), ("2024-02-28", "2d", "2024-03-01"), ("2023-02-28", "1d", "2023-03-01"),
        ("2024-01-01", "366d", "2025-01-01"), ("2024-12-25", "1w", "2025-01-01"), ("2024-05-05", "0d", "2024-05-05"),
    ])
    func periodsAreAddedOnTheCalendar(from: String, period: String, to: String) throws {
        #expect(try day(from).adding(#require(CalendarPeriod(period))) == day(to))
    }

    @Test(arguments: [
        ("2024-03-31", "1mo", "2024-02-29"), ("2025-02-28", "1y", "2024-02-28"), ("2024-03-01", "1d", "2024-02-29"),
        ("2024-01-15", "1mo", "2023-12-15"), ("2024-01-31", "11mo", "2023-02-28"), ("2024-03-31", "90d", "2024-01-01"),
    ])
    func periodsAreSubtractedOnTheCalendar(from: String, period: String, to: String) throws {
        #expect(try day(from).subtracting(#require(CalendarPeriod(period))) == day(to))
    }

    @Test func addingAgreesWithFoundationForRandomDaysAndMonths() throws {
        let foundation = try foundationCalendar("UTC")
        var random = SeededGenerator(seed: 9)
        for _ in 0..<500 {
            let start = CalendarDay(number: random.below(47_000))
            let period = CalendarPeriod(months: random.below(240) - 120, days: random.below(400) - 200)
            var date = Date(timeIntervalSince1970: Double(start.number) * 86_400)
            date = try #require(foundation.date(byAdding: .month, value: period.months, to: date))
            date = try #require(foundation.date(byAdding: .day, value: period.days, to: date))
            #expect(Double(start.adding(period).number) == date.timeIntervalSince1970 / 86_400, "\(start) \(period)")
        }
    }

    @Test func daysAreOrderedAsTheyFollowEachOther() throws {
        #expect(try day("2024-02-29") < day("2024-03-01"))
        #expect(try !(day("2024-03-01") < day("2024-03-01")))
    }

    // MARK: Periods

    @Test(arguments: [
        ("90d", 0, 90, "90d"), ("12w", 0, 84, "84d"), ("3mo", 3, 0, "3mo"), ("12mo", 12, 0, "1y"), ("2y", 24, 0, "2y"),
        ("0d", 0, 0, "0d"), ("36525d", 0, 36_525, "36525d"), ("5200w", 0, 36_400, "36400d"), ("100y", 1200, 0, "100y"),
    ])
    func periodsAreParsedAndWritten(text: String, months: Int, days: Int, written: String) throws {
        let period = try #require(CalendarPeriod(text))
        #expect(period == CalendarPeriod(months: months, days: days))
        #expect(period.description == written)
        #expect(period.isZero == (months == 0 && days == 0))
    }

    @Test(arguments: [
        "", "d", "90", "90 d", " 90d", "-90d", "+90d", "1.5mo", "90D", "3m", "1q", "90days", "36526d", "5201w",
        "1201mo",
        "101y", "99999999999999999999d", "٩d", "1e2d",
    ])
    func whatIsNoPeriodIsRefused(text: String) {
        #expect(CalendarPeriod(text) == nil)
    }
}
