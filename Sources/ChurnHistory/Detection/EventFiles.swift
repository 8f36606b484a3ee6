import Foundation

/// The files that a command line names: paths, folders, or patterns that the shell left alone.
public struct EventFiles: Sendable {
    /// One argument, and the files that it stands for.
    public struct Argument: Sendable {
        /// What a study can say to mean the same: a path, a folder or a pattern.
        public let name: String
        public let files: [String]
    }

    public let arguments: [Argument]

    /// - Throws: `fileMissing` for what is not there, or a folder without tables.
    public init(_ names: [String]) throws(DataError) {
        var arguments: [Argument] = []
        for name in names {
            let node = try StudyNode(yaml: YAMLText.quoted(name), file: name)
            let files = try SourceFiles.expand(node, folder: "")
            if files == [name], !FileManager.default.fileExists(atPath: name) {
                throw DataError(.fileMissing, "is not there", file: name, fix: "check the path")
            }
            arguments.append(Argument(name: name, files: files))
        }
        self.arguments = arguments
    }
}
