import ChurnHistory

/// The columns of an event index as memory: the one place where the sweep takes pointers.
///
/// Valid only inside of `EventIndex.withEventMemory`. Nothing writes to it, so that threads may share it.
struct EventMemory: @unchecked Sendable {
    fileprivate(set) var customerStarts: UnsafeBufferPointer<Int>
    fileprivate(set) var times: UnsafePointer<Int64>
    fileprivate(set) var types: UnsafePointer<UInt8>
    fileprivate(set) var amounts: UnsafePointer<Double>
    /// `nil` where no source has quantities.
    fileprivate(set) var quantities: UnsafePointer<Double>?
    fileprivate(set) var transactionFlags: UnsafePointer<TransactionFlags>
    /// Codes of each attribute.
    fileprivate(set) var attributes: [UnsafePointer<Int32>] = []

    /// The rows of a customer.
    @inline(__always)
    func rows(ofCustomer customer: Int) -> Range<Int> {
        Range(uncheckedBounds: (customerStarts[customer], customerStarts[customer + 1]))
    }

    /// A customer's first `count` rows.
    @inline(__always)
    func events(
        ofCustomer customer: Int,
        count: Int,
        days: UnsafePointer<Int32>,
        ranks: UnsafePointer<UnsafePointer<UInt16>>
    ) -> CustomerEvents {
        let row = customerStarts[customer]
        return CustomerEvents(
            customer: customer,
            count: count,
            times: times + row,
            days: days,
            types: types + row,
            amounts: amounts + row,
            quantities: quantities.map { $0 + row },
            transactionFlags: transactionFlags + row,
            attributes: attributes,
            firstRow: row,
            ranks: ranks
        )
    }
}

extension EventIndex {
    /// Calls `body` with the index's columns as memory, which holds during the call only.
    func withEventMemory<Result>(_ body: (EventMemory) throws -> Result) rethrows -> Result {
        try customerStarts.withUnsafeBufferPointer { customerStarts in
            try times.withUnsafeBufferPointer { times in
                try types.withUnsafeBufferPointer { types in
                    try amounts.withUnsafeBufferPointer { amounts in
                        try transactionFlags.withUnsafeBufferPointer { flags in
                            let memory = EventMemory(
                                customerStarts: customerStarts,
                                times: base(times),
                                types: base(types),
                                amounts: base(amounts),
                                quantities: nil,
                                transactionFlags: base(flags)
                            )
                            return try withQuantities(memory, body)
                        }
                    }
                }
            }
        }
    }

    private func withQuantities<Result>(
        _ memory: EventMemory,
        _ body: (EventMemory) throws -> Result
    ) rethrows -> Result {
        guard let quantities else { return try withAttributes(attributes[...], memory, body) }
        return try quantities.withUnsafeBufferPointer { quantities in
            var memory = memory
            memory.quantities = base(quantities)
            return try withAttributes(attributes[...], memory, body)
        }
    }

    /// Adds one attribute after the other, each inside of the scope of those before.
    private func withAttributes<Result>(
        _ rest: ArraySlice<AttributeColumn>,
        _ memory: EventMemory,
        _ body: (EventMemory) throws -> Result
    ) rethrows -> Result {
        guard let attribute = rest.first else { return try body(memory) }
        return try attribute.codes.withUnsafeBufferPointer { codes in
            var memory = memory
            memory.attributes.append(base(codes))
            return try withAttributes(rest.dropFirst(), memory, body)
        }
    }

    /// Where a column begins; without rows, anywhere, since nothing is read then.
    private func base<Element>(_ column: UnsafeBufferPointer<Element>) -> UnsafePointer<Element> {
        column.baseAddress ?? UnsafePointer(bitPattern: MemoryLayout<Element>.alignment).unsafelyUnwrapped
    }
}
