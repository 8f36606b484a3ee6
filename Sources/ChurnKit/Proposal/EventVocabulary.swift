/// The words that exports use for kinds of events, in English and German, and what studies call them.
enum EventVocabulary {
    private static let words: [(type: String, stems: [String])] = [
        (
            "return",
            [
                "return", "refund", "retoure", "ruecksendung", "rueckgabe", "gutschrift", "storno", "credit", "cancel",
                "reversal", "chargeback",
            ]
        ),
        (
            "purchase",
            [
                "purchase", "order", "sale", "kauf", "bestellung", "rechnung", "invoice", "auftrag", "transaction",
                "lieferung",
            ]
        ),
        ("ticket", ["ticket", "complaint", "beschwerde", "support", "reklamation", "anfrage"]),
        ("visit", ["visit", "besuch", "login", "view", "session", "click"]),
    ]

    /// What studies call an event that an export calls so; `nil` for a word that is not known.
    static func type(of text: String) -> String? {
        let folded = ColumnMeaning.fold(text)
        return words.first { $0.stems.contains { folded.contains($0) } }?.type
    }
}
