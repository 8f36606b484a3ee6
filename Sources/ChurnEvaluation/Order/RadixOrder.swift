/// Rows in ascending order of their unsigned 64-bit keys; rows with equal keys stay in row order.
///
/// A least-significant-digit radix sort, eight bits at a time: linear in the number of rows, two buffers, no
/// comparison. Digits in which all keys agree, such as those of small codes that are 0 throughout, are passed over.
struct RadixOrder {
    struct Entry {
        var key: UInt64
        var row: UInt32
        /// The row's label, carried in what would be padding: to look it up in order of score is a cache miss a row.
        var isPositive: Bool
    }

    private static let digits = 8
    private static let buckets = 256

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
        RadixOrder.sort(&entries)
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

    private static func sort(_ entries: inout [Entry]) {
        let counts = histogram(entries)
        var sorted = entries
        for digit in 0..<digits {
            let slice = counts[(digit * buckets)..<((digit + 1) * buckets)]
            if slice.contains(entries.count) { continue }
            var places = [Int](slice)
            var place = 0
            for bucket in 0..<buckets {
                let size = places[bucket]
                places[bucket] = place
                place += size
            }
            scatter(entries, into: &sorted, places: &places, shift: UInt64(digit * 8))
            swap(&entries, &sorted)
        }
    }

    /// How many keys have each value of each digit: `digits` blocks of `buckets` counts.
    private static func histogram(_ entries: [Entry]) -> [Int] {
        var counts = [Int](repeating: 0, count: digits * buckets)
        counts.withUnsafeMutableBufferPointer { counts in
            entries.withUnsafeBufferPointer { entries in
                for entry in entries {
                    for digit in 0..<digits {
                        counts[digit * buckets + Int(entry.key >> UInt64(digit * 8) & 255)] += 1
                    }
                }
            }
        }
        return counts
    }

    /// Moves every entry to the next free place of its digit's bucket.
    private static func scatter(
        _ source: [Entry],
        into target: inout [Entry],
        places: inout [Int],
        shift: UInt64
    ) {
        places.withUnsafeMutableBufferPointer { places in
            target.withUnsafeMutableBufferPointer { target in
                source.withUnsafeBufferPointer { source in
                    for entry in source {
                        let bucket = Int(entry.key >> shift & 255)
                        target[places[bucket]] = entry
                        places[bucket] += 1
                    }
                }
            }
        }
    }
}
