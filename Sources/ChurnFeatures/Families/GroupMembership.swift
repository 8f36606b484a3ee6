import ChurnHistory

/// Which group of companies each customer belongs to at each cutoff, and which groups have several members there.
///
/// The group is what the study's attribute says of the customer by his last row with `validFrom < c`: any text, often the id of
/// the mother company. Where it says nothing, the group bears the customer's own id, so that a mother company is in the group
/// of its daughters. Only who has an event or the start of a contract before c is a member at c, and only groups with two
/// members or more at a cutoff have a place there: what an only member has done is known without one.
struct GroupMembership: Sendable {
    private let history: AttributeHistory
    /// By row of the history, the group's number, which is the code of its name; -1 for none.
    private let groups: Column<Int32>
    /// By customer, the group that bears his id; -1 where nobody names it: then nobody else can be in it.
    private let ownGroups: [Int32]
    /// By customer, when he was first seen.
    private let firstPresence: [Int64]
    /// The instants of the cutoffs, ascending.
    private let cutoffs: [Int64]
    /// By group, then cutoff: the place of the group; -1 where it has fewer than two members.
    private var places: [Int32]
    /// Groups with two members or more, counted at each cutoff.
    private(set) var placeCount = 0

    /// - Returns: `nil` where the study names no groups.
    init?(study: Study, index: EventIndex, cutoffs: [Cutoff]) {
        guard let number = study.sources.customers.firstIndex(where: { $0.group != nil }),
            index.attributeHistories.indices.contains(number),
            let attribute = index.attributeHistories[number].attributes.first(where: {
                $0.name == study.sources.customers[number].group
            })
        else { return nil }
        history = index.attributeHistories[number]
        groups = attribute.codes
        firstPresence = index.firstPresence()
        self.cutoffs = cutoffs.map(\.instant)
        var ownGroups = [Int32](repeating: -1, count: index.customers.count)
        for (group, name) in attribute.values.enumerated() {
            if let customer = index.customers.position(ofText: name) { ownGroups[customer] = Int32(group) }
        }
        self.ownGroups = ownGroups
        places = [Int32](repeating: 0, count: attribute.values.count * cutoffs.count)
        for customer in ownGroups.indices {
            for cutoff in cutoffs.indices {
                if let group = self.group(ofCustomer: customer, at: cutoff) {
                    places[group * cutoffs.count + cutoff] += 1
                }
            }
        }
        for position in places.indices {
            let isShared = places[position] > 1
            places[position] = isShared ? Int32(placeCount) : -1
            placeCount += isShared ? 1 : 0
        }
    }

    /// The number of the group that a customer is a member of at a cutoff; `nil` where nobody else can be, or he has not been
    /// seen before.
    @inline(__always)
    private func group(ofCustomer customer: Int, at cutoff: Int) -> Int? {
        guard firstPresence[customer] < cutoffs[cutoff] else { return nil }
        var group = ownGroups[customer]
        if let row = history.row(ofCustomer: customer, asOf: cutoffs[cutoff]), groups[row] >= 0 { group = groups[row] }
        return group >= 0 ? Int(group) : nil
    }

    /// The place of a customer's group at a cutoff; `nil` where he is its only member, or has not been seen before.
    @inline(__always)
    func place(ofCustomer customer: Int, at cutoff: Int) -> Int? {
        guard let group = self.group(ofCustomer: customer, at: cutoff) else { return nil }
        let place = places[group * cutoffs.count + cutoff]
        return place >= 0 ? Int(place) : nil
    }
}

extension TextColumn {
    /// Where a text stands among texts in ascending byte order.
    fileprivate func position(ofText text: String) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            let isBefore = withBytes(middle) { $0.lexicographicallyPrecedes(text.utf8) }
            if isBefore { low = middle + 1 } else { high = middle }
        }
        return low < count && withBytes(low) { $0.elementsEqual(text.utf8) } ? low : nil
    }
}
