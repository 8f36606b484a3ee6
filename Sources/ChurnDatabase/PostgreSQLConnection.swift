import Foundation

/// A connection to PostgreSQL by libpq. What the address does not say comes from the environment (`PGHOST`, `PGUSER`, `PGPASSWORD`, …),
/// `~/.pgpass` and `~/.pg_service.conf`, as with `psql`.
public final class PostgreSQLConnection {
    /// The address, which has no password.
    public let place: String
    private let library: PostgreSQLLibrary
    private let connection: OpaquePointer
    /// How long is waited for others who write to the same table.
    private static let patience = "10s"

    /// Checks an address without connecting.
    /// - Throws: `badAddress` for what is no `postgresql://` address, and for one with a password or another secret: it would be in every
    ///   list of processes. What is refused is not repeated.
    public static func check(_ address: String) throws(DatabaseError) {
        guard ["postgresql://", "postgres://"].contains(where: address.hasPrefix) else {
            throw .badAddress("the address", problem: "is none such as postgresql://user@host/database")
        }
        let keys: [String]
        if let library = PostgreSQLLibrary.loaded {
            guard let known = library.keys(of: address) else {
                throw .badAddress("the address", problem: "cannot be read as postgresql://user@host/database")
            }
            keys = known
        } else {
            // A colon before an @ may part a user from a password.
            let hasSecret = address.dropFirst(13).firstIndex(of: "@").map { address.dropFirst(13)[..<$0].contains(":") }
            keys = hasSecret ?? false || address.lowercased().contains("password") ? ["password"] : []
        }
        guard let key = keys.first(where: { !allowedKeys.contains($0) }) else { return }
        throw .badAddress(
            "the address",
            problem: key.contains("password")
                ? "has a password, which others can see. Fix: leave it out, and put it in ~/.pgpass or PGPASSWORD"
                : "has \"\(key)\", which is not taken here. Fix: put it in ~/.pg_service.conf"
        )
    }

    /// What an address may say; none of it is a secret.
    private static let allowedKeys: Set = [
        "user", "host", "hostaddr", "port", "dbname", "service", "passfile", "connect_timeout", "application_name",
        "options",
        "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "sslsni", "ssl_min_protocol_version", "gssencmode",
        "channel_binding", "target_session_attrs", "load_balance_hosts", "require_auth", "keepalives",
        "keepalives_idle",
        "keepalives_interval", "keepalives_count", "tcp_user_timeout",
    ]

    /// Connects.
    /// - Throws: `cannotConnect` also where libpq is not installed.
    public init(address: String) throws(DatabaseError) {
        try Self.check(address)
        place = address
        guard let library = PostgreSQLLibrary.loaded else {
            throw .cannotConnect(place: address, reason: "libpq is not installed. Fix: apt-get install libpq5")
        }
        self.library = library
        guard let connection = library.connect(address) else {
            throw .cannotConnect(place: address, reason: "there is no memory for it")
        }
        guard library.status(connection) == PostgreSQLLibrary.connectionIsFine else {
            let reason = Self.words(library.errorMessage(connection))
            library.finish(connection)
            throw .cannotConnect(place: address, reason: reason)
        }
        self.connection = connection
        // The first line of an error alone: what follows it quotes rows.
        _ = library.setErrorVerbosity(connection, PostgreSQLLibrary.terse)
        // Notices are no results.
        _ = library.setNoticeProcessor(connection, { _, _ in }, nil)
        _ = library.setClientEncoding(connection, "UTF8")
    }

    deinit { library.finish(connection) }

    /// Puts rows in the place of those of a table, in one transaction: others see the old rows or the new ones, and go on reading
    /// meanwhile. The rows are gathered in a temporary table first, so that the table itself is held only while they are swapped; it
    /// keeps its rights, indexes and views. Where there is no such table, it is made.
    public func replace(_ table: DatabaseTable) throws(DatabaseError) {
        let doing = "writing \(table.name)"
        try transaction(doing) { () throws(DatabaseError) in try fill(table, doing) }
    }

    /// Deletes the rows of a table in which a column has one of some texts.
    /// - Parameter counts: whether they are counted only, and stay.
    /// - Returns: how many there are; `nil` where there is no such table.
    public func delete(
        _ texts: Set<String>,
        from table: DatabaseTable.Name,
        column: String,
        counts: Bool = false
    ) throws(DatabaseError) -> Int? {
        let doing = "\(counts ? "looking at" : "deleting from") \(table)"
        guard try self.texts("SELECT to_regclass('\(table.quoted)')::text", doing) != [""] else { return nil }
        let condition = "FROM \(table.quoted) WHERE \(TableColumn(name: column, kind: .text).quotedName) = $1"
        var rows = 0
        try transaction(doing) { () throws(DatabaseError) in
            try execute("SET LOCAL lock_timeout = '\(Self.patience)'", doing)
            try execute("SET LOCAL synchronous_commit = on", doing)
            for text in texts.sorted() {
                rows += try execute("\(counts ? "SELECT 1" : "DELETE") \(condition)", parameter: text, doing)
            }
        }
        return rows
    }

    private func transaction(
        _ doing: String,
        _ body: () throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        // Whatever the server is set to: what others have kept meanwhile must be seen.
        try execute("BEGIN ISOLATION LEVEL READ COMMITTED", doing)
        do throws(DatabaseError) {
            try body()
        } catch {
            try? execute("ROLLBACK", doing)
            throw error
        }
        do throws(DatabaseError) {
            try execute("COMMIT", doing)
        } catch {
            guard case .failed(let place, let doing, let reason) = error,
                library.status(connection) != PostgreSQLLibrary.connectionIsFine
            else { throw error }
            throw .unknown(place: place, doing: doing, reason: reason)
        }
    }

    /// Where rows are gathered; no name that a user can give.
    private static let staged = "pg_temp.\"churn staged\""

    private func fill(_ table: DatabaseTable, _ doing: String) throws(DatabaseError) {
        let definition = table.columns.map { "\($0.quotedName) \($0.kind.type)" }.joined(separator: ", ")
        let (name, staged) = (table.name.quoted, Self.staged)
        try execute("SET LOCAL lock_timeout = '\(Self.patience)'", doing)
        // A commit that was acknowledged stays.
        try execute("SET LOCAL synchronous_commit = on", doing)
        try execute("CREATE TEMPORARY TABLE \"churn staged\" (\(definition)) ON COMMIT DROP", doing)
        try copy(table, into: staged, doing)
        // To make a table, and to ask whether it is there, takes a right that who fills it need not have.
        if try texts("SELECT to_regclass('\(name)')::text", doing) == [""] {
            try execute("CREATE TABLE \(name) (\(definition))", doing)
        }
        try execute("LOCK TABLE \(name) IN SHARE ROW EXCLUSIVE MODE", doing)
        try checkColumns(table, staged, doing)
        try execute("DELETE FROM \(name)", doing)
        let columns = table.quotedColumns
        try execute("INSERT INTO \(name) (\(columns)) SELECT \(columns) FROM \(staged)", doing)
    }

    /// Fails unless a table has the names and types of the staged one.
    private func checkColumns(_ table: DatabaseTable, _ staged: String, _ doing: String) throws(DatabaseError) {
        func columns(_ name: String) throws(DatabaseError) -> [String] {
            try texts(
                """
                SELECT attname || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute \
                WHERE attrelid = to_regclass('\(name)') AND attnum > 0 AND NOT attisdropped ORDER BY attnum
                """,
                doing
            )
        }
        let (expected, got) = (try columns(staged), try columns(table.name.quoted))
        guard expected == got else {
            throw .otherColumns(place: place, table: "\(table.name)", expected: expected, got: got)
        }
    }

    // MARK: libpq

    private func execute(_ statement: String, _ doing: String) throws(DatabaseError) {
        let result = library.execute(connection, statement)
        defer { library.clear(result) }
        try check(result, PostgreSQLLibrary.commandIsDone, doing)
    }

    /// Executes a statement with one parameter.
    /// - Returns: how many rows it has found or changed.
    private func execute(_ statement: String, parameter: String, _ doing: String) throws(DatabaseError) -> Int {
        let result = parameter.withCString { text -> OpaquePointer? in
            var values: [UnsafePointer<CChar>?] = [text]
            return library.executeWithParameters(connection, statement, 1, nil, &values, nil, nil, 0)
        }
        defer { library.clear(result) }
        let isQuery = library.resultStatus(result) == PostgreSQLLibrary.rowsAreThere
        try check(result, isQuery ? PostgreSQLLibrary.rowsAreThere : PostgreSQLLibrary.commandIsDone, doing)
        return library.affectedRows(result).flatMap { Int(String(cString: $0)) } ?? 0
    }

    /// The first column of a query's rows.
    private func texts(_ query: String, _ doing: String) throws(DatabaseError) -> [String] {
        let result = library.execute(connection, query)
        defer { library.clear(result) }
        try check(result, PostgreSQLLibrary.rowsAreThere, doing)
        return (0..<library.rowCount(result)).map { row in
            library.value(result, row, 0).map { String(cString: $0) } ?? ""
        }
    }

    private func copy(_ table: DatabaseTable, into staged: String, _ doing: String) throws(DatabaseError) {
        let result = library.execute(connection, "COPY \(staged) FROM STDIN")
        defer { library.clear(result) }
        try check(result, PostgreSQLLibrary.copyHasBegun, doing)
        var bytes: [UInt8] = []
        func send() throws(DatabaseError) {
            let status = bytes.withUnsafeBytes { bytes in
                library.putCopyData(
                    connection,
                    bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                    Int32(truncatingIfNeeded: bytes.count)
                )
            }
            guard status == 1 else { throw failed(doing) }
            bytes.removeAll(keepingCapacity: true)
        }
        for number in 0..<table.rowCount {
            for (column, value) in table.row(number).enumerated() {
                if column > 0 { bytes.append(UInt8(ascii: "\t")) }
                value.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "\n"))
            if bytes.count >= 1 << 16 { try send() }
        }
        if !bytes.isEmpty { try send() }
        guard library.putCopyEnd(connection, nil) == 1 else { throw failed(doing) }
        var isDone = false
        while let result = library.nextResult(connection) {
            defer { library.clear(result) }
            if !isDone { try check(result, PostgreSQLLibrary.commandIsDone, doing) }
            isDone = true
        }
        guard isDone else { throw failed(doing) }
    }

    private func check(
        _ result: OpaquePointer?,
        _ expected: Int32,
        _ doing: String
    ) throws(DatabaseError) {
        guard library.resultStatus(result) != expected else { return }
        // 55P03: a lock that was not given in time.
        if let state = library.resultErrorField(result, Int32(UInt8(ascii: "C"))), String(cString: state) == "55P03" {
            throw .busy(place: place, reason: Self.words(library.resultErrorMessage(result)))
        }
        throw failed(doing)
    }

    private func failed(_ doing: String) -> DatabaseError {
        .failed(place: place, doing: doing, reason: Self.words(library.errorMessage(connection)))
    }

    /// A message in one line.
    private static func words(_ message: UnsafePointer<CChar>?) -> String {
        let text = message.map { String(cString: $0) } ?? "no reason was given"
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
        return lines.joined(separator: "; ")
    }
}

extension TableColumn.Kind {
    fileprivate var type: String {
        switch self {
        case .text: "text"
        case .day: "date"
        case .number: "double precision"
        case .integer: "bigint"
        }
    }
}

extension TableValue {
    /// Appends the value as COPY's text format has it.
    fileprivate func append(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "N")]
        // The shortest text that reads back as the same number.
        case .number(let number): bytes += "\(number)".utf8
        case .integer(let integer): bytes += "\(integer)".utf8
        case .text(let text), .day(let text):
            for byte in text.utf8 {
                switch byte {
                case UInt8(ascii: "\\"): bytes += [byte, byte]
                case UInt8(ascii: "\n"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
                case UInt8(ascii: "\r"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
                case UInt8(ascii: "\t"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
                default: bytes.append(byte)
                }
            }
        }
    }
}
