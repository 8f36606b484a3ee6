/// The events of a block grouped by partition: all events of a customer are in one partition, and a partition's table of
/// customers is small enough to stay in a processor's cache.
///
/// Nothing changes once it is made, but that the ids can be forgotten.
final class EventPartitions: @unchecked Sendable {
    /// A customer's partition is the highest bits of his hash.
    static let count = 256

    @inline(__always)
    static func partition(of hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 56) }

    let form: EventRows.Form
    /// Partition p holds the events `starts[p]..<starts[p + 1]`, in the order of the rows.
    let starts: [UInt32]
    /// The customers' ids; `nil` once they were forgotten.
    private(set) var ids: Ids?
    let times: Times
    let types: OwnedBuffer<UInt8>
    let amounts: OwnedBuffer<Double>?
    let quantities: OwnedBuffer<Double>?
    let transactions: OwnedBuffer<UInt64>?
    /// Codes of the block's own dictionaries.
    let attributes: [OwnedBuffer<Int32>]
    /// Which row of the block each event is; only where somebody may ask.
    let ordinals: OwnedBuffer<UInt32>?

    /// When the events were.
    enum Times: Sendable {
        /// Microseconds since 1970 UTC.
        case microseconds(OwnedBuffer<Int64>)
        /// Whole seconds behind an instant, which is in microseconds since 1970 UTC: half the memory, and what nearly all
        /// sources have.
        case seconds(behind: Int64, OwnedBuffer<UInt32>)

        fileprivate init(_ times: OwnedBuffer<Int64>, _ places: OwnedBuffer<UInt32>) {
            let second = StudyCalendar.microsecondsPerSecond
            let rows = times.values[..<places.count]
            guard let first = rows.min(), let last = rows.max(),
                last / second - first / second < Int64(UInt32.max)
            else {
                self = .microseconds(grouped(times, places))
                return
            }
            let target = OwnedBuffer<UInt32>(count: places.count)
            var rest = Int64(0)
            for row in 0..<places.count {
                let (seconds, microseconds) = (times.base[row] &- first).quotientAndRemainder(dividingBy: second)
                rest |= microseconds
                target.base[Int(places.base[row])] = UInt32(truncatingIfNeeded: seconds)
            }
            self = rest == 0 ? .seconds(behind: first, target) : .microseconds(grouped(times, places))
        }

        fileprivate var bytesEach: Int {
            switch self {
            case .microseconds: 8
            case .seconds: 4
            }
        }
    }

    /// The ids of the events' customers, one behind the other.
    final class Ids: Sendable {
        /// The ids of partition p begin at byte `starts[p]` of `bytes`.
        let starts: [UInt32]
        let bytes: OwnedBuffer<UInt8>
        /// Length of each id; 255 for one that is longer, whose length is kept in `longLengths`.
        let lengths: OwnedBuffer<UInt8>
        /// By event: lengths of ids of 255 bytes and more.
        private let longLengths: [UInt32: Int]

        init(
            starts: [UInt32],
            bytes: OwnedBuffer<UInt8>,
            lengths: OwnedBuffer<UInt8>,
            longLengths: [UInt32: Int]
        ) {
            self.starts = starts
            self.bytes = bytes
            self.lengths = lengths
            self.longLengths = longLengths
        }

        /// The length of an event's id in bytes.
        @inline(__always)
        func length(_ event: Int) -> Int {
            let length = Int(lengths.base[event])
            return length < 255 ? length : longLengths[UInt32(truncatingIfNeeded: event)] ?? 0
        }

        var byteCount: Int { bytes.count + lengths.count + 4 * starts.count }
    }

    /// Lets go of the ids. Nobody else may be looking at them, and nobody may ask for them again.
    func forgetIds() { ids = nil }

    var eventCount: Int { types.count }

    /// Bytes of memory, or nearly so.
    var byteCount: Int {
        let event =
            1 + times.bytesEach + (amounts == nil ? 0 : 8) + (quantities == nil ? 0 : 8) + (transactions == nil ? 0 : 8)
        return eventCount * (event + attributes.count * 4 + (ordinals == nil ? 0 : 4))
            + (4 + MemoryLayout<EventGroups.Group>.stride) * EventPartitions.count + (ids?.byteCount ?? 0)
    }

    /// - Parameters:
    ///   - count: how many events `rows` has.
    ///   - text: what `rows.idStarts` refer to.
    init(_ rows: EventRows, count: Int, text: UnsafePointer<UInt8>, keepsOrdinals: Bool) {
        form = rows.form
        var starts = [UInt32](repeating: 0, count: Self.count + 1)
        var idStarts = starts
        for row in 0..<count {
            let partition = Self.partition(of: rows.hashes.base[row])
            starts[partition + 1] += 1
            idStarts[partition + 1] += rows.idLengths.base[row]
        }
        for partition in 0..<Self.count {
            starts[partition + 1] += starts[partition]
            idStarts[partition + 1] += idStarts[partition]
        }
        self.starts = starts
        let firstIds = idStarts
        let lengths = OwnedBuffer<UInt8>(passing: count)
        let bytes = OwnedBuffer<UInt8>(passing: Int(idStarts[Self.count]), slack: TextBlock.slack)
        var longIdLengths: [UInt32: Int] = [:]
        // First every event's place and its id, then column by column.
        let places = OwnedBuffer<UInt32>(count: count)
        rows.sideBytes.withUnsafeBufferPointer { side in
            for row in 0..<count {
                let partition = Self.partition(of: rows.hashes.base[row])
                let place = starts[partition]
                starts[partition] = place + 1
                places.base[row] = place
                let length = Int(rows.idLengths.base[row])
                let target = bytes.base + Int(idStarts[partition])
                idStarts[partition] += UInt32(truncatingIfNeeded: length)
                let start = rows.idStarts.base[row]
                if start & EventRows.isAside == 0 {
                    Self.copy(text + Int(start), to: target, count: length)
                } else if let base = side.baseAddress {
                    target.update(from: base + Int(start & ~EventRows.isAside), count: length)
                }
                if length < 255 {
                    lengths.base[Int(place)] = UInt8(truncatingIfNeeded: length)
                } else {
                    lengths.base[Int(place)] = 255
                    longIdLengths[place] = length
                }
            }
        }
        ids = Ids(starts: firstIds, bytes: bytes, lengths: lengths, longLengths: longIdLengths)
        times = Times(rows.times, places)
        types = grouped(rows.types, places)
        amounts = rows.amounts.map { grouped($0, places) }
        quantities = rows.quantities.map { grouped($0, places) }
        transactions = rows.transactions.map { grouped($0, places) }
        attributes = rows.attributes.map { grouped($0, places) }
        ordinals = keepsOrdinals ? grouped(rows.ordinals, places) : nil
    }

    /// Copies an id, which is short most of the time, without a call.
    @inline(__always)
    private static func copy(_ source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, count: Int) {
        let (from, to) = (UnsafeRawPointer(source), UnsafeMutableRawPointer(target))
        switch count {
        case 8...16:
            // Two words that may overlap.
            to.storeBytes(of: from.loadUnaligned(as: UInt64.self), as: UInt64.self)
            let last = count &- 8
            to.storeBytes(
                of: from.loadUnaligned(fromByteOffset: last, as: UInt64.self),
                toByteOffset: last,
                as: UInt64.self
            )
        case 4...7:
            to.storeBytes(of: from.loadUnaligned(as: UInt32.self), as: UInt32.self)
            let last = count &- 4
            to.storeBytes(
                of: from.loadUnaligned(fromByteOffset: last, as: UInt32.self),
                toByteOffset: last,
                as: UInt32.self
            )
        default:
            target.update(from: source, count: count)
        }
    }
}

/// A column in the order of the events' places.
private func grouped<Element>(
    _ column: OwnedBuffer<Element>,
    _ places: OwnedBuffer<UInt32>
) -> OwnedBuffer<Element> {
    let target = OwnedBuffer<Element>(count: places.count)
    for row in 0..<places.count { target.base[Int(places.base[row])] = column.base[row] }
    return target
}
