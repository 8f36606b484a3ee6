/// A column of times in a study: a column's name alone, or `{column, format, zone}`.
public struct TimeColumn: Sendable {
    public let column: String
    /// ISO 8601 where the study names none.
    public let format: TimeFormat
    public let formatIsDecided: Bool
    /// The zone of times without an offset where it is not the study's.
    public let zone: StudyCalendar?

    init(_ node: StudyNode, keys: [String], calendar: StudyCalendar) throws(DataError) {
        guard node.isMapping else {
            column = try node.text()
            format = .iso8601
            formatIsDecided = false
            zone = nil
            return
        }
        try node.requireKeys(keys)
        column = try node.required("column", example: "date").text()
        let format = try node.optional("format").map { (n) throws(DataError) in try TimeFormat(n) }
        self.format = format ?? .iso8601
        formatIsDecided = format != nil
        zone = try node.optional("zone").map { (zone) throws(DataError) in
            try StudyCalendar(zone, sameAs: calendar)
        }
    }
}

extension TimeFormat {
    init(_ node: StudyNode) throws(DataError) {
        let pattern = try node.text()
        guard let format = TimeFormat(pattern) else {
            throw node.error(
                "is not a time format",
                value: pattern,
                fix: "use yyyy, MM, dd, HH, mm, ss, SSS and XXX, as in `dd.MM.yyyy HH:mm`; or iso8601, epochSeconds,"
                    + " epochMilliseconds, excelDays"
            )
        }
        self = format
    }
}

extension StudyCalendar {
    /// The calendar of a zone that a study names.
    public init(_ node: StudyNode) throws(DataError) {
        let name = try node.text()
        guard let calendar = StudyCalendar(timeZoneName: name) else {
            throw node.error("is not a time zone", value: name, fix: "use an IANA name such as Europe/Berlin")
        }
        self = calendar
    }

    init(_ node: StudyNode, sameAs other: StudyCalendar) throws(DataError) {
        if try node.text() == other.timeZoneName { self = other } else { self = try StudyCalendar(node) }
    }
}
