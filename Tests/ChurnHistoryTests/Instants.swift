import Foundation
import Testing

@testable import ChurnHistory

/// The instant of a text such as `2024-12-31T14:05:00Z`, as Foundation reads it.
func instant(_ text: String) throws -> Int64 {
    Int64(try Date(text, strategy: .iso8601).timeIntervalSince1970) * StudyCalendar.microsecondsPerSecond
}

func day(_ text: String) throws -> CalendarDay { try #require(CalendarDay(text)) }

func calendar(_ zone: String) throws -> StudyCalendar { try #require(StudyCalendar(timeZoneName: zone)) }

/// Foundation's calendar in a zone: the second opinion on days and clocks.
func foundationCalendar(_ zone: String) throws -> Calendar {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: zone))
    return calendar
}

extension TimeFormat {
    func parse(_ text: String, _ calendar: StudyCalendar) -> Outcome {
        Array(text.utf8).withUnsafeBufferPointer { parse($0, calendar: calendar) }
    }
}
