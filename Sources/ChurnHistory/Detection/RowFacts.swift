/// What rows tell when columns are looked at together: a second reading, once it is known which column is what.
public struct RowFacts: Sendable {
    /// The columns whose cells are compared; `nil` for those that a file does not have.
    public struct Columns: Sendable {
        public var customer: String
        /// Columns of numbers whose sign tells returns from purchases.
        public var signed: [String] = []
        /// A column with few values, which may be the type of the event.
        public var type: String?
        /// A column that may join the lines of one order.
        public var group: String?

        public init(customer: String) { self.customer = customer }
    }

    /// Rows with something in common, by their sign.
    public struct SignCount: Sendable, Equatable {
        public fileprivate(set) var rows = 0
        /// Rows with a negative number in a signed column.
        public fileprivate(set) var negative = 0
    }

    public private(set) var rows = 0
    public private(set) var withoutCustomer = 0
    public private(set) var negative = 0
    /// By the letters in front of the group's digits; those without under the empty text.
    public private(set) var byPrefix: [String: SignCount] = [:]
    /// By the text of the type column.
    public private(set) var byType: [String: SignCount] = [:]
    /// Groups that were compared, and those that more than one customer has.
    public private(set) var groups = 0
    public private(set) var groupsOfSeveralCustomers = 0
    /// Rows whose group was compared.
    public private(set) var groupedRows = 0

    private static let maximumGroups = 1 << 20
    private static let maximumTexts = 64

    /// Reads all files of a table.
    public init(_ table: TableProfile, columns: Columns) throws(DataError) {
        var customerOfGroup: [UInt64: UInt64] = [:]
        var severalCustomers = Set<UInt64>()
        for file in table.files {
            var reader = try DelimitedReader(path: file, dialect: table.layout.dialect(encoding: table.encoding))
            let names = reader.columnNames
            guard let customer = names.firstIndex(of: columns.customer) else { continue }
            let signed = columns.signed.compactMap { names.firstIndex(of: $0) }
            let type = columns.type.flatMap { names.firstIndex(of: $0) }
            let group = columns.group.flatMap { names.firstIndex(of: $0) }
            var batch: RecordBatch?
            while try reader.nextBatch(reusing: &batch) {
                guard let read = batch else { break }
                for record in read.records where record.fieldCount == names.count && record.strayQuoteField == nil {
                    func cell<Result>(_ position: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
                        read.withContent(read.fields[record.firstField + position], body)
                    }
                    rows += 1
                    let isNegative = signed.contains { position in
                        cell(position) { bytes in
                            (NumberShape(bytes)?.sign ?? .none) != .none && Self.isBelowZero(bytes)
                        }
                    }
                    if isNegative { negative += 1 }
                    let customerHash: UInt64? = cell(customer) { isBlank($0) ? nil : RowHash($0).low }
                    if customerHash == nil { withoutCustomer += 1 }
                    if let type { Self.count(cell(type) { String(decoding: $0, as: UTF8.self) }, isNegative, &byType) }
                    guard let group else { continue }
                    Self.count(cell(group, Self.prefix), isNegative, &byPrefix)
                    guard let customerHash else { continue }
                    let groupHash = cell(group) { RowHash($0).low }
                    if let known = customerOfGroup[groupHash] {
                        groupedRows += 1
                        if known != customerHash { severalCustomers.insert(groupHash) }
                    } else if customerOfGroup.count < Self.maximumGroups {
                        groupedRows += 1
                        customerOfGroup[groupHash] = customerHash
                    }
                }
            }
        }
        groups = customerOfGroup.count
        groupsOfSeveralCustomers = severalCustomers.count
    }

    private static func count(_ text: String, _ isNegative: Bool, _ counts: inout [String: SignCount]) {
        guard counts[text] != nil || counts.count < maximumTexts else { return }
        counts[text, default: SignCount()].rows += 1
        if isNegative { counts[text]?.negative += 1 }
    }

    /// A number with a minus that is not `-0`.
    private static func isBelowZero(_ cell: UnsafeBufferPointer<UInt8>) -> Bool {
        let hasMinus = cell.contains { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "(") }
        return hasMinus && cell.contains { $0 >= 0x31 && $0 <= 0x39 }
    }

    /// The letters in front of a cell's digits, at most three; empty where it begins otherwise.
    private static func prefix(_ cell: UnsafeBufferPointer<UInt8>) -> String {
        let letters = cell.prefix { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }
        guard (1...3).contains(letters.count), letters.count < cell.count,
            cell[letters.count] >= 0x30, cell[letters.count] <= 0x39
        else { return "" }
        return String(decoding: letters, as: UTF8.self)
    }
}
