extension ArrowArray {
    /// A column of text, dictionary-encoded or not, one element a row.
    /// - Throws: `unexpectedNull`; an error of the text or of the dictionary.
    public func strings() throws(ArrowError) -> [String] {
        var texts: [String] = []
        texts.reserveCapacity(count)
        for (row, text) in try optionalStrings().enumerated() {
            guard let text else { throw .unexpectedNull(place: place.at(row: row)) }
            texts.append(text)
        }
        return texts
    }

    /// A column of text, dictionary-encoded or not, one element a row, nil for nulls.
    ///
    /// - Throws: `invalidOffset`, `invalidUTF8`, `textTooLong`, `outOfBounds`; `indexOutOfRange` or
    ///   `unknownDictionary`.
    public func optionalStrings() throws(ArrowError) -> [String?] {
        switch field.type {
        case .text(let type):
            return try TextDecoder(data, type: type, place: place).decode()
        case .dictionary:
            let values = try dictionaryValues()
            return try dictionaryCodes().map { $0 < 0 ? nil : values[Int($0)] }
        default:
            throw mismatch(expected: "text")
        }
    }

    /// The dictionary of a dictionary-encoded column, nil where it holds a null. The same for every batch of the file;
    /// decoded once.
    public func dictionaryValues() throws(ArrowError) -> [String?] {
        guard let dictionaryID else { throw mismatch(expected: "dictionary") }
        // A file without rows need not hold its dictionaries.
        return count == 0 ? [] : try dictionaries.values(dictionaryID)
    }

    /// The positions of a dictionary-encoded column in `dictionaryValues()`, one a row, -1 for nulls.
    /// - Throws: `indexOutOfRange`, `unknownDictionary`.
    public func dictionaryCodes() throws(ArrowError) -> [Int32] {
        guard case .dictionary(let index, _) = field.type else { throw mismatch(expected: "dictionary") }
        let valueCount = try dictionaryValues().count
        let validity = try validity()
        let codes: [Int32] = try integers(index, nullValue: -1, target: "int32")
        for row in codes.indices where validity?[row] ?? true {
            guard 0 <= codes[row], Int(codes[row]) < valueCount else {
                throw .indexOutOfRange(place: place.at(row: row), got: "\(codes[row])", count: valueCount)
            }
        }
        return codes
    }
}
