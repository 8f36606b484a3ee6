/// A value for each of the three depths at which a ranking is judged: the 5, 10 and 20 % of rows with the highest
/// scores.
///
/// Encoded as an object with the keys `5`, `10` and `20`; what is undefined is null.
public struct DepthValues: Sendable, Equatable {
    public let top5: Double?
    public let top10: Double?
    public let top20: Double?
}

extension DepthValues: Codable {
    private enum CodingKeys: String, CodingKey {
        case top5 = "5"
        case top10 = "10"
        case top20 = "20"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        top5 = try container.decode(Double?.self, forKey: .top5)
        top10 = try container.decode(Double?.self, forKey: .top10)
        top20 = try container.decode(Double?.self, forKey: .top20)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(top5, forKey: .top5)
        try container.encode(top10, forKey: .top10)
        try container.encode(top20, forKey: .top20)
    }
}
