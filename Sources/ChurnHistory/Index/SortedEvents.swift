import ChurnNumerics

/// The columns of an index while they are filled; each thread writes the places of its own customers.
final class SortedEvents: Sendable {
    let times: OwnedBuffer<Int64>
    let types: OwnedBuffer<UInt8>
    let transactionFlags: OwnedBuffer<TransactionFlags>
    let amounts: OwnedBuffer<Double>?
    let quantities: OwnedBuffer<Double>?
    let transactions: OwnedBuffer<UInt64>?
    let attributes: [OwnedBuffer<Int32>]

    /// - Parameter folder: where the columns are kept as temporary files; `nil` for the process's own memory.
    init(count: Int, _ form: EventRows.Form, in folder: SpillFolder?) throws(DataError) {
        times = try OwnedBuffer(count: count, in: folder)
        types = try OwnedBuffer(count: count, in: folder)
        transactionFlags = try OwnedBuffer(count: count, in: folder)
        amounts = form.hasAmounts ? try OwnedBuffer(count: count, in: folder) : nil
        quantities = form.hasQuantities ? try OwnedBuffer(count: count, in: folder) : nil
        transactions = form.hasTransactions ? try OwnedBuffer(count: count, in: folder) : nil
        var attributes: [OwnedBuffer<Int32>] = []
        for _ in 0..<form.attributeCount { attributes.append(try OwnedBuffer(count: count, in: folder)) }
        self.attributes = attributes
    }

    /// Lets go of the process's pages of columns in temporary files.
    func release() {
        times.release()
        types.release()
        transactionFlags.release()
        amounts?.release()
        quantities?.release()
        transactions?.release()
        for attribute in attributes { attribute.release() }
    }

    /// Copies rows of a run, whose types are numbers of the collection.
    func copy(_ run: SortedEvents, _ rows: Range<Int>, to place: Int, typeRanks: [UInt8]) {
        func copy<Element>(_ source: OwnedBuffer<Element>?, _ target: OwnedBuffer<Element>?) {
            guard let source, let target else { return }
            (target.base + place).update(from: source.base + rows.lowerBound, count: rows.count)
        }
        copy(run.times, times)
        copy(run.amounts, amounts)
        copy(run.quantities, quantities)
        copy(run.transactions, transactions)
        for (source, target) in zip(run.attributes, attributes) { copy(source, target) }
        for (offset, row) in rows.enumerated() {
            types.base[place + offset] = typeRanks[Int(run.types.base[row])]
        }
    }

    private static let customersPerPart = 4096

    /// Sorts every customer's events by time, and finds the first ones of their transactions.
    /// - Parameter starts: customer i owns the events `starts[i]..<starts[i + 1]`, in the order of the sources.
    /// - Returns: for each of 256 types, what was first seen of it.
    func settle(_ starts: [Int], calendar: StudyCalendar, threads: Int) -> [TypeFirsts] {
        let count = starts.count - 1
        let parts = (count + Self.customersPerPart - 1) / Self.customersPerPart
        let firsts = Parallel.map(parts, threads: threads) { part in
            let first = part * Self.customersPerPart
            let customers = first..<min(count, first + Self.customersPerPart)
            settle(customers, starts, calendar: calendar)
            return firstSeen(starts[customers.lowerBound]..<starts[customers.upperBound])
        }
        return firsts.reduce(into: [TypeFirsts](repeating: .init(), count: 256)) { all, part in
            for type in 0..<256 { all[type].take(part[type]) }
        }
    }

    private func firstSeen(_ rows: Range<Int>) -> [TypeFirsts] {
        var firsts = [TypeFirsts](repeating: .init(), count: 256)
        firsts.withUnsafeMutableBufferPointer { firsts in
            for row in rows {
                let (type, time) = (Int(types.base[row]), times.base[row])
                if time < firsts[type].event { firsts[type].event = time }
                if let amounts, time < firsts[type].amount, !amounts.base[row].isNaN { firsts[type].amount = time }
                if let quantities, time < firsts[type].quantity, !quantities.base[row].isNaN {
                    firsts[type].quantity = time
                }
            }
        }
        return firsts
    }

    private func settle(_ customers: Range<Int>, _ starts: [Int], calendar: StudyCalendar) {
        var order: [Int] = []
        var firsts = TransactionFirsts()
        var counter = DayCounter(calendar)
        for customer in customers {
            let rows = starts[customer]..<starts[customer + 1]
            if !isSorted(rows) { sort(rows, &order) }
            guard let transactions else {
                for row in rows {
                    let isValued = amounts.map { !$0.base[row].isNaN } ?? false
                    transactionFlags.base[row] = isValued ? [.first, .firstValued] : [.first]
                }
                continue
            }
            firsts.begin()
            for row in rows {
                transactionFlags.base[row] = firsts.flags(
                    type: types.base[row],
                    transaction: transactions.base[row],
                    // A transaction of an order number needs no day.
                    day: transactions.base[row] == TransactionMark.day ? counter.day(of: times.base[row]) : 0,
                    isValued: amounts.map { !$0.base[row].isNaN } ?? false
                )
            }
        }
    }

    private func isSorted(_ rows: Range<Int>) -> Bool {
        guard rows.count > 1 else { return true }
        for row in rows.dropFirst() where times.base[row] < times.base[row - 1] { return false }
        return true
    }

    /// Sorts by time; equal times keep the order of the sources.
    private func sort(_ rows: Range<Int>, _ order: inout [Int]) {
        order.removeAll(keepingCapacity: true)
        order.append(contentsOf: rows)
        order.sort { left, right in
            let (a, b) = (times.base[left], times.base[right])
            return a != b ? a < b : left < right
        }
        Self.permute(times, rows, order)
        Self.permute(types, rows, order)
        if let amounts { Self.permute(amounts, rows, order) }
        if let quantities { Self.permute(quantities, rows, order) }
        if let transactions { Self.permute(transactions, rows, order) }
        for attribute in attributes { Self.permute(attribute, rows, order) }
    }

    private static func permute<Element>(_ column: OwnedBuffer<Element>, _ rows: Range<Int>, _ order: [Int]) {
        let values = order.map { column.base[$0] }
        for (row, value) in zip(rows, values) { column.base[row] = value }
    }
}

/// What an event is to its transaction: the lines of one order, or of one day where the study merges by day, are one
/// transaction of their customer and type.
@frozen
public struct TransactionFlags: OptionSet, Sendable, BitwiseCopyable {
    public let rawValue: UInt8

    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The first row of its transaction.
    @inlinable public static var first: TransactionFlags { TransactionFlags(rawValue: 1) }
    /// The first row of its transaction that has an amount.
    @inlinable public static var firstValued: TransactionFlags { TransactionFlags(rawValue: 2) }
}

/// Finds the first rows of a customer's transactions.
private struct TransactionFirsts {
    private struct Key: Hashable {
        let type: UInt8
        let transaction: UInt64
        /// 0 unless the transaction is its day.
        let day: Int32
    }

    private var seen = Set<Key>()
    private var seenValued = Set<Key>()

    /// Forgets the customer before.
    mutating func begin() {
        seen.removeAll(keepingCapacity: true)
        seenValued.removeAll(keepingCapacity: true)
    }

    mutating func flags(type: UInt8, transaction: UInt64, day: Int32, isValued: Bool) -> TransactionFlags {
        if transaction == TransactionMark.own { return isValued ? [.first, .firstValued] : [.first] }
        let key = Key(type: type, transaction: transaction, day: day)
        var flags: TransactionFlags = seen.insert(key).inserted ? [.first] : []
        if isValued, seenValued.insert(key).inserted { flags.insert(.firstValued) }
        return flags
    }
}
