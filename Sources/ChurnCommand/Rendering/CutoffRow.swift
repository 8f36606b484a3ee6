import ChurnKit

/// One cutoff's examples, as commands print them.
struct CutoffRow: Encodable {
    let cutoff: String
    let isMature: Bool
    /// Events of the data at or after the cutoff, which no feature of it sees.
    let eventsAfter: Int
    let examples: Int
    /// `null` where the label is not known yet.
    let churned: Int?
    let churnRate: Double?

    private enum CodingKeys: String, CodingKey { case cutoff, isMature, eventsAfter, examples, churned, churnRate }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(cutoff, forKey: .cutoff)
        try container.encode(isMature, forKey: .isMature)
        try container.encode(eventsAfter, forKey: .eventsAfter)
        try container.encode(examples, forKey: .examples)
        try container.encode(churned, forKey: .churned)
        try container.encode(churnRate, forKey: .churnRate)
    }

    static func rows(_ summary: FeatureSummary, eventsAfter: [Int]) -> [CutoffRow] {
        zip(summary.cutoffs, eventsAfter).map { count, events in
            CutoffRow(
                cutoff: count.cutoff.day.description,
                isMature: count.cutoff.isMature,
                eventsAfter: events,
                examples: count.examples,
                churned: count.cutoff.isMature ? count.churned : nil,
                churnRate: count.cutoff.isMature && count.examples > 0
                    ? Double(count.churned) / Double(count.examples) : nil
            )
        }
    }

    static let header = ["cutoff", "isMature", "eventsAfter", "examples", "churned", "churnRate"]

    var cells: [ResultPrinter.Cell] {
        [
            .text(cutoff), .text("\(isMature)"), .number(Double(eventsAfter)), .number(Double(examples)),
            .number(churned.map(Double.init)), .number(churnRate),
        ]
    }

    static func table(_ rows: [CutoffRow]) -> String {
        var lines = TextTable(headers: ["cutoff", "events after", "examples", "churned", "churn rate", ""])
        for row in rows {
            lines.append([
                row.cutoff, NumberText.count(row.eventsAfter), NumberText.count(row.examples),
                row.churned.map(NumberText.count) ?? "-",
                NumberText.percent(row.churnRate), row.isMature ? "" : "not mature: label not known yet",
            ])
        }
        return lines.text
    }

    static func leftText(_ summary: FeatureSummary) -> String {
        summary.leftInLead > 0
            ? " \(NumberText.count(summary.leftInLead)) examples left out: they left during the lead time." : ""
    }
}
