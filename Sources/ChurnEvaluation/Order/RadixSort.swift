/// A least-significant-digit radix sort, eight bits at a time: linear in the number of elements, stable, two buffers, no comparison.
enum RadixSort {
    private static let digits = 8
    private static let buckets = 256

    /// Sorts by ascending keys. Digits in which all keys agree, such as those of small codes that are 0 throughout, are passed over.
    @inline(__always)
    static func sort<Element: BitwiseCopyable>(_ elements: inout [Element], key: (Element) -> UInt64) {
        let count = elements.count
        guard count > 1 else { return }
        let counts = histogram(elements, key)
        // Every element is written before it is read.
        var sorted = [Element](unsafeUninitializedCapacity: count) { $1 = count }
        for digit in 0..<digits {
            let slice = counts[(digit * buckets)..<((digit + 1) * buckets)]
            if slice.contains(count) { continue }
            var places = [Int](slice)
            var place = 0
            for bucket in 0..<buckets {
                let size = places[bucket]
                places[bucket] = place
                place += size
            }
            scatter(elements, into: &sorted, places: &places, shift: UInt64(digit * 8), key)
            swap(&elements, &sorted)
        }
    }

    /// How many keys have each value of each digit: `digits` blocks of `buckets` counts.
    @inline(__always)
    private static func histogram<Element>(_ elements: [Element], _ key: (Element) -> UInt64) -> [Int] {
        var counts = [Int](repeating: 0, count: digits * buckets)
        counts.withUnsafeMutableBufferPointer { counts in
            elements.withUnsafeBufferPointer { elements in
                for element in elements {
                    let key = key(element)
                    for digit in 0..<digits { counts[digit * buckets + Int(key >> UInt64(digit * 8) & 255)] += 1 }
                }
            }
        }
        return counts
    }

    /// Moves every element to the next free place of its digit's bucket.
    @inline(__always)
    private static func scatter<Element>(
        _ source: [Element],
        into target: inout [Element],
        places: inout [Int],
        shift: UInt64,
        _ key: (Element) -> UInt64
    ) {
        places.withUnsafeMutableBufferPointer { places in
            target.withUnsafeMutableBufferPointer { target in
                source.withUnsafeBufferPointer { source in
                    for element in source {
                        let bucket = Int(key(element) >> shift & 255)
                        target[places[bucket]] = element
                        places[bucket] += 1
                    }
                }
            }
        }
    }
}
