/// The words that exports use for kinds of events, in English and German, and what studies call them.
enum EventVocabulary {
    /// Stems that mean the same wherever they stand, and words that must stand alone or end a German compound.
    private static let entries: [(type: String, stems: [String], words: Set<String>, heads: [String])] = [
        (
            "return",
            ["refund", "retour", "ruecksendung", "rueckgabe", "gutschrift", "storn", "reversal", "chargeback"],
            ["return", "returns", "returned", "credit", "credits"], []
        ),
        (
            "cancellation", ["cancel", "kuendig", "terminat", "vertragsende", "unsubscri"],
            ["churn", "churned"], []
        ),
        (
            "purchase", [],
            [
                "purchase", "purchases", "purchased", "order", "orders", "ordered", "sale", "sales", "sold", "invoice",
                "invoices", "invoiced", "transaction", "transactions", "kaeufe", "gekauft", "bestellt", "bestellungen",
                "rechnungen", "auftraege", "umsatz", "umsaetze", "lieferung", "lieferungen",
            ],
            ["kauf", "bestellung", "rechnung", "auftrag"]
        ),
        (
            "ticket", ["ticket", "complaint", "beschwerde", "reklamation"], ["support", "anfrage", "anfragen"], []
        ),
        (
            "visit", [],
            [
                "visit", "visits", "besuch", "besuche", "login", "logins", "view", "views", "session", "sessions",
                "click", "clicks",
            ], []
        ),
        ("email", ["newsletter"], ["email", "emails", "mail", "mails"], []),
        ("call", [], ["call", "calls", "anruf", "anrufe", "telefonat", "telefonate"], []),
    ]

    /// What studies call an event that an export calls so; `nil` for a word that is not known.
    static func type(of text: String) -> String? {
        let words = words(of: text)
        let known = entries.filter { entry in
            words.contains { word in
                entry.words.contains(word) || entry.stems.contains { word.contains($0) }
                    || entry.heads.contains { word.hasSuffix($0) }
            }
        }.map(\.type)
        // An order that was cancelled takes a purchase back; a cancellation alone ends something longer.
        if known.first == "cancellation", known.contains("purchase") { return "return" }
        return known.first
    }

    private static func words(of text: String) -> [String] {
        ColumnMeaning.fold(text).split { !($0.isLetter || $0.isNumber) }.map(String.init)
    }
}
