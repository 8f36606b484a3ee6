/// A table of fingerprints, each with a number: open addressing by the fingerprint itself, which is hashed already.
struct RowHashTable {
    private var hashes: [RowHash]
    /// -1 where a slot is free.
    private var numbers: [Int32]
    private(set) var count = 0

    init() {
        hashes = [RowHash](repeating: .none, count: 1024)
        numbers = [Int32](repeating: -1, count: 1024)
    }

    /// Adds a fingerprint with its number unless it is there.
    /// - Parameter number: must not be negative.
    /// - Returns: the number that it has already; `nil` when it is new.
    mutating func insert(_ hash: RowHash, _ number: Int32) -> Int32? {
        let slot = slot(of: hash)
        if numbers[slot] >= 0 { return numbers[slot] }
        hashes[slot] = hash
        numbers[slot] = number
        count += 1
        if count * 2 > numbers.count { grow() }
        return nil
    }

    /// The slot that holds a fingerprint, or the free one where it belongs.
    private func slot(of hash: RowHash) -> Int {
        let mask = numbers.count - 1
        var slot = Int(truncatingIfNeeded: hash.low) & mask
        while numbers[slot] >= 0, hashes[slot] != hash { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        let old = (hashes, numbers)
        hashes = [RowHash](repeating: .none, count: old.0.count * 2)
        numbers = [Int32](repeating: -1, count: old.0.count * 2)
        for position in old.1.indices where old.1[position] >= 0 {
            let slot = slot(of: old.0[position])
            hashes[slot] = old.0[position]
            numbers[slot] = old.1[position]
        }
    }
}
