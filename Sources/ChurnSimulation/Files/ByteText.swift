import ChurnHistory
import ChurnNumerics

/// Bytes of a file in the making.
struct ByteText: Sendable {
    private(set) var bytes: [UInt8] = []

    private static let zero = UInt8(ascii: "0")
    private static let mostDigits = 20

    mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func append(_ text: [UInt8]) { bytes.append(contentsOf: text) }

    mutating func append(_ text: ArraySlice<UInt8>) { bytes.append(contentsOf: text) }

    mutating func append(byte: UInt8) { bytes.append(byte) }

    /// A non-negative whole number, with zeros in front up to `width` digits, at most 20.
    mutating func append(_ number: Int, width: Int = 1) {
        if width == 2, number < 100 {
            append(byte: ByteText.zero + UInt8(truncatingIfNeeded: number / 10))
            append(byte: ByteText.zero + UInt8(truncatingIfNeeded: number % 10))
            return
        }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: ByteText.mostDigits) { digits in
            var first = ByteText.mostDigits
            var rest = number.magnitude
            while first > 0, rest > 0 || ByteText.mostDigits - first < width {
                first -= 1
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                digits.initializeElement(at: first, to: ByteText.zero + UInt8(truncatingIfNeeded: digit))
                rest = quotient
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[first...]))
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
