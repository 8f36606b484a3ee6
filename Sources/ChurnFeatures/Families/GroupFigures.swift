import ChurnHistory

/// What the features of groups of companies in a plan are made of: figures of each member, most of which add up to those of
/// the group.
///
/// A member's figures are columns of the same families that compute his own features, so that a transaction or an amount
/// counts for the group exactly as it does for him.
struct GroupFigures: Sendable {
    /// A feature and the figure that it is made of.
    struct Feature: Sendable {
        let primitive: Primitive
        /// The feature's column in the table.
        let column: Int
        let figure: Int
    }

    let features: [Feature]
    /// The members' figures, by number: first those that add up.
    let columns: [ExpandedPlan.Column]
    let summedCount: Int
    /// The day of the member's last activity and his tenure; `nil` where no feature asks for them.
    let recency: (lastDay: Int, tenure: Int)?

    /// - Returns: `nil` where the plan has no features of groups.
    /// - Throws: `missingGroup` when the study does not name groups by the attribute that the plan names.
    init?(_ plan: FeaturePlan, _ columns: [ExpandedPlan.Column], study: Study) throws(FeatureError) {
        let group = study.sources.customers.lazy.compactMap(\.group).first
        for feature in plan.features where feature.primitive.subject == .companyGroup && feature.attribute != group {
            throw .missingGroup(feature.attribute ?? "", feature: feature.name)
        }
        let ofGroups = columns.filter { $0.primitive.subject == .companyGroup }
        if ofGroups.isEmpty { return nil }
        var features: [Feature] = []
        var figures: [ExpandedPlan.Column] = []
        for column in ofGroups where column.primitive != .groupRecency {
            features.append(Feature(primitive: column.primitive, column: column.number, figure: figures.count))
            figures.append(Self.figure(column, Self.memberPrimitive(of: column.primitive), number: figures.count))
        }
        summedCount = figures.count
        let recencies = ofGroups.filter { $0.primitive == .groupRecency }
        for column in recencies {
            features.append(Feature(primitive: .groupRecency, column: column.number, figure: summedCount))
        }
        if let column = recencies.first {
            recency = (lastDay: summedCount, tenure: summedCount + 1)
            figures.append(Self.figure(column, .groupRecency, number: summedCount))
            figures.append(Self.figure(column, .tenure, number: summedCount + 1))
        } else {
            recency = nil
        }
        self.features = features
        self.columns = figures
    }

    private static func memberPrimitive(of primitive: Primitive) -> Primitive {
        switch primitive {
        case .groupCount, .groupShare: .count
        case .groupSum: .sum
        default: primitive
        }
    }

    private static func figure(
        _ column: ExpandedPlan.Column,
        _ primitive: Primitive,
        number: Int
    ) -> ExpandedPlan.Column {
        ExpandedPlan.Column(
            number: number,
            primitive: primitive,
            types: column.types,
            window: column.window,
            among: nil,
            attribute: nil,
            part: nil
        )
    }

    /// The evaluators of a member's figures, with memory of their own.
    func families(_ layout: FamilyLayout) -> [any FeatureFamily] {
        let families: [(any FeatureFamily)?] = [
            CountFamily(columns, layout),
            AmountFamily(columns, layout),
            RhythmFamily(columns, layout),
            MemberFamily(columns, layout),
        ]
        return families.compactMap(\.self)
    }
}
