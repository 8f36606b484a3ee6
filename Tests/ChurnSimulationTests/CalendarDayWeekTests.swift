import ChurnHistory
import Testing

@testable import ChurnSimulation

@Suite struct CalendarDayWeekTests {
    @Test(arguments: [
        ("1938-12-31", 5), ("1951-01-01", 0), ("1969-12-31", 2), ("1970-01-01", 3),
        ("2000-02-29", 1), ("2024-03-31", 6),
    ])
    func weekdayCountsFromMondayBeforeAndAfter1970(text: String, weekday: Int) throws {
        #expect(try #require(CalendarDay(text)).weekday == weekday)
    }

    @Test func everyWeekBeginsOnTheMondayAtOrBeforeItsDays() throws {
        let monday = try #require(CalendarDay("1951-01-01"))
        for offset in -7000..<60_000 {
            let day = monday + offset
            #expect(day.monday.weekday == 0 && (0..<7).contains(day - day.monday))
            let next = day.mondayOnOrAfter
            #expect(next.weekday == 0 && (0..<7).contains(next - day))
            #expect(((day + 1).weekday - day.weekday + 7) % 7 == 1)
        }
    }

    @Test func monthsBeginOnTheirFirst() throws {
        #expect(try #require(CalendarDay("2024-02-29")).monthStart.description == "2024-02-01")
        #expect(try #require(CalendarDay("2024-02-01")).monthStart.description == "2024-02-01")
        #expect(try #require(CalendarDay("1969-12-31")).monthStart.description == "1969-12-01")
    }
}
