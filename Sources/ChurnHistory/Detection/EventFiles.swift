import Foundation

/// The files that a command line names: paths, folders, or patterns that the shell left alone.
public struct EventFiles: Sendable {
    /// One argument, and the files that it stands for.
    public struct Argument: Sendable {
        /// What a study can say to mean the same: a path or a pattern.
        public let name: String
        public let files: [String]
    }

    public let arguments: [Argument]

    /// Endings of what is taken from a folder, with `.gz` or `.zst` behind them or not.
    private static let endings = ["csv", "tsv", "txt", "tab", "dat"]

    /// - Throws: `fileMissing` for what is not there, or a folder without delimited files.
    public init(_ names: [String]) throws(DataError) {
        var arguments: [Argument] = []
        for name in names {
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: name, isDirectory: &isFolder) {
                arguments.append(isFolder.boolValue ? try Self.folder(name) : Argument(name: name, files: [name]))
            } else {
                let node = try StudyNode(yaml: YAMLText.quoted(name), file: name)
                let files = try SourceFiles.expand(node, folder: "")
                guard files != [name] else {
                    throw DataError(.fileMissing, "is not there", file: name, fix: "check the path")
                }
                arguments.append(Argument(name: name, files: files))
            }
        }
        self.arguments = arguments
    }

    private static func folder(_ name: String) throws(DataError) -> Argument {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: name)) ?? []
        let files = entries.filter { !$0.hasPrefix(".") && endings.contains(ending(of: $0)[0]) }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        guard let first = files.first else {
            throw DataError(
                .fileMissing,
                "is a folder without files that end in \(endings.joined(separator: ", "))",
                file: name,
                fix: "name the files, or a pattern in quotes"
            )
        }
        let base = name.hasSuffix("/") ? String(name.dropLast()) : name
        let common = ending(of: first)
        let paths = files.map { "\(base)/\($0)" }
        let isUniform = files.allSatisfy { ending(of: $0) == common }
        let pattern = "\(base)/*.\(common.filter { !$0.isEmpty }.joined(separator: "."))"
        return Argument(name: isUniform && files.count > 1 ? pattern : paths[0], files: paths)
    }

    /// The ending of a file's name and, behind it, that of its compression or nothing.
    private static func ending(of name: String) -> [String] {
        let parts = name.split(separator: ".").map(String.init)
        guard let last = parts.last, parts.count > 1 else { return ["", ""] }
        if ["gz", "zst"].contains(last), parts.count > 2 { return [parts[parts.count - 2].lowercased(), last] }
        return [last.lowercased(), ""]
    }
}
