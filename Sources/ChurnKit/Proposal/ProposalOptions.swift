import ChurnHistory

/// What is known beforehand of the data that a study is proposed for; the rest is found, or asked.
public struct ProposalOptions: Sendable {
    public enum DateOrder: String, Sendable, CaseIterable { case dmy, mdy, ymd }
    public enum DecimalMark: String, Sendable, CaseIterable { case point, comma }

    /// Where the study will stand: its file names start there.
    public var folder = ""
    /// An IANA name.
    public var timeZone: String?
    /// Which number comes first in dates such as 03/04/2024.
    public var dateOrder: DateOrder?
    /// What the mark in numbers such as 1.234 is.
    public var decimal: DecimalMark?
    /// The columns of customer and time, where the names do not tell.
    public var customer: String?
    public var time: String?
    /// The kind of event that customers come for, where no word of the data is known to mean a purchase.
    public var purchase: String?
    /// The column that tells kinds of events apart, or `none`, where the names do not tell.
    public var typeColumn: String?
    /// What a row of a file is, by the file's name, where there are several sources.
    public var eventTypes: [String: String] = [:]
    /// What rows mean that repeat another to the byte.
    public var duplicates: EventSource.Duplicates?
    /// A file with one row a customer.
    public var customersFile: String?

    public init() {}

    /// What is known of numbers only.
    init(decimal: DecimalMark?) { self.decimal = decimal }
}
