import Foundation
import Synchronization

@testable import ChurnRegistry

/// A disk in memory that forgets what was not synced when the power fails.
///
/// Each folder has the names that everybody sees and those that are durable; what lies between are changes of single names, any of which
/// may or may not have reached the disk. Renaming is one change of two folders, as file systems with a journal have it. A file has its
/// content and the content of its last sync.
final class SimulatedDisk: Disk {
    fileprivate final class Node {
        var content: [UInt8] = []
        /// What the last sync kept; `nil` before the first.
        var durable: [UInt8]?
        /// `nil` for a file.
        var names: [String: Node]?
        var durableNames: [String: Node] = [:]
        /// Changes of names since the last sync, in order; `nil` for a name that was taken away.
        var changes: [(name: String, node: Node?, number: Int)] = []

        init(isFolder: Bool) { names = isFolder ? [:] : nil }

        /// - Parameter number: of the change.
        func set(_ name: String, _ node: Node?, _ number: Int) {
            names?[name] = node
            changes.append((name, node, number))
        }
    }

    fileprivate struct State {
        var root = Node(isFolder: true)
        var open: [Int32: Node] = [:]
        var nextNumber: Int32 = 1
        /// Each may be a change.
        var calls = 0
        /// Numbers of changes that a sync of one of their folders has kept.
        var durableChanges: Set<Int> = []
        /// Calls after which the power is off; `nil` for never.
        var lastCall: Int?
    }

    /// What a call gets once the power is off.
    static let powerIsOff: Int32 = 9999

    private let state: Mutex<Box>

    /// Nodes are only touched inside of the lock.
    fileprivate final class Box: @unchecked Sendable {
        var state = State()
    }

    init() { state = Mutex(Box()) }

    /// Calls so far that change the disk.
    var calls: Int { state.withLock { $0.state.calls } }

    /// Lets the power fail after so many more calls.
    func cutPower(after calls: Int) { state.withLock { $0.state.lastCall = $0.state.calls + calls } }

    /// The disk that is found when the power comes back.
    /// - Parameter reaches: asked for each change that was not synced: whether it has reached the disk.
    func afterPowerLoss(_ reaches: () -> Bool) -> SimulatedDisk {
        let disk = SimulatedDisk()
        state.withLock { old in
            var known: [ObjectIdentifier: Node] = [:]
            var decided: [Int: Bool] = [:]
            func isKept(_ change: Int) -> Bool {
                if old.state.durableChanges.contains(change) { return true }
                let isKept = decided[change] ?? reaches()
                decided[change] = isKept
                return isKept
            }
            func survive(_ node: Node) -> Node {
                if let node = known[ObjectIdentifier(node)] { return node }
                let copy = Node(isFolder: node.names != nil)
                known[ObjectIdentifier(node)] = copy
                if node.names != nil {
                    var names = node.durableNames
                    for change in node.changes where isKept(change.number) { names[change.name] = change.node }
                    copy.names = names.mapValues(survive)
                    copy.durableNames = copy.names ?? [:]
                } else {
                    // Without a sync, any part of the content may be there.
                    copy.content =
                        reaches() ? node.content : node.durable ?? Array(node.content.prefix(node.content.count / 2))
                    copy.durable = copy.content
                }
                return copy
            }
            let root = survive(old.state.root)
            disk.state.withLock { $0.state.root = root }
        }
        return disk
    }

    // MARK: Calls

    private func changing<Result>(_ body: (inout State) throws(DiskFailure) -> Result) throws(DiskFailure) -> Result {
        try state.withLock { (box) throws(DiskFailure) in
            if let last = box.state.lastCall, box.state.calls >= last { throw DiskFailure(code: Self.powerIsOff) }
            box.state.calls += 1
            return try body(&box.state)
        }
    }

    private func reading<Result>(_ body: (State) throws(DiskFailure) -> Result) throws(DiskFailure) -> Result {
        try state.withLock { (box) throws(DiskFailure) in
            if let last = box.state.lastCall, box.state.calls >= last { throw DiskFailure(code: Self.powerIsOff) }
            return try body(box.state)
        }
    }

    func create(_ path: String) throws(DiskFailure) -> OpenFile {
        try changing { (state) throws(DiskFailure) in
            let (folder, name) = try state.place(path)
            guard folder.names?[name] == nil else { throw DiskFailure(code: EEXIST) }
            let file = Node(isFolder: false)
            folder.set(name, file, state.calls)
            let number = state.nextNumber
            state.nextNumber += 1
            state.open[number] = file
            return OpenFile(number: number)
        }
    }

    /// Takes a few bytes at a time, so that power fails between them.
    func write(_ bytes: ArraySlice<UInt8>, to file: OpenFile) throws(DiskFailure) -> Int {
        try changing { (state) throws(DiskFailure) in
            guard let node = state.open[file.number] else { throw DiskFailure(code: EBADF) }
            let count = max(1, min(bytes.count, bytes.count / 2 + 1))
            node.content += bytes.prefix(count)
            return min(count, bytes.count)
        }
    }

    func sync(_ file: OpenFile) throws(DiskFailure) {
        try changing { (state) throws(DiskFailure) in
            guard let node = state.open[file.number] else { throw DiskFailure(code: EBADF) }
            node.durable = node.content
        }
    }

    func close(_ file: OpenFile) throws(DiskFailure) {
        try changing { (state) throws(DiskFailure) in
            guard state.open.removeValue(forKey: file.number) != nil else { throw DiskFailure(code: EBADF) }
        }
    }

    func syncFolder(_ path: String) throws(DiskFailure) {
        try changing { (state) throws(DiskFailure) in
            guard let node = state.node(path) else { throw DiskFailure(code: ENOENT) }
            guard let names = node.names else { throw DiskFailure(code: ENOTDIR) }
            state.durableChanges.formUnion(node.changes.map(\.number))
            node.durableNames = names
            node.changes = []
        }
    }

    func makeFolder(_ path: String) throws(DiskFailure) {
        try changing { (state) throws(DiskFailure) in
            let (folder, name) = try state.place(path)
            guard folder.names?[name] == nil else { throw DiskFailure(code: EEXIST) }
            folder.set(name, Node(isFolder: true), state.calls)
        }
    }

    func rename(_ from: String, toNew to: String) throws(DiskFailure) {
        try changing { (state) throws(DiskFailure) in
            let (source, old) = try state.place(from)
            let (target, new) = try state.place(to)
            guard let node = source.names?[old] else { throw DiskFailure(code: ENOENT) }
            guard target.names?[new] == nil else { throw DiskFailure(code: EEXIST) }
            target.set(new, node, state.calls)
            source.set(old, nil, state.calls)
        }
    }

    func exchange(_ one: String, _ other: String) throws(DiskFailure) {
        try changing { (state) throws(DiskFailure) in
            let (first, firstName) = try state.place(one)
            let (second, secondName) = try state.place(other)
            guard let left = first.names?[firstName], let right = second.names?[secondName] else {
                throw DiskFailure(code: ENOENT)
            }
            first.set(firstName, right, state.calls)
            second.set(secondName, left, state.calls)
        }
    }

    func link(_ from: String, toNew to: String) throws(DiskFailure) {
        try changing { (state) throws(DiskFailure) in
            let (source, old) = try state.place(from)
            let (target, new) = try state.place(to)
            guard let node = source.names?[old] else { throw DiskFailure(code: ENOENT) }
            guard target.names?[new] == nil else { throw DiskFailure(code: EEXIST) }
            target.set(new, node, state.calls)
        }
    }

    func removeFile(_ path: String) throws(DiskFailure) {
        try changing { (state) throws(DiskFailure) in
            let (folder, name) = try state.place(path)
            guard let node = folder.names?[name], node.names == nil else { throw DiskFailure(code: ENOENT) }
            folder.set(name, nil, state.calls)
        }
    }

    func removeFolder(_ path: String) throws(DiskFailure) {
        try changing { (state) throws(DiskFailure) in
            let (folder, name) = try state.place(path)
            guard folder.names?[name]?.names?.isEmpty == true else { throw DiskFailure(code: ENOTEMPTY) }
            folder.set(name, nil, state.calls)
        }
    }

    func entry(_ path: String) throws(DiskFailure) -> DiskEntry {
        try reading { (state) throws(DiskFailure) in
            guard let node = state.node(path) else { return .absent }
            let never = Date(timeIntervalSince1970: 0)
            return node.names == nil ? .file(size: node.content.count, modified: never) : .folder(modified: never)
        }
    }

    func names(in path: String) throws(DiskFailure) -> [DiskName] {
        try reading { (state) throws(DiskFailure) in
            guard let names = state.node(path)?.names else { throw DiskFailure(code: ENOENT) }
            return names.map { DiskName(name: $0.key, kind: $0.value.names == nil ? .file : .folder) }
        }
    }

    func read(_ path: String, most: Int) throws(DiskFailure) -> [UInt8] {
        try reading { (state) throws(DiskFailure) in
            guard let node = state.node(path) else { throw DiskFailure(code: ENOENT) }
            guard node.names == nil else { throw DiskFailure(code: EISDIR) }
            guard node.content.count <= most else { throw DiskFailure(code: EFBIG) }
            return node.content
        }
    }
}

extension SimulatedDisk.State {
    fileprivate func node(_ path: String) -> SimulatedDisk.Node? {
        var node: SimulatedDisk.Node? = root
        for part in path.split(separator: "/") where part != "." { node = node?.names?[String(part)] }
        return node
    }

    fileprivate func place(_ path: String) throws(DiskFailure) -> (folder: SimulatedDisk.Node, name: String) {
        let parts = path.split(separator: "/")
        guard let name = parts.last else { throw DiskFailure(code: EEXIST) }
        guard let folder = node(parts.dropLast().joined(separator: "/")) else { throw DiskFailure(code: ENOENT) }
        guard folder.names != nil else { throw DiskFailure(code: ENOTDIR) }
        return (folder, String(name))
    }
}
