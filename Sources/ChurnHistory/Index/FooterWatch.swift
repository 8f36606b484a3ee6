/// Watches for rejected rows at the very end of a file: a footer, or the half row of an export that was cut off.
struct FooterWatch {
    private var first: DataError?
    private var count = 0

    private static let words = [
        "total", "sum", "summe", "gesamt", "subtotal", "zwischensumme", "ende", "end", "count", "anzahl",
    ]

    mutating func noteGood() {
        first = nil
        count = 0
    }

    /// - Parameter row: as it stands in the file.
    mutating func note(_ error: DataError, row: UnsafeBufferPointer<UInt8>) {
        guard error.code == .wrongFieldCount || Self.beginsLikeAFooter(row) else { return noteGood() }
        if first == nil { first = error }
        count += 1
    }

    /// Whether the first word of a row is one such as `Total`.
    static func beginsLikeAFooter(_ row: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = row.drop { !(($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A) }
        let word = String(decoding: start.prefix { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }, as: UTF8.self)
        return words.contains(word.lowercased())
    }

    /// What the study must decide at the end of the file; `nil` where its last row was one of the table.
    func question(_ dialect: DelimitedDialect) -> DataError? {
        guard let first else { return nil }
        return DataError(
            first.code,
            count == 1
                ? "the last row does not have the form of the others: a footer, or a file that was cut off"
                : "the last \(count) rows do not have the form of the others: a footer, or a file that was cut off",
            file: first.file,
            line: first.line,
            fix: "fetch the file again if it was cut off; if it is a footer, "
                + dialect.settings.set([.skipFooter(dialect.skipFooter + count)])
        )
    }
}
