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
            var status = stat()
            if stat(name, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) {
                throw DataError(
                    .fileMissing,
                    "is a pipe or a device, which cannot be read more than once",
                    file: name,
                    fix: "write it to a file first"
                )
            }
            let node = try StudyNode(yaml: YAMLText.quoted(name), file: name)
            let files: [String]
            do {
                files = try SourceFiles.expand(node, folder: "")
            } catch {
                // There is no study yet whose key could be named.
                guard error.code == .fileMissing, error.problem == "no file matches" else { throw error }
                throw DataError(error.code, error.problem, file: error.file, fix: "check the pattern \(name)")
            }
            if files == [name], !FileManager.default.fileExists(atPath: name) {
                throw DataError(.fileMissing, "is not there", file: name, fix: "check the path")
            }
            arguments.append(Argument(name: name, files: files))
        }
        self.arguments = arguments
    }
}
