extension ArrowArray {
    /// A column of integers or floats as doubles, one a row.
    ///
    /// - Parameter nullValue: what stands for a null; nil allows none.
    /// - Throws: `notRepresentable` for an integer that no double equals, `unexpectedNull`.
    public func doubles(nullValue: Double? = nil) throws(ArrowError) -> [Double] {
        switch field.type {
        case .float64: return try copies(Double.self, nullValue: nullValue)
        case .float32: return try values(Float.self, nullValue: nullValue) { Double($0) }
        case .integer(let type): return try integers(type, nullValue: nullValue, target: "float64")
        default: throw mismatch(expected: "a number")
        }
    }

    /// A float32 column, one element a row.
    ///
    /// - Parameter nullValue: what stands for a null; nil allows none.
    /// - Throws: `unexpectedNull`.
    public func floats(nullValue: Float? = nil) throws(ArrowError) -> [Float] {
        guard field.type == .float32 else { throw mismatch(expected: "float32") }
        return try copies(Float.self, nullValue: nullValue)
    }

    /// A column of integers, of dates (days since 1970-01-01) or of timestamps (ticks of their unit), one element
    /// a row.
    ///
    /// - Parameter nullValue: what stands for a null; nil allows none.
    /// - Throws: `notRepresentable` for an unsigned integer beyond int64, `unexpectedNull`.
    public func integers(nullValue: Int64? = nil) throws(ArrowError) -> [Int64] {
        switch field.type {
        case .integer(let type): try integers(type, nullValue: nullValue, target: "int64")
        case .date32: try integers(.int32, nullValue: nullValue, target: "int64")
        case .timestamp: try integers(.int64, nullValue: nullValue, target: "int64")
        default: throw mismatch(expected: "an integer, a date or a timestamp")
        }
    }

    /// A bool column, one element a row.
    ///
    /// - Parameter nullValue: what stands for a null; nil allows none.
    /// - Throws: `unexpectedNull`.
    public func booleans(nullValue: Bool? = nil) throws(ArrowError) -> [Bool] {
        guard field.type == .bool else { throw mismatch(expected: "bool") }
        let validity = try checkedValidity(allowsNulls: nullValue != nil)
        return data.values.withUnsafeBytes { bits in
            (0..<count).map { row in
                if let validity, !validity[row], let nullValue { return nullValue }
                return bits[row / 8] & (1 << UInt8(row % 8)) != 0
            }
        }
    }

    /// Integers of any width as any type of number.
    func integers<Target: ExactlyConvertible>(
        _ type: ArrowIntegerType,
        nullValue: Target?,
        target: String
    ) throws(ArrowError) -> [Target] {
        switch type {
        case .int8: try values(Int8.self, nullValue: nullValue, target: target) { Target(exactly: $0) }
        case .int16: try values(Int16.self, nullValue: nullValue, target: target) { Target(exactly: $0) }
        case .int32: try values(Int32.self, nullValue: nullValue, target: target) { Target(exactly: $0) }
        case .int64: try values(Int64.self, nullValue: nullValue, target: target) { Target(exactly: $0) }
        case .uint8: try values(UInt8.self, nullValue: nullValue, target: target) { Target(exactly: $0) }
        case .uint16: try values(UInt16.self, nullValue: nullValue, target: target) { Target(exactly: $0) }
        case .uint32: try values(UInt32.self, nullValue: nullValue, target: target) { Target(exactly: $0) }
        case .uint64: try values(UInt64.self, nullValue: nullValue, target: target) { Target(exactly: $0) }
        }
    }

    /// The values as they are in the file, in one piece, then the nulls.
    private func copies<Element: BitwiseCopyable>(
        _ element: Element.Type,
        nullValue: Element?
    ) throws(ArrowError) -> [Element] {
        let validity = try checkedValidity(allowsNulls: nullValue != nil)
        var result = data.values.copy(of: element, count: count)
        if let validity, let nullValue {
            for row in 0..<count where !validity[row] { result[row] = nullValue }
        }
        return result
    }

    private func values<Source: BitwiseCopyable, Target>(
        _ source: Source.Type,
        nullValue: Target?,
        target: String = "",
        convert: (Source) -> Target?
    ) throws(ArrowError) -> [Target] {
        let validity = try checkedValidity(allowsNulls: nullValue != nil)
        return try data.values.withUnsafeBytes { (bytes) throws(ArrowError) -> [Target] in
            var result: [Target] = []
            result.reserveCapacity(count)
            for row in 0..<count {
                if let validity, !validity[row], let nullValue {
                    result.append(nullValue)
                    continue
                }
                let value = bytes.loadUnaligned(fromByteOffset: row * MemoryLayout<Source>.stride, as: source)
                guard let converted = convert(value) else {
                    throw .notRepresentable(place: place.at(row: row), value: "\(value)", target: target)
                }
                result.append(converted)
            }
            return result
        }
    }

    private func checkedValidity(allowsNulls: Bool) throws(ArrowError) -> [Bool]? {
        let validity = try validity()
        if !allowsNulls, let row = validity?.firstIndex(of: false) {
            throw .unexpectedNull(place: place.at(row: row))
        }
        return validity
    }
}

/// A number that knows whether it equals a given integer.
protocol ExactlyConvertible {
    init?(exactly value: some BinaryInteger)
}

extension Double: ExactlyConvertible {}
extension Int64: ExactlyConvertible {}
extension Int32: ExactlyConvertible {}
