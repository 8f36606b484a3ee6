import Foundation

/// The real data that some tests use: at `$CHURN_DATA`, or in `../shared/data` beside the package. Where it is missing,
/// those tests are skipped and say so.
public enum SharedData {
    /// The data's folder, or `nil` where there is none.
    public static let folder: String? = {
        let candidates = [ProcessInfo.processInfo.environment["CHURN_DATA"], packageFolder + "/../shared/data"]
        return candidates.compactMap { $0 }.first { FileManager.default.fileExists(atPath: $0 + "/telco") }
    }()

    public static var isAvailable: Bool { folder != nil }

    public static let skipMessage = "needs the shared data: set CHURN_DATA"

    /// The path of a file of the data; empty where there is none.
    public static func path(_ name: String) -> String { folder.map { "\($0)/\(name)" } ?? "" }

    /// The package's folder.
    public static let packageFolder: String = {
        let support = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return support.deletingLastPathComponent().deletingLastPathComponent().path
    }()
}

/// A folder for one test's files, removed when it is done with.
public final class TemporaryFolder: Sendable {
    public let path: String

    public init() throws {
        let base = NSTemporaryDirectory() as NSString
        path = base.appendingPathComponent("churn-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and returns its path.
    @discardableResult
    public func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        let file = "\(path)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    @discardableResult
    public func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }
}
