extension ArrowColumn {
    /// The column as the format stores it. Checks type, length, nulls, text sizes and dictionary codes against `field`.
    func encoded(
        as field: ArrowField,
        rowCount: Int,
        dictionaryCount: Int,
        place: ArrowPlace
    ) throws(ArrowError) -> EncodedArray {
        guard matches(field.type) else {
            throw .typeMismatch(column: field.name, got: typeName, expected: "\(field.type)")
        }
        guard count == rowCount else {
            throw .countMismatch(part: "rows of \(place)", got: count, expected: rowCount)
        }
        let nullCount = try checkedNullCount(field: field, place: place)
        let bitmap: BodyBuffer
        if nullCount > 0, let validity { bitmap = .bytes(packBits(validity)) } else { bitmap = .bytes([]) }
        let values = try valueBuffers(dictionaryCount: dictionaryCount, place: place)
        return EncodedArray(length: rowCount, nullCount: nullCount, buffers: [bitmap] + values)
    }

    private func checkedNullCount(field: ArrowField, place: ArrowPlace) throws(ArrowError) -> Int {
        guard let validity else { return 0 }
        guard validity.count == count else {
            throw .countMismatch(part: "validity of \(place)", got: validity.count, expected: count)
        }
        let nullCount = validity.count { !$0 }
        if nullCount > 0, !field.isNullable, let row = validity.firstIndex(of: false) {
            throw .unexpectedNull(place: place.at(row: row))
        }
        return nullCount
    }

    private func valueBuffers(dictionaryCount: Int, place: ArrowPlace) throws(ArrowError) -> [BodyBuffer] {
        switch self {
        case .int32(let values, _), .date32(let values, _): return [.int32(values)]
        case .int64(let values, _), .timestamp(let values, _): return [.int64(values)]
        case .float32(let values, _): return [.float32(values)]
        case .float64(let values, _): return [.float64(values)]
        case .float32Memory(let values, _): return [.memory(UnsafeRawBufferPointer(values))]
        case .float64Memory(let values, _): return [.memory(UnsafeRawBufferPointer(values))]
        case .bool(let values, _): return [.bytes(packBits(values))]
        case .utf8(let values, let validity): return try textBuffers(of: values, validity: validity, place: place)
        case .utf8Buffers(let offsets, let bytes):
            precondition(
                offsets.first == 0 && offsets.last.map(Int.init) == bytes.count
                    && zip(offsets, offsets.dropFirst()).allSatisfy { $0 <= $1 },
                "offsets must ascend from 0 to the end of the bytes"
            )
            return [.int32(offsets), .bytes(bytes)]
        case .dictionary(let codes, let validity):
            return [.int32(try checkedCodes(codes, validity: validity, count: dictionaryCount, place: place))]
        }
    }

    /// The codes, with 0 in the place of nulls: readers may look up a code without asking whether it is valid.
    private func checkedCodes(
        _ codes: [Int32],
        validity: [Bool]?,
        count: Int,
        place: ArrowPlace
    ) throws(ArrowError) -> [Int32] {
        var checked = codes
        for row in codes.indices {
            if let validity, !validity[row] {
                checked[row] = 0
            } else if codes[row] < 0 || Int(codes[row]) >= count {
                throw .indexOutOfRange(place: place.at(row: row), got: "\(codes[row])", count: count)
            }
        }
        return checked
    }

    private func matches(_ type: ArrowType) -> Bool {
        switch (self, type) {
        case (.int32, .integer(.int32)), (.int64, .integer(.int64)): true
        case (.float32, .float32), (.float32Memory, .float32), (.float64, .float64), (.float64Memory, .float64): true
        case (.bool, .bool), (.utf8, .text(.utf8)), (.utf8Buffers, .text(.utf8)), (.date32, .date32),
            (.timestamp, .timestamp):
            true
        case (.dictionary, .dictionary(index: .int32, values: .utf8)): true
        default: false
        }
    }

    private var typeName: String {
        switch self {
        case .int32: "int32"
        case .int64: "int64"
        case .float32, .float32Memory: "float32"
        case .float64, .float64Memory: "float64"
        case .bool: "bool"
        case .utf8, .utf8Buffers: "utf8"
        case .date32: "date32"
        case .timestamp: "timestamp"
        case .dictionary: "dictionary"
        }
    }
}

/// Offsets and data of UTF-8 text with 32-bit offsets; nulls are empty.
func textBuffers(of values: [String], validity: [Bool]?, place: ArrowPlace) throws(ArrowError) -> [BodyBuffer] {
    var offsets: [Int32] = [0]
    offsets.reserveCapacity(values.count + 1)
    var data: [UInt8] = []
    for row in values.indices {
        if validity?[row] ?? true {
            var text = values[row]
            text.withUTF8 { data.append(contentsOf: $0) }
        }
        guard let end = Int32(exactly: data.count) else {
            throw .textTooLong(place: place, limit: Int(Int32.max))
        }
        offsets.append(end)
    }
    return [.int32(offsets), .bytes(data)]
}

/// One bit a value, the first in the lowest bit of the first byte.
func packBits(_ values: [Bool]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: bitmapByteCount(forLength: values.count))
    for index in values.indices where values[index] {
        bytes[index / 8] |= 1 << UInt8(index % 8)
    }
    return bytes
}
