/// All events of a study in columns, sorted by customer and, within a customer, by time.
///
/// Rows are what the source's rows were: the lines of an order stay apart, and `transactionFlags` marks the first of
/// them, so that counting orders and summing lines both need one look, and so that data cut off at any instant gives
/// exactly the rows that the whole data has before it.
public struct EventIndex: Sendable {
    /// Customers in byte order of their ids: those with events, and those that a customers or contracts file names.
    public let customers: TextColumn
    /// Customer i owns rows `customerStarts[i]..<customerStarts[i + 1]`; count is `customers.count + 1`.
    public let customerStarts: Column<Int>
    /// Names of the event types in byte order; `types` holds indices into them.
    public let typeNames: [String]
    /// By type: when it was first seen.
    public let typeFirsts: [TypeFirsts]

    /// Microseconds since 1970 UTC.
    public let times: Column<Int64>
    public let types: Column<UInt8>
    /// NaN where an event has none.
    public let amounts: Column<Double>
    /// NaN where an event has none; `nil` where no source has quantities.
    public let quantities: Column<Double>?
    public let transactionFlags: Column<TransactionFlags>
    public let attributes: [AttributeColumn]
    /// What is known of the customers, an element for each entry of the study's `customers`.
    public let attributeHistories: [AttributeHistory]
    /// The customers' contracts; `nil` where the study has none.
    public let contracts: ContractTable?
    /// The calendar that days are counted on.
    public let calendar: StudyCalendar

    /// A coded attribute of the events.
    public struct AttributeColumn: Sendable, Equatable {
        public let name: String
        /// Distinct values in the order of first appearance.
        public let values: [String]
        /// Indices into `values`; -1 where an event has none.
        public let codes: Column<Int32>
    }

    public var eventCount: Int { times.count }

    /// For each event its day on the study's calendar, as days since 1970-01-01. Computed from the times at each call.
    public func days() -> [Int32] {
        var counter = DayCounter(calendar)
        return times.withUnsafeBufferPointer { $0.map { counter.day(of: $0) } }
    }

    /// The rows of a customer.
    @inline(__always)
    public func rows(ofCustomer customer: Int) -> Range<Int> {
        customerStarts[customer]..<customerStarts[customer + 1]
    }

    /// Whether a row is the first of its transaction.
    public func startsTransaction(_ row: Int) -> Bool { transactionFlags[row].contains(.first) }

    /// Whether a row is the first of its transaction that has an amount.
    public func startsValuedTransaction(_ row: Int) -> Bool { transactionFlags[row].contains(.firstValued) }

    /// The first and last instant, or `nil` without events.
    public var timeRange: ClosedRange<Int64>? {
        times.withUnsafeBufferPointer { times in
            guard var first = times.first else { return nil }
            var last = first
            for time in times {
                first = min(first, time)
                last = max(last, time)
            }
            return first...last
        }
    }

    init(
        customers: TextColumn,
        customerStarts: Column<Int>,
        typeNames: [String],
        typeFirsts: [TypeFirsts],
        times: Column<Int64>,
        types: Column<UInt8>,
        amounts: Column<Double>,
        quantities: Column<Double>?,
        transactionFlags: Column<TransactionFlags>,
        attributes: [AttributeColumn],
        attributeHistories: [AttributeHistory],
        contracts: ContractTable?,
        calendar: StudyCalendar
    ) {
        self.customers = customers
        self.customerStarts = customerStarts
        self.typeNames = typeNames
        self.typeFirsts = typeFirsts
        self.times = times
        self.types = types
        self.amounts = amounts
        self.quantities = quantities
        self.transactionFlags = transactionFlags
        self.attributes = attributes
        self.attributeHistories = attributeHistories
        self.contracts = contracts
        self.calendar = calendar
    }

    init(
        customers: TextColumn,
        customerStarts: Column<Int>,
        typeNames: [String],
        events: SortedEvents,
        typeFirsts: [TypeFirsts],
        attributes: [EventCollection.Attribute],
        attributeHistories: [AttributeHistory],
        contracts: ContractTable?,
        calendar: StudyCalendar
    ) {
        self.init(
            customers: customers,
            customerStarts: customerStarts,
            typeNames: typeNames,
            typeFirsts: Array(typeFirsts.prefix(typeNames.count)),
            times: Column(events.times),
            types: Column(events.types),
            amounts: Column(events.amounts ?? Self.noNumbers(events.times.count)),
            quantities: events.quantities.map { Column($0) },
            transactionFlags: Column(events.transactionFlags),
            attributes: zip(attributes, events.attributes).map { attribute, codes in
                AttributeColumn(name: attribute.name, values: attribute.dictionary.strings, codes: Column(codes))
            },
            attributeHistories: attributeHistories,
            contracts: contracts,
            calendar: calendar
        )
    }

    private static func noNumbers(_ count: Int) -> OwnedBuffer<Double> {
        let buffer = OwnedBuffer<Double>(count: count)
        buffer.base.update(repeating: .nan, count: count)
        return buffer
    }
}
