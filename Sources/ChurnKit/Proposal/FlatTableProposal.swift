import ChurnHistory

/// A table with one row a customer and a label: it needs no study, only the right command.
public struct FlatTableProposal: Sendable {
    public let file: String
    public let rows: Int
    /// Why it is no history of events.
    public let reason: String
    /// The command that trains on it.
    public let command: String
    public let label: String
    public let positive: String
    public let id: String?

    /// - Returns: `nil` where no column says who left.
    init?(_ table: TableProfile, reason: String) {
        guard let file = table.files.first else { return nil }
        let labels = table.columns.filter { ColumnMeaning($0.name).isLabel && $0.values?.count == 2 }
        guard let label = labels.last, let values = label.values else { return nil }
        let positives = ["yes", "true", "1", "1.0", "ja", "wahr", "y", "j", "t", "churned", "churn", "left", "exited"]
        guard let positive = values.keys.first(where: { positives.contains(ColumnMeaning.fold($0)) }) else {
            return nil
        }
        let id = table.columns.first { column in
            let meaning = ColumnMeaning(column.name)
            return column.isUnique && column.numbers.canBeIdentifiers && column.filled == table.rows - table.malformed
                && column.name != label.name && (meaning.customer > 0 || meaning.isIdentifier)
        }
        self.file = file
        rows = table.rows
        self.reason = reason
        self.label = label.name
        self.positive = positive
        self.id = id?.name
        var words = ["churn", "train", file, "--label", label.name, "--positive", positive]
        if let id { words += ["--id", id.name] }
        if table.layout.delimiterName != "," { words += ["--delimiter", table.layout.delimiterName] }
        let comma = UInt8(ascii: ",")
        if table.columns.contains(where: { $0.numbers.isNumeric && $0.numbers.decimalMarks[comma] != nil }) {
            words += ["--decimal", "comma"]
        }
        let decimal = words.contains("--decimal") ? comma : UInt8(ascii: ".")
        let marks = Set(
            table.columns.filter(\.numbers.isNumeric).flatMap { Array($0.numbers.thousandsMarks.keys) }
        )
        // With a decimal comma, points mark thousands unasked.
        if let mark = marks.filter({ $0 != decimal }).min(), !(decimal == comma && mark == UInt8(ascii: ".")) {
            words += ["--thousands", String(decoding: [mark], as: UTF8.self)]
        }
        let nulls = Set(table.columns.filter(\.numbers.isNumeric).flatMap { Array($0.nullTexts.keys) })
        for text in nulls.sorted() { words += ["--null", text] }
        let numeric = table.columns.map(\.numbers).filter(\.isNumeric)
        for currency in Set(numeric.flatMap { Array($0.currencies.keys) }).sorted() {
            words += ["--currency", currency]
        }
        if numeric.contains(where: { $0.trailingMinus != nil }) { words += ["--negative", "trailing"] }
        if numeric.contains(where: { $0.parentheses != nil }) { words += ["--negative", "parentheses"] }
        if table.layout.preambleLines > 0 { words += ["--skip-lines", "\(table.layout.preambleLines)"] }
        if let footer = table.footerRows { words += ["--skip-footer", "\(footer)"] }
        if table.encoding != .utf8 { words += ["--encoding", table.encoding.rawValue] }
        words += ["--name", Self.modelName(file)]
        command = words.map(Self.quoted).joined(separator: " ")
    }

    /// A table that is flat beyond doubt: it has a label, and a column that names each row's customer once.
    static func certain(_ table: TableProfile) -> FlatTableProposal? {
        guard let flat = FlatTableProposal(table, reason: "every row has an id of its own"), flat.id != nil else {
            return nil
        }
        // A history may have an id for each event: then its customers come again.
        let isHistory =
            table.columns.contains { !$0.times.best.isEmpty }
            && table.columns.contains { ColumnMeaning($0.name).customer > 0 && $0.repetition > 1.02 }
        return isHistory ? nil : flat
    }

    /// The file's name without folder and endings, as a model can be called.
    static func modelName(_ path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        let stem = file.split(separator: ".").first.map(String.init) ?? file
        let plain = ColumnMeaning.fold(stem).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let words = String(plain).split(separator: "-").joined(separator: "-")
        return words.isEmpty ? "mine" : String(words.prefix(60))
    }

    /// A word as a shell takes it.
    private static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy {
            ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A || ($0 >= 0x2D && $0 <= 0x39) || $0 == 0x5F || $0 == 0x3D
        }
        return isPlain && !word.isEmpty ? word : "'\(word.replacing("'", with: "'\\''"))'"
    }
}
