import ChurnHistory

/// What a study asks a model to make more of its features: a bend, or a product. Models fit it; the feature table stays.
public enum StudyTerm: Sendable, Equatable {
    /// A restricted cubic spline of a feature.
    case spline(feature: String, knots: Int)
    /// The product of two features.
    case interaction(String, String)

    /// The features that it is made of.
    var features: [String] {
        switch self {
        case .spline(let feature, _): [feature]
        case .interaction(let first, let second): [first, second]
        }
    }

    /// Those that models know; a study is read without them.
    private static let knotCounts = 3...7

    init(_ node: StudyNode) throws(DataError) {
        guard node.isMapping else { throw Self.notOne(node) }
        try node.requireKeys(["spline", "interaction"])
        switch (node.optional("spline"), node.optional("interaction")) {
        case (let spline?, nil):
            try spline.requireKeys(["feature", "knots"])
            let feature = try spline.required("feature", example: "recency").text()
            let knots = try spline.optional("knots")?.wholeNumber() ?? 4
            guard Self.knotCounts.contains(knots) else {
                throw spline.error(
                    "has a number of knots that is not known",
                    value: "\(knots)",
                    fix:
                        "use \(Self.knotCounts.lowerBound) to \(Self.knotCounts.upperBound), 4 where nothing speaks for another"
                )
            }
            self = .spline(feature: feature, knots: knots)
        case (nil, let interaction?):
            var names: [String] = []
            for element in interaction.elements() { names.append(try element.text()) }
            guard names.count == 2, names[0] != names[1] else {
                throw interaction.error("must name two different features", fix: "write [recency, tenure]")
            }
            self = .interaction(names[0], names[1])
        default:
            throw Self.notOne(node)
        }
    }

    private static func notOne(_ node: StudyNode) -> DataError {
        node.error("must be one term", fix: "write {spline: {feature: …, knots: 4}} or {interaction: [a, b]}")
    }

    /// The terms of a study; none twice.
    static func list(_ node: StudyNode?) throws(DataError) -> [StudyTerm] {
        var terms: [StudyTerm] = []
        for element in node?.elements() ?? [] {
            let term = try StudyTerm(element)
            if terms.contains(where: { $0.isSame(as: term) }) {
                throw element.error("is the second one of its kind", fix: "leave one of them out")
            }
            terms.append(term)
        }
        return terms
    }

    private func isSame(as other: StudyTerm) -> Bool {
        switch (self, other) {
        case (.spline(let feature, _), .spline(let second, _)): feature == second
        case (.interaction(let a, let b), .interaction(let c, let d)): Set([a, b]) == Set([c, d])
        default: false
        }
    }
}
