import ChurnHistory
import Foundation

/// Files with the same columns: one source of a study.
struct FileGroup {
    var files: [String]
    /// What the study says as `file`.
    var names: [String]
    var layout: FileLayout
    var encoding: EncodingEvidence

    /// The files of a command line, by their columns, in the order of the command line.
    /// - Parameters:
    ///   - folder: the study's, where its relative names start.
    ///   - customersFile: a file that is no events, though a folder or pattern may hold it.
    static func groups(
        of named: EventFiles,
        folder: String,
        without customersFile: String?
    ) throws(DataError) -> [FileGroup] {
        let left = customersFile.map(real)
        var groups: [FileGroup] = []
        for argument in named.arguments {
            var ofArgument: [FileGroup] = []
            let files = argument.files.filter { left == nil || real($0) != left }
            for file in files {
                let encoding = try EncodingEvidence(path: file)
                let layout = try FileLayout(path: file, encoding: encoding.encoding)
                let group = FileGroup(
                    files: [file],
                    names: [name(of: file, from: folder)],
                    layout: layout,
                    encoding: encoding
                )
                if let position = ofArgument.firstIndex(where: { $0.isAlike(group) }) {
                    ofArgument[position].append(group)
                } else {
                    ofArgument.append(group)
                }
            }
            // A pattern stays one where all of its files are alike: tomorrow's file is then read too.
            if ofArgument.count == 1, files.count == argument.files.count {
                ofArgument[0].names = [name(of: argument.name, from: folder)]
            }
            for group in ofArgument {
                if let position = groups.firstIndex(where: { $0.isAlike(group) }) {
                    groups[position].append(group)
                } else {
                    groups.append(group)
                }
            }
        }
        guard groups.isEmpty else { return groups }
        throw DataError(
            .notAHistory,
            "is given as the customers' file, and no other file as events",
            file: customersFile,
            fix: "name the files of events too"
        )
    }

    private static func real(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }

    private func isAlike(_ other: FileGroup) -> Bool {
        let sameNames =
            layout.hasHeader
            ? Set(layout.columnNames) == Set(other.layout.columnNames) : layout.columnNames == other.layout.columnNames
        return sameNames && layout.delimiter == other.layout.delimiter && layout.hasHeader == other.layout.hasHeader
            && layout.skippedLines == other.layout.skippedLines
            && (encoding.encoding == other.encoding.encoding || isASCII || other.isASCII)
    }

    private var isASCII: Bool { encoding.encoding == .utf8 && encoding.reason == nil }

    private mutating func append(_ other: FileGroup) {
        files += other.files
        names += other.names
        if isASCII { encoding = other.encoding }
    }

    /// A file's name as a study in `folder` says it: an absolute one stays, others start at the folder.
    static func name(of path: String, from folder: String) -> String {
        guard !path.hasPrefix("/"), !folder.isEmpty, folder != "." else { return path }
        let current = FileManager.default.currentDirectoryPath
        let target = components(path.hasPrefix("/") ? path : "\(current)/\(path)")
        // The kernel follows links before it goes up, so the folder counts as what it really is.
        let base = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
        let start = components(base)
        var common = 0
        while common < min(target.count - 1, start.count), target[common] == start[common] { common += 1 }
        let up = Array(repeating: "..", count: start.count - common)
        return (up + target[common...]).joined(separator: "/")
    }

    private static func components(_ path: String) -> [String] {
        var result: [String] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", !result.isEmpty { result.removeLast() } else { result.append(String(part)) }
        }
        return result
    }
}
