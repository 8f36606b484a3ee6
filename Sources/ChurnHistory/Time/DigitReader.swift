/// Reads digits from a cell, left to right.
struct DigitReader {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    mutating func number(_ width: ClosedRange<Int>) -> Int? {
        var value = 0
        var digits = 0
        while digits < width.upperBound, position < bytes.count, let digit = digit(bytes[position]) {
            value = value * 10 + digit
            digits += 1
            position += 1
        }
        return digits >= width.lowerBound ? value : nil
    }

    /// One or more digits after the point, as microseconds; digits beyond the sixth are dropped.
    mutating func fraction() -> Int? {
        var value = 0
        var digits = 0
        while position < bytes.count, let digit = digit(bytes[position]) {
            if digits < 6 { value = value * 10 + digit }
            digits += 1
            position += 1
        }
        guard digits > 0 else { return nil }
        for _ in min(digits, 6)..<6 { value *= 10 }
        return value
    }

    /// Digits, with a point or comma and more digits where there is a fraction; at most 18 in all.
    mutating func decimal() -> Double? {
        var value = 0.0
        var scale = 1.0
        var digits = 0
        var isFraction = false
        while position < bytes.count {
            if let digit = digit(bytes[position]) {
                value = value * 10 + Double(digit)
                if isFraction { scale *= 10 }
                digits += 1
            } else if !isFraction, digits > 0,
                bytes[position] == UInt8(ascii: ".") || bytes[position] == UInt8(ascii: ",")
            {
                isFraction = true
            } else {
                break
            }
            position += 1
        }
        return (1...18).contains(digits) ? value / scale : nil
    }

    /// `Z`, `+01:00`, `-0500` or `+01`, in seconds.
    mutating func offset() -> Int? {
        if take(UInt8(ascii: "Z")) { return 0 }
        let sign = take(UInt8(ascii: "-")) ? -1 : 1
        if sign == 1, !take(UInt8(ascii: "+")) { return nil }
        guard let hours = number(2...2), hours <= 18 else { return nil }
        if isAtEnd { return sign * hours * 3600 }
        _ = take(UInt8(ascii: ":"))
        guard let minutes = number(2...2), minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    /// What may follow the date in ISO 8601.
    mutating func isoTime() -> (secondOfDay: Int, microsecond: Int, offset: Int?)? {
        if isAtEnd { return (0, 0, nil) }
        guard take(UInt8(ascii: "T")) || take(UInt8(ascii: " ")) else { return nil }
        guard let hour = number(2...2), hour < 24, take(UInt8(ascii: ":")), let minute = number(2...2), minute < 60
        else { return nil }
        var second = 0
        var microsecond = 0
        if take(UInt8(ascii: ":")) {
            guard let value = number(2...2), value < 60 else { return nil }
            second = value
            if take(UInt8(ascii: ".")) || take(UInt8(ascii: ",")) {
                guard let value = fraction() else { return nil }
                microsecond = value
            }
        }
        let secondOfDay = hour * 3600 + minute * 60 + second
        if isAtEnd { return (secondOfDay, microsecond, nil) }
        guard let offset = offset() else { return nil }
        return (secondOfDay, microsecond, offset)
    }

    private func digit(_ byte: UInt8) -> Int? {
        byte >= 0x30 && byte <= 0x39 ? Int(byte - 0x30) : nil
    }
}
