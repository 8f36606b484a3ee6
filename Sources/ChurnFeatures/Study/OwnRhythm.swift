import ChurnHistory

/// When a customer's silence is too long by his own measure: `factor` times his median gap, within bounds.
public struct OwnRhythm: Sendable, Equatable {
    public let factor: Double
    /// Nobody has left after less silence than this, whatever his rhythm.
    public let minimum: CalendarPeriod
    /// Everybody has left after this much; it stands for customers whose rhythm is not known, and decides maturity.
    public let maximum: CalendarPeriod
    /// With fewer gaps, a rhythm is not known.
    public let minimumGaps: Int

    static let keys = ["factor", "minimum", "maximum", "minimumGaps"]

    /// Reads the keys of a definition of churn.
    init(_ node: StudyNode) throws(DataError) {
        let factorNode = try node.required("factor", example: "3")
        factor = try factorNode.positiveNumber()
        let minimumNode = try node.required("minimum", example: "30d")
        minimum = try minimumNode.length(example: "minimum: 30d")
        maximum = try node.required("maximum", example: "180d").length(example: "maximum: 180d")
        let gaps = node.optional("minimumGaps")
        minimumGaps = try gaps?.count() ?? 2
        if minimumGaps == 0 { throw (gaps ?? node).error("must be at least 1", fix: "minimumGaps: 2") }
        let day = CalendarDay(number: 0)
        if day.adding(minimum) > day.adding(maximum) {
            throw minimumNode.error(
                "is longer than `maximum`",
                value: minimum.description,
                fix: "exchange the two"
            )
        }
    }

    /// The silence that is too long, in calendar days: `factor` times the median gap, to the nearest whole day and halves up,
    /// but not below `minimum` and not above `maximum`; `maximum` where the rhythm is not known.
    /// - Parameters:
    ///   - medianGap: in days; `nil` without gaps.
    ///   - day: from which `minimum` and `maximum` are counted, where they are months.
    func limit(medianGap: Double?, gaps: Int, from day: CalendarDay) -> Int {
        let longest = day.adding(maximum).number - day.number
        guard let medianGap, gaps >= minimumGaps else { return longest }
        let shortest = day.adding(minimum).number - day.number
        // Bounded while it is a Double, so that no factor can make it too large for an Int.
        let own = min((factor * medianGap).rounded(), Double(longest))
        return min(max(Int(own), shortest), longest)
    }
}
