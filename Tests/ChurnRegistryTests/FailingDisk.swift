import Foundation
import Synchronization

@testable import ChurnRegistry

/// The machine's disk, one call of which fails, or all from it on.
final class FailingDisk: Disk {
    private struct State {
        var calls = 0
        var firstFailing: Int?
        var lastFailing: Int?
    }

    private let code: Int32
    private let disk = SystemDisk()
    private let state = Mutex(State())

    /// - Parameter code: the `errno` of calls that fail.
    init(code: Int32) { self.code = code }

    var calls: Int { state.withLock { $0.calls } }

    /// Calls from 0 on fail: the one with the number alone, or all from it on. `nil` lets all succeed.
    func fail(_ number: Int?, andAllAfter: Bool) {
        state.withLock { $0 = State(calls: 0, firstFailing: number, lastFailing: andAllAfter ? .max : number) }
    }

    private func next() throws(DiskFailure) {
        let fails = state.withLock { state in
            defer { state.calls += 1 }
            guard let first = state.firstFailing, let last = state.lastFailing else { return false }
            return first <= state.calls && state.calls <= last
        }
        if fails { throw DiskFailure(code: code) }
    }

    func create(_ path: String) throws(DiskFailure) -> OpenFile {
        try next()
        return try disk.create(path)
    }

    func write(_ bytes: ArraySlice<UInt8>, to file: OpenFile) throws(DiskFailure) -> Int {
        try next()
        return try disk.write(bytes, to: file)
    }

    func sync(_ file: OpenFile) throws(DiskFailure) {
        try next()
        try disk.sync(file)
    }

    /// The file is closed in any case.
    func close(_ file: OpenFile) throws(DiskFailure) {
        try disk.close(file)
        try next()
    }

    func syncFolder(_ path: String) throws(DiskFailure) {
        try next()
        try disk.syncFolder(path)
    }

    func makeFolder(_ path: String) throws(DiskFailure) {
        try next()
        try disk.makeFolder(path)
    }

    func rename(_ from: String, toNew to: String) throws(DiskFailure) {
        try next()
        try disk.rename(from, toNew: to)
    }

    func exchange(_ one: String, _ other: String) throws(DiskFailure) {
        try next()
        try disk.exchange(one, other)
    }

    func link(_ from: String, toNew to: String) throws(DiskFailure) {
        try next()
        try disk.link(from, toNew: to)
    }

    func removeFile(_ path: String) throws(DiskFailure) {
        try next()
        try disk.removeFile(path)
    }

    func removeFolder(_ path: String) throws(DiskFailure) {
        try next()
        try disk.removeFolder(path)
    }

    func entry(_ path: String) throws(DiskFailure) -> DiskEntry {
        try next()
        return try disk.entry(path)
    }

    func names(in path: String) throws(DiskFailure) -> [DiskName] {
        try next()
        return try disk.names(in: path)
    }

    func read(_ path: String, most: Int) throws(DiskFailure) -> [UInt8] {
        try next()
        return try disk.read(path, most: most)
    }
}

/// The machine's disk on a file system that cannot swap names nor give a second one.
struct PoorDisk: Disk {
    private let disk = SystemDisk()

    func exchange(_ one: String, _ other: String) throws(DiskFailure) { throw DiskFailure(code: EINVAL) }
    func link(_ from: String, toNew to: String) throws(DiskFailure) { throw DiskFailure(code: EPERM) }

    func create(_ path: String) throws(DiskFailure) -> OpenFile { try disk.create(path) }
    func write(_ bytes: ArraySlice<UInt8>, to file: OpenFile) throws(DiskFailure) -> Int {
        try disk.write(bytes, to: file)
    }
    func sync(_ file: OpenFile) throws(DiskFailure) { try disk.sync(file) }
    func close(_ file: OpenFile) throws(DiskFailure) { try disk.close(file) }
    func syncFolder(_ path: String) throws(DiskFailure) { try disk.syncFolder(path) }
    func makeFolder(_ path: String) throws(DiskFailure) { try disk.makeFolder(path) }
    func rename(_ from: String, toNew to: String) throws(DiskFailure) { try disk.rename(from, toNew: to) }
    func removeFile(_ path: String) throws(DiskFailure) { try disk.removeFile(path) }
    func removeFolder(_ path: String) throws(DiskFailure) { try disk.removeFolder(path) }
    func entry(_ path: String) throws(DiskFailure) -> DiskEntry { try disk.entry(path) }
    func names(in path: String) throws(DiskFailure) -> [DiskName] { try disk.names(in: path) }
    func read(_ path: String, most: Int) throws(DiskFailure) -> [UInt8] { try disk.read(path, most: most) }
}
