/// All events of a study in columns, sorted by customer and, within a customer, by time.
///
/// Rows are what the source's rows were: the lines of an order stay apart, and `startsTransaction` marks the first of
/// them, so that counting orders and summing lines both need one look, and so that data cut off at any instant gives
/// exactly the rows that the whole data has before it.
public struct EventIndex: Sendable {
    /// Customers in byte order of their ids: those with events, and those that a customers or contracts file names.
    public let customers: [String]
    /// Customer i owns rows `customerStarts[i]..<customerStarts[i + 1]`; count is `customers.count + 1`.
    public let customerStarts: [Int]
    /// Names of the event types in byte order; `types` holds indices into them.
    public let typeNames: [String]

    /// Microseconds since 1970 UTC.
    public let times: [Int64]
    /// Days since 1970-01-01 on the study's calendar.
    public let days: [Int32]
    public let types: [UInt8]
    /// NaN where an event has none.
    public let amounts: [Double]
    /// NaN where an event has none.
    public let quantities: [Double]
    /// Whether the row is the first of its transaction: the lines of one order, or of one day where the study merges by
    /// day, are one transaction of their customer and type.
    public let startsTransaction: [Bool]
    /// Whether the row is the first of its transaction that has an amount.
    public let startsValuedTransaction: [Bool]
    public let attributes: [AttributeColumn]
    /// What is known of the customers, an element for each entry of the study's `customers`.
    public let attributeHistories: [AttributeHistory]
    /// The customers' contracts; `nil` where the study has none.
    public let contracts: ContractTable?

    /// A coded attribute of the events.
    public struct AttributeColumn: Sendable, Equatable {
        public let name: String
        /// Distinct values in the order of first appearance.
        public let values: [String]
        /// Indices into `values`; -1 where an event has none.
        public let codes: [Int32]
    }

    public var eventCount: Int { times.count }

    /// The rows of a customer.
    @inline(__always)
    public func rows(ofCustomer customer: Int) -> Range<Int> {
        customerStarts[customer]..<customerStarts[customer + 1]
    }

    /// The first and last instant, or `nil` without events.
    public var timeRange: ClosedRange<Int64>? {
        guard let first = times.min(), let last = times.max() else { return nil }
        return first...last
    }

    /// Sorts what a reading collected.
    init(
        _ columns: EventColumns,
        _ attributeReaders: [AttributeSourceReader] = [],
        _ contractRows: ContractRows? = nil,
        calendar: StudyCalendar
    ) {
        let order = columns.customers.codesInByteOrder()
        var rank = [Int32](repeating: 0, count: order.count)
        for (position, code) in order.enumerated() { rank[code] = Int32(position) }
        customers = order.map(columns.customers.string)
        attributeHistories = attributeReaders.map { $0.history(rank: rank, customerCount: order.count) }
        contracts = contractRows?.table(rank: rank, customerCount: order.count)

        // A counting sort by customer keeps the order of the source; each customer's rows are then sorted by time.
        var starts = [Int](repeating: 0, count: order.count + 1)
        for code in columns.customerCodes { starts[Int(rank[Int(code)]) + 1] += 1 }
        for position in 0..<order.count { starts[position + 1] += starts[position] }
        customerStarts = starts
        var next = starts
        var rows = [Int32](repeating: 0, count: columns.count)
        for row in 0..<columns.count {
            let position = Int(rank[Int(columns.customerCodes[row])])
            rows[next[position]] = Int32(row)
            next[position] += 1
        }
        for customer in 0..<order.count {
            let range = starts[customer]..<starts[customer + 1]
            let isSorted = zip(rows[range], rows[range].dropFirst()).allSatisfy {
                columns.times[Int($0)] <= columns.times[Int($1)]
            }
            if !isSorted {
                rows[range].sort {
                    let left = columns.times[Int($0)]
                    let right = columns.times[Int($1)]
                    return left != right ? left < right : $0 < $1
                }
            }
        }

        // Types that only rejected or dropped rows had are not types of the index.
        let usedTypes = Set(columns.typeCodes)
        let typeOrder = columns.types.codesInByteOrder().filter { usedTypes.contains(UInt8($0)) }
        var typeRank = [UInt8](repeating: 0, count: columns.types.count)
        for (position, code) in typeOrder.enumerated() { typeRank[code] = UInt8(position) }
        typeNames = typeOrder.map(columns.types.string)

        times = rows.map { columns.times[Int($0)] }
        days = times.map { Int32(truncatingIfNeeded: calendar.day(of: $0).number) }
        types = rows.map { typeRank[Int(columns.typeCodes[Int($0)])] }
        amounts = rows.map { columns.amounts[Int($0)] }
        quantities = rows.map { columns.quantities[Int($0)] }
        attributes = columns.attributes.map { attribute in
            AttributeColumn(
                name: attribute.name,
                values: attribute.dictionary.strings,
                codes: rows.map { attribute.codes[Int($0)] }
            )
        }
        let isRow = [Bool](repeating: true, count: rows.count)
        let isValued = amounts.map { !$0.isNaN }
        if columns.hasTransactions {
            let transactions = rows.map { columns.transactions[Int($0)] }
            startsTransaction = Self.firsts(
                among: isRow,
                of: transactions,
                customerStarts: starts,
                types: types,
                days: days
            )
            startsValuedTransaction = Self.firsts(
                among: isValued,
                of: transactions,
                customerStarts: starts,
                types: types,
                days: days
            )
        } else {
            startsTransaction = isRow
            startsValuedTransaction = isValued
        }
    }

    private struct TransactionKey: Hashable {
        let type: UInt8
        let transaction: Int64
    }

    /// Which rows, among some, are the first of their transaction.
    private static func firsts(
        among rows: [Bool],
        of transactions: [Int32],
        customerStarts: [Int],
        types: [UInt8],
        days: [Int32]
    ) -> [Bool] {
        var firsts = rows
        var seen = Set<TransactionKey>()
        for customer in 0..<customerStarts.count - 1 {
            seen.removeAll(keepingCapacity: true)
            for row in customerStarts[customer]..<customerStarts[customer + 1] where rows[row] {
                let key: Int64
                switch transactions[row] {
                case EventColumns.ownTransaction: continue
                case EventColumns.dayTransaction: key = -1 - Int64(days[row])
                case let group: key = Int64(group)
                }
                firsts[row] = seen.insert(.init(type: types[row], transaction: key)).inserted
            }
        }
        return firsts
    }
}

/// Events as they were read, in the order of the sources: what an `EventIndex` is sorted from.
struct EventColumns {
    /// Each row is a transaction of its own.
    static let ownTransaction: Int32 = -1
    /// The row belongs to the transaction of its customer, type and day.
    static let dayTransaction: Int32 = -2

    var customers = ByteDictionary()
    var types = ByteDictionary()
    /// Texts of the current source's groups, and the number from which they are counted: equal texts of two sources are
    /// two transactions.
    var groups = ByteDictionary()
    private(set) var groupBase: Int32 = 0
    var customerCodes: [Int32] = []
    var typeCodes: [UInt8] = []
    var times: [Int64] = []
    var amounts: [Double] = []
    var quantities: [Double] = []
    var transactions: [Int32] = []
    var attributes: [Attribute]
    var hasTransactions = false

    struct Attribute {
        let name: String
        var dictionary = ByteDictionary()
        var codes: [Int32] = []
    }

    var count: Int { times.count }

    mutating func startGroupsOfSource() {
        groupBase += Int32(groups.count)
        groups = ByteDictionary()
    }

    init(attributeNames: [String]) {
        attributes = attributeNames.map { Attribute(name: $0) }
    }
}
