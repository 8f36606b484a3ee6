/// Whether the first row of a file names its columns.
struct HeaderEvidence {
    let isHeader: Bool
    /// Why, in words.
    let reason: String

    /// - Parameters:
    ///   - first: the first row.
    ///   - rest: rows behind it, with as many fields.
    init(first: [String], rest: [[String]]) {
        if let position = first.firstIndex(where: Self.isValue) {
            isHeader = false
            reason = "the first line has a value, \(first[position]), where a name would stand"
            return
        }
        for position in first.indices where !first[position].isEmpty {
            let cells = rest.prefix(200).map { $0[position] }.filter { !$0.isEmpty }
            if !cells.isEmpty, cells.filter(Self.isValue).count * 10 >= cells.count * 9 {
                isHeader = true
                reason = "the first line has \(first[position]) where the others have \(cells[0])"
                return
            }
        }
        let repeated = first.indices.first { position in
            !first[position].isEmpty && rest.contains { $0[position] == first[position] }
        }
        if let repeated {
            isHeader = false
            reason = "\(first[repeated]) stands in the first line and again below it"
        } else {
            isHeader = true
            reason = "the texts of the first line do not come again"
        }
    }

    /// Whether a cell is a number or a date, which are no names.
    private static func isValue(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            if NumberShape(bytes) != nil { return true }
            // Dates and times: digits and the signs between them, beginning with a digit.
            guard let first = bytes.first, first >= 0x30, first <= 0x39, bytes.count >= 6 else { return false }
            let digits = bytes.filter { $0 >= 0x30 && $0 <= 0x39 }.count
            return digits >= 4
                && bytes.allSatisfy { ($0 >= 0x2B && $0 <= 0x3A) || $0 == 0x20 || $0 == 0x54 || $0 == 0x5A }
        }
    }
}
