extension BinaryClassificationMetrics: Codable {
    private enum CodingKeys: String, CodingKey {
        case rows, positives, skipped, baseRate, auc, averagePrecision, logLoss, brier, ks, ece, lift, recall
    }

    /// Every key must be there; an undefined metric is null. An infinite log loss was written as null and comes back as
    /// `nil`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        rows = try container.decode(Int.self, forKey: .rows)
        positives = try container.decode(Int.self, forKey: .positives)
        skipped = try container.decode(Int.self, forKey: .skipped)
        baseRate = try container.decode(Double?.self, forKey: .baseRate)
        auc = try container.decode(Double?.self, forKey: .auc)
        averagePrecision = try container.decode(Double?.self, forKey: .averagePrecision)
        logLoss = try container.decode(Double?.self, forKey: .logLoss)
        brier = try container.decode(Double?.self, forKey: .brier)
        ks = try container.decode(Double?.self, forKey: .ks)
        ece = try container.decode(Double?.self, forKey: .ece)
        lift = try container.decode(DepthValues.self, forKey: .lift)
        recall = try container.decode(DepthValues.self, forKey: .recall)
        guard skipped >= 0, positives >= 0, positives <= rows else {
            throw DecodingError.dataCorruptedError(
                forKey: .positives,
                in: container,
                debugDescription: "\(positives) positives of \(rows) rows, \(skipped) skipped"
            )
        }
    }

    /// Writes every key, null for what is undefined or infinite.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(rows, forKey: .rows)
        try container.encode(positives, forKey: .positives)
        try container.encode(skipped, forKey: .skipped)
        try container.encode(baseRate, forKey: .baseRate)
        try container.encode(auc, forKey: .auc)
        try container.encode(averagePrecision, forKey: .averagePrecision)
        try container.encode(logLoss.flatMap { $0.isFinite ? $0 : nil }, forKey: .logLoss)
        try container.encode(brier, forKey: .brier)
        try container.encode(ks, forKey: .ks)
        try container.encode(ece, forKey: .ece)
        try container.encode(lift, forKey: .lift)
        try container.encode(recall, forKey: .recall)
    }
}
