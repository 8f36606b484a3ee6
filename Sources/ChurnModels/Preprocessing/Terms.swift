import ChurnNumerics

/// What makes more of predictors than they are: bends and products.
public struct Terms: Sendable, Equatable {
    /// Predictors that get a restricted cubic spline, with the number of its knots.
    public var splines: [String: Int]
    /// Pairs of predictors whose products join.
    public var interactions: [Pair]

    public struct Pair: Sendable, Hashable {
        public let left: String
        public let right: String

        public init(_ left: String, _ right: String) {
            self.left = left
            self.right = right
        }

        public var name: String { "\(left):\(right)" }
    }

    public init(splines: [String: Int] = [:], interactions: [Pair] = []) {
        self.splines = splines
        self.interactions = interactions
    }

    public static let none = Terms()

    /// - Throws: `unknownPredictor` with the nearest name, or `invalidHyperparameter` for a number of knots.
    func check(_ table: PredictorTable) throws(ModelError) {
        let names = splines.keys.sorted() + interactions.flatMap { [$0.left, $0.right] }
        for name in names where !table.columnNames.contains(name) {
            throw .unknownPredictor(name, nearest: NearestName.of(name, among: table.columnNames))
        }
        for (number, pair) in interactions.enumerated() {
            let isKnown = interactions[..<number].contains {
                Set([$0.left, $0.right]) == Set([pair.left, pair.right])
            }
            guard !isKnown, pair.left != pair.right, !table.columnNames.contains(pair.name) else {
                throw .incompatibleHyperparameters(
                    "the interaction \(pair.name) is of two different predictors, once, and has a name of its own"
                )
            }
        }
        let counts = RestrictedCubicSpline.knotCounts
        for knots in splines.values.sorted() where !counts.contains(knots) {
            throw .invalidHyperparameter(
                name: "knots",
                value: Double(knots),
                allowed: "between \(counts.lowerBound) and \(counts.upperBound)"
            )
        }
    }
}
