import ChurnHistory

/// The customer of each row: every id once, and a number for each row.
public struct CustomerColumn: RandomAccessCollection, Sendable {
    /// By row, the customer's number among `names`.
    public let codes: [Int32]
    /// Different ids, in any order; some may have no row.
    public let names: TextColumn

    /// - Precondition: every code is the number of a name.
    init(codes: [Int32], names: TextColumn) {
        self.codes = codes
        self.names = names
    }

    public init(_ ids: some Sequence<String>) {
        var dictionary = ByteDictionary()
        codes = ids.map { dictionary.code(for: $0) }
        names = TextColumn(dictionary.strings)
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { codes.count }

    public subscript(row: Int) -> String { names[Int(codes[row])] }

    /// One number a row for the customer of some rows, in the order in which they first appear there.
    public func clusters(ofRows rows: [Int]) -> [Int32] {
        var numbers = [Int32](repeating: -1, count: names.count)
        var next: Int32 = 0
        return rows.map { row in
            let code = Int(codes[row])
            if numbers[code] < 0 {
                numbers[code] = next
                next += 1
            }
            return numbers[code]
        }
    }
}

extension CustomerColumn: Equatable {
    public static func == (left: CustomerColumn, right: CustomerColumn) -> Bool { left.elementsEqual(right) }
}

extension CustomerColumn: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: String...) { self.init(elements) }
}
