/// The columns of a file and its key/value metadata, both in order.
public struct ArrowSchema: Hashable, Sendable {
    public var fields: [ArrowField]
    public var metadata: [ArrowKeyValue]

    public init(fields: [ArrowField], metadata: [ArrowKeyValue] = []) {
        self.fields = fields
        self.metadata = metadata
    }

    /// The value of the first metadata entry with that key.
    public func metadataValue(forKey key: String) -> String? {
        metadata.first { $0.key == key }?.value
    }

    /// The position of the first column with that name.
    public func columnIndex(named name: String) -> Int? {
        fields.firstIndex { $0.name == name }
    }
}
