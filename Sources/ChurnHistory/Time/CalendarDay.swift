/// A day of the proleptic Gregorian calendar, counted from 1970-01-01 (which is 0). Has no time zone of its own.
public struct CalendarDay: Hashable, Comparable, Sendable {
    /// Days since 1970-01-01.
    public var number: Int

    public init(number: Int) { self.number = number }

    /// - Returns: `nil` when there is no such day, or the year is not in 1...9999.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.length(ofMonth: month, year: year)
        else { return nil }
        self.init(validYear: year, month: month, day: day)
    }

    /// Parses `2024-12-31`.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
            parts.allSatisfy({ $0.allSatisfy { (0x30...0x39).contains($0) } }),
            let year = Int(Substring(parts[0])), let month = Int(Substring(parts[1])),
            let day = Int(Substring(parts[2]))
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// Counting March as the first month makes the leap day the last of the year (Hinnant's days_from_civil).
    private init(validYear year: Int, month: Int, day: Int) {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        number = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    public var components: (year: Int, month: Int, day: Int) {
        let z = number + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    public static func length(ofMonth month: Int, year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    /// The day `period` later: first the months, where a day that the month lacks becomes its last; then the days.
    public func adding(_ period: CalendarPeriod) -> CalendarDay {
        var result = self
        if period.months != 0 {
            let (year, month, day) = components
            let months = year * 12 + month - 1 + period.months
            let newYear = months >= 0 ? months / 12 : (months - 11) / 12
            let newMonth = months - newYear * 12 + 1
            let newDay = min(day, Self.length(ofMonth: newMonth, year: newYear))
            result = CalendarDay(validYear: newYear, month: newMonth, day: newDay)
        }
        return CalendarDay(number: result.number + period.days)
    }

    public func subtracting(_ period: CalendarPeriod) -> CalendarDay {
        adding(CalendarPeriod(months: -period.months, days: -period.days))
    }

    public static func < (left: CalendarDay, right: CalendarDay) -> Bool { left.number < right.number }
}

extension CalendarDay: CustomStringConvertible {
    /// As `2024-12-31`.
    public var description: String {
        let (year, month, day) = components
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }
}

/// A length of time in the calendar: `90d`, `12w`, `3mo`, `1y`. A day is a calendar day, however many hours it has.
public struct CalendarPeriod: Hashable, Sendable {
    public let months: Int
    public let days: Int

    public init(months: Int = 0, days: Int = 0) {
        self.months = months
        self.days = days
    }

    /// Parses a whole number with `d`, `w`, `mo` or `y`. At most 100 years.
    public init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits), count <= 36_525 else { return nil }
        switch text.dropFirst(digits.count) {
        case "d": self.init(days: count)
        case "w" where count <= 5200: self.init(days: 7 * count)
        case "mo" where count <= 1200: self.init(months: count)
        case "y" where count <= 100: self.init(months: 12 * count)
        default: return nil
        }
    }

    public var isZero: Bool { months == 0 && days == 0 }
}

extension CalendarPeriod: CustomStringConvertible {
    public var description: String {
        if months == 0 { return "\(days)d" }
        return months % 12 == 0 ? "\(months / 12)y" : "\(months)mo"
    }
}
