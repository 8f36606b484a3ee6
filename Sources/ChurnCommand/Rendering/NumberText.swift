import Foundation

/// Numbers as people read them; JSON and CSV have them in full.
enum NumberText {
    /// Rounded to some decimals; `-` where there is none.
    static func decimals(_ value: Double?, _ count: Int) -> String {
        guard let value else { return "-" }
        guard value.isFinite else { return value.isNaN ? "-" : (value > 0 ? "infinite" : "-infinite") }
        return String(format: "%.\(count)f", value)
    }

    /// Six significant digits.
    static func significant(_ value: Double?) -> String {
        guard let value else { return "-" }
        return value.isFinite ? String(format: "%.6g", value) : decimals(value, 0)
    }

    /// As a p-value: three decimals, and what is smaller as such.
    static func probability(_ value: Double?) -> String {
        guard let value else { return "-" }
        return value < 0.001 ? "<0.001" : decimals(value, 3)
    }

    /// With a comma between thousands.
    static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var groups: [Substring] = []
        var rest = Substring(digits)
        while rest.count > 3 {
            groups.insert(rest.suffix(3), at: 0)
            rest = rest.dropLast(3)
        }
        return (value < 0 ? "-" : "") + ([rest] + groups).joined(separator: ",")
    }

    static func percent(_ share: Double?) -> String { share.map { decimals(100 * $0, 1) + " %" } ?? "-" }
}
