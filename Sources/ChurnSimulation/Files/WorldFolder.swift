import ChurnHistory
import Foundation

/// The folder that a world is written to, with its files in the making.
struct WorldFolder {
    /// In the order in which the files are put in place: where the last is, the rest is.
    let names: [String]
    let files: [AtomicFile]
    private let directory: String
    /// Files of an earlier world that this one lacks; a study that reads by a pattern would read them.
    private let stale: [String]

    private static let worldNames: Set<String> = [
        "customers.csv", "contracts.csv", "campaigns.csv", "drivers.csv", "truth.csv", "events.csv", "Kunden.csv",
        "Vertraege.csv", "Kampagnen.csv", "study.yaml",
    ]

    /// Makes the folder and begins its files.
    init(_ directory: String, names: [String], overwrites: Bool) throws(DataError) {
        let folder = directory.isEmpty ? "." : directory
        func path(_ name: String) -> String { (directory as NSString).appendingPathComponent(name) }
        let present = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let stale = present.filter { WorldFolder.isOfWorld($0) && !names.contains($0) }.sorted()
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
        self.stale = stale
        // Nobody in these files exists, so whom the umask lets may read them.
        self.files = try names.map { (name) throws(DataError) in try AtomicFile(path: path(name), mode: 0o666) }
    }

    /// Puts the files in place and removes what an earlier world left.
    func commit() throws(DataError) {
        for name in stale {
            do {
                try FileManager.default.removeItem(atPath: (directory as NSString).appendingPathComponent(name))
            } catch {
                throw DataError(
                    .cannotWrite,
                    "belongs to an earlier world and cannot be removed: \(error.localizedDescription)",
                    file: (directory as NSString).appendingPathComponent(name)
                )
            }
        }
        for file in files { try file.commit() }
    }

    private static func isOfWorld(_ name: String) -> Bool {
        if worldNames.contains(name) { return true }
        let year = name.dropFirst("Bewegungen_".count).dropLast(".csv".count)
        return name == "Bewegungen_\(year).csv" && year.count == 4 && Int(year) != nil
    }
}
