import Crypto
import Foundation

/// The history of a study: its sources read into an `EventIndex`, with the account of what became of every row.
public struct EventHistory: Sendable {
    public let index: EventIndex
    public let report: ReadingReport
    /// The exclusive end of what the data can know: the study's, or local midnight after the last event.
    public let observedUntil: Int64
    /// SHA-256 over the digests of all files in their order: which data this is.
    public let dataFingerprint: String

    /// How a reading treats what is not plain.
    public struct Options: Sendable {
        /// Rows that may be rejected before the reading stops with the first reason.
        public var maximumRejected = 0
        /// Only look: count whatever is wrong, repeated rows too, and stop for none of it.
        public var isInspection = false

        public init(maximumRejected: Int = 0) { self.maximumRejected = maximumRejected }

        public static let inspection: Options = {
            var options = Options(maximumRejected: .max)
            options.isInspection = true
            return options
        }()
    }

    /// Reads all sources.
    /// - Parameter observedUntil: what the study names; rows at or after it are rejected.
    public init(
        sources: [EventSource],
        calendar: StudyCalendar,
        observedUntil: Int64?,
        options: Options = Options()
    ) throws(DataError) {
        var attributeNames: [String] = []
        for name in sources.flatMap({ $0.attributes.map(\.name) }) where !attributeNames.contains(name) {
            attributeNames.append(name)
        }
        var columns = EventColumns(attributeNames: attributeNames)
        var report = ReadingReport()
        for source in sources {
            var reader = EventSourceReader(
                source: source,
                calendar: calendar,
                observedUntil: observedUntil,
                options: options
            )
            try reader.read(into: &columns, report: &report)
        }
        if columns.count == 0, !options.isInspection {
            throw DataError(
                .headerOnly,
                "no event was kept (\(report))",
                file: sources.first?.files.first,
                fix: "`churn inspect` tells what became of the rows"
            )
        }
        index = EventIndex(columns, calendar: calendar)
        self.report = report
        if let observedUntil {
            self.observedUntil = observedUntil
        } else {
            let last = calendar.day(of: index.times.max() ?? 0)
            self.observedUntil = calendar.start(of: CalendarDay(number: last.number + 1))
        }
        var hasher = SHA256()
        for file in report.files { hasher.update(data: Data(file.digest.utf8)) }
        dataFingerprint = hasher.finalize().hexadecimal
    }
}

extension SHA256.Digest {
    /// Lower-case hexadecimal.
    public var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: self.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
