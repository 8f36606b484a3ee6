import ChurnHistory

/// The attribute columns of a plan, resolved against an index: each is a table from the attribute's code to the value of the
/// feature. Found once for all threads.
struct ResolvedAttributes: Sendable {
    /// One column of the feature table.
    struct Lookup: Sendable {
        let column: Int
        /// By row of the history.
        let codes: Column<Int32>
        /// By code + 1; the first where nothing is known. Under a founding year that year, NaN where it is not known.
        let values: [Double]
        let isFoundingYear: Bool
    }

    /// The columns that need the same row of a history.
    struct Group: Sendable {
        let history: Int
        let lookups: [Int]
    }

    let histories: [AttributeHistory]
    let calendar: StudyCalendar
    private(set) var lookups: [Lookup] = []
    private(set) var groups: [Group] = []

    /// - Returns: `nil` where the plan has no feature of attributes.
    /// - Throws: `missingAttribute` for one that the study does not have.
    init?(_ plan: FeaturePlan, study: Study, index: EventIndex) throws(FeatureError) {
        let features = plan.features.enumerated().filter { $0.element.primitive.subject == .attributes }
        if features.isEmpty { return nil }
        histories = index.attributeHistories
        calendar = study.calendar
        var ofHistory = [[Int]](repeating: [], count: histories.count)
        // What is no number is missing where the plan takes the attribute for one.
        let numeric = Set(
            features.map(\.element).filter { [.attributeNumber, .companyAge].contains($0.primitive) }.map(\.attribute)
        )
        for (column, feature) in features {
            guard let name = feature.attribute else { continue }
            guard let place = Self.place(of: name, study, index) else {
                throw .missingAttribute(name, feature: feature.name)
            }
            let attribute = histories[place.history].attributes[place.attribute]
            let dialect = study.sources.customers[place.history].dialect
            ofHistory[place.history].append(lookups.count)
            lookups.append(
                Lookup(
                    column: column,
                    codes: attribute.codes,
                    values: Self.values(of: feature, attribute, dialect, isNumeric: numeric.contains(name)),
                    isFoundingYear: feature.primitive == .companyAge
                )
            )
        }
        groups = ofHistory.enumerated().filter { !$0.element.isEmpty }.map { Group(history: $0, lookups: $1) }
    }

    /// Where an attribute stands among the entries that say since when it is known: another one tells what is true today.
    private static func place(of name: String, _ study: Study, _ index: EventIndex) -> (history: Int, attribute: Int)? {
        for (number, history) in index.attributeHistories.enumerated()
        where number < study.sources.customers.count && study.sources.customers[number].isDated(name) {
            if let attribute = history.attributes.firstIndex(where: { $0.name == name }) { return (number, attribute) }
        }
        return nil
    }

    /// By code + 1, the values of a feature.
    private static func values(
        of feature: FeaturePlan.Feature,
        _ attribute: EventIndex.AttributeColumn,
        _ dialect: DelimitedDialect,
        isNumeric: Bool
    ) -> [Double] {
        switch feature.primitive {
        case .attributeNumber: [0] + attribute.numbers(dialect).map { $0.isNaN ? 0 : $0 }
        case .companyAge: [.nan] + attribute.numbers(dialect)
        case .attributeValue: [0] + attribute.values.map { $0 == feature.value ? 1 : 0 }
        case .attributeMissing:
            [1] + (isNumeric ? attribute.numbers(dialect).map { $0.isNaN ? 1 : 0 } : attribute.values.map { _ in 0 })
        default: preconditionFailure("not of an attribute")
        }
    }
}
