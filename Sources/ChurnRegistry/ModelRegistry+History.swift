import Foundation

extension ModelRegistry {
    /// How often an entry is added again behind one that somebody else was quicker with.
    private static let mostAttempts = 1000
    /// How often a history is listed again that has a gap: one may be added between the looks at its neighbours.
    private static let mostLooks = 5

    // MARK: Reading

    /// All that was decided about a model's versions.
    public func history(of name: ModelName) throws(RegistryError) -> ModelHistory {
        var entries: [ModelHistory.Entry] = []
        let count = try entryCount(of: name)
        for number in stride(from: 1, through: count, by: 1) { entries.append(try historyEntry(number, of: name)) }
        return ModelHistory(entries: entries)
    }

    /// Where a model's aliases point: what its newest entry says.
    public func aliases(of name: ModelName) throws(RegistryError) -> [String: Int] {
        guard let last = try newestHistory(of: name, limit: 1).last else { return [:] }
        if let aliases = last.aliases { return aliases }
        return try history(of: name).aliases
    }

    /// The newest entries of what was decided about a model's versions, oldest first.
    public func newestHistory(of name: ModelName, limit: Int) throws(RegistryError) -> [ModelHistory.Entry] {
        var entries: [ModelHistory.Entry] = []
        let count = try entryCount(of: name)
        for number in stride(from: max(1, count - limit + 1), through: count, by: 1) {
            entries.append(try historyEntry(number, of: name))
        }
        return entries
    }

    /// The numbers of the entries that a history has, ascending; what has no such name is none.
    func entryNumbers(of name: ModelName) throws(RegistryError) -> [Int] {
        try files.names(in: aliasesPath(name)).compactMap { file in
            file.name.hasSuffix(".json") ? Self.number(String(file.name.dropLast(5))) : nil
        }
    }

    private func entryCount(of name: ModelName) throws(RegistryError) -> Int {
        var gap = 0
        for _ in 0..<Self.mostLooks {
            let numbers = try entryNumbers(of: name)
            guard let last = numbers.last, last != numbers.count else { return numbers.count }
            gap = numbers.enumerated().first { $0 + 1 != $1 }.map { $0.offset + 1 } ?? last
        }
        throw .damaged(
            path: "\(aliasesPath(name))/\(Self.numbered(gap)).json",
            problem: "it is missing, and later entries are there"
        )
    }

    func historyEntry(_ number: Int, of name: ModelName) throws(RegistryError) -> ModelHistory.Entry {
        let path = "\(aliasesPath(name))/\(Self.numbered(number)).json"
        let data = try files.read(path, most: Self.mostNoteBytes)
        let entry: ModelHistory.Entry
        do {
            entry = try JSONDecoder().decode(ModelHistory.Entry.self, from: data)
        } catch {
            if let action = try? JSONDecoder().decode(AnyAction.self, from: data).action,
                ModelHistory.Entry.Action(rawValue: action) == nil
            {
                throw .newer(path: path, what: "the action \"\(action)\"")
            }
            throw .damaged(path: path, problem: "it is not an entry of the history")
        }
        guard entry.isSound(largestVersion: Self.largestVersion) else {
            throw .damaged(path: path, problem: "it names a version that cannot be, or aliases that it does not move")
        }
        return entry
    }

    /// An entry of any version.
    private struct AnyAction: Decodable {
        let action: String
    }

    // MARK: Writing

    /// Points an alias at a version. Where it points there already, nothing is added to the history.
    /// - Parameter expected: where the alias must point before, `.some(nil)` for nowhere; `nil` for anywhere.
    /// - Returns: where it pointed before.
    /// - Throws: `notPromotable` for a version whose fit did not converge, `gone`, `aliasMoved` when somebody else was quicker.
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
        try decide(name, history(of: name), about: alias) { (history) throws(RegistryError) in
            before = history.version(of: alias.text)
            if let expected, before != expected {
                throw .aliasMoved(alias: alias.text, expected: expected, got: before)
            }
            guard !history.deletedVersions.contains(version) else {
                throw .gone(name: name.text, version: version, note: nil)
            }
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
        try decide(name, history(of: name), about: alias) { (history) throws(RegistryError) in
            guard let previous = history.previousVersion(of: alias.text) else {
                throw .nothingToRollBack(name: name.text, alias: alias.text)
            }
            _ = try contents(name, version: previous)
            target = previous
            return .init(.rollback, alias: alias.text, version: previous, reason: reason, at: date, after: history)
        }
        return target
    }

    /// Deletes versions. Their numbers stay taken by notes of who deleted them, when and why.
    /// - Throws: `inUse` for a version that an alias points at, or would after rollbacks; `noSuchVersion`, `gone`. Versions before it
    ///   are deleted.
    public func delete(_ name: ModelName, versions: [Int], reason: String?, at date: Date) throws(RegistryError) {
        let known = try self.versions(of: name)
        var history = try history(of: name)
        for version in versions {
            guard known.contains(version) else { throw try missing(name, version, newest: known.last) }
            // In the history first, where promotions see it: one of the two is told.
            history = try decide(name, history, about: nil) { (history) throws(RegistryError) in
                if history.deletedVersions.contains(version) { return nil }
                if history.namedVersions.contains(version) {
                    let alias = history.aliases.keys.sorted().first { history.version(of: $0) == version }
                    let user = alias.map { "the alias \"\($0)\" points at it" } ?? "a rollback would go back to it"
                    throw .inUse(name: name.text, version: version, by: user)
                }
                return .init(.delete, version: version, reason: reason, at: date, after: history)
            }
            try finishDeletion(name, version: version, history)
        }
    }

    /// Puts a note in the place of a version that the history has as deleted, and removes its files.
    func finishDeletion(_ name: ModelName, version: Int, _ history: ModelHistory) throws(RegistryError) {
        guard let entry = history.entries.last(where: { $0.action == .delete && $0.version == version }),
            try files.entry(versionPath(name, version)).isFolder
        else { return }
        let note = VersionNote(.deleted, at: entry.at, by: entry.by, reason: entry.reason)
        try files.makeFolder(stagingPath)
        let aside = newStagingPath()
        try files.replace(versionPath(name, version), by: RegistryJSON.encode(note), aside: aside)
        try files.remove(aside)
    }

    /// Adds what was decided behind a history that has nothing that the decision did not know.
    /// - Parameters:
    ///   - known: the history as it was read last.
    ///   - alias: that the decision is about: it is told, and not asked again, where somebody else has moved it meanwhile.
    ///   - decision: the entry to add, given the history; `nil` for none.
    /// - Returns: the history with the entry.
    @discardableResult
    private func decide(
        _ name: ModelName,
        _ known: ModelHistory,
        about alias: AliasName?,
        _ decision: (ModelHistory) throws(RegistryError) -> ModelHistory.Entry?
    ) throws(RegistryError) -> ModelHistory {
        var known = known
        let expected = alias.flatMap { known.version(of: $0.text) }
        for _ in 0..<Self.mostAttempts {
            let entry = try decision(known)
            try files.makeFolder(aliasesPath(name))
            // Whoever made this may not have synced it yet.
            try files.syncFolder("\(path)/\(name)")
            guard let entry else {
                try files.syncFolder(aliasesPath(name))
                return known
            }
            let data = try RegistryJSON.encode(entry)
            let place = "\(aliasesPath(name))/\(Self.numbered(known.entries.count + 1)).json"
            guard data.count <= Self.mostNoteBytes, known.entries.count < Self.largestVersion else {
                throw .inputOutput(path: place, operation: "adding to the history", reason: "there is no room for it")
            }
            if try self.place(data, at: place) { return known.appending(entry) }
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
