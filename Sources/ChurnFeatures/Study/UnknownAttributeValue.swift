import ChurnHistory

/// A value of an attribute that a study's definition of churn names and that the data do not have: most often it is misspelt.
public struct UnknownAttributeValue: Sendable, Equatable, Encodable {
    /// Where the definition names it.
    public enum Place: String, Sendable, Encodable {
        /// A filter of `churn.of`.
        case filter = "where"
        /// A group of `churn.horizonBy`.
        case horizon = "horizonBy"
    }

    public let place: Place
    public let attribute: String
    public let value: String
    /// The values that the data have, in byte order.
    public let known: [String]

    /// The value as what it is to commands that need it.
    public var error: FeatureError { .unknownAttributeValue(value, attribute: attribute, known: known) }
}
