import ChurnDatabase
import ChurnHistory
import ChurnRegistry
import Foundation

/// Where scores are to go, as a user names it.
public enum ScoreTarget: Sendable, Equatable {
    /// `*.csv`, `*.arrow` or `*.feather`.
    case file(path: String, kind: ScoringRun.Destination.Kind)
    /// `*.sqlite` or `*.db`.
    case sqlite(path: String, table: DatabaseTable.Name)
    /// `postgresql://…`, without a password.
    case postgresql(address: String, table: DatabaseTable.Name)

    /// - Parameter table: of a database; `nil` for `scores`.
    /// - Throws: `DatabaseError.badAddress` for a name that says nothing of what is to be written, and for a table of what has none.
    public init(_ text: String, table: String?) throws(DatabaseError) {
        if text.hasPrefix("postgresql:") || text.hasPrefix("postgres:") {
            try PostgreSQLConnection.check(text)
            self = .postgresql(address: text, table: try DatabaseTable.Name(table ?? Self.standardTable))
            return
        }
        switch (text as NSString).pathExtension.lowercased() {
        case "csv": self = .file(path: text, kind: .csv)
        case "arrow", "feather": self = .file(path: text, kind: .arrow)
        case "sqlite", "sqlite3", "db":
            let name = try DatabaseTable.Name(table ?? Self.standardTable)
            guard name.parts.count == 1, !name.parts[0].lowercased().hasPrefix("sqlite_") else {
                throw .badAddress(
                    "--table \(name)",
                    problem: "is no name that SQLite gives a table. Fix: --table scores"
                )
            }
            self = .sqlite(path: text, table: name)
        default:
            throw .badAddress(
                text.contains("://") ? "the address" : "-o \(text)",
                problem:
                    "does not say what to write. Fix: name it *.csv, *.arrow, *.sqlite or postgresql://user@host/database"
            )
        }
        if table != nil, isFile {
            throw .badAddress("--table", problem: "belongs to databases, and \(text) is a file of scores")
        }
    }

    private static let standardTable = "scores"

    /// A file of nothing but the scores.
    public var isFile: Bool {
        if case .file = self { true } else { false }
    }

    /// The path of what is on this machine.
    public var path: String? {
        switch self {
        case .file(let path, _), .sqlite(let path, _): path
        case .postgresql: nil
        }
    }

    /// As the ledger has it.
    public var destination: ScoringRun.Destination {
        switch self {
        case .file(let path, let kind): .init(kind: kind, place: AtomicFile.absolute(path))
        case .sqlite(let path, let table):
            .init(kind: .sqlite, place: AtomicFile.absolute(path), table: "\(table)")
        case .postgresql(let address, let table): .init(kind: .postgresql, place: address, table: "\(table)")
        }
    }

    /// What takes the scores; a place that cannot be written is found here.
    public func sink() throws -> any ScoreSink {
        switch self {
        case .file(let path, _): try ScoreFile(path: path, destination: destination)
        case .sqlite(let path, let table):
            try ScoreDatabase(sqlite: path, table: table, destination: destination)
        case .postgresql(let address, let table):
            try ScoreDatabase(postgresql: address, table: table, destination: destination)
        }
    }
}
