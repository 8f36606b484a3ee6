/// The name and type of one column.
public struct ArrowField: Hashable, Sendable {
    /// Any text; Arrow allows empty names and the same name twice.
    public var name: String
    public var type: ArrowType
    /// False when the column promises to hold no null. The writer enforces it; a file from elsewhere may not.
    public var isNullable: Bool

    public init(name: String, type: ArrowType, isNullable: Bool = true) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
    }
}
