/// What a reading of sources did with every row: the accounting that each run states.
public struct ReadingReport: Sendable, Codable {
    /// A reason for which rows were put aside, with the first few of them.
    public struct Rejection: Sendable, Codable {
        public let code: DataErrorCode
        public let problem: String
        public internal(set) var rows: Int
        public internal(set) var examples: [DataError]
    }

    /// Counts of one event type, over all rows that could be read and over those that were kept.
    public struct TypeCount: Sendable, Equatable, Codable {
        public let name: String
        public internal(set) var rows = 0
        public internal(set) var kept = 0

        init(name: String) { self.name = name }
    }

    /// What a numeric column holds, over all rows that could be read.
    public struct NumericColumn: Sendable, Equatable, Codable {
        public let name: String
        public internal(set) var minimum = Double.infinity
        public internal(set) var maximum = -Double.infinity
        public internal(set) var empty = 0
        public internal(set) var zero = 0
        /// Rows with a negative number, by event type.
        public internal(set) var negative: [String: Int] = [:]

        init(name: String) { self.name = name }
    }

    /// What the rows of a file are.
    public enum Role: String, Sendable, Codable, CaseIterable {
        case events, customers, contracts
    }

    /// One file's share.
    public struct FileReport: Sendable, Codable {
        public let path: String
        public let role: Role
        /// SHA-256 of the file as stored, in hexadecimal.
        public internal(set) var digest = ""
        /// The file's state when it was opened; `nil` for one that could not be.
        public internal(set) var identity: FileIdentity?
        public internal(set) var rows = 0
        public internal(set) var kept = 0
        public internal(set) var rejected = 0
        public internal(set) var droppedWithoutCustomer = 0
        public internal(set) var droppedDuplicates = 0
        /// Rows in a currency that the study drops.
        public internal(set) var droppedOtherCurrencies = 0
        /// Rows that repeat one of an earlier file of their source to the byte; 0 where nobody looked.
        public internal(set) var repeatedAcrossFiles = 0
        /// What was read as if it were plain.
        public internal(set) var normalisations = Normalisations()

        init(path: String, role: Role) {
            self.path = path
            self.role = role
        }

        /// read = kept + rejected + dropped.
        public var isBalanced: Bool {
            rows == kept + rejected + droppedWithoutCustomer + droppedDuplicates + droppedOtherCurrencies
        }
    }

    public internal(set) var files: [FileReport] = []
    public internal(set) var rejections: [Rejection] = []
    public internal(set) var types: [TypeCount] = []
    public internal(set) var numericColumns: [NumericColumn] = []
    /// Rows of events that repeat an earlier row of their source to the byte; `nil` where nobody looked.
    public internal(set) var duplicates: Int?
    /// Those of them whose earlier row is in another file.
    public var duplicatesAcrossFiles: Int { sum(.events, \.repeatedAcrossFiles) }
    /// Customers that have rows in a customers file but no event, and the other way round; `nil` without such a file.
    public internal(set) var customersWithoutEvents: Int?
    public internal(set) var eventCustomersWithoutAttributes: Int?

    /// Rows of all files, rejected ones of all files.
    public var rejected: Int { files.reduce(0) { $0 + $1.rejected } }
    /// Rows of events.
    public var rows: Int { sum(.events, \.rows) }
    public var kept: Int { sum(.events, \.kept) }
    public var droppedWithoutCustomer: Int { sum(.events, \.droppedWithoutCustomer) }
    public var droppedDuplicates: Int { sum(.events, \.droppedDuplicates) }
    public var droppedOtherCurrencies: Int { sum(.events, \.droppedOtherCurrencies) }

    /// A figure of all files of a role.
    public func sum(_ role: Role, _ figure: KeyPath<FileReport, Int>) -> Int {
        files.reduce(0) { $1.role == role ? $0 + $1[keyPath: figure] : $0 }
    }

    /// What is wrong with whole files; only an inspection goes on after one.
    public internal(set) var fileFaults: [DataError] = []
    /// What the study must decide before other commands read the data; only an inspection goes on after one.
    public internal(set) var questions: [DataError] = []

    init() {}

    static let examplesKept = 5

    mutating func note(_ error: DataError) {
        if let known = rejections.firstIndex(where: { $0.code == error.code && $0.problem == error.problem }) {
            rejections[known].rows += 1
            if rejections[known].examples.count < Self.examplesKept { rejections[known].examples.append(error) }
        } else {
            rejections.append(.init(code: error.code, problem: error.problem, rows: 1, examples: [error]))
        }
    }
}

extension ReadingReport: CustomStringConvertible {
    /// The accounting line: read = kept + rejected + dropped, for events and, where there are any, for the other roles.
    public var description: String {
        Role.allCases.compactMap { role in
            guard role == .events || files.contains(where: { $0.role == role }) else { return nil }
            return account(role)
        }.joined(separator: "; ")
    }

    private func account(_ role: Role) -> String {
        let name = role == .events ? "" : "\(role.rawValue): "
        let currencies = sum(role, \.droppedOtherCurrencies)
        return name
            + "read \(sum(role, \.rows)) = kept \(sum(role, \.kept)) + rejected \(sum(role, \.rejected))"
            + " + dropped \(sum(role, \.droppedWithoutCustomer)) without customer"
            + " + dropped \(sum(role, \.droppedDuplicates)) duplicates"
            + (currencies > 0 ? " + dropped \(currencies) in other currencies" : "")
    }
}
