/// The customers of one partition: their ids, numbered in the order in which they were met.
///
/// One growing buffer holds the bytes, an open-addressing table the numbers. Most ids are told apart by their first eight
/// bytes and their length.
struct CustomerTable: ~Copyable {
    /// What is known of a customer.
    struct Entry {
        let hash: UInt64
        /// The first eight bytes of the id as they lie in memory, zero behind its end.
        let word: UInt64
        /// Where the id ends in `bytes`.
        let end: Int
        let length: Int32
        /// Events of the customer.
        var eventCount: UInt32
    }

    private(set) var count = 0
    private(set) var bytes: [UInt8] = []
    private var entries: UnsafeMutablePointer<Entry>
    private var capacity: Int
    private var slots: UnsafeMutablePointer<Int32>
    private var mask: Int

    init(capacity wanted: Int) {
        var size = 64
        while size < wanted * 2 { size *= 2 }
        capacity = size / 2
        entries = .allocate(capacity: capacity)
        slots = .allocate(capacity: size)
        slots.initialize(repeating: -1, count: size)
        mask = size - 1
    }

    deinit {
        entries.deallocate()
        slots.deallocate()
    }

    /// The customers by number.
    var all: UnsafeBufferPointer<Entry> { UnsafeBufferPointer(start: entries, count: count) }

    /// The number of a customer, who is added when he is new.
    /// - Parameter id: behind it at least seven bytes more may be loaded.
    @inline(__always)
    mutating func code(_ id: UnsafePointer<UInt8>, count length: Int, hash: UInt64) -> Int {
        let word = Self.word(id, count: length)
        var slot = Int(truncatingIfNeeded: hash) & mask
        while true {
            let candidate = Int(slots[slot])
            if candidate < 0 { return add(id, count: length, word: word, hash: hash, slot: slot) }
            let entry = entries + candidate
            if entry.pointee.hash == hash, entry.pointee.word == word, Int(entry.pointee.length) == length,
                length <= 8 || equals(entry.pointee, id, length)
            {
                return candidate
            }
            slot = (slot &+ 1) & mask
        }
    }

    @inline(__always)
    mutating func countEvent(_ code: Int) { entries[code].eventCount &+= 1 }

    @inline(__always)
    private static func word(_ id: UnsafePointer<UInt8>, count: Int) -> UInt64 {
        let word = UInt64(littleEndian: UnsafeRawPointer(id).loadUnaligned(as: UInt64.self))
        return count >= 8 ? word : word & ((UInt64(1) << UInt64(truncatingIfNeeded: count &* 8)) &- 1)
    }

    private mutating func add(
        _ id: UnsafePointer<UInt8>,
        count length: Int,
        word: UInt64,
        hash: UInt64,
        slot: Int
    ) -> Int {
        let code = count
        slots[slot] = Int32(truncatingIfNeeded: code)
        bytes.append(contentsOf: UnsafeBufferPointer(start: id, count: length))
        (entries + code).initialize(
            to: Entry(
                hash: hash,
                word: word,
                end: bytes.count,
                length: Int32(truncatingIfNeeded: length),
                eventCount: 0
            )
        )
        count = code + 1
        if count == capacity { grow() }
        return code
    }

    private func equals(_ entry: Entry, _ id: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        let start = entry.end - count
        return bytes.withUnsafeBufferPointer { buffer in
            for offset in 8..<count where buffer[start &+ offset] != id[offset] { return false }
            return true
        }
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<Entry>.allocate(capacity: capacity * 2)
        larger.update(from: entries, count: count)
        entries.deallocate()
        entries = larger
        capacity *= 2
        let size = capacity * 2
        slots.deallocate()
        slots = .allocate(capacity: size)
        slots.initialize(repeating: -1, count: size)
        mask = size - 1
        for code in 0..<count {
            var slot = Int(truncatingIfNeeded: entries[code].hash) & mask
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(truncatingIfNeeded: code)
        }
    }
}
