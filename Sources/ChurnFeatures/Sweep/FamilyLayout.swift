import ChurnHistory

/// What a family must know of the whole sweep when it is made.
struct FamilyLayout {
    let ranks: CutoffRanks
    /// The types that show that a customer is there.
    let activity: TypeSet
    let calendar: StudyCalendar
    /// The number of values of each attribute of the events.
    let attributeSizes: [Int]
    /// Where scores are cut; `nil` where the plan has none.
    let scoreCuts: ScoreCuts?
    /// By cutoff, what a model of purchases expects; `nil` where the plan does not ask.
    let forecasts: [any PurchaseForecast]?
    /// What the groups of companies have done; `nil` where the plan has no feature of them.
    var groups: GroupTotals?
    /// Elements from one column of the table to the next.
    var stride: Int

    var cutoffCount: Int { ranks.cutoffCount }

    var cutoffInstants: [Int64] { ranks.cutoffDays.map { calendar.start(of: CalendarDay(number: $0)) } }

    /// Where a column stands behind the start of its row.
    func offset(_ column: ExpandedPlan.Column) -> Int { column.number * stride }

    /// The number of a boundary.
    func number(_ boundary: Boundary) -> UInt16 { UInt16(ranks.number(boundary)) }

    /// The number of the boundary at which a window begins; that of everything where there is none.
    func start(_ window: FeatureWindow?) -> UInt16 { number(.start(window ?? .all)) }
}
