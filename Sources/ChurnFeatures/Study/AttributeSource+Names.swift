import ChurnHistory

extension AttributeSource {
    /// Fails where features of this entry of `customers` would have the names of another entry's: where both say since when an
    /// attribute of one name is known, or both have a founding year. One that has no date is no feature and may have any name.
    /// - Parameters:
    ///   - node: the entry.
    ///   - others: the entries before it.
    func requireOwnNames(_ node: StudyNode, beside others: [AttributeSource]) throws(DataError) {
        for attribute in attributes.map(\.name) where isDated(attribute) {
            let isTaken = others.contains { other in
                other.isDated(attribute) && other.attributes.contains { $0.name == attribute }
            }
            guard isTaken else { continue }
            throw try place(of: attribute, in: node).error(
                "is an attribute of two entries of `customers`",
                value: attribute,
                fix: "give one of them another name: {\(attribute)2: COLUMN}"
            )
        }
        let isTaken = others.contains { $0.hasKnownFoundingYear }
        if isTaken, hasKnownFoundingYear, let year = node.optional("foundingYear") {
            throw year.error(
                "is named in two entries of `customers`, and a company has one age",
                value: foundingYear,
                fix: "leave one of them out"
            )
        }
    }

    private var hasKnownFoundingYear: Bool { foundingYear.map(isDated) ?? false }

    /// Where the entry names an attribute.
    private func place(of attribute: String, in node: StudyNode) throws(DataError) -> StudyNode {
        guard let list = node.optional("attributes") else { return node }
        if list.isMapping { return try list.pairs().first { $0.key == attribute }?.value ?? list }
        for element in list.elements() where try element.text() == attribute { return element }
        return list
    }
}
