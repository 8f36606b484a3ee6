import Synchronization

/// The dictionaries of a file, decoded when first asked for and then kept.
final class DictionaryStore: Sendable {
    /// One dictionary: its batches in order, the first and any number of deltas.
    private struct Source: Sendable {
        let column: String
        let type: ArrowTextType
        var batches: [ArrayData] = []
    }

    private let sources: [Int64: Source]
    private let decoded = Mutex<[Int64: [String?]]>([:])

    /// - Throws: when a batch belongs to no column, replaces another, or is damaged; values are not yet looked at.
    init(schema: ArrowSchema, dictionaryIDs: [Int64?], messages: [ArrowMessage]) throws(ArrowError) {
        var sources: [Int64: Source] = [:]
        for (field, identifier) in zip(schema.fields, dictionaryIDs) {
            guard let identifier, case .dictionary(_, let type) = field.type else { continue }
            if let known = sources[identifier], known.type != type {
                throw .typeMismatch(column: field.name, got: type.rawValue, expected: known.type.rawValue)
            }
            sources[identifier] = sources[identifier] ?? Source(column: field.name, type: type)
        }
        for message in messages {
            let identifier = try message.header.scalar(0, default: Int64(0))
            let isDelta = try message.header.flag(2)
            guard var source = sources[identifier] else { throw .unknownDictionary(id: identifier) }
            guard isDelta || source.batches.isEmpty else { throw .repeatedDictionary(id: identifier) }
            guard let table = try message.header.table(1) else {
                throw .malformedMetadata(part: "dictionary \(identifier)", problem: "it has no values")
            }
            let column = RecordBatchDecoder.Column(
                place: ArrowPlace(column: source.column),
                layout: .text(source.type)
            )
            let batch = try RecordBatchDecoder(
                table,
                body: message.body,
                columns: [column],
                part: "dictionary \(identifier)"
            )
            source.batches += batch.arrays
            sources[identifier] = source
        }
        self.sources = sources
    }

    /// The values of a dictionary, nil where it holds a null.
    /// - Throws: `unknownDictionary` when the file has no batch for it, or an error of its values.
    func values(_ identifier: Int64) throws(ArrowError) -> [String?] {
        if let values = decoded.withLock({ $0[identifier] }) { return values }
        guard let source = sources[identifier], !source.batches.isEmpty else {
            throw .unknownDictionary(id: identifier)
        }
        var values: [String?] = []
        for batch in source.batches {
            values += try TextDecoder(batch, type: source.type, place: ArrowPlace(column: source.column)).decode()
        }
        decoded.withLock { $0[identifier] = values }
        return values
    }
}
