/// The kinds of feature there are. Each has its own file with its definition and its formula; the sweep applies the
/// cutoff and the window, never the primitive.
public enum Primitive: String, Sendable, Codable, CaseIterable {
    // Of events in a window.
    case count, sum, mean
    case minimum = "min"
    case maximum = "max"
    case deviation = "std"
    case last
    case quantity
    case share, ratio
    case trend
    case amountTrend = "amount_trend"
    case versusBefore = "vs_before"
    case versusYear = "vs_year"
    case amountVersusBefore = "amount_vs_before"
    case amountVersusYear = "amount_vs_year"
    case distinct
    case activeDays = "active_days"
    case weekdayShare = "weekday_share"
    case dayPartShare = "day_part_share"
    case monthShare = "month_share"
    // Of the whole history before the cutoff.
    case sinceLast = "since_last"
    case sinceLastOverGap = "since_last_over_gap"
    case recency, tenure
    case gapMean = "gap_mean"
    case gapDeviation = "gap_std"
    case recencyOverGapMean = "recency_over_gap_mean"
    case gapMedian = "gap_median"
    case gapVariation = "gap_cv"
    case outOfRhythm = "out_of_rhythm"
    case daysOverdue = "days_overdue"
    // Of the customer among all customers of the cutoff.
    case recencyScore = "rfm_recency"
    case frequencyScore = "rfm_frequency"
    case monetaryScore = "rfm_monetary"
    // By a model of everybody's purchases before the cutoff.
    case aliveProbability = "p_alive"
    case expectedPurchases = "expected_purchases"
    case expectedValue = "expected_value"
    // Of contracts.
    case contractPlannedEnd = "contract_planned_end_days"
    case contractOpenEnded = "contract_open_ended"
    case contractAge = "contract_age"
    case contractTenure = "contract_tenure"
    case contractValue = "contract_value"
    case contractRenewals = "contract_renewals"
    case contractValueChanges = "contract_value_changes"
    case contractNotice = "contract_notice"
    case contractsInForce = "contracts_in_force"
    // Of the customers' attributes.
    case attributeNumber = "attribute_number"
    case attributeValue = "attribute_value"
    case attributeMissing = "attribute_missing"
    case companyAge = "company_age"
    case attributeChanges = "attribute_changes"
    case attributeChangeAge = "attribute_change_days"
    // Of the group of companies that the customer belongs to.
    case groupMembers = "group_members"
    case groupActiveMembers = "group_active_members"
    case groupCount = "group_count"
    case groupSum = "group_sum"
    case groupShare = "group_share"
    case groupRecency = "group_recency"

    /// What the primitive says of itself.
    public var definition: any PrimitiveDefinition.Type {
        switch self {
        case .count: CountPrimitive.self
        case .sum: SumPrimitive.self
        case .mean: MeanPrimitive.self
        case .minimum: MinimumPrimitive.self
        case .maximum: MaximumPrimitive.self
        case .deviation: DeviationPrimitive.self
        case .last: LastPrimitive.self
        case .quantity: QuantityPrimitive.self
        case .share: SharePrimitive.self
        case .ratio: RatioPrimitive.self
        case .trend: TrendPrimitive.self
        case .amountTrend: AmountTrendPrimitive.self
        case .versusBefore: VersusBeforePrimitive.self
        case .versusYear: VersusYearPrimitive.self
        case .amountVersusBefore: AmountVersusBeforePrimitive.self
        case .amountVersusYear: AmountVersusYearPrimitive.self
        case .distinct: DistinctPrimitive.self
        case .activeDays: ActiveDaysPrimitive.self
        case .weekdayShare: WeekdaySharePrimitive.self
        case .dayPartShare: DayPartSharePrimitive.self
        case .monthShare: MonthSharePrimitive.self
        case .sinceLast: SinceLastPrimitive.self
        case .sinceLastOverGap: SinceLastOverGapPrimitive.self
        case .recency: RecencyPrimitive.self
        case .tenure: TenurePrimitive.self
        case .gapMean: GapMeanPrimitive.self
        case .gapDeviation: GapDeviationPrimitive.self
        case .recencyOverGapMean: RecencyOverGapMeanPrimitive.self
        case .gapMedian: GapMedianPrimitive.self
        case .gapVariation: GapVariationPrimitive.self
        case .outOfRhythm: OutOfRhythmPrimitive.self
        case .daysOverdue: DaysOverduePrimitive.self
        case .recencyScore: RecencyScorePrimitive.self
        case .frequencyScore: FrequencyScorePrimitive.self
        case .monetaryScore: MonetaryScorePrimitive.self
        case .aliveProbability: AliveProbabilityPrimitive.self
        case .expectedPurchases: ExpectedPurchasesPrimitive.self
        case .expectedValue: ExpectedValuePrimitive.self
        case .contractPlannedEnd: ContractPlannedEndPrimitive.self
        case .contractOpenEnded: ContractOpenEndedPrimitive.self
        case .contractAge: ContractAgePrimitive.self
        case .contractTenure: ContractTenurePrimitive.self
        case .contractValue: ContractValuePrimitive.self
        case .contractRenewals: ContractRenewalsPrimitive.self
        case .contractValueChanges: ContractValueChangesPrimitive.self
        case .contractNotice: ContractNoticePrimitive.self
        case .contractsInForce: ContractsInForcePrimitive.self
        case .attributeNumber: AttributeNumberPrimitive.self
        case .attributeValue: AttributeValuePrimitive.self
        case .attributeMissing: AttributeMissingPrimitive.self
        case .companyAge: CompanyAgePrimitive.self
        case .attributeChanges: AttributeChangesPrimitive.self
        case .attributeChangeAge: AttributeChangeAgePrimitive.self
        case .groupMembers: GroupMembersPrimitive.self
        case .groupActiveMembers: GroupActiveMembersPrimitive.self
        case .groupCount: GroupCountPrimitive.self
        case .groupSum: GroupSumPrimitive.self
        case .groupShare: GroupSharePrimitive.self
        case .groupRecency: GroupRecencyPrimitive.self
        }
    }

    /// What window a feature of the primitive has.
    public enum WindowUse: Sendable {
        /// None: the feature is of the whole history before the cutoff.
        case none
        case any
        /// One that has a length, to be compared or cut into weeks, or to look ahead.
        case bounded
    }

    public var windowUse: WindowUse {
        switch self {
        case .count, .sum, .mean, .minimum, .maximum, .deviation, .last, .quantity, .share, .ratio, .distinct,
            .activeDays, .weekdayShare, .dayPartShare, .monthShare, .groupActiveMembers, .groupCount, .groupSum,
            .groupShare:
            .any
        case .trend, .amountTrend, .versusBefore, .versusYear, .amountVersusBefore, .amountVersusYear,
            .expectedPurchases:
            .bounded
        case .sinceLast, .sinceLastOverGap, .recency, .tenure, .gapMean, .gapDeviation, .recencyOverGapMean, .gapMedian,
            .gapVariation, .outOfRhythm, .daysOverdue, .recencyScore, .frequencyScore, .monetaryScore,
            .aliveProbability, .expectedValue, .contractPlannedEnd,
            .contractOpenEnded, .contractAge, .contractTenure, .contractValue, .contractRenewals, .contractValueChanges,
            .contractNotice, .contractsInForce, .attributeNumber, .attributeValue, .attributeMissing, .companyAge,
            .attributeChanges, .attributeChangeAge, .groupMembers, .groupRecency:
            .none
        }
    }

    /// What a feature of the primitive is computed from.
    public enum Subject: Sendable {
        case events, contracts
        /// The customers' attributes.
        case attributes
        /// What all customers of a group of companies do.
        case companyGroup
    }

    public var subject: Subject {
        switch self {
        case .contractPlannedEnd, .contractOpenEnded, .contractAge, .contractTenure, .contractValue, .contractRenewals,
            .contractValueChanges, .contractNotice, .contractsInForce:
            .contracts
        case .attributeNumber, .attributeValue, .attributeMissing, .companyAge, .attributeChanges, .attributeChangeAge:
            .attributes
        case .groupMembers, .groupActiveMembers, .groupCount, .groupSum, .groupShare, .groupRecency: .companyGroup
        default: .events
        }
    }

    /// What the value of an empty history is like, in words that complete "its value …".
    public var emptyMeaning: String {
        switch self {
        case .recencyScore, .frequencyScore, .monetaryScore: "in the lowest fifth"
        case .versusBefore, .versusYear: "with as many transactions in both"
        case .amountVersusBefore, .amountVersusYear: "with as much in both"
        case .attributeValue: "with another value, or where none is known"
        case .attributeChanges: "where nothing has changed"
        default:
            switch subject {
            case .events: "without events"
            case .contracts: "without a contract"
            case .attributes: "where nothing is known"
            case .companyGroup: self == .groupMembers ? "alone" : "where the group has done nothing"
            }
        }
    }

    /// Whether the feature is of one attribute: of the events, or of the customers, such as the one that names their groups.
    public var takesAttribute: Bool {
        subject == .companyGroup
            || [.distinct, .attributeNumber, .attributeValue, .attributeMissing, .companyAge].contains(self)
    }

    /// Whether the feature is of the activity as the study defines it, so that plan and study must agree on its types.
    /// `sinceLast` and `sinceLastOverGap` are of types of their own, and take the activity only where a customer has none of it.
    public var isOfActivity: Bool {
        switch self {
        case .recency, .tenure, .gapMean, .gapDeviation, .recencyOverGapMean, .gapMedian, .gapVariation, .outOfRhythm,
            .daysOverdue, .recencyScore, .frequencyScore, .monetaryScore, .aliveProbability,
            .expectedPurchases, .expectedValue, .groupActiveMembers, .groupShare,
            .groupRecency:
            true
        default: false
        }
    }

    /// Whether the feature is of the last event of some types, with the activity for who has none.
    var isSinceLast: Bool { self == .sinceLast || self == .sinceLastOverGap }

    /// Whether a model tells it that learns from everybody's purchases.
    var isLearnedFromPurchases: Bool {
        switch self {
        case .aliveProbability, .expectedPurchases, .expectedValue: true
        default: false
        }
    }

    /// The parts that a share of the calendar is of, in their order; empty for all other primitives.
    public var parts: [String] {
        switch self {
        case .weekdayShare: ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
        case .dayPartShare: ["night", "morning", "afternoon", "evening"]
        case .monthShare:
            [
                "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
                "november", "december",
            ]
        default: []
        }
    }
}

/// What a primitive says of itself.
public protocol PrimitiveDefinition {
    /// The unit of the values, such as `days`.
    static var unit: String { get }
    /// The value of a customer who has no event that the feature could be of.
    static var emptyValue: Double { get }
    /// The definition, with c for the cutoff and W for the window.
    static var formula: String { get }
    /// The feature in plain words.
    static func sentence(_ feature: FeaturePlan.Feature) -> String
}

extension PrimitiveDefinition {
    public static var emptyValue: Double { 0 }
}
