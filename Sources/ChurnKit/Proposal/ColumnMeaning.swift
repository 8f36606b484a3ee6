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

    /// Whether one of the words of the name is one of these, as a whole.
    private func isAny(of known: Set<String>) -> Bool { !words.isDisjoint(with: known) }

    /// Whether a word of the name ends so: the head of a German compound, or of two English words written as one.
    private func hasHead(_ endings: [String]) -> Bool {
        words.contains { word in endings.contains { word.hasSuffix($0) } }
    }

    private static let numberWords: Set = [
        "id", "ids", "nr", "no", "num", "number", "nummer", "code", "key", "ref", "reference", "kennung", "schluessel",
    ]

    /// What a customer is called, and how surely a column of this name holds customers.
    private static let customerWords: [String: Int] = [
        "customer": 4, "customers": 4, "cust": 4, "kunde": 4, "kunden": 4, "kdnr": 6, "client": 4, "clients": 4,
        "klient": 4, "debitor": 4, "debitoren": 4, "household": 3, "member": 3, "mitglied": 3, "mitglieds": 3,
        "buyer": 3, "kaeufer": 3, "subscriber": 3, "abonnent": 3, "abonnenten": 3, "guest": 3, "gast": 3,
        "patient": 3, "patienten": 3, "user": 3, "shopper": 3, "account": 2, "konto": 2, "gegenkonto": 2, "firma": 2,
        "company": 2,
    ]

    /// Words that may stand beside those without changing what they mean.
    private static let customerCompanions: Set = ["unique", "sold", "to", "main", "the", "of", "full", "identifier"]

    /// How well the name fits the column of the customer: 0 for not at all, 1 for perhaps.
    ///
    /// Whole words count, and words made of one of them and a word for a number, such as `Kundennummer` or `custid`:
    /// a column of `Sekunden` or `Kundenberater` holds no customers.
    var customer: Int {
        var best = 0
        var isNumbered = isAny(of: Self.numberWords)
        var hasOtherWords = false
        for word in words {
            if let points = Self.customerWords[word] {
                best = max(best, points)
            } else if let (points, isNumber) = Self.customerCompound(word) {
                best = max(best, points)
                isNumbered = isNumbered || isNumber
            } else if !Self.numberWords.contains(word), !Self.customerCompanions.contains(word), word != "name",
                word.count > 1, Int(word) == nil
            {
                hasOtherWords = true
            }
        }
        if best == 0 || isSomethingOfCustomers { return 0 }
        if hasOtherWords { return 1 }
        return max(1, best + (isNumbered ? 2 : 0) - (isAny(of: ["name"]) || hasHead(["name"]) ? 3 : 0))
    }

    /// A word such as `kundennummer` or `userid`: the points of its first part.
    private static func customerCompound(_ word: String) -> (points: Int, isNumber: Bool)? {
        for ending in numberWords.union(["name", "konto"]) where word.hasSuffix(ending) {
            let first = String(word.dropLast(ending.count))
            if let points = customerWords[first] { return (points, ending != "name" && ending != "konto") }
        }
        return nil
    }

    /// Whether the name is that of something that many customers share.
    private var isSomethingOfCustomers: Bool {
        isAny(of: [
            "type", "typ", "segment", "group", "gruppe", "since", "seit", "mail", "email", "status", "age", "alter",
            "country", "land", "city", "ort", "klasse", "class", "manager", "rep", "agent", "owner", "berater",
            "betreuer", "region", "state", "bundesland", "service", "support", "level", "tier", "score", "rating",
            "value", "wert", "category", "kategorie", "plz", "zip", "count", "anzahl", "balance", "saldo",
        ])
    }

    /// How well the name fits the time of an event; negative for dates that are something else.
    var time: Int {
        let isElse =
            holds([
                "birth", "geburt", "faellig", "valid", "gueltig", "update", "changed", "geaendert", "shipped", "liefer",
                "deliver", "expire", "signup", "registr",
            ]) || isAny(of: ["due", "since", "seit", "ship", "end", "ende", "paid", "export", "import", "load"])
            || hasHead(["ende"]) || isAny(of: ["exportdatum", "importdatum", "druckdatum"])
        if isElse { return -1 }
        let isEvent = holds([
            "order", "invoice", "purchase", "transaction", "beleg", "rechnung", "bestell", "kauf", "buchung", "event",
            "sale",
        ])
        return (isEvent ? 2 : 0) + (namesTime ? 1 : 0)
    }

    /// Whether the name says that the column holds a time, whatever is written there.
    var namesTime: Bool {
        isAny(of: ["date", "datum", "time", "zeit", "timestamp", "created", "day", "tag", "ts", "erstellt"])
            || hasHead(["date", "datum", "zeit", "tag", "time", "timestamp", "zeitpunkt", "zeitstempel"])
    }

    /// A sum of money of a whole row.
    var isAmount: Bool {
        let isNamed =
            isAny(of: [
                "amount", "betrag", "revenue", "umsatz", "sales", "total", "value", "wert", "turnover", "spend",
                "spent",
                "netto", "brutto", "summe", "sum", "gesamt", "dollar", "dollars", "euro", "eur", "erloes", "subtotal",
                "net", "gross", "montant", "importe",
            ])
            || hasHead([
                "amount", "betrag", "revenue", "umsatz", "total", "value", "summe", "erloes", "gesamt", "netto",
                "brutto", "bestellwert", "warenwert", "auftragswert", "rechnungswert", "nettowert", "bruttowert",
                "gesamtpreis", "warenkorbwert",
            ])
        return isNamed && !isDeduction && !isMeasureOfSomethingElse
    }

    /// Whether the name is that of a person, a number of something, or a mark given to something.
    private var isMeasureOfSomethingElse: Bool {
        isAny(
            of: Self.numberWords.union([
                "rep", "person", "agent", "manager", "verkaeufer", "employee", "mitarbeiter", "team", "region",
                "office",
                "org", "channel", "rating", "bewertung", "score", "points", "punkte", "rank", "rang", "count", "anzahl",
                "items", "units", "quantity", "menge", "year", "jahr", "days", "tage", "percent", "prozent",
            ])
        ) || hasHead(["nummer", "anzahl", "menge"])
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
            "type", "typ", "art", "kind", "event", "action", "aktion", "activity", "aktivitaet", "ereignis", "vorgang",
            "vorgangsart", "vorgangstyp", "belegart", "belegtyp", "ereignisart", "buchungsart", "bewegungsart",
            "transaktionsart", "transaktionstyp", "auftragsart", "eventtype", "transactiontype", "doctype",
            "documenttype",
        ]
        return isAny(of: telling)
            && words.isSubset(
                of: telling.union([
                    "transaction", "interaction", "transaktion", "name", "code", "order", "beleg", "document", "doc",
                ])
            )
    }

    /// Whether the name tells how something was paid, sold or sent, or how far it got: words for purchases there are
    /// no kinds of events.
    var isManner: Bool {
        holds([
            "payment", "zahl", "channel", "kanal", "versand", "deliver", "liefer", "status", "shipping", "tender",
            "segment", "category", "kategorie", "product", "produkt", "artikel", "customer", "kunde", "description",
            "bezeichnung", "comment", "bemerkung",
        ]) || isAny(of: ["pay", "ship", "state", "source", "quelle", "mode", "method"])
    }

    /// A column whose texts stand for plus and minus.
    var isSign: Bool {
        isAny(of: [
            "sign", "vorzeichen", "sh", "shkz", "dc", "drcr", "crdr", "sollhaben", "shkennzeichen",
            "sollhabenkennzeichen", "soll", "haben",
        ]) || words.isSuperset(of: ["s", "h"]) || words.isSuperset(of: ["d", "c"])
            || words.isSuperset(of: ["dr", "cr"])
            || words.isSuperset(of: ["debit", "credit"])
    }

    /// A column of currencies.
    var isCurrency: Bool {
        isAny(of: ["currency", "waehrung", "curr", "iso", "devise"]) || hasHead(["currency", "waehrung"])
    }

    /// A column that says of a customer whether it left.
    var isLabel: Bool {
        holds([
            "churn", "label", "target", "left", "exited", "attrition", "gekuendigt", "kuendigung", "abgewandert",
            "lost",
        ])
    }

    /// A column that is known only once a customer leaves.
    var tellsOfLeaving: Bool {
        isLabel || holds(["cancel", "kuendig", "terminat", "reason", "grund"]) || isAny(of: ["lost", "left"])
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
            ("region", ["region", "state", "bundesland"]), ("country", ["country", "land"]),
            ("store", ["store", "filiale", "shop", "branch"]), ("channel", ["channel", "kanal"]),
            ("brand", ["brand", "marke"]), ("payment", ["payment", "zahlungsart", "zahlart"]),
        ]
        return words.first { holds($0.1) }?.0
    }
}
