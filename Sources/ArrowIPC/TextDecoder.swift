/// Reads the text of an array, checking every offset and every byte of UTF-8.
struct TextDecoder {
    private let array: ArrayData
    private let type: ArrowTextType
    private let place: ArrowPlace

    init(_ array: ArrayData, type: ArrowTextType, place: ArrowPlace) {
        self.array = array
        self.type = type
        self.place = place
    }

    /// One element a row, nil for nulls.
    /// - Throws: `invalidOffset`, `invalidUTF8`, `textTooLong` or `nullCountMismatch`.
    func decode() throws(ArrowError) -> [String?] {
        guard array.length > 0 else { return [] }
        let validity = try array.checkedValidity(place)
        switch type {
        case .utf8: return try decodeOffsets(Int32.self, validity: validity)
        case .largeUtf8: return try decodeOffsets(Int64.self, validity: validity)
        case .utf8View: return try decodeViews(validity: validity)
        }
    }

    private func decodeOffsets<Offset: FixedWidthInteger & BitwiseCopyable>(
        _ offsetType: Offset.Type,
        validity: [Bool]?
    ) throws(ArrowError) -> [String?] {
        let data = array.buffers.count > 1 ? array.buffers[1] : array.values.empty
        return try array.values.withUnsafeBytes { (offsets) throws(ArrowError) -> [String?] in
            try data.withUnsafeBytes { (bytes) throws(ArrowError) -> [String?] in
                var texts: [String?] = []
                texts.reserveCapacity(array.length)
                var start = Int64(offsets.loadUnaligned(as: offsetType))
                guard 0 <= start, start <= Int64(bytes.count) else {
                    throw .invalidOffset(place: place.at(row: 0), got: start, expected: 0...Int64(bytes.count))
                }
                for row in 0..<array.length {
                    let byteOffset = (row + 1) * MemoryLayout<Offset>.size
                    let end = Int64(offsets.loadUnaligned(fromByteOffset: byteOffset, as: offsetType))
                    guard start <= end, end <= Int64(bytes.count) else {
                        throw .invalidOffset(place: place.at(row: row), got: end, expected: start...Int64(bytes.count))
                    }
                    if validity?[row] ?? true {
                        texts.append(try text(bytes[Int(start)..<Int(end)], row: row))
                    } else {
                        texts.append(nil)
                    }
                    start = end
                }
                return texts
            }
        }
    }

    /// A view is 16 bytes: length, then either up to 12 bytes of text, or its first four bytes, the number of a data
    /// buffer and an offset in that.
    private func decodeViews(validity: [Bool]?) throws(ArrowError) -> [String?] {
        try array.values.withUnsafeBytes { (views) throws(ArrowError) -> [String?] in
            var texts: [String?] = []
            texts.reserveCapacity(array.length)
            var remaining = textLimit
            var previous: (view: SIMD2<UInt64>, text: String)?
            for row in 0..<array.length {
                let range = row * 16..<row * 16 + 16
                let view = views.loadUnaligned(fromByteOffset: range.lowerBound, as: SIMD2<UInt64>.self)
                guard validity?[row] ?? true else {
                    texts.append(nil)
                    continue
                }
                if let previous, previous.view == view {
                    texts.append(previous.text)
                    continue
                }
                let text = try decodeView(UnsafeRawBufferPointer(rebasing: views[range]), row: row)
                remaining -= text.utf8.count
                guard remaining >= 0 else { throw .textTooLong(place: place, limit: textLimit) }
                previous = (view, text)
                texts.append(text)
            }
            return texts
        }
    }

    private func decodeView(_ view: UnsafeRawBufferPointer, row: Int) throws(ArrowError) -> String {
        let length = Int64(view.loadUnaligned(as: Int32.self))
        guard length >= 0 else {
            throw .invalidOffset(place: place.at(row: row), got: length, expected: 0...Int64(Int32.max))
        }
        if length <= 12 { return try text(view[4..<(4 + Int(length))], row: row) }

        let number = Int(view.loadUnaligned(fromByteOffset: 8, as: Int32.self))
        let data = array.buffers.dropFirst()
        guard 0 <= number, number < data.count else {
            throw .outOfBounds(
                part: "data buffers of \(place)",
                offset: Int64(number),
                length: 1,
                available: data.count
            )
        }
        let buffer = data[data.startIndex + number]
        let start = Int64(view.loadUnaligned(fromByteOffset: 12, as: Int32.self))
        let region = try buffer.subregion(at: start, length: length, part: "text of \(place.at(row: row))")
        return try region.withUnsafeBytes { (bytes) throws(ArrowError) -> String in
            try text(bytes[...], row: row)
        }
    }

    /// Views may share their bytes, so a small file can stand for more text than fits in memory. Sound files stay far
    /// below 64 times their size.
    private var textLimit: Int {
        let (limit, overflow) = array.values.storage.count.multipliedReportingOverflow(by: 64)
        return overflow ? Int.max : max(limit, 1 << 20)
    }

    private func text(_ bytes: Slice<UnsafeRawBufferPointer>, row: Int) throws(ArrowError) -> String {
        guard let text = String(validating: UnsafeRawBufferPointer(rebasing: bytes), as: UTF8.self) else {
            throw .invalidUTF8(place: place.at(row: row))
        }
        return text
    }
}
