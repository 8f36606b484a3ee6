import ChurnDatabase
import ChurnRegistry

/// A table of a database that takes scores in place of those that it has: SQLite or PostgreSQL.
public struct ScoreDatabase: ScoreSink {
    private enum Database {
        case sqlite(SQLiteDatabase)
        /// By its address: a connection that is idle while data are read may be gone by the time that it is needed.
        case postgresql(String)
    }

    public let destination: ScoringRun.Destination
    private let database: Database
    private let table: DatabaseTable.Name

    /// Opens a file of SQLite, and makes it where there is none.
    init(sqlite path: String, table: DatabaseTable.Name, destination: ScoringRun.Destination) throws(DatabaseError) {
        database = .sqlite(try SQLiteDatabase(path: path))
        self.table = table
        self.destination = destination
    }

    /// Sees that the server lets us in.
    init(
        postgresql address: String,
        table: DatabaseTable.Name,
        destination: ScoringRun.Destination
    ) throws(DatabaseError) {
        _ = try PostgreSQLConnection(address: address)
        database = .postgresql(address)
        self.table = table
        self.destination = destination
    }

    /// Others may have changed the table since: it is written again, to the same rows.
    public func has(_ scores: ScoringRun.End.Scores) -> Bool { false }

    public func write(_ scores: ScoreTable) throws -> ScoringRun.End.Scores {
        let order = scores.order
        let rows = DatabaseTable(
            name: table,
            // SQL does not tell capitals from others.
            columns: scores.columns.map { .init(name: $0.name == "asOf" ? "as_of" : $0.name, kind: $0.kind) },
            rowCount: order.count,
            row: { scores.cells(ofRow: order[$0]) }
        )
        switch database {
        case .sqlite(let database): try database.replace(rows)
        case .postgresql(let address): try PostgreSQLConnection(address: address).replace(rows)
        }
        return .init(digest: scores.digest, mean: scores.mean, fileDigest: nil, bytes: nil)
    }
}
