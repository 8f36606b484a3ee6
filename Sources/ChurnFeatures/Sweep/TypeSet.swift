import ChurnHistory

/// Some event types of an index, by their codes.
struct TypeSet: Hashable, Sendable {
    /// Ascending. Types that the data do not have are nobody's events: they are left out.
    let codes: [UInt8]

    init(_ names: [String], index: EventIndex) {
        codes = index.typeNames.indices.filter { names.contains(index.typeNames[$0]) }.map { UInt8($0) }
    }

    /// Whether each code that a type can have is in the set.
    var members: [Bool] {
        var members = [Bool](repeating: false, count: 256)
        for code in codes { members[Int(code)] = true }
        return members
    }
}
