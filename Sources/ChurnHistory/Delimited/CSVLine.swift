/// One line of CSV being put together: quotes where they are needed, numbers in full precision, and no text that a
/// spreadsheet would run as a formula.
public struct CSVLine {
    private var bytes: [UInt8] = []
    private var isEmpty = true

    public init() {}

    /// Appends a text cell. One that starts with `=`, `+`, `-`, `@`, a tab or a line end is prefixed with `'`; so is one
    /// that already has such a prefix, which is why `restored` can undo it.
    public mutating func append(text: String) {
        separate()
        let needsQuotes = text.utf8.contains { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
        let prefix = Self.needsPrefix(text.utf8[...]) ? "'" : ""
        if needsQuotes {
            bytes.append(0x22)
            bytes += prefix.utf8
            for byte in text.utf8 {
                if byte == 0x22 { bytes.append(0x22) }
                bytes.append(byte)
            }
            bytes.append(0x22)
        } else {
            bytes += prefix.utf8
            bytes += text.utf8
        }
    }

    /// Appends a number: the shortest text that reads back as the same double. NaN becomes an empty cell.
    public mutating func append(number: Double) {
        separate()
        if number.isNaN { return }
        if number == number.rounded(), abs(number) < 1e15 {
            bytes += "\(Int64(number))".utf8
        } else {
            bytes += "\(number)".utf8
        }
    }

    /// Hands the line with its end to `sink`, and begins the next.
    public mutating func finish(
        _ sink: (UnsafeRawBufferPointer) throws(DataError) -> Void
    ) throws(DataError) {
        // One cell without a value: an empty line would be read as no row at all.
        if bytes.isEmpty { bytes += [0x22, 0x22] }
        bytes.append(0x0A)
        try bytes.withUnsafeBufferPointer { (line) throws(DataError) in try sink(UnsafeRawBufferPointer(line)) }
        bytes.removeAll(keepingCapacity: true)
        isEmpty = true
    }

    /// Writes the line with its end, and begins the next.
    public mutating func write(to file: AtomicFile) throws(DataError) {
        try finish { (line) throws(DataError) in try file.write(line) }
    }

    /// Undoes what `append(text:)` did to a text that starts like a formula.
    public static func restored(_ text: String) -> String {
        text.utf8.first == quote && needsPrefix(text.utf8.dropFirst()) ? String(text.dropFirst()) : text
    }

    private static let quote = UInt8(ascii: "'")

    private static func needsPrefix(_ text: Substring.UTF8View) -> Bool {
        switch text.first(where: { $0 != quote }) {
        case 0x3D, 0x2B, 0x2D, 0x40, 0x09, 0x0D, 0x0A: true
        default: false
        }
    }

    private mutating func separate() {
        if isEmpty { isEmpty = false } else { bytes.append(0x2C) }
    }
}
