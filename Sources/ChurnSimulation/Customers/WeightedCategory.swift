import ChurnNumerics

/// A category drawn with fixed shares.
protocol WeightedCategory: CaseIterable, Equatable {
    /// Probability of this case; those of all cases add up to 1.
    var share: Double { get }
    /// What is drawn where rounding leaves a rest.
    static var commonest: Self { get }
}

extension WeightedCategory {
    /// Draws a category, or one of the others in proportion to their shares.
    static func draw(otherThan excluded: Self? = nil, from stream: inout RandomStream) -> Self {
        var rest = stream.uniform() * (1 - (excluded?.share ?? 0))
        for category in allCases where category != excluded {
            rest -= category.share
            if rest < 0 { return category }
        }
        return ([commonest] + allCases).first { $0 != excluded } ?? commonest
    }
}
