import ChurnHistory

/// Bytes of a CSV file in the making; cleared and filled again without new memory.
struct CSVText {
    private(set) var bytes: [UInt8] = []

    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
    }

    mutating func reserve(_ capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    mutating func append(_ text: ArraySlice<UInt8>) {
        bytes.append(contentsOf: text)
    }

    mutating func append(byte: UInt8) {
        bytes.append(byte)
    }

    /// A non-negative whole number, with zeros in front up to `width` digits.
    mutating func append(_ number: Int, width: Int = 1) {
        var divisor = 1
        var digits = 1
        while digits < width || number / divisor >= 10 {
            divisor *= 10
            digits += 1
        }
        var rest = number
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / divisor))
            rest %= divisor
            divisor /= 10
        }
    }

    /// An amount in cents as `1234.50`.
    mutating func append(cents: Int) {
        if cents < 0 { bytes.append(UInt8(ascii: "-")) }
        append(abs(cents) / 100)
        bytes.append(UInt8(ascii: "."))
        append(abs(cents) % 100, width: 2)
    }

    func write(to file: AtomicFile) throws(DataError) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(DataError) in
            try file.write(UnsafeRawBufferPointer(bytes))
        }
    }
}
