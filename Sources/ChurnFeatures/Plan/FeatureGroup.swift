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
    /// Days since the last event of each type.
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
}
