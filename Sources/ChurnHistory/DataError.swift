/// A fault in what a user gave us: a file, a row, a value, a study. Says where, what is wrong and how to mend it.
///
/// Rendered as `CSV-014 orders.csv:657213:8 "amount": "1.234,56" is not a number. Fix: …`.
public struct DataError: Error, Equatable, Sendable, Codable {
    /// What kind of fault, which decides the exit code of the command.
    public enum Kind: Sendable, Equatable {
        /// The content of a data file is wrong (exit 65).
        case badData
        /// A file that should be read is not there or cannot be opened (exit 66).
        case missingInput
        /// A file cannot be created where it was asked for (exit 73).
        case cannotCreate
        /// Reading or writing failed half-way (exit 74).
        case inputOutput
        /// The study file is wrong (exit 78).
        case badStudy
    }

    public let code: DataErrorCode
    public let problem: String
    public var file: String?
    /// Line in the (decompressed) file, from 1.
    public var line: Int?
    /// Position of the field in its row, from 1.
    public var field: Int?
    /// Name of the column or key.
    public var column: String?
    /// The offending text, shortened.
    public var value: String?
    public let fix: String?

    public init(
        _ code: DataErrorCode,
        _ problem: String,
        file: String? = nil,
        line: Int? = nil,
        field: Int? = nil,
        column: String? = nil,
        value: String? = nil,
        fix: String? = nil
    ) {
        self.code = code
        self.problem = problem
        self.file = file
        self.line = line
        self.field = field
        self.column = column
        self.value = value.map(Self.shortened)
        self.fix = fix
    }

    public var kind: Kind { code.kind }

    private static func shortened(_ text: String) -> String {
        text.count <= 80 ? text : text.prefix(77) + "..."
    }
}

extension DataError: CustomStringConvertible {
    public var description: String {
        var text = code.rawValue
        if let file {
            text += " \(file)"
            if let line { text += ":\(line)" }
            if let field { text += ":\(field)" }
        }
        if let column { text += " \"\(column)\"" }
        text += text.count > code.rawValue.count ? ": " : " "
        if let value { text += "\"\(value)\" " }
        text += problem
        if !problem.hasSuffix(".") { text += "." }
        if let fix { text += " Fix: \(fix)" }
        return text
    }
}

/// The stable name of a kind of fault; listed with explanations in `docs/errors.md`.
public enum DataErrorCode: String, Sendable, Codable, CaseIterable {
    case fileMissing = "CSV-001"
    case fileEmpty = "CSV-002"
    case headerOnly = "CSV-003"
    case unsupportedEncoding = "CSV-004"
    case damagedCompression = "CSV-005"
    case fieldTooLong = "CSV-006"
    case tooManyColumns = "CSV-007"
    case unclosedQuote = "CSV-008"
    case strayQuote = "CSV-009"
    case wrongFieldCount = "CSV-010"
    case badHeader = "CSV-011"
    case missingColumn = "CSV-012"
    case invalidText = "CSV-013"
    case notANumber = "CSV-014"
    case notATime = "CSV-015"
    case emptyCustomer = "CSV-016"
    case decompressedTooLarge = "CSV-017"
    case unknownType = "CSV-018"
    case missingValue = "CSV-019"
    case numberOutOfRange = "CSV-020"
    case timeOutOfRange = "CSV-021"
    case skippedHour = "CSV-022"
    case duplicateRows = "CSV-023"
    case readFailed = "CSV-024"
    case tooManyDistinctValues = "CSV-025"
    case badLabel = "CSV-026"
    case notATable = "CSV-027"
    case changedWhileRead = "CSV-028"
    case repeatedHeader = "CSV-029"
    case ambiguousNumber = "CSV-030"
    case mangledId = "CSV-031"
    case severalCurrencies = "CSV-032"
    case conflictingEvents = "CSV-033"
    case wrongDelimiter = "CSV-034"
    case conflictingAttributes = "CSV-035"
    case impossibleContract = "CSV-036"
    case studyUnreadable = "STUDY-001"
    case unknownKey = "STUDY-002"
    case missingKey = "STUDY-003"
    case wrongType = "STUDY-004"
    case badValue = "STUDY-005"
    case missingSource = "STUDY-006"
    case misplacedKey = "STUDY-007"
    case undatedAttribute = "STUDY-008"
    case dateBehindData = "DATE-001"
    case horizonTooLong = "DATE-002"
    case needsAnswer = "INIT-001"
    case notAHistory = "INIT-002"
    case contradictoryFormats = "INIT-003"
    case unusableKey = "KEY-001"
    case cannotWrite = "OUT-001"
    case writeFailed = "OUT-002"

    var kind: DataError.Kind {
        switch self {
        case .fileMissing: .missingInput
        case .cannotWrite: .cannotCreate
        case .readFailed, .writeFailed: .inputOutput
        case .studyUnreadable, .unknownKey, .missingKey, .wrongType, .badValue, .missingSource, .misplacedKey,
            .undatedAttribute:
            .badStudy
        default: .badData
        }
    }
}
