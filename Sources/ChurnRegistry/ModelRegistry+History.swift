import Foundation

extension ModelRegistry {
    /// How often an entry is added again behind one that somebody else was quicker with.
    private static let mostAttempts = 1000
    /// No entry is larger.
    private static let mostEntryBytes = 1 << 20

    // MARK: Reading

    /// All that was decided about a model's versions.
    public func history(of name: ModelName) throws(RegistryError) -> ModelHistory {
        var entries: [ModelHistory.Entry] = []
        for (position, file) in try historyFiles(of: name).enumerated() {
            entries.append(try historyEntry(position + 1, file, of: name))
        }
        return ModelHistory(entries: entries)
    }

    /// Where a model's aliases point: what its newest entry says.
    public func aliases(of name: ModelName) throws(RegistryError) -> [String: Int] {
        let files = try historyFiles(of: name)
        guard let last = files.last else { return [:] }
        if let aliases = try historyEntry(files.count, last, of: name).aliases { return aliases }
        return try history(of: name).aliases
    }

    /// The names of a history's files. Names with a dot in front are what copying programs leave, not entries.
    func historyFiles(of name: ModelName) throws(RegistryError) -> [String] {
        try files.names(in: aliasesPath(name)).map(\.name).filter { !$0.hasPrefix(".") }
    }

    func historyEntry(_ number: Int, _ file: String, of name: ModelName) throws(RegistryError) -> ModelHistory.Entry {
        let path = "\(aliasesPath(name))/\(file)"
        guard file == "\(Self.numbered(number)).json" else {
            throw .damaged(path: path, problem: "the history should go on with \(Self.numbered(number)).json")
        }
        let data = try files.read(path, most: Self.mostEntryBytes)
        let entry: ModelHistory.Entry
        do {
            entry = try JSONDecoder().decode(ModelHistory.Entry.self, from: data)
        } catch {
            throw .damaged(path: path, problem: "it is not an entry of the history (\(error))")
        }
        guard entry.isSound(largestVersion: Self.largestVersion) else {
            throw .damaged(path: path, problem: "it names a version that cannot be, or aliases that it does not move")
        }
        return entry
    }

    // MARK: Writing

    /// Points an alias at a version. Where it points there already, nothing is added to the history.
    /// - Parameter expected: where the alias must point before, `.some(nil)` for nowhere; `nil` for anywhere.
    /// - Returns: where it pointed before.
    /// - Throws: `notPromotable` for a version whose fit did not converge, `deleted`, `aliasMoved` when somebody else was quicker.
    @discardableResult
    public func promote(
        _ name: ModelName,
        version: Int,
        alias: AliasName,
        expected: Int?? = nil,
        reason: String?,
        at date: Date
    ) throws(RegistryError) -> Int? {
        let model = try StoredModel(
            contents: try contents(name, version: version),
            path: versionPath(name, version)
        )
        let status = model.model.fitted.certificate.status
        guard status.isTrustworthy else {
            throw .notPromotable(name: name.text, version: version, status: status.rawValue)
        }
        var before: Int?
        try decide(name, about: alias) { (history) throws(RegistryError) in
            before = history.version(of: alias.text)
            if let expected, before != expected {
                throw .aliasMoved(alias: alias.text, expected: expected, got: before)
            }
            guard !history.deletedVersions.contains(version) else { throw .deleted(name: name.text, version: version) }
            // Whoever published it may not have synced it yet.
            try files.syncFolder(versionsPath(name))
            if before == version { return nil }
            return .init(.promote, alias: alias.text, version: version, reason: reason, at: date, after: history)
        }
        return before
    }

    /// Points an alias back at the version that it had before its last promotion.
    /// - Returns: the version that it points at now.
    @discardableResult
    public func rollBack(
        _ name: ModelName,
        alias: AliasName,
        reason: String?,
        at date: Date
    ) throws(RegistryError) -> Int {
        var target = 0
        try decide(name, about: alias) { (history) throws(RegistryError) in
            guard let previous = history.previousVersion(of: alias.text) else {
                throw .nothingToRollBack(name: name.text, alias: alias.text)
            }
            _ = try contents(name, version: previous)
            target = previous
            return .init(.rollback, alias: alias.text, version: previous, reason: reason, at: date, after: history)
        }
        return target
    }

    /// Deletes a version. Its number stays taken by a note of who deleted it, when and why.
    /// - Throws: `inUse` for a version that an alias points at, or would after rollbacks; `noSuchVersion`.
    public func delete(_ name: ModelName, version: Int, reason: String?, at date: Date) throws(RegistryError) {
        let known = try versions(of: name)
        guard known.contains(version) else {
            throw .noSuchVersion(name: name.text, version: version, newest: known.last)
        }
        // In the history first, where promotions see it: one of the two is told.
        try decide(name, about: nil) { (history) throws(RegistryError) in
            if history.deletedVersions.contains(version) { return nil }
            if history.namedVersions.contains(version) {
                let alias = history.aliases.keys.sorted().first { history.version(of: $0) == version }
                let user = alias.map { "the alias \"\($0)\" points at it" } ?? "a rollback would go back to it"
                throw .inUse(name: name.text, version: version, by: user)
            }
            return .init(.delete, version: version, reason: reason, at: date, after: history)
        }
        try removeDeleted(name, version: version)
    }

    /// Puts a note in the place of a version that the history has as deleted, and removes its files.
    func removeDeleted(_ name: ModelName, version: Int) throws(RegistryError) {
        guard let entry = try history(of: name).entries.last(where: { $0.action == .delete && $0.version == version })
        else { return }
        let note = VersionNote(.deleted, at: entry.at, by: entry.by, reason: entry.reason)
        try replace(versionPath(name, version), by: RegistryJSON.encode(note)) { (aside) throws(RegistryError) in
            try files.remove(aside)
        }
    }

    /// Puts a file in the place of something, durably, and does something with that, which has another name then.
    func replace(
        _ place: String,
        by data: Data,
        _ body: (String) throws(RegistryError) -> Void
    ) throws(RegistryError) {
        try files.makeFolder(stagingPath)
        let staged = newStagingPath()
        try files.writeSynced(data, to: staged)
        do throws(RegistryError) {
            try files.exchange(staged, place)
        } catch {
            try? files.remove(staged)
            throw error
        }
        try files.syncFolder((place as NSString).deletingLastPathComponent)
        try body(staged)
    }

    /// Adds what was decided behind a history that has nothing that the decision did not know.
    /// - Parameters:
    ///   - alias: that the decision is about: it is told, and not asked again, where somebody else has moved it meanwhile.
    ///   - decision: the entry to add, given the history; `nil` for none.
    private func decide(
        _ name: ModelName,
        about alias: AliasName?,
        _ decision: (ModelHistory) throws(RegistryError) -> ModelHistory.Entry?
    ) throws(RegistryError) {
        var known = try history(of: name)
        let expected = alias.flatMap { known.version(of: $0.text) }
        for _ in 0..<Self.mostAttempts {
            let entry = try decision(known)
            try files.makeFolder(aliasesPath(name))
            // Whoever made this may not have synced it yet.
            try files.syncFolder("\(path)/\(name)")
            guard let entry else { return try files.syncFolder(aliasesPath(name)) }
            let place = "\(aliasesPath(name))/\(Self.numbered(known.entries.count + 1)).json"
            if try self.place(RegistryJSON.encode(entry), at: place) { return }
            known = try history(of: name)
            if let alias, known.version(of: alias.text) != expected {
                throw .aliasMoved(alias: alias.text, expected: expected, got: known.version(of: alias.text))
            }
        }
        throw .inputOutput(
            path: aliasesPath(name),
            operation: "adding to the history",
            reason: "others were always quicker"
        )
    }
}

extension ModelHistory.Entry {
    /// Whether it has what an entry of its kind needs, and nothing that cannot be.
    fileprivate func isSound(largestVersion: Int) -> Bool {
        let versions = [version, previous].compactMap(\.self) + (aliases.map { Array($0.values) } ?? [])
        guard versions.allSatisfy({ (1...largestVersion).contains($0) }) else { return false }
        switch action {
        case .promote, .rollback:
            guard let alias, let version else { return false }
            return aliases.map { $0[alias] == version } ?? true
        case .delete: return alias == nil && version != nil
        case .repair: return alias == nil && version == nil
        }
    }
}
