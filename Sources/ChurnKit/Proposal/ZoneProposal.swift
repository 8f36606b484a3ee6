import ChurnHistory
import Foundation

/// The time zone of a study: that of the offsets in the data, else what the user says, else UTC.
struct ZoneProposal {
    let calendar: StudyCalendar
    let reason: String

    /// Zones that offsets are compared with: one for each set of rules in wide use.
    private static let known = [
        "Europe/Berlin", "Europe/London", "America/New_York", "America/Chicago", "America/Denver",
        "America/Los_Angeles",
        "Europe/Helsinki", "Europe/Moscow", "America/Phoenix", "America/Sao_Paulo", "Asia/Dubai", "Asia/Kolkata",
        "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney", "Australia/Brisbane", "Pacific/Auckland",
        "Africa/Johannesburg",
    ]

    init(
        offsets: [TimeEvidence.OffsetReading],
        hasClock: Bool,
        options: ProposalOptions,
        answers: any StudyAnswering
    ) throws(DataError) {
        if let name = options.timeZone {
            self.init(calendar: try Self.calendar(name), reason: "your answer")
            return
        }
        if !offsets.isEmpty {
            let found = Self.matching(offsets)
            self.init(calendar: try Self.calendar(found.name), reason: found.reason)
            return
        }
        guard hasClock else {
            self.init(
                calendar: try Self.calendar("UTC"),
                reason: "the dates have no clock, so that any zone gives the same days"
            )
            return
        }
        var question = StudyQuestion(
            text: "In which time zone were the times written?",
            evidence: ["They have a clock and no offset from UTC. An IANA name such as Europe/Berlin."],
            choices: [],
            defaultAnswer: "UTC",
            isDefaultSafe: true,
            option: "--timezone"
        )
        for _ in 0..<3 {
            let name = try answers.answer(question)
            if let calendar = StudyCalendar(timeZoneName: name) {
                let isGuess = name == "UTC" && answers is DefaultAnswers
                self.init(
                    calendar: calendar,
                    reason: isGuess ? "assumed: the times have a clock and no offset; see --timezone" : "your answer"
                )
                return
            }
            question = StudyQuestion(
                text: "\(name) is not a time zone that is known here. In which one were the times written?",
                evidence: question.evidence,
                choices: [],
                defaultAnswer: "UTC",
                isDefaultSafe: true,
                option: "--timezone"
            )
        }
        throw question.unanswered
    }

    private init(calendar: StudyCalendar, reason: String) {
        self.calendar = calendar
        self.reason = reason
    }

    private static func calendar(_ name: String) throws(DataError) -> StudyCalendar {
        guard let calendar = StudyCalendar(timeZoneName: name) else {
            throw DataError(
                .badValue,
                "is not a time zone",
                column: "--timezone",
                value: name,
                fix: "use an IANA name such as Europe/Berlin"
            )
        }
        return calendar
    }

    /// The first zone whose offsets are those of the data at every instant seen.
    private static func matching(_ offsets: [TimeEvidence.OffsetReading]) -> (name: String, reason: String) {
        let different = Set(offsets.map(\.offset)).count
        if different == 1, offsets[0].offset == 0 { return ("UTC", "every time is given in UTC") }
        func fits(_ name: String) -> Bool {
            guard let zone = TimeZone(identifier: name) else { return false }
            return offsets.allSatisfy { reading in
                let second = Double(reading.instant / StudyCalendar.microsecondsPerSecond)
                return zone.secondsFromGMT(for: Date(timeIntervalSince1970: second)) == reading.offset
            }
        }
        var fitting = known.filter(fits)
        // Zones that are rarer are tried where none of the common ones fits.
        if fitting.isEmpty {
            fitting = TimeZone.knownTimeZoneIdentifiers.filter { $0.contains("/") && fits($0) }.sorted()
        }
        guard let first = fitting.first else {
            let count =
                different == 1 ? "the offset in the times is that" : "the \(different) offsets in the times are those"
            return ("UTC", "\(count) of no zone; days are counted in UTC")
        }
        let seasons = different > 1 ? ", summer and winter" : ""
        let others = fitting.count > 1 ? "; \(fitting.dropFirst().prefix(4).joined(separator: ", ")) would fit too" : ""
        return (first, "the offsets in the times are those of this zone\(seasons)\(others)")
    }
}
