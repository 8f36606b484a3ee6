/// One entry of a schema's metadata. Arrow keeps their order and allows the same key twice.
public struct ArrowKeyValue: Hashable, Sendable {
    public var key: String
    public var value: String

    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}
