import Foundation

/// A Python with the libraries whose files we read and that read ours, where there is one.
public struct PythonInterpreter: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// `CHURN_PYTHON`, else `python3` of the search path, if it has pyarrow.
    public static let withPyarrow = find(module: "pyarrow")
    public static let withPolars = find(module: "polars")

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
    public func run(_ script: String, _ arguments: String...) throws {
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
