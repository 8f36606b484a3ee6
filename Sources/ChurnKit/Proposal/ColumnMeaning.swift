import Foundation

/// What a column's name says of its content, in English and German.
struct ColumnMeaning {
    /// The name in lower case, umlauts written out, without separators.
    private let folded: String
    private let words: Set<String>

    init(_ name: String) {
        var words: [String] = []
        var word = ""
        var wasLower = false
        for letter in name {
            let isUpper = letter.isUppercase
            if !(letter.isLetter || letter.isNumber) || (isUpper && wasLower) {
                if !word.isEmpty { words.append(word) }
                word = ""
            }
            if letter.isLetter || letter.isNumber { word.append(letter) }
            wasLower = letter.isLowercase || letter.isNumber
        }
        if !word.isEmpty { words.append(word) }
        let plain = words.map(Self.fold)
        self.words = Set(plain)
        folded = plain.joined()
    }

    /// A text in lower case without umlauts and accents.
    static func fold(_ text: String) -> String {
        var result = text.lowercased()
        for (umlaut, letters) in [("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")] {
            result = result.replacingOccurrences(of: umlaut, with: letters)
        }
        return result.folding(options: .diacriticInsensitive, locale: nil)
    }

    /// Whether the name holds one of some stems: those of four letters or more anywhere, shorter ones as whole words.
    func holds(_ stems: [String]) -> Bool {
        stems.contains { $0.count >= 4 ? folded.contains($0) : words.contains($0) }
    }

    /// Whether the name looks like that of a number of something: an id.
    var isIdentifier: Bool {
        holds(["id", "nr", "no", "num", "code", "key", "number", "nummer"])
            || ["nr", "id", "no"].contains { folded.hasSuffix($0) && folded.count > 4 }
    }

    /// How well the name fits the column of the customer: 0 for not at all.
    var customer: Int {
        guard
            holds([
                "customer", "kund", "client", "cust", "household", "member", "mitglied", "debitor", "user", "account",
                "konto",
                "buyer", "kaeufer", "subscriber", "abonnent", "guest", "gast", "patient",
            ])
        else { return 0 }
        if holds([
            "type", "typ", "segment", "group", "gruppe", "since", "seit", "mail", "status", "age", "alter", "country",
            "land",
            "city", "klasse", "class",
        ]) {
            return 0
        }
        return 1 + (isIdentifier ? 2 : 0) - (holds(["name"]) ? 1 : 0) + (holds(["customer", "kund"]) ? 1 : 0)
    }

    /// How well the name fits the time of an event; negative for dates that are something else.
    var time: Int {
        if holds([
            "birth", "geburt", "due", "faellig", "valid", "gueltig", "since", "seit", "update", "updated", "changed",
            "geaendert", "ship", "shipped", "liefer", "deliver", "expire", "end", "ende", "paid", "signup", "registr",
        ]) {
            return -1
        }
        let isEvent = holds([
            "order", "invoice", "purchase", "transaction", "beleg", "rechnung", "bestell", "kauf", "buchung", "event",
            "sale",
        ])
        let isTime = namesTime
        return (isEvent ? 2 : 0) + (isTime ? 1 : 0)
    }

    /// Whether the name says that the column holds a time, whatever is written there.
    var namesTime: Bool {
        holds(["date", "datum", "time", "zeit", "timestamp", "created", "day", "tag", "ts", "erstellt"])
    }

    /// A sum of money of a whole row.
    var isAmount: Bool {
        holds([
            "amount", "betrag", "revenue", "umsatz", "sales", "total", "value", "wert", "turnover", "spend", "netto",
            "brutto", "summe", "sum", "gesamt", "dollar", "dollars", "euro", "eur", "erloes", "subtotal", "net",
            "gross",
        ]) && !isDeduction && !holds(["count", "anzahl"])
    }

    /// The price of one piece.
    var isPrice: Bool { holds(["price", "preis"]) && !isDeduction && !holds(["total", "gesamt"]) }

    private var isDeduction: Bool {
        holds([
            "disc", "discount", "rabatt", "tax", "steuer", "mwst", "vat", "ship", "shipping", "versand", "fee", "cost",
            "kosten",
        ])
    }

    /// Two columns for one amount, of which a row fills one: what the customer owes, and what takes from it.
    var isDebit: Bool { !words.isDisjoint(with: ["soll", "debit", "plus"]) }
    var isCredit: Bool { !words.isDisjoint(with: ["haben", "credit", "minus"]) }

    var isQuantity: Bool {
        holds(["quantity", "qty", "menge", "anzahl", "stueck", "pcs", "cds", "numberof"])
            || !words.isDisjoint(with: ["count", "units", "pieces", "items"])
    }

    /// What joins the lines of one order.
    var isGroup: Bool {
        !holds(["date", "datum", "time", "zeit", "status", "type", "typ", "wert", "value"])
            && holds([
                "invoice", "order", "basket", "receipt", "bon", "beleg", "rechnung", "bestell", "auftrag",
                "transaction",
                "transaktion", "document", "warenkorb", "vorgang", "cart",
            ])
    }

    /// A column that tells kinds of events apart, and not kinds of customers or products.
    var isType: Bool {
        let telling: Set = [
            "type", "typ", "art", "kind", "event", "action", "aktion", "vorgang", "vorgangsart", "belegart", "activity",
        ]
        return !words.isDisjoint(with: telling)
            && words.isSubset(of: telling.union(["transaction", "interaction", "name", "code", "order", "beleg"]))
    }

    /// A column that says of a customer whether it left.
    var isLabel: Bool {
        holds([
            "churn", "label", "target", "left", "exited", "attrition", "gekuendigt", "kuendigung", "abgewandert",
            "lost",
        ])
    }

    /// Data that name or describe a person, or free text: nothing to learn from, and better not copied.
    var isPersonal: Bool {
        holds([
            "name", "mail", "email", "phone", "telefon", "tel", "street", "strasse", "address", "adresse", "birth",
            "geburt",
            "iban", "vorname", "nachname", "description", "bezeichnung", "comment", "kommentar", "bemerkung", "text",
            "url",
        ])
    }

    /// The word that studies use for an attribute of this name; `nil` for none in particular.
    var attribute: String? {
        let words: [(String, [String])] = [
            (
                "product",
                ["product", "produkt", "stockcode", "sku", "article", "artikel", "item", "material", "ean", "isbn"]
            ),
            ("category", ["category", "kategorie", "department", "warengruppe", "sparte"]),
            ("country", ["country", "land"]), ("region", ["region", "state", "bundesland"]),
            ("store", ["store", "filiale", "shop", "branch"]), ("channel", ["channel", "kanal"]),
            ("brand", ["brand", "marke"]), ("payment", ["payment", "zahlungsart", "zahlart"]),
        ]
        return words.first { holds($0.1) }?.0
    }
}
