/// A way in which a study, or a table of its features, may know what it could not have known.
public struct AuditFinding: Sendable, Equatable, Encodable {
    /// What kind of finding; the JSON's `kind`, and the first word of its line.
    public enum Kind: String, Sendable, Encodable, CaseIterable {
        /// A feature is another one when it is computed from data that end at the cutoff.
        case featureKnowsFuture
        /// Customers are examples only because of what comes at or behind the cutoff.
        case exampleKnowsFuture
        /// A column of a table is not what the study says was known at the cutoff.
        case notKnownAtCutoff
        /// A column of a table has other labels than the study.
        case labelDiffers
        /// A table has rows of customers who could not churn at the cutoff.
        case notEligible
        /// An attribute of customers is known as of today only.
        case attributeWithoutDate
        /// The dates of attributes look like those at which customers came, not those of their values.
        case attributeOfToday
        /// An attribute that the study calls constant has several values.
        case constantChanges
        /// The ends of contracts are known before they could be.
        case contractEndKnownEarly
        /// A feature window reaches before the data.
        case windowBeforeData
        /// Which examples a table has depends on their labels.
        case selectedByLabel
        /// Label windows of training rows reach into the time of the test rows.
        case overlappingWindows
        /// A predictor alone tells the label almost perfectly.
        case predictsAlone
        /// A predictor repeats the churn rates of the rows it stands in.
        case repeatsChurnRate
        /// A predictor equals a total over all data, those behind the cutoff too.
        case wholeHistoryTotal
        /// A customer is on both sides of a split.
        case customerOnBothSides
        /// Ids that differ only in case, blanks or Unicode form: perhaps one customer, on both sides of a split.
        case similarCustomerIds
        /// Rows of one file are in another, too, or stand twice in a table.
        case repeatedRows
        /// Times lie an hour or more beside those of the study's zone.
        case shiftedTimeZone
    }

    public let kind: Kind
    /// The feature, column, attribute, file or window.
    public let subject: String
    /// A sentence with the figures in it, and what to do.
    public let text: String
    /// How many rows, customers, contracts or cutoffs it concerns.
    public let count: Int

    init(_ kind: Kind, _ subject: String, _ text: String, count: Int) {
        self.kind = kind
        self.subject = subject
        self.text = text
        self.count = count
    }
}

extension AuditFinding: CustomStringConvertible {
    public var description: String { "\(kind.rawValue) \(subject): \(text)" }
}
