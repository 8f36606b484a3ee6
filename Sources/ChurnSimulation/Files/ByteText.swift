import ChurnHistory
import ChurnNumerics

/// Bytes of a file in the making.
struct ByteText: Sendable {
    private(set) var bytes: [UInt8] = []

    mutating func reserve(_ capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func append(_ text: [UInt8]) { bytes.append(contentsOf: text) }

    mutating func append(_ text: ArraySlice<UInt8>) { bytes.append(contentsOf: text) }

    mutating func append(byte: UInt8) { bytes.append(byte) }

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

    /// An amount in cents as `-1234.50`.
    mutating func append(cents: Int) {
        if cents < 0 { append(byte: UInt8(ascii: "-")) }
        append(abs(cents) / 100)
        append(byte: UInt8(ascii: "."))
        append(abs(cents) % 100, width: 2)
    }

    /// A number with six decimals; its magnitude must be below a billion.
    mutating func append(sixDecimals number: Double) {
        let millionths = Int((min(max(number, -1e9), 1e9) * 1e6).rounded())
        if millionths < 0 { append(byte: UInt8(ascii: "-")) }
        append(abs(millionths) / 1_000_000)
        append(byte: UInt8(ascii: "."))
        append(abs(millionths) % 1_000_000, width: 6)
    }

    /// A day as `2024-12-31`.
    mutating func append(_ day: CalendarDay) {
        let (year, month, day) = day.components
        append(year, width: 4)
        append(byte: UInt8(ascii: "-"))
        append(month, width: 2)
        append(byte: UInt8(ascii: "-"))
        append(day, width: 2)
    }

    /// `1` or `0`.
    mutating func append(flag: Bool) { append(byte: UInt8(ascii: flag ? "1" : "0")) }

    func write(to file: AtomicFile) throws(DataError) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(DataError) in
            try file.write(UnsafeRawBufferPointer(bytes))
        }
    }
}
