import ChurnHistory

/// How far back a feature looks: `c - length <= t < c`, or everything before c.
public struct FeatureWindow: Hashable, Sendable {
    /// `nil` for everything before the cutoff.
    public let length: CalendarPeriod?

    public static let all = FeatureWindow(length: nil)

    public init(length: CalendarPeriod?) { self.length = length }

    /// Parses `90d`, `12w`, `3mo`, `1y` or `all`.
    public init?(_ name: String) {
        if name == "all" {
            self = .all
        } else if let period = CalendarPeriod(name), !period.isZero {
            self.init(length: period)
        } else {
            return nil
        }
    }

    public var name: String { length?.description ?? "all" }

    /// How many whole weeks a trend over the window has: 12 in 90 days, 13 in three months, 52 in a year; 0 for everything.
    var weeks: Int {
        guard let length else { return 0 }
        return (length.days + length.months * 365 / 12) / 7
    }

    /// The windows that a study names; 7, 30, 90, 180 and 365 days and everything where it names none.
    static func windows(_ node: StudyNode?) throws(DataError) -> [FeatureWindow] {
        guard let node else { return ["7d", "30d", "90d", "180d", "365d", "all"].compactMap { FeatureWindow($0) } }
        var windows: [FeatureWindow] = []
        for element in node.elements() {
            guard let window = FeatureWindow(try element.text()) else {
                throw element.error(
                    "is not a window",
                    value: try element.text(),
                    fix: "write it as 90d, 12w, 3mo, 1y or all"
                )
            }
            if windows.contains(window) { throw element.error("stands twice", value: window.name) }
            windows.append(window)
        }
        if windows.isEmpty { throw node.error("names no window", fix: "windows: [30d, 90d]") }
        return windows
    }
}

extension FeatureWindow: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let name = try container.decode(String.self)
        guard let window = FeatureWindow(name) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(name) is not a window")
        }
        self = window
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}
