import Foundation

/// Turns what a study says of files into paths: environment variables, folders, globs.
enum SourceFiles {
    /// The files of a `file:` value, which is a path, a folder, a glob or a list of them.
    ///
    /// `${NAME}` and `${NAME:-default}` are replaced by the environment's values; relative paths start at `folder`, but at
    /// the working directory where the environment gave their start; the matches of a glob come in byte order.
    static func expand(_ node: StudyNode, folder: String) throws(DataError) -> [String] {
        var files: [String] = []
        for element in node.elements() {
            let named = try substitutingEnvironment(element)
            let start = named.path.hasPrefix("/") || folder.isEmpty ? "" : "\(folder)/"
            let path = start + named.path
            if isFolder(path) {
                files.append(contentsOf: try tables(inFolder: path))
                continue
            }
            guard named.isPattern, !FileManager.default.fileExists(atPath: path) else {
                files.append(path)
                continue
            }
            let matches = matches(of: escaped(start) + named.pattern)
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

    private static func isFolder(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    /// Names of files that hold tables; each may be compressed too.
    private static let tableEndings = [".csv", ".tsv", ".txt"].flatMap { [$0, $0 + ".gz", $0 + ".zst"] }

    /// The tables in a folder and its subfolders, in byte order; hidden ones are left out.
    private static func tables(inFolder path: String) throws(DataError) -> [String] {
        let names = (FileManager.default.enumerator(atPath: path)?.allObjects ?? []).compactMap { $0 as? String }
        let tables = names.filter { name in
            let isHidden = name.split(separator: "/").contains { $0.hasPrefix(".") }
            return !isHidden && tableEndings.contains(where: name.lowercased().hasSuffix)
        }
        if tables.isEmpty {
            throw DataError(
                .fileMissing,
                "is a folder without tables",
                file: path,
                fix: "tables are files whose names end with \(tableEndings.joined(separator: ", "))"
            )
        }
        return tables.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { "\(path)/\($0)" }
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

    /// A `file:` with the environment's values in it. What the study says may be a pattern; the folder that the study
    /// stands in and the environment's values never are.
    private struct NamedFile {
        var path = ""
        var pattern = ""
        var isPattern = false
    }

    private static func substitutingEnvironment(_ node: StudyNode) throws(DataError) -> NamedFile {
        var result = NamedFile()
        func append(own text: Substring) {
            result.path += text
            result.pattern += text
            if text.contains(where: { "*?[".contains($0) }) { result.isPattern = true }
        }
        var rest = Substring(try node.text())
        while let start = rest.range(of: "${") {
            append(own: rest[..<start.lowerBound])
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else {
                throw node.error("has a `${` without its `}`", value: try node.text())
            }
            let body = rest[start.upperBound..<end]
            rest = rest[rest.index(after: end)...]
            let mark = body.range(of: ":-")
            let name = String(mark.map { body[..<$0.lowerBound] } ?? body)
            if let value = ProcessInfo.processInfo.environment[name], !value.isEmpty {
                // A relative value was written from the user's point of view, not the study's.
                let value = result.path.isEmpty ? absolute(value) : value
                result.path += value
                result.pattern += escaped(value)
            } else if let mark {
                append(own: body[mark.upperBound...])
            } else {
                throw node.error("needs the environment variable \(name), which is not set", fix: "export \(name)=…")
            }
        }
        append(own: rest)
        return result
    }

    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
    }
}
