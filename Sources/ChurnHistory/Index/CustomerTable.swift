/// The customers of one partition: their ids, numbered in the order in which they were met.
///
/// One growing buffer holds the bytes, an open-addressing table the numbers.
struct CustomerTable: ~Copyable {
    private(set) var hashes: [UInt64] = []
    /// Id i is the bytes `ends[i - 1]..<ends[i]`.
    private(set) var ends: [Int] = []
    private(set) var bytes: [UInt8] = []
    /// Events of each customer.
    var eventCounts: [UInt32] = []
    private var slots: UnsafeMutablePointer<Int32>
    private var mask: Int

    init(capacity: Int) {
        var size = 64
        while size < capacity * 2 { size *= 2 }
        slots = .allocate(capacity: size)
        slots.initialize(repeating: -1, count: size)
        mask = size - 1
    }

    deinit { slots.deallocate() }

    var count: Int { ends.count }

    /// The number of a customer, who is added when he is new.
    @inline(__always)
    mutating func code(_ id: UnsafePointer<UInt8>, count: Int, hash: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: hash) & mask
        while true {
            let candidate = Int(slots[slot])
            if candidate < 0 { return add(id, count: count, hash: hash, slot: slot) }
            if hashes[candidate] == hash, equals(candidate, id, count) { return candidate }
            slot = (slot &+ 1) & mask
        }
    }

    private mutating func add(_ id: UnsafePointer<UInt8>, count: Int, hash: UInt64, slot: Int) -> Int {
        let code = ends.count
        slots[slot] = Int32(truncatingIfNeeded: code)
        hashes.append(hash)
        bytes.append(contentsOf: UnsafeBufferPointer(start: id, count: count))
        ends.append(bytes.count)
        eventCounts.append(0)
        if ends.count * 2 > mask { grow() }
        return code
    }

    @inline(__always)
    private func equals(_ code: Int, _ id: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        let start = code == 0 ? 0 : ends[code &- 1]
        guard ends[code] &- start == count else { return false }
        return bytes.withUnsafeBufferPointer { buffer in
            for offset in 0..<count where buffer[start &+ offset] != id[offset] { return false }
            return true
        }
    }

    private mutating func grow() {
        let size = (mask + 1) * 2
        slots.deallocate()
        slots = .allocate(capacity: size)
        slots.initialize(repeating: -1, count: size)
        mask = size - 1
        for (code, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(truncatingIfNeeded: code)
        }
    }

    /// Where an id lies in `bytes`.
    func range(_ code: Int) -> Range<Int> { (code == 0 ? 0 : ends[code - 1])..<ends[code] }
}
