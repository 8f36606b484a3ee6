import ChurnHistory

/// A plan resolved against an index: codes in place of names, and every boundary that the sweep must know.
struct ExpandedPlan: Sendable {
    /// One column of the feature table.
    struct Column: Sendable {
        /// The column's number in the table.
        let number: Int
        let primitive: Primitive
        let types: TypeSet
        let window: FeatureWindow?
        /// The types that a share or ratio is among.
        let among: TypeSet?
        /// The attribute's number in the index; `nil` also where the data do not have it.
        let attribute: Int?
        let part: Int?
    }

    let columns: [Column]
    let activity: TypeSet
    let boundaries: Set<Boundary>
    /// The number of values of each attribute of the index.
    let attributeSizes: [Int]
    /// The contracts, where the plan has features of them.
    let contracts: DatedContracts?
    /// The columns of customers' attributes, where the plan has some.
    let attributes: ResolvedAttributes?
    /// What features of groups of companies are made of, where the plan has some.
    let groupFigures: GroupFigures?

    /// - Throws: what the study lacks of that which the plan's features are computed from: they would silently be 0.
    init(_ plan: FeaturePlan, study: Study, index: EventIndex) throws(FeatureError) {
        guard plan.timeZoneName == study.calendar.timeZoneName else {
            throw .timeZoneMismatch(plan: plan.timeZoneName, study: study.calendar.timeZoneName)
        }
        let activityNames = Set(study.churn.activityTypes)
        activity = TypeSet(study.churn.activityTypes, index: index)
        let contents = SourceContents(study.sources)
        var columns: [Column] = []
        for (number, feature) in plan.features.enumerated() {
            if let types = feature.activityTypes, Set(types) != activityNames {
                throw .activityMismatch(plan: types, study: study.churn.activityTypes)
            }
            try contents.require(feature)
            columns.append(
                Column(
                    number: number,
                    primitive: feature.primitive,
                    types: TypeSet(feature.eventTypes, index: index),
                    window: feature.window,
                    among: feature.among.map { TypeSet($0, index: index) },
                    attribute: feature.attribute.flatMap { name in
                        index.attributes.firstIndex { $0.name == name }
                    },
                    part: feature.part
                )
            )
        }
        self.columns = columns
        boundaries = columns.reduce(into: []) { $0.formUnion(Self.boundaries(of: $1)) }
        attributeSizes = index.attributes.map(\.values.count)
        if let feature = plan.features.first(where: { $0.primitive.subject == .contracts }) {
            guard let table = index.contracts else { throw .missingContracts(feature: feature.name) }
            contracts = DatedContracts(table, calendar: study.calendar)
        } else {
            contracts = nil
        }
        attributes = try ResolvedAttributes(plan, study: study, index: index)
        groupFigures = try GroupFigures(plan, columns, study: study)
    }

    /// The boundaries that a column asks for.
    private static func boundaries(of column: Column) -> [Boundary] {
        guard let window = column.window else { return [] }
        switch column.primitive {
        // Its window lies behind the cutoff, where nothing is looked at.
        case .expectedPurchases: return []
        case .trend, .amountTrend: return [.weeks(window.weeks)]
        case .versusBefore, .amountVersusBefore: return [.start(window), .startBefore(window)]
        case .versusYear, .amountVersusYear: return [.start(window), .yearBefore, .startYearBefore(window)]
        default: return [.start(window)]
        }
    }

    /// The evaluators of the plan, with memory of their own: each thread takes its own.
    func families(_ layout: FamilyLayout) -> [any FeatureFamily] {
        let families: [(any FeatureFamily)?] = [
            CountFamily(columns, layout),
            AmountFamily(columns, layout),
            ExtremeFamily(columns, layout),
            TrendFamily(columns, layout),
            DistinctFamily(columns, layout),
            RhythmFamily(columns, layout),
            SinceLastFamily(columns, layout),
            ScoreFamily(columns, layout),
            PurchaseFamily(columns, layout),
            ContractFamily(columns, layout, contracts: contracts),
            AttributeFamily(columns, layout, attributes: attributes),
            GroupFamily(layout),
        ]
        return families.compactMap(\.self)
    }
}
