import ChurnHistory
import Foundation

/// At which hours of the day events happen shortly before and after clocks are changed.
///
/// People keep their hours by the clock. Where the clock changes and the events of summer lie an hour beside those of winter,
/// the times were written by another clock than the one they are read by.
enum HourProfile {
    private static let hours = 24
    /// How far around a change events are looked at: four weeks, so that the seasons themselves change little.
    private static let reach: Int64 = 28 * 86_400 * StudyCalendar.microsecondsPerSecond
    private static let hourOfSeconds = 3600
    /// Events on each side that are needed.
    private static let leastEvents = 300.0
    /// The logarithm of how much likelier a shift must be than none.
    private static let leastEvidence = 15.0
    /// How much of what tells the two sides apart the shift must explain.
    private static let leastExplained = 0.5

    static func findings(_ index: EventIndex, calendar: StudyCalendar) -> [AuditFinding] {
        var types = index.typeNames.indices.map { _ in (spring: Sides(), autumn: Sides()) }
        for row in index.times.indices {
            let time = index.times[row]
            guard let change = calendar.nearestClockChange(to: time), change.distance.magnitude <= reach.magnitude,
                change.seconds.magnitude == hourOfSeconds.magnitude
            else { continue }
            let hour = calendar.secondOfDay(time) / hourOfSeconds
            let isSummer = (change.distance >= 0) == (change.seconds > 0)
            let type = Int(index.types[row])
            if change.seconds > 0 {
                types[type].spring.add(hour, isSummer: isSummer)
            } else {
                types[type].autumn.add(hour, isSummer: isSummer)
            }
        }
        return zip(index.typeNames, types).compactMap { name, sides in
            let told = [sides.spring, sides.autumn].filter { $0.count >= leastEvents }
            guard let shift = told.first?.shift, told.allSatisfy({ $0.shift == shift }) else { return nil }
            let direction = shift > 0 ? "later" : "earlier"
            return AuditFinding(
                .shiftedTimeZone,
                name,
                "around changes of the clock, its events happen an hour \(direction) in summer than in winter by the clock of"
                    + " \(calendar.timeZoneName): their times seem to be written in another zone, so that events of the"
                    + " cutoff's day count as before it or the other way round. Say in `zone` of the source's `time` whose clock"
                    + " wrote them, or take a wrong one out.",
                count: Int(told.reduce(0) { $0 + $1.total })
            )
        }
    }

    /// Events by hour in winter and in summer time.
    private struct Sides {
        private var winter = [Double](repeating: 0, count: hours)
        private var summer = [Double](repeating: 0, count: hours)

        mutating func add(_ hour: Int, isSummer: Bool) {
            if isSummer { summer[hour] += 1 } else { winter[hour] += 1 }
        }

        /// Of the side that has fewer.
        var count: Double { min(winter.reduce(0, +), summer.reduce(0, +)) }

        var total: Double { winter.reduce(0, +) + summer.reduce(0, +) }

        /// The hours by which summer lies behind winter: 1 or -1; `nil` where it does not.
        var shift: Int? {
            let unmoved = divergence(shift: 0)
            return [1, -1].first { shift in
                let moved = divergence(shift: shift)
                return unmoved - moved >= leastEvidence && moved <= (1 - leastExplained) * unmoved
            }
        }

        /// How badly winter's hours, moved by a shift, explain summer's: the logarithm of a ratio of likelihoods, 0 at best.
        private func divergence(shift: Int) -> Double {
            let (own, other) = (Self.shares(summer), Self.shares(winter))
            return (0..<hours).reduce(0) { sum, hour in
                sum + summer[hour] * log(own[hour] / other[(hour - shift + hours) % hours])
            }
        }

        /// Shares of the hours, none of them 0.
        private static func shares(_ counts: [Double]) -> [Double] {
            let total = counts.reduce(Double(hours), +)
            return counts.map { ($0 + 1) / total }
        }
    }
}
