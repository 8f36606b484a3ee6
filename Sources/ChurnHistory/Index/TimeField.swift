/// The cell of a row that holds a time.
struct TimeField {
    let position: Int
    let format: TimeFormat
    let calendar: StudyCalendar
    /// Whether the study names the format, or a cell has shown that the one that was tried is right.
    private(set) var formatIsDecided: Bool
    /// Whether a cell has fitted the format.
    private(set) var hasFit = false

    init(position: Int, _ column: TimeColumn, calendar: StudyCalendar) {
        self.position = position
        format = column.format
        self.calendar = column.zone ?? calendar
        formatIsDecided = column.formatIsDecided
    }

    /// Another file of the source has shown that the format is right.
    mutating func decideFormat() {
        formatIsDecided = true
        hasFit = true
    }

    enum Outcome {
        case instant(Int64)
        case fate(RowFate)
    }

    /// Reads the cell of a row.
    /// - Parameter repeatedHours: counts the times in an hour that clocks showed twice.
    mutating func read(_ row: SourceRow, repeatedHours: inout Int) -> Outcome {
        switch row.withCell(position, { format.parse($0, calendar: calendar) }) {
        case .instant(let instant):
            decideFormat()
            return .instant(instant)
        case .repeatedHour(let instant):
            decideFormat()
            repeatedHours += 1
            return .instant(instant)
        case .malformed:
            return .fate(malformed(row))
        case .skippedHour:
            return .fate(
                .rejected(
                    row.fault(
                        .skippedHour,
                        "did not exist on the clocks of \(calendar.timeZoneName)",
                        at: position,
                        fix: "set `time: {zone: …}` to the zone in which the times were written"
                    )
                )
            )
        case .outOfRange:
            let otherUnit = format.pattern == "iso8601" ? nil : TimeDoubt.otherCount(row.text(position), format.pattern)
            return .fate(
                .rejected(
                    row.fault(
                        .timeOutOfRange,
                        format.countsFromEpoch
                            ? "is not between 1973-03-03 and 2100, counted as \(format.pattern)"
                            : "is not between 1970-01-02 and 2100",
                        at: position,
                        fix: otherUnit.map { "if it is \($0.meaning), set `format: \($0.format)` in `time`" }
                            ?? "correct the cell; a date that stands for \"unknown\" has no place in a history"
                    )
                )
            )
        }
    }

    private func malformed(_ row: SourceRow) -> RowFate {
        let isBlank = row.withCell(position, isBlank)
        let fix: String
        if isBlank {
            fix = "fill the cell, or take the row out; an event without a time has no place in a history"
        } else if hasFit {
            fix = "correct the cell: a column has one format, and the day must be in the calendar"
        } else {
            fix = TimeDoubt.fix(row.text(position))
        }
        let error = row.fault(.notATime, "is not a time written as \(format.pattern)", at: position, fix: fix)
        return formatIsDecided || isBlank ? .rejected(error) : .undecided(error)
    }
}

/// What a text could be that is no time in the format that was tried.
enum TimeDoubt {
    /// The settings that would read a text as a time, for the user to choose from.
    static func fix(_ text: String) -> String {
        let formats = candidates(text.trimmedOfBlanks)
        if formats.isEmpty { return "set `time: {column: …, format: …}` to how the column is written" }
        return "if it is "
            + formats.map { "\($0.meaning), set `format: \($0.format)` in `time`" }.joined(separator: "; if ")
    }

    /// The count of time that a text of digits could be, where it is not the one that was tried.
    static func otherCount(_ text: String, _ tried: String) -> (meaning: String, format: String)? {
        candidates(text.trimmedOfBlanks).first {
            $0.format != tried && ["epochSeconds", "epochMilliseconds", "excelDays"].contains($0.format)
        }
    }

    private static func candidates(_ text: String) -> [(meaning: String, format: String)] {
        let bytes = Array(text.utf8)
        let digits = bytes.prefix { (0x30...0x39).contains($0) }.count
        if digits == bytes.count {
            switch digits {
            case 5: return [("a spreadsheet's serial day", "excelDays")]
            case 8: return [("year, month and day", "yyyyMMdd"), ("day, month and year", "ddMMyyyy")]
            case 9, 10: return [("seconds since 1970", "epochSeconds")]
            case 12, 13: return [("milliseconds since 1970", "epochMilliseconds")]
            case 14: return [("date and time", "yyyyMMddHHmmss")]
            default: return []
            }
        }
        guard digits == 1 || digits == 2 else {
            return digits == 5 && bytes.count > 6 ? [("a spreadsheet's serial day", "excelDays")] : []
        }
        let parts = bytes.split(separator: 0x20)
        let date = parts[0].dropFirst(digits)
        let marks = parts.count > 1 ? parts[1].count { $0 == UInt8(ascii: ":") } : 0
        let time = marks >= 2 ? " HH:mm:ss" : marks == 1 ? " HH:mm" : ""
        let year = date.split(separator: date.first ?? 0).last?.count == 4 ? "yyyy" : "yy"
        switch date.first {
        case UInt8(ascii: "."): return [("day, month and year", "dd.MM.\(year)\(time)")]
        case UInt8(ascii: "/"):
            return [("day, month and year", "dd/MM/\(year)\(time)"), ("month, day and year", "MM/dd/\(year)\(time)")]
        case UInt8(ascii: "-"): return [("day, month and year", "dd-MM-\(year)\(time)")]
        default: return []
        }
    }
}
