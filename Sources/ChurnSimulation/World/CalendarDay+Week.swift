import ChurnHistory

extension CalendarDay {
    /// 0 for Monday to 6 for Sunday.
    var weekday: Int {
        // 1970-01-01 was a Thursday.
        let remainder = (number + 3) % 7
        return remainder >= 0 ? remainder : remainder + 7
    }

    /// The Monday of this day's week.
    var monday: CalendarDay { self - weekday }

    /// This day where it is a Monday, else the next one.
    var mondayOnOrAfter: CalendarDay { (self + 6).monday }

    /// The first day of this day's month.
    var monthStart: CalendarDay { self - (components.day - 1) }

    static func + (day: CalendarDay, days: Int) -> CalendarDay { CalendarDay(number: day.number + days) }

    static func - (day: CalendarDay, days: Int) -> CalendarDay { CalendarDay(number: day.number - days) }

    /// Days from `right` to `left`.
    static func - (left: CalendarDay, right: CalendarDay) -> Int { left.number - right.number }
}
