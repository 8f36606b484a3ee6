/// The ways in which exports write that there is no value.
///
/// NaN and infinity are not among them: they come from a computation.
enum NullSpellings {
    private static let known: [[UInt8]] = [
        "na", "n/a", "#n/a", "#nv", "null", "(null)", "nil", "none", "\\n", "-", "--", "---", ".", "?", "k.a.", "k. a.",
        "unknown", "unbekannt", "leer",
    ].map { Array($0.utf8) }

    /// Whether a cell is one of them, in any case and with any blanks in front.
    static func contains(_ cell: UnsafeBufferPointer<UInt8>) -> Bool {
        let text = cell.drop { $0 == 0x20 || $0 == 0x09 }
        return text.count <= 9 && known.contains { $0.elementsEqual(text, by: { $0 == lowercase($1) }) }
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
