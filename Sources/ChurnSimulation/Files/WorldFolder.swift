import ChurnHistory
import Foundation

/// The folder that a world is written to, with its files in the making.
struct WorldFolder {
    /// In the order in which the files are put in place: where the last is, the rest is.
    let names: [String]
    let files: [AtomicFile]
    private let directory: String
    /// Paths of files of an earlier world that this one lacks; a study that reads by a pattern would read them.
    private let stale: [String]

    private static let worldNames: Set<String> = [
        "customers.csv", "contracts.csv", "campaigns.csv", "drivers.csv", "truth.csv", "events.csv", "Kunden.csv",
        "Vertraege.csv", "Kampagnen.csv", "study.yaml",
    ]

    /// Makes the folder and begins its files.
    ///
    /// - Throws: `cannotWrite` where a file of a world is there already and nothing may be replaced, or where something
    ///   other than a regular file has the name of one.
    init(_ directory: String, names: [String], overwrites: Bool) throws(DataError) {
        let folder = directory.isEmpty ? "." : directory
        func path(_ name: String) -> String { (directory as NSString).appendingPathComponent(name) }
        let present = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let stale = present.filter { WorldFolder.isOfWorld($0) && !names.contains($0) }.sorted()
        for name in stale { try WorldFolder.checkRemovable(path(name)) }
        let existing = names.filter(present.contains) + stale
        if !overwrites, let first = existing.first {
            throw DataError(
                .cannotWrite,
                "exists already",
                file: path(first),
                fix: "choose another folder, or replace the files with --overwrite"
            )
        }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw DataError(
                .cannotWrite,
                "cannot be created as a folder: \(error.localizedDescription)",
                file: directory,
                fix: "choose a folder that can be written"
            )
        }
        self.names = names
        self.directory = folder
        self.stale = stale.map(path)
        // Nobody in these files exists, so whom the umask lets may read them.
        self.files = try names.map { (name) throws(DataError) in try AtomicFile(path: path(name), mode: 0o666) }
    }

    /// Puts the files in place, and only then removes what an earlier world left.
    func commit() throws(DataError) {
        for file in files { try file.commit() }
        // Never more than a name: unlink refuses a folder that has come to stand there since.
        for path in stale where unlink(path) != 0 && errno != ENOENT {
            throw DataError(
                .cannotWrite,
                "belongs to an earlier world and cannot be removed: \(String(cString: strerror(errno)))",
                file: path,
                fix: "remove it yourself; the new world is in place"
            )
        }
        if !stale.isEmpty { try AtomicFile.syncDirectory(directory) }
    }

    /// Refuses what only bears the name of an earlier world's file: a folder, a link, a device.
    private static func checkRemovable(_ path: String) throws(DataError) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { return }
        throw DataError(
            .cannotWrite,
            "has the name of a world's file, but is \(status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "no regular file")",
            file: path,
            fix: "move it away, or choose another folder"
        )
    }

    private static func isOfWorld(_ name: String) -> Bool {
        if worldNames.contains(name) { return true }
        let year = name.dropFirst("Bewegungen_".count).dropLast(".csv".count)
        return name == "Bewegungen_\(year).csv" && year.count == 4 && Int(year) != nil
    }
}
