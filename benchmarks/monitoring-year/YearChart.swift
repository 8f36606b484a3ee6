import ChurnKit
import Foundation

/// A quiet year and one that changes in June, day by day, as SVG: how far the farthest predictor has moved, and the AUC that was realised.
struct YearChart {
    let quiet: SimulatedYear
    let drifting: SimulatedYear

    private static let (width, left, right) = (760.0, 60.0, 16.0)
    private static let colours = (quiet: "#4477aa", drifting: "#cc3311")

    /// A panel's place and scale.
    private struct Panel {
        let top: Double
        let height: Double
        let range: ClosedRange<Double>
        let title: String

        func y(_ value: Double) -> Double {
            let inside = min(max(value, range.lowerBound), range.upperBound)
            return top + height * (range.upperBound - inside) / (range.upperBound - range.lowerBound)
        }
    }

    private func x(_ day: CalendarDay) -> Double {
        let share = Double(day.number - SimulatedYear.first.number)
            / Double(SimulatedYear.end.number - SimulatedYear.first.number)
        return Self.left + share * (Self.width - Self.left - Self.right)
    }

    private static func text(_ x: Double, _ y: Double, _ words: String, anchor: String = "start", colour: String = "#333") -> String {
        "<text x=\"\(rounded(x))\" y=\"\(rounded(y))\" text-anchor=\"\(anchor)\" fill=\"\(colour)\">\(words)</text>"
    }

    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }

    private func line(_ points: [(CalendarDay, Double)], in panel: Panel, colour: String) -> String {
        let places = points.map { "\(Self.rounded(x($0.0))),\(Self.rounded(panel.y($0.1)))" }.joined(separator: " ")
        return "<polyline points=\"\(places)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.5\"/>"
    }

    private func axes(_ panel: Panel, marks: [Double]) -> [String] {
        var parts = [Self.text(Self.left, panel.top - 8, panel.title)]
        for mark in marks {
            let y = Self.rounded(panel.y(mark))
            parts.append("<line x1=\"\(Self.left)\" x2=\"\(Self.width - Self.right)\" y1=\"\(y)\" y2=\"\(y)\" stroke=\"#ddd\"/>")
            parts.append(Self.text(Self.left - 6, y + 4, mark == mark.rounded() ? "\(Int(mark))" : "\(mark)", anchor: "end"))
        }
        return parts
    }

    var svg: String {
        let drift = Panel(top: 54, height: 170, range: 0...8, title: "Stability index of the farthest predictor over its threshold, each day")
        let ranking = Panel(top: 278, height: 130, range: 0.6...0.9, title: "AUC of those scored on the day, known 90 days later")
        var parts = axes(drift, marks: [0, 2, 4, 6, 8]) + axes(ranking, marks: [0.6, 0.7, 0.8, 0.9])
        let start = Self.rounded(x(SimulatedYear.drift))
        parts.append("<line x1=\"\(start)\" x2=\"\(start)\" y1=\"\(drift.top)\" y2=\"\(ranking.top + ranking.height)\" stroke=\"#999\" stroke-dasharray=\"4 3\"/>")
        parts.append(Self.text(start - 5, drift.top + 14, "1 June: customers do half of what they did", anchor: "end"))
        let level = Self.rounded(drift.y(1))
        parts.append("<line x1=\"\(Self.left)\" x2=\"\(Self.width - Self.right)\" y1=\"\(level)\" y2=\"\(level)\" stroke=\"#333\" stroke-dasharray=\"2 3\"/>")
        parts.append(Self.text(Self.width - Self.right, level - 4, "above: has moved", anchor: "end"))
        for (year, colour) in [(quiet, Self.colours.quiet), (drifting, Self.colours.drifting)] {
            parts.append(line(year.days.map { ($0.day, $0.farthest) }, in: drift, colour: colour))
            let outcomes = year.outcomes.compactMap { outcome in
                CalendarDay(outcome.asOf).flatMap { day in outcome.auc.map { (day, $0) } }
            }
            parts.append(line(outcomes, in: ranking, colour: colour))
        }
        if let alarm = drifting.alarms.first(where: { $0 >= SimulatedYear.drift }) {
            let place = Self.rounded(x(alarm))
            parts.append("<circle cx=\"\(place)\" cy=\"\(level)\" r=\"4\" fill=\"\(Self.colours.drifting)\"/>")
            parts.append(Self.text(place + 8, level + 16, "first alarm: \(alarm)", colour: Self.colours.drifting))
        }
        for month in stride(from: 1, through: 12, by: 1) {
            guard let day = CalendarDay("2024-\(month < 10 ? "0" : "")\(month)-01") else { continue }
            parts.append(Self.text(x(day), ranking.top + ranking.height + 18, "\(month)/24"))
        }
        parts.append(Self.text(Self.left, 22, "a quiet year", colour: Self.colours.quiet))
        parts.append(Self.text(Self.left + 100, 22, "a year that changes", colour: Self.colours.drifting))
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) 440" font-family="sans-serif" font-size="12" role="img" \
            aria-label="Drift and realised AUC in a quiet year and in one that changes in June">
            <rect width="100%" height="100%" fill="white"/>
            \(parts.joined(separator: "\n"))
            </svg>

            """
    }
}
