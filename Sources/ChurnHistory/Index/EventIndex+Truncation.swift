extension EventIndex {
    /// What was known before an instant: the index of data that end there.
    ///
    /// It has the events with `t < instant`, the rows of attributes with `validFrom < instant`, the contracts with
    /// `start < instant`, and of those only the ends with `endKnown < instant`. Customers, event types and the values of
    /// attributes keep their numbers, whether anything is left of them or not. Cost is O(events + customers).
    /// - Parameter instant: microseconds since 1970 UTC.
    public func known(before instant: Int64) -> EventIndex {
        let kept = KeptRows(starts: customerStarts, instants: times, before: instant)
        return EventIndex(
            customers: customers,
            customerStarts: Column(kept.starts),
            typeNames: typeNames,
            typeFirsts: typeFirsts.map { $0.known(before: instant) },
            times: kept.rows(of: times),
            types: kept.rows(of: types),
            amounts: kept.rows(of: amounts),
            quantities: quantities.map(kept.rows),
            transactionFlags: kept.rows(of: transactionFlags),
            attributes: attributes.map { $0.keeping(kept) },
            attributeHistories: attributeHistories.map { $0.known(before: instant) },
            contracts: contracts?.known(before: instant),
            calendar: calendar
        )
    }
}

/// The rows of each customer that lie before an instant; rows are sorted by customer and instant.
private struct KeptRows {
    /// Customer i keeps rows `starts[i]..<starts[i + 1]` of the result.
    let starts: [Int]
    /// The first of them in what they are taken from.
    private let firsts: [Int]

    init(starts old: Column<Int>, instants: Column<Int64>, before instant: Int64) {
        var starts = [0]
        starts.reserveCapacity(old.count)
        old.withUnsafeBufferPointer { old in
            instants.withUnsafeBufferPointer { instants in
                for customer in 0..<old.count - 1 {
                    var low = old[customer]
                    var high = old[customer + 1]
                    while low < high {
                        let middle = (low + high) / 2
                        if instants[middle] < instant { low = middle + 1 } else { high = middle }
                    }
                    starts.append(starts[customer] + low - old[customer])
                }
            }
        }
        self.starts = starts
        firsts = Array(old)
    }

    func rows<Element>(of column: Column<Element>) -> Column<Element> {
        let buffer = OwnedBuffer<Element>(count: starts[starts.count - 1])
        column.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            for customer in 0..<starts.count - 1 {
                let first = starts[customer]
                (buffer.base + first).initialize(from: base + firsts[customer], count: starts[customer + 1] - first)
            }
        }
        return Column(buffer)
    }
}

extension EventIndex.AttributeColumn {
    fileprivate func keeping(_ kept: KeptRows) -> Self { Self(name: name, values: values, codes: kept.rows(of: codes)) }
}

extension TypeFirsts {
    fileprivate func known(before instant: Int64) -> TypeFirsts {
        func known(_ first: Int64) -> Int64 { first < instant ? first : Self.never }
        var firsts = TypeFirsts()
        firsts.event = known(event)
        firsts.amount = known(amount)
        firsts.quantity = known(quantity)
        return firsts
    }
}

extension AttributeHistory {
    fileprivate func known(before instant: Int64) -> AttributeHistory {
        let kept = KeptRows(starts: Column(customerStarts), instants: Column(validFrom), before: instant)
        return AttributeHistory(
            customerStarts: kept.starts,
            validFrom: Array(kept.rows(of: Column(validFrom))),
            hasValidFrom: hasValidFrom,
            attributes: attributes.map { $0.keeping(kept) }
        )
    }
}

extension ContractTable {
    fileprivate func known(before instant: Int64) -> ContractTable {
        let kept = KeptRows(starts: Column(customerStarts), instants: Column(starts), before: instant)
        func rows<Element: BitwiseCopyable & Sendable>(_ values: [Element]) -> [Element] {
            Array(kept.rows(of: Column(values)))
        }
        let known = rows(endsKnown).map { $0 < instant }
        func hiding(_ instants: [Int64]) -> [Int64] { zip(rows(instants), known).map { $1 ? $0 : Self.never } }
        return ContractTable(
            customerStarts: kept.starts,
            starts: rows(starts),
            plannedEnds: rows(plannedEnds),
            ends: hiding(ends),
            endsKnown: hiding(endsKnown),
            values: rows(values)
        )
    }
}
