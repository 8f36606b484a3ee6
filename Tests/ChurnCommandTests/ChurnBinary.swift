import ChurnTestSupport
import Foundation
import Testing

/// The real `churn`, run as a user would.
enum ChurnBinary {
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String

        /// The output as a JSON object.
        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]) ?? [:]
        }
    }

    /// Stands beside the test bundle.
    static let path: String = {
        let bundle = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
        return bundle.deletingLastPathComponent().appendingPathComponent("churn").path
    }()

    /// - Parameter changes: to the environment of the tests.
    static func start(
        _ arguments: [String],
        in folder: String,
        environment changes: [String: String] = [:],
        output: URL,
        errors: URL
    ) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        var environment = ProcessInfo.processInfo.environment
        environment["CHURN_REGISTRY"] = nil
        environment["COLUMNS"] = "80"
        environment.merge(changes) { $1 }
        process.environment = environment
        for file in [output, errors] { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        return process
    }

    /// Runs to the end.
    static func run(_ arguments: String..., in folder: String) throws -> Outcome {
        try run(arguments, in: folder)
    }

    static func run(
        _ arguments: [String],
        in folder: String,
        environment: [String: String] = [:]
    ) throws -> Outcome {
        let unique = UUID().uuidString
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("\(unique).out")
        let errors = FileManager.default.temporaryDirectory.appendingPathComponent("\(unique).err")
        defer { for file in [output, errors] { try? FileManager.default.removeItem(at: file) } }
        let process = try start(arguments, in: folder, environment: environment, output: output, errors: errors)
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus,
            output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8)
        )
    }
}
