/// What a reading of sources did with every row: the accounting that each run states.
public struct ReadingReport: Sendable {
    /// A reason for which rows were put aside, with the first few of them.
    public struct Rejection: Sendable {
        public let code: DataErrorCode
        public let problem: String
        public internal(set) var rows: Int
        public internal(set) var examples: [DataError]
    }

    /// Counts of one event type, over all rows that could be read and over those that were kept.
    public struct TypeCount: Sendable, Equatable {
        public let name: String
        public internal(set) var rows = 0
        public internal(set) var kept = 0
    }

    /// What a numeric column holds, over all rows that could be read.
    public struct NumericColumn: Sendable, Equatable {
        public let name: String
        public internal(set) var minimum = Double.infinity
        public internal(set) var maximum = -Double.infinity
        public internal(set) var empty = 0
        public internal(set) var zero = 0
        /// Rows with a negative number, by event type.
        public internal(set) var negative: [String: Int] = [:]
    }

    /// One file's share.
    public struct FileReport: Sendable {
        public let path: String
        /// SHA-256 of the file as stored, in hexadecimal.
        public internal(set) var digest = ""
        public internal(set) var rows = 0
        public internal(set) var kept = 0
        public internal(set) var rejected = 0
        public internal(set) var droppedWithoutCustomer = 0
        public internal(set) var droppedDuplicates = 0

        /// read = kept + rejected + dropped.
        public var isBalanced: Bool {
            rows == kept + rejected + droppedWithoutCustomer + droppedDuplicates
        }
    }

    public internal(set) var files: [FileReport] = []
    public internal(set) var rejections: [Rejection] = []
    public internal(set) var types: [TypeCount] = []
    public internal(set) var numericColumns: [NumericColumn] = []
    /// Rows that repeat an earlier row of their source to the byte; `nil` where nobody looked.
    public internal(set) var duplicates: Int?

    public var rows: Int { files.reduce(0) { $0 + $1.rows } }
    public var kept: Int { files.reduce(0) { $0 + $1.kept } }
    public var rejected: Int { files.reduce(0) { $0 + $1.rejected } }
    public var droppedWithoutCustomer: Int { files.reduce(0) { $0 + $1.droppedWithoutCustomer } }
    public var droppedDuplicates: Int { files.reduce(0) { $0 + $1.droppedDuplicates } }

    /// Files that could be read but hold nothing; only an inspection goes on after one.
    public internal(set) var fileFaults: [DataError] = []

    static let examplesKept = 5

    mutating func noteFile(_ error: DataError) { fileFaults.append(error) }

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
    /// The accounting line: read = kept + rejected + dropped.
    public var description: String {
        "read \(rows) = kept \(kept) + rejected \(rejected) + dropped \(droppedWithoutCustomer) without customer"
            + " + dropped \(droppedDuplicates) duplicates"
    }
}
