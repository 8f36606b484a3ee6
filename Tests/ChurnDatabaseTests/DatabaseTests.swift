import ChurnTestSupport
import Foundation
import GRDB
import Testing

@testable import ChurnDatabase

/// A table with every kind of value, and texts that mean something to a database.
private func table(_ name: String = "scores", rows: Int = 5, number: Double = 0.1) throws -> DatabaseTable {
    let texts = ["plain", "tab\tnew\nline\r\\N \\.", "quote'\"", "Müller €", ""]
    return DatabaseTable(
        name: try DatabaseTable.Name(name),
        columns: [
            .init(name: "customer", kind: .text), .init(name: "as_of", kind: .day),
            .init(name: "probability", kind: .number), .init(name: "rank", kind: .integer),
        ],
        rowCount: rows
    ) { row in
        [
            .text(texts[row % texts.count]), row % 2 == 0 ? .day("2024-02-29") : .null,
            row == 1 ? .null : .number(number / 3 + Double(row)), .integer(row),
        ]
    }
}

@Suite struct SQLiteDatabaseTests {
    private static func rows(_ path: String) throws -> [Row] {
        try DatabaseQueue(path: path).read { try Row.fetchAll($0, sql: "SELECT * FROM scores ORDER BY rank") }
    }

    @Test func whatIsWrittenIsWhatIsThere() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/s.sqlite"
        let written = try table()
        try SQLiteDatabase(path: path).replace(written)
        let rows = try Self.rows(path)
        #expect(rows.count == 5)
        for (number, row) in rows.enumerated() {
            let expected = written.row(number)
            let text: String = row["customer"]
            #expect(expected[0] == .text(text))
            #expect((row["as_of"] as String?) == (number % 2 == 0 ? "2024-02-29" : nil))
            let probability: Double? = row["probability"]
            #expect(expected[2] == probability.map { .number($0) } ?? .null)
        }
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func aTableIsReplacedWhole() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/s.sqlite"
        let database = try SQLiteDatabase(path: path)
        try database.replace(table(rows: 50))
        try database.replace(table(rows: 3))
        #expect(try Self.rows(path).count == 3)
    }

    @Test func aTableWithOtherColumnsIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/s.sqlite"
        try DatabaseQueue(path: path).write {
            try $0.execute(sql: "CREATE TABLE scores (a); INSERT INTO scores VALUES (1)")
        }
        let error = #expect(throws: ChurnDatabase.DatabaseError.self) {
            try SQLiteDatabase(path: path).replace(table())
        }
        guard case .otherColumns(_, _, _, let got) = try #require(error) else {
            Issue.record("another error")
            return
        }
        #expect(got == ["a"])
        #expect(try Self.rows(path, orderless: true) == 1)
    }

    private static func rows(_ path: String, orderless: Bool) throws -> Int {
        try DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "SELECT count(*) FROM scores") ?? -1 }
    }

    @Test func aFileThatIsNoDatabaseIsRefused() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("s.sqlite", String(repeating: "no database at all\n", count: 100))
        #expect(throws: ChurnDatabase.DatabaseError.self) { try SQLiteDatabase(path: path) }
    }

    @Test func whereSomebodyElseWritesNothingIsChanged() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/s.sqlite"
        let database = try SQLiteDatabase(path: path, patience: 0.2)
        try database.replace(table(rows: 7))
        let other = try DatabaseQueue(path: path)
        try other.inDatabase { connection in
            try connection.execute(sql: "BEGIN EXCLUSIVE")
            let error = #expect(throws: ChurnDatabase.DatabaseError.self) { try database.replace(table(rows: 3)) }
            guard case .busy = try #require(error) else {
                Issue.record("\(String(describing: error))")
                return
            }
            try connection.execute(sql: "ROLLBACK")
        }
        #expect(try Self.rows(path).count == 7)
        try database.replace(table(rows: 3))
        #expect(try Self.rows(path).count == 3)
    }
}

@Suite struct DatabaseAddressTests {
    @Test(arguments: ["scores", "crm.scores", "_s1"]) func namesOfTables(name: String) throws {
        #expect(try DatabaseTable.Name(name).description == name)
    }

    @Test(arguments: ["", "1s", "a.b.c", "a b", "s;DROP TABLE x", "\"s\"", "ä", "a."]) func namesThatAreNone(
        name: String
    ) {
        #expect(throws: ChurnDatabase.DatabaseError.self) { try DatabaseTable.Name(name) }
    }

    @Test func anAddressWithAPasswordIsRefusedAndNotRepeated() {
        for address in [
            "postgresql://u:hunter2@host/db", "postgresql://host/db?user=u&password=hunter2",
            "postgresql://u:hun?hunter2@host/db", "PostgreSQL://u:hunter2@host/db", "postgresql:/u:hunter2@host/db",
        ] {
            let error = #expect(throws: ChurnDatabase.DatabaseError.self) { try PostgreSQLConnection.check(address) }
            #expect(error.map { "\($0)" }?.contains("hunter2") == false)
        }
        #expect(throws: ChurnDatabase.DatabaseError.self) { try PostgreSQLConnection.check("mysql://host/db") }
        #expect(throws: ChurnDatabase.DatabaseError.self) {
            try PostgreSQLConnection.check("postgresql://u@host/db?%70assword=hunter2")
        }
        #expect(throws: ChurnDatabase.DatabaseError.self) {
            try PostgreSQLConnection(address: "postgresql://host:port:x/")
        }
        #expect(throws: Never.self) { try PostgreSQLConnection.check("postgresql://u@host:5433/db?sslmode=require") }
    }
}

@Suite(.serialized, .enabled(if: PostgreSQLServer.isAvailable, Comment(rawValue: PostgreSQLServer.skipMessage)))
struct PostgreSQLTests {
    private let server: PostgreSQLServer

    init() throws {
        server = try PostgreSQLServer()
        // libpq looks at the environment of the process, which all tests share.
        setenv("PGPASSWORD", PostgreSQLServer.password, 1)
    }

    private func connect() throws -> PostgreSQLConnection { try PostgreSQLConnection(address: server.address) }

    @Test func whatIsWrittenIsWhatIsThere() throws {
        let written = try table("kinds")
        try connect().replace(written)
        let lines = try server.query("SELECT to_json(k) FROM kinds k ORDER BY rank").split(separator: "\n")
        #expect(lines.count == 5)
        for (number, line) in lines.enumerated() {
            let row = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let expected = written.row(number)
            #expect(expected[0] == .text(row["customer"] as? String ?? ""))
            #expect(row["as_of"] as? String == (number % 2 == 0 ? "2024-02-29" : nil))
            #expect(expected[2] == (row["probability"] as? Double).map { .number($0) } ?? .null)
        }
    }

    @Test func aTableKeepsItsViewsAndRights() throws {
        let connection = try connect()
        try connection.replace(table("watched", rows: 20))
        _ = try server.query("CREATE VIEW best AS SELECT * FROM watched WHERE rank < 10")
        _ = try server.query("CREATE ROLE reader; GRANT SELECT ON watched TO reader")
        try connection.replace(table("watched", rows: 5))
        #expect(try server.query("SELECT count(*) FROM best") == "5\n")
        #expect(try server.query("SELECT has_table_privilege('reader', 'watched', 'SELECT')") == "t\n")
    }

    /// Who fills a table need not have the right to make one.
    @Test func aRoleThatMayOnlyFillTheTableDoes() throws {
        try connect().replace(table("crm_scores", rows: 4))
        _ = try server.query(
            """
            CREATE ROLE filler LOGIN PASSWORD '\(PostgreSQLServer.password)'; REVOKE CREATE ON SCHEMA public FROM PUBLIC; \
            GRANT SELECT, INSERT, DELETE ON crm_scores TO filler
            """
        )
        let filler = server.address.replacing("churn@", with: "filler@")
        try PostgreSQLConnection(address: filler).replace(table("crm_scores", rows: 7))
        #expect(try server.query("SELECT count(*) FROM crm_scores") == "7\n")
        #expect(throws: ChurnDatabase.DatabaseError.self) {
            try PostgreSQLConnection(address: filler).replace(table("another"))
        }
    }

    /// What a server says of a row that it does not take quotes the row.
    @Test func anErrorQuotesNobodysRow() throws {
        try connect().replace(table("strict", rows: 2))
        _ = try server.query("CREATE UNIQUE INDEX ON strict (customer)")
        let error = #expect(throws: ChurnDatabase.DatabaseError.self) {
            try connect().replace(table("strict", rows: 10))
        }
        let words = try #require(error.map { "\($0)" })
        #expect(words.contains("unique") && !words.contains("plain") && !words.contains("Müller"), "\(words)")
        #expect(try server.query("SELECT count(*) FROM strict") == "2\n")
    }

    @Test func aTableWithOtherColumnsIsLeftAlone() throws {
        _ = try server.query("CREATE TABLE mine (customer text, score real); INSERT INTO mine VALUES ('a', 1)")
        #expect(throws: ChurnDatabase.DatabaseError.self) { try connect().replace(table("mine")) }
        #expect(try server.query("SELECT * FROM mine") == "a|1\n")
    }

    @Test func aWrongPasswordIsToldAndNotRepeated() throws {
        let address = server.address
        setenv("PGPASSWORD", "hunter2", 1)
        defer { setenv("PGPASSWORD", PostgreSQLServer.password, 1) }
        let error = #expect(throws: ChurnDatabase.DatabaseError.self) { try PostgreSQLConnection(address: address) }
        guard case .cannotConnect = try #require(error) else {
            Issue.record("another error")
            return
        }
        #expect(error.map { "\($0)" }?.contains("hunter2") == false)
    }

    /// The server is killed while rows are on their way: afterwards it has the old rows or the new ones.
    @Test func aServerThatIsKilledHasTheOldRowsOrTheNew() throws {
        try connect().replace(table("killed", rows: 100, number: -1))
        let rows = 100_000
        var seen: Set<String> = []
        for attempt in 0..<8 {
            let connection = try connect()
            let big = try table("killed", rows: rows, number: Double(attempt))
            let when = rows * (attempt + 1) / 9
            var isKilled = false
            let dying = DatabaseTable(name: big.name, columns: big.columns, rowCount: rows) { row in
                if row == when, !isKilled {
                    isKilled = true
                    server.kill()
                }
                return big.row(row)
            }
            let error = #expect(throws: ChurnDatabase.DatabaseError.self) { try connection.replace(dying) }
            guard case .failed = try #require(error) else {
                Issue.record("\(String(describing: error))")
                return
            }
            try server.start()
            let counted = try server.query("SELECT count(*) FROM killed")
            #expect(counted == "100\n")
            seen.insert(counted)
        }
        // While it is told to keep the rows.
        for attempt in 0..<6 {
            let connection = try connect()
            let new = try table("killed", rows: rows, number: Double(attempt))
            DispatchQueue.global().asyncAfter(deadline: .now() + 0.05 * Double(attempt + 1)) { server.kill() }
            let isDone = (try? connection.replace(new)) != nil
            while (try? server.query("SELECT 1")) != nil { Thread.sleep(forTimeInterval: 0.01) }
            try server.start()
            let counted = try server.query("SELECT count(*) FROM killed")
            #expect(counted == "100\n" || counted == "\(rows)\n")
            if isDone { #expect(counted == "\(rows)\n") }
            if counted != "100\n" { try connect().replace(table("killed", rows: 100, number: -1)) }
        }
        try connect().replace(table("killed", rows: rows))
        #expect(try server.query("SELECT count(*) FROM killed") == "\(rows)\n")
    }

    @Test func readersSeeOldRowsUntilTheNewAreThere() throws {
        try connect().replace(table("shared", rows: 10))
        let slow = try table("shared", rows: 20)
        var seen: [String] = []
        try connect().replace(
            DatabaseTable(name: slow.name, columns: slow.columns, rowCount: 20) { row in
                if row == 19 { seen.append((try? server.query("SELECT count(*) FROM shared")) ?? "") }
                return slow.row(row)
            }
        )
        #expect(seen == ["10\n"])
        #expect(try server.query("SELECT count(*) FROM shared") == "20\n")
    }
}
