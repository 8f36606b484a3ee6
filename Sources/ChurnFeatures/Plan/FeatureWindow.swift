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

    /// The first instant inside the window that ends at a cutoff on `day`.
    func start(before day: CalendarDay, calendar: StudyCalendar) -> Int64 {
        length.map { calendar.start(of: day.subtracting($0)) } ?? .min
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
