extension ArrayData {
    /// One element a row, true where there is a value; nil when there is no null.
    /// - Throws: `nullCountMismatch` when the bitmap contradicts the null count.
    func checkedValidity(_ place: ArrowPlace) throws(ArrowError) -> [Bool]? {
        let nulls = countNulls()
        guard nulls == nullCount else {
            throw .nullCountMismatch(place: place, got: nulls, expected: nullCount)
        }
        guard nulls > 0 else { return nil }
        return validity.withUnsafeBytes { bits in
            (0..<length).map { bits[$0 / 8] & (1 << UInt8($0 % 8)) != 0 }
        }
    }

    /// Zeros among the first `length` bits; bits after those say nothing.
    private func countNulls() -> Int {
        guard validity.count > 0 else { return 0 }
        return validity.withUnsafeBytes { bits in
            var valid = 0
            for index in 0..<(length / 8) { valid += bits[index].nonzeroBitCount }
            if length % 8 > 0 {
                let mask = UInt8(1 << (length % 8)) - 1
                valid += (bits[length / 8] & mask).nonzeroBitCount
            }
            return length - valid
        }
    }
}
