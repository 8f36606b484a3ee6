import ChurnHistory

/// In which part of the week, the day and the year an event lies, on the study's calendar and clock.
struct CalendarParts {
    enum Kind: Hashable, CaseIterable {
        case weekday, dayPart, month

        init?(_ primitive: Primitive) {
            switch primitive {
            case .weekdayShare: self = .weekday
            case .dayPartShare: self = .dayPart
            case .monthShare: self = .month
            default: return nil
            }
        }

        var count: Int {
            switch self {
            case .weekday: 7
            case .dayPart: 4
            case .month: 12
            }
        }
    }

    let calendar: StudyCalendar

    /// - Parameters:
    ///   - day: days since 1970-01-01, the event's on the study's calendar.
    ///   - time: the event's instant.
    func part(_ kind: Kind, day: Int, time: Int64) -> Int {
        switch kind {
        case .weekday:
            // 1970-01-01 was a Thursday; Monday is 0.
            let rest = (day + 3) % 7
            return rest < 0 ? rest + 7 : rest
        case .dayPart: return calendar.secondOfDay(time) / (6 * 3600)
        case .month: return CalendarDay(number: day).components.month - 1
        }
    }
}
