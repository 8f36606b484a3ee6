import Foundation

/// A Python with the libraries whose files we read and that read ours, where there is one.
struct PythonInterpreter {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// `CHURN_PYTHON`, else `python3` of the search path, if it has pyarrow.
    static let withPyarrow = find(module: "pyarrow")
    static let withPolars = find(module: "polars")

    private let path: String

    private static func find(module: String) -> PythonInterpreter? {
        let environment = ProcessInfo.processInfo.environment
        let directories = (environment["PATH"] ?? "").split(separator: ":")
        let candidates = [environment["CHURN_PYTHON"]].compactMap { $0 } + directories.map { "\($0)/python3" }
        guard let path = candidates.first(where: FileManager.default.isExecutableFile) else { return nil }
        let interpreter = PythonInterpreter(path: path)
        return (try? interpreter.run("import \(module)")) == nil ? nil : interpreter
    }

    /// Runs a script, which finds `arguments` in `sys.argv[1:]`.
    /// - Throws: `Failure` with what the script wrote, when its exit status is not 0.
    func run(_ script: String, _ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["-c", script] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(description: text) }
    }
}

/// Calls `body` with the path of a new directory, which is gone afterwards.
func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
    let path = NSTemporaryDirectory() + "arrow-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}
