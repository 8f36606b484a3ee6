/// A column of a table that is written row by row.
public struct TableColumn: Sendable, Equatable {
    public enum Kind: Sendable {
        case text, day, number, integer
    }

    public let name: String
    public let kind: Kind

    public init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }

    /// As SQL has it.
    var quotedName: String {
        "\"\(name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
    }
}

/// What stands in a row and a column.
public enum TableValue: Sendable, Equatable {
    case text(String)
    /// As `2024-12-31`.
    case day(String)
    case number(Double)
    case integer(Int)
    case null
}

/// A table that is written whole: its columns and, row by row, its values.
public struct DatabaseTable {
    /// A table's name, with a schema in front where there is one.
    public struct Name: Sendable, Equatable, CustomStringConvertible {
        public let parts: [String]

        /// - Throws: `badAddress` for what is not one or two names of 1 to 63 letters, digits and `_`.
        public init(_ text: String) throws(DatabaseError) {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            let isSound = parts.allSatisfy { part in
                (1...63).contains(part.utf8.count) && !(part.first?.isNumber ?? true)
                    && part.allSatisfy { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
            }
            guard (1...2).contains(parts.count), isSound else {
                throw .badAddress(
                    text,
                    problem: "is no name of a table. Fix: use letters, digits and _, such as scores"
                )
            }
            self.parts = parts
        }

        public var description: String { parts.joined(separator: ".") }

        /// As SQL has it, letters as they are.
        var quoted: String { parts.map { "\"\($0)\"" }.joined(separator: ".") }
    }

    public let name: Name
    public let columns: [TableColumn]
    public let rowCount: Int
    /// The values of a row, one a column; rows are asked for in order, once.
    public let row: (Int) -> [TableValue]

    public init(name: Name, columns: [TableColumn], rowCount: Int, row: @escaping (Int) -> [TableValue]) {
        self.name = name
        self.columns = columns
        self.rowCount = rowCount
        self.row = row
    }

    /// The columns' names as a list of SQL.
    var quotedColumns: String { columns.map(\.quotedName).joined(separator: ", ") }
}
