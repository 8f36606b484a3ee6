import Foundation

/// Turns what a study says of files into paths: environment variables, folders, globs.
enum SourceFiles {
    /// The files of a `file:` value, which is a path, a glob or a list of them.
    ///
    /// `${NAME}` and `${NAME:-default}` are replaced by the environment's values; relative paths start at `folder`, but at
    /// the working directory where the environment gave their start; the matches of a glob come in byte order.
    static func expand(_ node: StudyNode, folder: String) throws(DataError) -> [String] {
        var files: [String] = []
        for element in node.elements() {
            var path = try substitutingEnvironment(element)
            let start = path.hasPrefix("/") || folder.isEmpty ? "" : "\(folder)/"
            guard path.contains(where: { "*?[".contains($0) }) else {
                files.append(start + path)
                continue
            }
            // What the study says is a pattern; the folder that it stands in is not.
            let matches = matches(of: escaped(start) + path)
            path = start + path
            if matches.isEmpty {
                throw DataError(
                    .fileMissing,
                    "no file matches",
                    file: path,
                    fix: "check the pattern in \(element.path)"
                )
            }
            files.append(contentsOf: matches)
        }
        return files
    }

    private static func escaped(_ text: String) -> String {
        text.map { "*?[\\".contains($0) ? "\\\($0)" : "\($0)" }.joined()
    }

    private static func matches(of pattern: String) -> [String] {
        var result = glob_t()
        defer { globfree(&result) }
        guard glob(pattern, 0, nil, &result) == 0 else { return [] }
        return (0..<Int(result.gl_pathc))
            .compactMap { result.gl_pathv[$0].map { String(cString: $0) } }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func substitutingEnvironment(_ node: StudyNode) throws(DataError) -> String {
        var result = ""
        var rest = Substring(try node.text())
        while let start = rest.range(of: "${") {
            result += rest[..<start.lowerBound]
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else {
                throw node.error("has a `${` without its `}`", value: try node.text())
            }
            let body = rest[start.upperBound..<end]
            let name: Substring
            var fallback: Substring?
            if let mark = body.range(of: ":-") {
                name = body[..<mark.lowerBound]
                fallback = body[mark.upperBound...]
            } else {
                name = body
            }
            let fromEnvironment = ProcessInfo.processInfo.environment[String(name)].flatMap { $0.isEmpty ? nil : $0 }
            guard let value = fromEnvironment ?? fallback.map(String.init) else {
                throw node.error(
                    "needs the environment variable \(name), which is not set",
                    fix: "export \(name)=…"
                )
            }
            // A relative value of the environment was written from the user's point of view, not the study's.
            result += result.isEmpty && fromEnvironment != nil ? absolute(value) : value
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
    }
}
