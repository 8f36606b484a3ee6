/// Rows in ascending order of their unsigned 64-bit keys; rows with equal keys stay in row order.
struct RadixOrder {
    struct Entry {
        var key: UInt64
        var row: UInt32
        /// The row's label, carried in what would be padding: to look it up in order of score is a cache miss a row.
        var isPositive: Bool
    }

    let entries: [Entry]

    /// From the highest score to the lowest; 0 and -0 are equal.
    ///
    /// - Parameter scores: no NaN; as many as labels, at most `UInt32.max`.
    init(descending scores: [Double], labels: [Bool]) {
        self.init(labels: labels) { row in RadixOrder.descendingKey(scores[row]) }
    }

    /// - Parameter codes: as many as labels, at most `UInt32.max`.
    init(ascending codes: [UInt32], labels: [Bool]) {
        self.init(labels: labels) { row in UInt64(codes[row]) }
    }

    @inline(__always)
    private init(labels: [Bool], key: (Int) -> UInt64) {
        var entries = [Entry](unsafeUninitializedCapacity: labels.count) { buffer, initialized in
            for row in labels.indices {
                let entry = Entry(key: key(row), row: UInt32(truncatingIfNeeded: row), isPositive: labels[row])
                buffer.initializeElement(at: row, to: entry)
            }
            initialized = labels.count
        }
        RadixSort.sort(&entries) { $0.key }
        self.entries = entries
    }

    /// A key that is the smaller, the higher the score: the bits of a positive number ascend with it, those of a
    /// negative number descend.
    @inline(__always)
    static func descendingKey(_ score: Double) -> UInt64 {
        let bits = (score + 0).bitPattern
        let ascending = bits >> 63 == 1 ? ~bits : bits | 1 << 63
        return ~ascending
    }

    /// The score of a `descendingKey`, found without looking it up by row.
    @inline(__always)
    static func score(ofDescendingKey key: UInt64) -> Double {
        let ascending = ~key
        return Double(bitPattern: ascending >> 63 == 1 ? ascending ^ 1 << 63 : ~ascending)
    }
}
