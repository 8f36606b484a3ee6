import Foundation

/// A PostgreSQL server of a test's own: its data in a folder of its own, on the loopback address, with a password.
public final class PostgreSQLServer: @unchecked Sendable {
    /// The folder of the server's programs; `nil` where it is not installed, or where it would have to run as root.
    private static let programs: String? = {
        let base = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: base)) ?? []
        let newest = versions.compactMap { Int($0) }.max()
        guard let newest else { return nil }
        let folder = "\(base)/\(newest)/bin"
        return FileManager.default.isExecutableFile(atPath: "\(folder)/initdb") ? folder : nil
    }()

    public static var isAvailable: Bool { programs != nil }
    public static let skipMessage = "needs the server of Debian's package postgresql"

    public static let password = "a secret of the tests"
    public let port: Int
    private let programs: String
    private let folder: String

    public init() throws {
        guard let programs = Self.programs else { throw Failure(words: Self.skipMessage) }
        self.programs = programs
        folder = "/tmp/churn-postgres-\(UUID().uuidString)"
        port = Int.random(in: 20_000..<30_000)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(Self.password.utf8).write(to: URL(fileURLWithPath: "\(folder)/password"))
        if getuid() == 0 { try Self.run("/bin/chown", "-R", "postgres", folder) }
        try asServer(
            "\(programs)/initdb",
            [
                "-D", "\(folder)/data", "-U", "churn", "--pwfile", "\(folder)/password", "-A", "scram-sha-256", "-E",
                "UTF8",
                "--locale", "C", "--no-sync",
            ]
        )
        try start()
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(atPath: folder)
    }

    public var address: String { "postgresql://churn@127.0.0.1:\(port)/postgres" }
    public let environment = ["PGPASSWORD": password]

    public func start() throws {
        // Foundation learns of a process's end by a socket that others inherit which are begun at the same moment: a server that kept it
        // would keep them from ever ending, so nothing is left open to it, and it is no child of ours. Nor must it outlive us by much.
        let orphan = """
            for file in /proc/self/fd/*; do number=${file##*/}; [ "$number" -gt 2 ] && eval "exec $number>&-"; done
            timeout --signal KILL 900 "$@" &
            """
        let server = asUser(
            "\(programs)/postgres",
            [
                "-D", "\(folder)/data", "-p", "\(port)", "-c", "listen_addresses=127.0.0.1", "-k", folder,
            ]
        )
        try Self.begun(["/bin/bash", "-c", orphan, "bash"] + server).waitUntilExit()
        for _ in 0..<400 {
            if (try? query("SELECT 1")) == "1\n" { return }
            Thread.sleep(forTimeInterval: 0.05)
        }
        throw Failure(words: "the server did not start")
    }

    /// Ends the server as a loss of power would its processes: none of them can tidy up.
    public func kill() {
        let file = (try? String(contentsOfFile: "\(folder)/data/postmaster.pid", encoding: .utf8)) ?? ""
        guard let number = file.split(separator: "\n").first.flatMap({ pid_t($0) }) else { return }
        let children = (try? Self.run("/usr/bin/pgrep", "-P", "\(number)")) ?? ""
        let all = [number] + children.split(separator: "\n").compactMap { pid_t($0) }
        for process in all { Foundation.kill(process, SIGKILL) }
        for process in all {
            while Foundation.kill(process, 0) == 0 { Thread.sleep(forTimeInterval: 0.005) }
        }
    }

    /// What `psql` prints for a query: values alone, columns parted by `|`.
    public func query(_ sql: String) throws -> String {
        try Self.run("\(programs)/psql", "-X", "-q", "-A", "-t", "-c", sql, address, environment: environment)
    }

    // MARK: Programs

    private struct Failure: Error, CustomStringConvertible {
        let words: String
        var description: String { words }
    }

    /// The server refuses to run as root.
    private func asUser(_ program: String, _ arguments: [String]) -> [String] {
        getuid() == 0
            ? ["/usr/sbin/runuser", "-u", "postgres", "--", program] + arguments : [program] + arguments
    }

    private func asServer(_ program: String, _ arguments: [String]) throws {
        let process = try Self.begun(asUser(program, arguments))
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(words: "\(program) failed") }
    }

    private static func begun(_ words: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = Array(words.dropFirst())
        process.currentDirectoryURL = URL(fileURLWithPath: "/tmp")
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    @discardableResult
    private static func run(
        _ program: String,
        _ arguments: String...,
        environment: [String: String] = [:]
    ) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(words: "\(program) failed") }
        return text
    }
}
