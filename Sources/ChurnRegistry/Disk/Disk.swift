import Foundation

/// What a registry asks of the system, one call a method: so little that tests can lose power, or fail, at each of them.
protocol Disk: Sendable {
    /// Makes a file under a name that is free, and opens it for writing.
    func create(_ path: String) throws(DiskFailure) -> OpenFile
    /// - Returns: how many of the bytes were taken, at least one.
    func write(_ bytes: ArraySlice<UInt8>, to file: OpenFile) throws(DiskFailure) -> Int
    /// Makes a file's content durable. Its name is durable once its folder is synced.
    func sync(_ file: OpenFile) throws(DiskFailure)
    /// Afterwards the file is closed, even where this fails.
    func close(_ file: OpenFile) throws(DiskFailure)
    /// Makes the names in a folder durable.
    func syncFolder(_ path: String) throws(DiskFailure)
    func makeFolder(_ path: String) throws(DiskFailure)
    /// Moves a file or a folder to a name that is free: fails with `EEXIST` or `ENOTEMPTY` where it is not.
    func rename(_ from: String, toNew to: String) throws(DiskFailure)
    /// Swaps what stands under two names in one step.
    func exchange(_ one: String, _ other: String) throws(DiskFailure)
    /// Gives a file a second name, which must be free.
    func link(_ from: String, toNew to: String) throws(DiskFailure)
    func removeFile(_ path: String) throws(DiskFailure)
    /// Removes an empty folder.
    func removeFolder(_ path: String) throws(DiskFailure)
    /// What stands at a path; a symbolic link is `other` and is not followed.
    func entry(_ path: String) throws(DiskFailure) -> DiskEntry
    /// What a folder has, in no order.
    func names(in path: String) throws(DiskFailure) -> [DiskName]
    /// The bytes of a plain file, which may have become longer or shorter since its size was asked for.
    /// - Parameter most: fails with `EFBIG` beyond so many.
    func read(_ path: String, most: Int) throws(DiskFailure) -> [UInt8]
}

/// A file that is being written.
struct OpenFile: Sendable, Equatable {
    let number: Int32
}

/// A call that failed, with its `errno`.
struct DiskFailure: Error, Equatable {
    let code: Int32
}

enum DiskEntry: Equatable {
    case file(size: Int, modified: Date)
    case folder(modified: Date)
    case other, absent

    var isFile: Bool { if case .file = self { true } else { false } }
    var isFolder: Bool { if case .folder = self { true } else { false } }
}

struct DiskName: Equatable {
    enum Kind {
        case file, folder, other
    }

    /// As far as it is text: a name that is not UTF-8 has other letters in place of the bytes that are not, and is `other`.
    let name: String
    let kind: Kind
}
