/// A table for people: columns as wide as their widest cell, numbers to the right.
struct TextTable {
    private let headers: [String]
    private var rows: [[String]] = []

    /// - Parameter headers: one a column; empty for a table without a head.
    init(headers: [String]) { self.headers = headers }

    mutating func append(_ cells: [String]) { rows.append(cells) }

    /// The lines, without a trailing line end.
    var text: String {
        let columns = max(headers.count, rows.map(\.count).max() ?? 0)
        let widths = (0..<columns).map { column in
            ([headers] + rows).map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        let isNumeric = (0..<columns).map { column in
            column > 0 && rows.contains { column < $0.count }
                && rows.allSatisfy { column >= $0.count || $0[column].isEmpty || Self.looksNumeric($0[column]) }
        }
        func line(_ cells: [String]) -> String {
            var text = ""
            for column in 0..<columns {
                let cell = column < cells.count ? cells[column] : ""
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                text += (isNumeric[column] ? padding + cell : cell + padding) + (column + 1 < columns ? "  " : "")
            }
            return String(text.reversed().drop { $0 == " " }.reversed())
        }
        let head = headers.contains { !$0.isEmpty } ? [line(headers)] : []
        return (head + rows.map(line)).joined(separator: "\n")
    }

    private static func looksNumeric(_ cell: String) -> Bool {
        cell == "-"
            || cell.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "e"), UInt8(ascii: ","),
                    UInt8(ascii: "%"), UInt8(ascii: " "), UInt8(ascii: "<"):
                    true
                default: false
                }
            }
    }
}
