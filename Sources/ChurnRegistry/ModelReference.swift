import ChurnHistory

/// The name of a model: 1 to 128 letters, digits, `-`, `_` and `.`, beginning with a letter or digit. Being also the name
/// of a folder, it can say nothing else.
public struct ModelName: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    /// Names that a registry uses itself.
    private static let reserved = ["runs", "audit", "registry.json"]

    public init(_ text: String) throws(RegistryError) {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        let first = text.utf8.first
        let startsPlain = first != UInt8(ascii: ".") && first != UInt8(ascii: "-") && first != UInt8(ascii: "_")
        guard (1...128).contains(text.utf8.count), isPlain, startsPlain, !Self.reserved.contains(text) else {
            throw .invalidName(text)
        }
        self.text = text
    }

    public var description: String { text }
}

/// A name that moves from version to version: like a model's, but not a number, which would be a version.
public struct AliasName: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    public init(_ text: String) throws(RegistryError) {
        guard Int(text) == nil else { throw .invalidName(text) }
        self.text = try ModelName(text).text
    }

    public var description: String { text }

    /// The version that is used where nobody says otherwise.
    public static let champion = AliasName(unchecked: "champion")

    private init(unchecked text: String) { self.text = text }
}

/// Which model is meant: `name` (the champion, or the newest where there is none), `name@7` or `name@champion`.
public struct ModelReference: Hashable, Sendable {
    public enum Selector: Hashable, Sendable {
        case unspecified
        case version(Int)
        case alias(AliasName)
    }

    public let name: ModelName
    public let selector: Selector

    public init(name: ModelName, selector: Selector) {
        self.name = name
        self.selector = selector
    }

    public init(_ text: String) throws(RegistryError) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        name = try ModelName(String(parts[0]))
        guard parts.count == 2 else {
            selector = .unspecified
            return
        }
        if let number = Int(parts[1]) {
            guard (1...999_999).contains(number) else { throw .invalidName(text) }
            selector = .version(number)
        } else {
            selector = .alias(try AliasName(String(parts[1])))
        }
    }
}

extension ModelReference: CustomStringConvertible {
    public var description: String {
        switch selector {
        case .unspecified: name.text
        case .version(let number): "\(name)@\(number)"
        case .alias(let alias): "\(name)@\(alias)"
        }
    }
}
