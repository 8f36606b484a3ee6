import ChurnNumerics

/// A figure of how good predictions are, by the name that JSON, studies and options give it.
public enum Metric: String, CaseIterable, Sendable, Codable, CodingKeyRepresentable {
    case auc, averagePrecision, logLoss, brier, logLossSkill, brierSkill
    case ks, hMeasure, lift5, lift10, lift20, recall5, recall10, recall20
    case ece, equalCountError, calibrationIntercept, calibrationSlope, observedOverExpected
    case maximumProfit, expectedMaximumProfit

    /// Which values are good.
    public enum Aim: Sendable, Equatable {
        case high, low
        case near(Double)
    }

    public var aim: Aim {
        switch self {
        case .auc, .averagePrecision, .logLossSkill, .brierSkill, .ks, .hMeasure, .lift5, .lift10, .lift20, .recall5,
            .recall10,
            .recall20, .maximumProfit, .expectedMaximumProfit:
            .high
        case .logLoss, .brier, .ece, .equalCountError: .low
        case .calibrationIntercept: .near(0)
        case .calibrationSlope, .observedOverExpected: .near(1)
        }
    }

    /// As people read it.
    public var title: String {
        switch self {
        case .auc: "AUC"
        case .averagePrecision: "average precision"
        case .logLoss: "log loss"
        case .brier: "Brier"
        case .logLossSkill: "log loss skill"
        case .brierSkill: "Brier skill"
        case .ks: "KS"
        case .hMeasure: "H measure"
        case .lift5: "lift at 5 %"
        case .lift10: "lift at 10 %"
        case .lift20: "lift at 20 %"
        case .recall5: "recall at 5 %"
        case .recall10: "recall at 10 %"
        case .recall20: "recall at 20 %"
        case .ece: "ECE"
        case .equalCountError: "ECE, equal counts"
        case .calibrationIntercept: "calibration intercept"
        case .calibrationSlope: "calibration slope"
        case .observedOverExpected: "observed/expected"
        case .maximumProfit: "maximum profit"
        case .expectedMaximumProfit: "expected maximum profit"
        }
    }

    /// Whether more or less of it is better all the way, so that it can decide between models.
    public var decides: Bool {
        if case .near = aim { false } else { true }
    }

    /// How much better a value is than another; the distances from the aim decide where it is a number.
    public func advantage(of value: Double, over other: Double) -> Double {
        switch aim {
        case .high: value - other
        case .low: other - value
        case .near(let goal): abs(other - goal) - abs(value - goal)
        }
    }
}

/// The values of all metrics; `nil` is undefined.
public struct MetricValues: Sendable, Equatable {
    private var values = [Double?](repeating: nil, count: Metric.allCases.count)

    public internal(set) subscript(metric: Metric) -> Double? {
        get { values[Self.places[metric] ?? 0] }
        set { values[Self.places[metric] ?? 0] = newValue }
    }

    private static let places = Dictionary(uniqueKeysWithValues: Metric.allCases.enumerated().map { ($1, $0) })

    /// - Parameter economics: of the campaign whose profit is a metric.
    public init(of predictions: RankedPredictions, economics: RetentionEconomics = .standard) {
        self.init(of: predictions, weights: predictions.predictions.weights, isWeighted: nil, economics: economics)
    }

    /// - Parameters:
    ///   - weights: in place of those of the predictions.
    ///   - isWeighted: whether depths are shares of the weight; `nil` where the predictions say.
    init(of ranked: RankedPredictions, weights: [Double]?, isWeighted: Bool?, economics: RetentionEconomics) {
        let predictions = ranked.predictions
        let groups = ranked.groups(weights: weights)
        let basic = BinaryClassificationMetrics(predictions, groups, isWeighted: isWeighted ?? (weights != nil))
        let calibration = CalibrationFigures(predictions, groups)
        self[.auc] = basic.auc
        self[.averagePrecision] = basic.averagePrecision
        self[.logLoss] = basic.logLoss
        self[.brier] = basic.brier
        self[.ks] = basic.ks
        self[.ece] = basic.ece
        self[.lift5] = basic.lift.top5
        self[.lift10] = basic.lift.top10
        self[.lift20] = basic.lift.top20
        self[.recall5] = basic.recall.top5
        self[.recall10] = basic.recall.top10
        self[.recall20] = basic.recall.top20
        self[.equalCountError] = calibration.equalCountError
        self[.calibrationIntercept] = calibration.intercept
        self[.calibrationSlope] = calibration.slope
        self[.observedOverExpected] = calibration.observedOverExpected
        if let base = basic.baseRate, base > 0, base < 1 {
            // What a model has that says the base rate of everybody.
            let entropy = -base * PortableMath.log(base) - (1 - base) * PortableMath.log(1 - base)
            self[.logLossSkill] = basic.logLoss.map { 1 - $0 / entropy }
            self[.brierSkill] = basic.brier.map { 1 - $0 / (base * (1 - base)) }
        }
        if let hull = ROCConvexHull(groups) {
            let profit = RetentionProfit(hull, economics)
            self[.hMeasure] = HMeasure.value(hull)
            self[.maximumProfit] = profit.maximumProfit
            self[.expectedMaximumProfit] = profit.expectedMaximumProfit
        }
    }
}

/// Predictions sorted by score once, whose metrics are then computed under any weights.
public struct RankedPredictions: Sendable {
    public let predictions: Predictions
    private let order: RadixOrder

    public init(_ predictions: Predictions) {
        self.predictions = predictions
        order = RadixOrder(descending: predictions.scores, labels: predictions.labels)
    }

    func groups(weights: [Double]?) -> TieGroups { TieGroups(order, labels: predictions.labels, weights: weights) }
}

extension MetricValues: Encodable {
    /// Every metric by its name, null where it is undefined or infinite.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: MetricKey.self)
        for metric in Metric.allCases {
            try container.encode(self[metric].flatMap { $0.isFinite ? $0 : nil }, forKey: MetricKey(metric))
        }
    }

    private struct MetricKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ metric: Metric) { stringValue = metric.rawValue }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
