import ChurnHistory

/// At which hours of the day events happen in summer and in winter.
///
/// People keep their hours by the clock. Where the clock changes and the events of summer lie an hour beside those of winter,
/// the times were written by another clock than the one they are read by.
enum HourProfile {
    private static let hours = 24
    /// Events of each season that are needed, and what the distance of two profiles, 0 to 2, says.
    private static let leastEvents = 1000
    private static let leastDistance = 0.15
    private static let clearRatio = 0.4

    static func findings(_ index: EventIndex, calendar: StudyCalendar) -> [AuditFinding] {
        var types = index.typeNames.indices.map { _ in Seasons() }
        for row in index.times.indices {
            let time = index.times[row]
            types[Int(index.types[row])].add(second: calendar.secondOfDay(time), offset: calendar.offset(at: time))
        }
        return zip(index.typeNames, types).compactMap { name, seasons in
            guard let shift = seasons.shift else { return nil }
            let direction = shift > 0 ? "later" : "earlier"
            return AuditFinding(
                .shiftedTimeZone,
                name,
                "its events happen an hour \(direction) by the clock of \(calendar.timeZoneName) in summer than in winter: their"
                    + " times were written in another zone, so that events of the cutoff's day count as before it or the other"
                    + " way round. Name the zone of the times: `time: {column: …, zone: UTC}`.",
                count: seasons.count
            )
        }
    }

    /// Events by hour, for each offset from UTC that the zone has.
    private struct Seasons {
        private var counts: [Int: [Double]] = [:]
        private(set) var count = 0

        mutating func add(second: Int, offset: Int) {
            counts[offset, default: [Double](repeating: 0, count: hours)][second / 3600] += 1
            count += 1
        }

        /// The hours by which summer lies behind winter: 1 or -1; `nil` where it does not, or nothing tells.
        var shift: Int? {
            let seasons = counts.filter { $0.value.reduce(0, +) >= Double(leastEvents) }.sorted { $0.key < $1.key }
            guard seasons.count == 2, seasons[1].key - seasons[0].key == 3600 else { return nil }
            let winter = Self.shares(seasons[0].value)
            let summer = Self.shares(seasons[1].value)
            // Dates without a clock all lie at midnight.
            guard !winter.contains(1) || winter != summer else { return nil }
            let unmoved = Self.distance(winter, summer, shift: 0)
            guard unmoved >= leastDistance else { return nil }
            return [1, -1].first { Self.distance(winter, summer, shift: $0) <= clearRatio * unmoved }
        }

        private static func shares(_ counts: [Double]) -> [Double] {
            let total = counts.reduce(0, +)
            return counts.map { $0 / total }
        }

        /// The sum of the differences between winter and a summer that lies `shift` hours behind it.
        private static func distance(_ winter: [Double], _ summer: [Double], shift: Int) -> Double {
            (0..<hours).reduce(0) { $0 + (winter[$1] - summer[($1 + shift + hours) % hours]).magnitude }
        }
    }
}
