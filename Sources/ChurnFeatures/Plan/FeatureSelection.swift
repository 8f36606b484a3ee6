import ChurnHistory

/// The `features` of a study: which of all possible ones are computed.
public struct FeatureSelection: Sendable, Equatable {
    public private(set) var windows: [FeatureWindow]
    /// The families whose features are taken.
    public private(set) var families: [FeatureGroup]
    /// The event types whose features the families take; `nil` for all. Features of the activity are not touched.
    public let types: [String]?
    /// Names or patterns with `*` of features that are taken beside those of the families.
    public let include: [String]
    /// Names or patterns of features that are left out.
    public let exclude: [String]
    /// The families that the study itself names: each must have a feature.
    private var named: [FeatureGroup]

    /// - Parameter node: `nil` where the study has no `features`.
    /// - Throws: `DataError` also for what would have no effect.
    init(_ node: StudyNode?) throws(DataError) {
        try node?.requireKeys(["windows", "families", "types", "include", "exclude"])
        try node?.requireValues()
        windows = try FeatureWindow.windows(node?.optional("windows"))
        types = try node?.optional("types")?.texts()
        include = try node?.optional("include")?.texts() ?? []
        exclude = try node?.optional("exclude")?.texts() ?? []
        if let list = node?.optional("families") {
            let families = try Self.families(list)
            if families.isEmpty, include.isEmpty {
                throw list.error("names no family", fix: "families: [counts, rhythm], or leave it out")
            }
            named = families.compactMap(\.self)
            let standard = families.contains(nil) ? FeatureGroup.standard : []
            self.families = standard + named.filter { !standard.contains($0) }
        } else {
            named = []
            // Who names the features one by one wants those and no others.
            families = include.isEmpty ? FeatureGroup.standard : []
        }
        if let types, let node = node?.optional("types") { try requireEffect(of: types, node) }
    }

    /// The same with a family beside its own.
    func adding(_ family: FeatureGroup) -> FeatureSelection {
        var selection = self
        if !families.contains(family) { selection.families.append(family) }
        return selection
    }

    /// The same with other windows or families; `nil` leaves them.
    func choosing(windows: [FeatureWindow]?, families: [FeatureGroup]?) -> FeatureSelection {
        var selection = self
        if let windows { selection.windows = windows }
        if let families { (selection.families, selection.named) = (families, families) }
        return selection
    }

    /// The families of a list; `nil` stands for `default`, those that a study gets which names none.
    private static func families(_ node: StudyNode) throws(DataError) -> [FeatureGroup?] {
        var families: [FeatureGroup?] = []
        for element in node.elements() {
            let name = try element.text()
            let family = name == standard ? nil : try element.choice(FeatureGroup.self, or: [standard])
            if families.contains(family) { throw element.error("stands twice", value: name) }
            families.append(family)
        }
        return families
    }

    private static let standard = "default"

    private func requireEffect(of types: [String], _ node: StudyNode) throws(DataError) {
        if types.isEmpty { throw node.error("names no event type", fix: "types: [purchase], or leave it out") }
        if families.contains(where: \.isByType) { return }
        let problem =
            families.isEmpty
            ? "narrows families, and none is taken beside `include`"
            : "narrows nothing: the families named are not of single event types"
        let narrowed = FeatureGroup.allCases.filter(\.isByType).map(\.rawValue).joined(separator: ", ")
        throw node.error(problem, fix: "leave it out, or name families of single types: \(narrowed)")
    }

    /// The chosen features, in the order of the catalogue.
    /// - Throws: `unknownFeature` for a name or pattern that no feature has; `emptyFamilies` for families that the study names and
    ///   that have none; `noFeature` when none is left.
    func choose(from catalogue: FeatureCatalogue) throws(FeatureError) -> [FeaturePlan.Feature] {
        let names = catalogue.entries.map(\.feature.name)
        for pattern in include where !catalogue.entries.contains(where: { reaches($0, pattern) }) {
            throw .unknownFeature(pattern, known: names)
        }
        for pattern in exclude where !names.contains(where: { Self.matches($0, pattern) }) {
            throw .unknownFeature(pattern, known: names)
        }
        let empty = named.filter { family in !catalogue.entries.contains { $0.group == family && $0.isInGroup } }
        if !empty.isEmpty { throw .emptyFamilies(empty) }
        let chosen = catalogue.entries.filter { entry in
            let name = entry.feature.name
            if exclude.contains(where: { Self.matches(name, $0) }) { return false }
            if include.contains(where: { reaches(entry, $0) }) { return true }
            guard entry.isInGroup, families.contains(entry.group) else { return false }
            guard let types, let type = entry.type else { return true }
            return types.contains(type)
        }
        if chosen.isEmpty { throw .noFeature }
        return chosen.map(\.feature)
    }

    /// Whether a pattern of `include` means a feature.
    ///
    /// Those that a model learns from everybody's purchases cost fits and may be refused: `*_30d` does not mean them beside all others
    /// of that window, `expected_*` does.
    private func reaches(_ entry: FeatureCatalogue.Entry, _ pattern: String) -> Bool {
        guard Self.matches(entry.feature.name, pattern) else { return false }
        if entry.group != .buyTillYouDie || families.contains(.buyTillYouDie) { return true }
        return !pattern.contains("*") || pattern.prefix { $0 != "*" }.contains("_")
    }

    /// Whether a name is the pattern's, where `*` stands for any characters.
    static func matches(_ name: String, _ pattern: String) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return name == pattern }
        guard name.hasPrefix(parts[0]), name.count >= parts[0].count + parts[parts.count - 1].count,
            name.hasSuffix(parts[parts.count - 1])
        else { return false }
        var rest = name.dropFirst(parts[0].count).dropLast(parts[parts.count - 1].count)
        for part in parts[1..<(parts.count - 1)] where !part.isEmpty {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}
