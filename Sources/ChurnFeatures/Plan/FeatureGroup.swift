/// The families of features that a study can name.
public enum FeatureGroup: String, Sendable, CaseIterable {
    /// Numbers of transactions by type and window.
    case counts
    /// Sums and means of amounts.
    case amounts
    /// Smallest, largest and last amount and their standard deviation.
    case spread
    /// Sums of quantities.
    case quantities
    /// Different values of the events' attributes.
    case variety
    /// Shares of the types, and each type in relation to the activity.
    case mix
    /// Days since the last event of each type, and of any type.
    case recencies
    /// How long ago and how regular the activity is.
    case rhythm
    /// Days with activity.
    case days
    /// Slopes, and windows in relation to those before them.
    case trend
    /// Days of the week, parts of the day, months of the year.
    case calendar
    /// Scores among all customers of the cutoff.
    case rfm
    /// What a buy-till-you-die model of everybody's purchases before the cutoff expects.
    case buyTillYouDie
    /// What is known of the contracts: terms, ages, values, renewals, notice.
    case contracts
    /// What is known of the customers' attributes, and how it changed.
    case attributes
    /// What the group of companies that the customer belongs to does as a whole.
    case companyGroup

    /// What a study gets that names none: how much, how often, how long ago. The others multiply columns, or say the
    /// same in other words; a study names them where they help.
    public static let standard: [FeatureGroup] = [
        .counts, .amounts, .recencies, .rhythm, .contracts, .attributes, .companyGroup,
    ]

    /// Whether the family's features are of one event type each, so that `types` narrows it.
    var isByType: Bool {
        switch self {
        case .counts, .amounts, .spread, .quantities, .mix, .recencies, .trend, .companyGroup: true
        case .variety, .rhythm, .days, .calendar, .rfm, .buyTillYouDie, .contracts, .attributes: false
        }
    }

    /// What the data must have for the family to have a feature, before the study's last cutoff.
    var need: String {
        switch self {
        case .counts: "events before the last cutoff"
        case .amounts, .spread: "amounts (`amount` in a source of events)"
        case .quantities: "quantities (`quantity` in a source of events)"
        case .variety: "an attribute of the activity's events (`attributes` in a source of events)"
        case .mix: "more than one event type, or one that is not the activity"
        case .recencies: "an event type that is not the whole activity"
        case .trend: "events, and windows with a length"
        case .rhythm, .days, .calendar, .rfm, .buyTillYouDie: "event types of activity (`active` in `churn`)"
        case .contracts: "contracts (`contracts`)"
        case .attributes:
            "attributes of customers with a date, or that never change (`validFrom` or `constant` in `customers`)"
        case .companyGroup: "groups of companies (`group` in `customers`)"
        }
    }
}
