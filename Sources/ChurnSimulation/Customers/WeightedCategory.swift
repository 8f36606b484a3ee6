import ChurnNumerics

/// A category drawn with fixed shares.
protocol WeightedCategory: CaseIterable {
    /// Probability of this case; those of all cases add up to 1.
    var share: Double { get }
    /// What is drawn where rounding leaves a rest.
    static var commonest: Self { get }
}

extension WeightedCategory {
    static func draw(from stream: inout RandomStream) -> Self {
        var rest = stream.uniform()
        for category in allCases {
            rest -= category.share
            if rest < 0 { return category }
        }
        return commonest
    }
}
