import ChurnHistory

/// Kinds of data that matter for churn of business customers: which a study has, and what the others would enable.
public struct DataCoverage: Sendable, Equatable, Encodable {
    public let kind: String
    public let isPresent: Bool
    /// The event types or attributes by which it was recognised.
    public let foundAs: [String]
    public let enables: String

    private struct Known {
        let kind: String
        /// Words of names, in lower case, English and German.
        let words: Set<String>
        let enables: String
    }

    private static let known = [
        Known(
            kind: "firmographics",
            words: [
                "industry", "branche", "sector", "employees", "mitarbeiter", "company_size", "legal", "rechtsform",
            ],
            enables: "risk by industry and size, look-alikes of those who left, segments from the first day"
        ),
        Known(
            kind: "payment method",
            words: ["payment", "zahlungsart", "zahlart", "zahlungsweise"],
            enables: "risk of customers who pay by invoice, card or debit; failed payments as a warning"
        ),
        Known(
            kind: "contract terms",
            words: [],
            enables: "labels by contract end, days to the planned end, renewals, value at risk"
        ),
        Known(
            kind: "support",
            words: [
                "ticket", "serviceticket", "support", "complaint", "reklamation", "beschwerde", "call", "hotline",
            ],
            enables: "complaints and unanswered tickets, often the earliest warning"
        ),
        Known(
            kind: "visits",
            words: ["visit", "besuch", "meeting", "termin"],
            enables: "whether visits keep customers, and whom nobody has seen for long"
        ),
        Known(
            kind: "e-mail",
            words: ["mail", "email", "newsletter", "click", "klick"],
            enables: "interest that fades before purchases do"
        ),
    ]

    static func all(_ index: EventIndex) -> [DataCoverage] {
        let names =
            index.typeNames + index.attributes.map(\.name)
            + index.attributeHistories.flatMap { $0.attributes.map(\.name) }
        return known.map { known in
            var found = names.filter { !known.words.isDisjoint(with: words(of: $0)) }
            if known.kind == "contract terms", index.contracts != nil { found = ["contracts"] }
            return DataCoverage(kind: known.kind, isPresent: !found.isEmpty, foundAs: found, enables: known.enables)
        }
    }

    /// The words of a name such as `paymentMethod`, `E-Mail geöffnet` or `company_size`, singular and in lower case.
    private static func words(of name: String) -> Set<String> {
        var words: Set<String> = []
        var word = ""
        func end() {
            if !word.isEmpty { words.formUnion([word, word.hasSuffix("s") ? String(word.dropLast()) : word]) }
            word = ""
        }
        for character in name {
            if character.isUppercase, word.last?.isLowercase == true { end() }
            if character.isLetter { word += character.lowercased() } else { end() }
        }
        end()
        return words
    }
}
