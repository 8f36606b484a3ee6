extension NumberFormat {
    /// Reads a cell that is nothing but an optional minus, digits and a decimal mark: the quick way for most cells.
    ///
    /// What it reads, `parse` reads to the same double.
    /// - Returns: `nil` where the cell needs a closer look: blanks, thousands marks, exponents, more than 15 digits.
    @inline(__always)
    static func plainNumber(_ cell: UnsafePointer<UInt8>, count: Int, decimalMark: UInt8) -> Double? {
        guard count > 0 else { return nil }
        var position = 0
        let isNegative = cell[0] == UInt8(ascii: "-")
        if isNegative { position = 1 }
        let first = position
        var mantissa: Int64 = 0
        while position < count {
            let digit = cell[position] &- 0x30
            if digit > 9 { break }
            mantissa = mantissa &* 10 &+ Int64(digit)
            position &+= 1
        }
        var decimals = 0
        var digits = position &- first
        if position < count {
            guard cell[position] == decimalMark else { return nil }
            position &+= 1
            let start = position
            while position < count {
                let digit = cell[position] &- 0x30
                if digit > 9 { return nil }
                mantissa = mantissa &* 10 &+ Int64(digit)
                position &+= 1
            }
            decimals = position &- start
            digits &+= decimals
        }
        // Fifteen digits and ten to the power of their number are exact doubles, so one rounding gives the nearest one.
        guard digits > 0, digits <= 15 else { return nil }
        let magnitude = Double(mantissa) / exactPower(decimals)
        return isNegative ? -magnitude : magnitude
    }
}
