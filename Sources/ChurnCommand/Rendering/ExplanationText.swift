import ChurnKit
import Foundation

/// Why a customer has his score, for people who know customers and not models.
struct ExplanationText {
    let explanation: Explanation
    /// Groups that are told in words, in each direction.
    let top: Int
    /// Whether contributions are printed as numbers.
    let showsLogOdds: Bool

    /// Contributions to the log-odds from which on a group is worth a line, and is called clear and strong.
    private static let (least, clear, strong) = (0.1, 0.3, 1.0)
    /// Facts that tell of a group.
    private static let mostFacts = 2
    /// Groups that are too small for words of their own, but are named.
    private static let mostNamed = 3
    /// Log-odds of one predictor beyond all that can be learned from rows like those of the training.
    private static let outlandish = 10.0

    var text: String {
        let told = groups(raising: true) + groups(raising: false)
        let nothing = ["", "Nothing in the behaviour stands out: no part differs much from the average."]
        return ([head] + cautions + (told.isEmpty ? nothing : told) + alternatives + alike).joined(separator: "\n")
    }

    private var head: String {
        let risk = explanation.churn.map { "churn (\(Self.spelled($0)))" } ?? "churn"
        let day = explanation.asOf.map { " on \($0)" } ?? ""
        let lines = [
            "Customer \(explanation.customer)\(day): the risk of \(risk)\(explanation.asOf == nil ? "" : " from then on") is"
                + " \(Self.percent(explanation.probability)).",
            "Rank \(NumberText.count(explanation.rank)) of \(NumberText.count(explanation.customers)), 1 being most at risk; on average the risk is"
                + " \(Self.percent(explanation.averageProbability)).",
        ]
        return lines.map { WrappedText.wrap($0) }.joined(separator: "\n")
    }

    /// Whole per cents, which lines do not break; nobody is sure.
    static func percent(_ probability: Double) -> String {
        if probability < 0.01 { return "under 1\u{A0}%" }
        if probability > 0.99 { return "over 99\u{A0}%" }
        return String(format: "%.0f\u{A0}%%", 100 * probability)
    }

    // MARK: What raises and lowers it

    private func groups(raising: Bool) -> [String] {
        let all = explanation.groups.filter { $0.contribution != 0 && ($0.contribution > 0) == raising }
        let told = all.filter { abs($0.contribution) >= Self.least }.prefix(top)
        if told.isEmpty { return [] }
        var lines = ["", raising ? "What raises the risk" : "What lowers the risk"]
        for group in told { lines += words(group) }
        let rest = all.dropFirst(told.count)
        if !rest.isEmpty {
            let sum = rest.reduce(0) { $0 + $1.contribution }
            let number = showsLogOdds ? ", \(signed(sum))" : ""
            let names = rest.count <= Self.mostNamed ? rest.map(\.name).joined(separator: ", ") : "\(rest.count) more"
            let words = "and \(names)\(abs(sum) < Self.clear ? ", a little" : "")\(number)"
            lines.append(WrappedText.wrap(words, start: "  ", indent: "    "))
        }
        return lines
    }

    private func words(_ group: Explanation.Group) -> [String] {
        let size = abs(group.contribution)
        let strength =
            showsLogOdds
            ? signed(group.contribution)
            : size >= Self.strong ? "strongly" : size >= Self.clear ? "clearly" : "a little"
        let telling = group.facts.filter { ($0.contribution > 0) == (group.contribution > 0) && $0.contribution != 0 }
        var told: [String] = []
        for fact in telling where told.count < Self.mostFacts {
            // Several features say of what is not there that it is not there.
            let words = self.words(fact)
            if !told.contains(words) { told.append(words) }
        }
        // What says the opposite is no less true.
        let against = group.facts.filter { ($0.contribution > 0) != (group.contribution > 0) }
            .max { abs($0.contribution) < abs($1.contribution) }
        if let against, abs(against.contribution) >= Self.clear {
            told.append("But \(group.contribution > 0 ? "lower" : "higher") by this: " + self.words(against))
        }
        let start = "  \(strength.padding(toLength: 9, withPad: " ", startingAt: 0))  "
        let indent = String(repeating: " ", count: 13)
        // Of a flat table the group is its column.
        if group.facts.count == 1, group.facts[0].words == group.name {
            return [WrappedText.wrap(told.first ?? group.name, start: start, indent: indent + "  ")]
        }
        let name = group.name.prefix(1).uppercased() + group.name.dropFirst()
        return [WrappedText.wrap(name, start: start, indent: indent)]
            + told.map { WrappedText.wrap($0, start: indent + "- ", indent: indent + "  ") }
    }

    private func words(_ fact: Explanation.Fact) -> String {
        let subject = Self.plain(fact.words)
        if let placeholder = fact.placeholder {
            return "\(subject): \(placeholder == .never ? "there was none so far" : "there was only one so far")"
        }
        if let text = fact.text { return "\(subject): \"\(text)\"" }
        guard let value = fact.value else { return subject }
        let average = fact.mean.map { " (average: \(Self.number($0)))" } ?? ""
        return "\(subject): \(Self.number(value))\(average)"
    }

    /// A feature's sentence without the words that every one of them has.
    static func plain(_ words: String) -> String {
        var text = " \(spelled(words)) "
        text = text.replacing(" before the cutoff ", with: " ")
        text = text.replacing(/in the (\d+ )/, with: { "in the last \($0.output.1)" })
        text = text.trimmingCharacters(in: .whitespaces)
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    private static let units: [(short: String, long: String)] = [
        ("mo", "months"), ("d", "days"), ("w", "weeks"), ("y", "years"),
    ]

    /// Periods such as 90d written out.
    static func spelled(_ words: String) -> String {
        words.split(separator: " ", omittingEmptySubsequences: false).map { word in
            let end = word.last.map { ",;)".contains($0) } == true ? String(word.suffix(1)) : ""
            let core = word.dropLast(end.count)
            guard let unit = units.first(where: { core.hasSuffix($0.short) }),
                let count = Int(core.dropLast(unit.short.count)), count > 0
            else { return String(word) }
            return "\(count) \(count == 1 ? String(unit.long.dropLast()) : unit.long)\(end)"
        }.joined(separator: " ")
    }

    /// As people say numbers: no more digits than they mean.
    static func number(_ value: Double) -> String {
        let size = abs(value)
        if size >= 1e15 { return String(format: "%.3g", value) }
        if size >= 100 { return NumberText.count(Int(value.rounded())) }
        if value == value.rounded() { return "\(Int(value))" }
        return String(format: size >= 10 ? "%.1f" : "%.2g", value)
    }

    private func signed(_ value: Double) -> String { (value < 0 ? "" : "+") + NumberText.decimals(value, 2) }

    // MARK: What would be

    private var alternatives: [String] {
        guard !explanation.alternatives.isEmpty else { return [] }
        var lines = ["", "What the risk would be if this were as with the typical (median) customer"]
        for one in explanation.alternatives {
            let start = Self.percent(one.probability).padding(toLength: 9, withPad: " ", startingAt: 0)
            let names = one.groups.joined(separator: ", and ")
            lines.append(WrappedText.wrap(names, start: "  \(start)  ", indent: String(repeating: " ", count: 13)))
        }
        if explanation.probability >= explanation.topTenthFrom {
            lines.append("  Below \(Self.percent(explanation.topTenthFrom)) the customer is out of the riskiest tenth.")
        }
        lines.append("  This is what the model goes by; it does not prove what would keep the customer.")
        return lines
    }

    // MARK: Who is alike

    private var alike: [String] {
        guard let alike = explanation.alike else { return [] }
        var lines = [
            "Of the \(alike.customers) customers who were most alike on \(alike.cutoff), \(alike.churned) churned; by the model it would have been"
                + " \(Int(alike.expected.rounded()))."
        ]
        for (what, customers) in [("churned", explanation.alikeWhoLeft), ("stayed", explanation.alikeWhoStayed)]
        where !customers.isEmpty {
            lines.append("Closest of those who \(what): \(customers.map(\.customer).joined(separator: ", ")).")
        }
        return [""] + lines.map { WrappedText.wrap($0) }
    }

    private var cautions: [String] {
        let isOutlandish = explanation.groups.flatMap(\.facts).contains { abs($0.contribution) > Self.outlandish }
        guard isOutlandish else { return [] }
        return [
            "",
            WrappedText.wrap(
                "Some of this lies far outside of what the model has learned from: do not trust the size of the risk."
            ),
        ]
    }
}
