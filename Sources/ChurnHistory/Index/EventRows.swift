/// The events that were read from a block, in the order of its rows: columns that are filled row by row.
///
/// Room for every row is taken when the block begins, so that adding one is a store a column.
final class EventRows {
    /// Which columns a study's sources have.
    struct Form: Sendable {
        var hasAmounts = false
        var hasQuantities = false
        var hasTransactions = false
        var attributeCount = 0
    }

    let form: Form
    let hashes: OwnedBuffer<UInt64>
    /// Where the customer's id begins: in the block's text, or in `sideBytes` where `isAside` is set.
    let idStarts: OwnedBuffer<UInt32>
    let idLengths: OwnedBuffer<UInt32>
    let times: OwnedBuffer<Int64>
    let types: OwnedBuffer<UInt8>
    let amounts: OwnedBuffer<Double>?
    let quantities: OwnedBuffer<Double>?
    let transactions: OwnedBuffer<UInt64>?
    let attributes: [OwnedBuffer<Int32>]
    /// Which row of the block each event is.
    let ordinals: OwnedBuffer<UInt32>
    /// Ids that do not stand in the text as they are: quoted ones with doubled quotes.
    private(set) var sideBytes: [UInt8] = []

    static let isAside: UInt32 = 1 << 31

    init(capacity: Int, _ form: Form) {
        self.form = form
        hashes = OwnedBuffer(count: capacity)
        idStarts = OwnedBuffer(count: capacity)
        idLengths = OwnedBuffer(count: capacity)
        times = OwnedBuffer(count: capacity)
        types = OwnedBuffer(count: capacity)
        amounts = form.hasAmounts ? OwnedBuffer(count: capacity) : nil
        quantities = form.hasQuantities ? OwnedBuffer(count: capacity) : nil
        transactions = form.hasTransactions ? OwnedBuffer(count: capacity) : nil
        attributes = (0..<form.attributeCount).map { _ in OwnedBuffer(count: capacity) }
        ordinals = OwnedBuffer(count: capacity)
    }

    /// Forgets the ids of the block before.
    func begin() { sideBytes.removeAll(keepingCapacity: true) }

    var capacity: Int { hashes.count }

    /// What every event has.
    struct Event {
        var hash: UInt64
        var idStart: UInt32
        var idLength: UInt32
        var time: Int64
        var type: UInt8
        var amount: Double
        var quantity: Double
        var transaction: UInt64
        var ordinal: UInt32
    }

    /// Sets an event; its attributes are set beside it.
    /// - Parameter row: how many events have been set before.
    @inline(__always)
    func set(_ event: Event, at row: Int) {
        precondition(row < hashes.count, "a block has no more events than rows")
        hashes.base[row] = event.hash
        idStarts.base[row] = event.idStart
        idLengths.base[row] = event.idLength
        times.base[row] = event.time
        types.base[row] = event.type
        amounts?.base[row] = event.amount
        quantities?.base[row] = event.quantity
        transactions?.base[row] = event.transaction
        ordinals.base[row] = event.ordinal
    }

    /// Keeps an id that is not part of the text, and returns where.
    func keepAside(_ id: UnsafeBufferPointer<UInt8>) -> UInt32 {
        let start = sideBytes.count
        sideBytes.append(contentsOf: id)
        return UInt32(truncatingIfNeeded: start) | Self.isAside
    }
}
