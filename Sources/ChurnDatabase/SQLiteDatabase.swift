import Foundation
import GRDB

/// A file of SQLite.
public struct SQLiteDatabase: Sendable {
    public let path: String
    /// Seconds that are waited for others who write.
    private let patience: TimeInterval

    /// Opens the file, and makes it first where there is none, which only its owner may read.
    /// - Parameter patience: seconds that are waited for others who write.
    /// - Throws: `cannotConnect` also for a file that is no database.
    public init(path: String, patience: TimeInterval = 10) throws(DatabaseError) {
        self.path = path
        self.patience = patience
        // SQLite would make it for everybody.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .cannotConnect(place: path, reason: String(cString: strerror(errno))) }
        close(descriptor)
        try run(nil) { queue in
            try queue.read { _ = try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_master") }
        }
    }

    /// Puts a table in the place of the one of its name, in one transaction: others see the old rows or the new ones.
    public func replace(_ table: DatabaseTable) throws(DatabaseError) {
        try run("writing \(table.name)") { queue in
            try queue.write { database in
                try database.execute(
                    sql: "CREATE TABLE IF NOT EXISTS \(table.name.quoted) ("
                        + table.columns.map { "\($0.quotedName) \($0.kind.type)" }.joined(separator: ", ") + ")"
                )
                let known = try database.columns(in: table.name.parts.last ?? "").map(\.name)
                let expected = table.columns.map(\.name)
                guard known == expected else {
                    throw DatabaseError.otherColumns(
                        place: path,
                        table: "\(table.name)",
                        expected: expected,
                        got: known
                    )
                }
                try database.execute(sql: "DELETE FROM \(table.name.quoted)")
                let places = table.columns.map { _ in "?" }.joined(separator: ", ")
                let insert = try database.makeStatement(
                    sql: "INSERT INTO \(table.name.quoted) (\(table.quotedColumns)) VALUES (\(places))"
                )
                for number in 0..<table.rowCount {
                    try insert.execute(arguments: StatementArguments(table.row(number).map(\.stored)))
                }
            }
        }
    }

    /// Deletes the rows of a table in which a column has one of some texts, and their bytes in the file.
    /// - Parameter counts: whether they are counted only, and stay.
    /// - Returns: how many there are; `nil` where there is no such table.
    public func delete(
        _ texts: Set<String>,
        from table: DatabaseTable.Name,
        column: String,
        counts: Bool = false
    ) throws(DatabaseError) -> Int? {
        var rows: Int?
        try run("\(counts ? "looking at" : "deleting from") \(table)") { queue in
            rows = try queue.write { database in
                guard try database.tableExists(table.parts.last ?? "") else { return nil }
                let column = TableColumn(name: column, kind: .text).quotedName
                let condition = "FROM \(table.quoted) WHERE \(column) = ?"
                var rows = 0
                for text in texts.sorted() {
                    if counts {
                        rows += try Int.fetchOne(database, sql: "SELECT count(*) \(condition)", arguments: [text]) ?? 0
                    } else {
                        try database.execute(sql: "DELETE \(condition)", arguments: [text])
                        rows += database.changesCount
                    }
                }
                return rows
            }
            // Where a log is kept beside the file, what was deleted goes from there, too.
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        }
        return rows
    }

    /// - Parameter doing: what is done; `nil` for opening the file.
    private func run(_ doing: String?, _ body: (DatabaseQueue) throws -> Void) throws(DatabaseError) {
        func fault(_ reason: String) -> DatabaseError {
            doing.map { .failed(place: path, doing: $0, reason: reason) } ?? .cannotConnect(place: path, reason: reason)
        }
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(patience)
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA synchronous = EXTRA")
                // What is deleted leaves no bytes in the file.
                try database.execute(sql: "PRAGMA secure_delete = ON")
            }
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try body(queue)
            try queue.close()
        } catch let error as DatabaseError {
            throw error
        } catch let error as GRDB.DatabaseError {
            let words = error.message ?? "\(error.resultCode)"
            if error.resultCode.primaryResultCode == .SQLITE_BUSY { throw .busy(place: path, reason: words) }
            throw fault(words)
        } catch {
            throw fault("\(error)")
        }
    }
}

extension TableColumn.Kind {
    fileprivate var type: String {
        switch self {
        case .text, .day: "TEXT"
        case .number: "REAL"
        case .integer: "INTEGER"
        }
    }
}

extension TableValue {
    fileprivate var stored: (any DatabaseValueConvertible)? {
        switch self {
        case .text(let text), .day(let text): text
        case .number(let number): number
        case .integer(let integer): integer
        case .null: nil
        }
    }
}
