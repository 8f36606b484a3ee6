import ChurnHistory

/// What is known of a customer just before a day, hidden state included: all that its future depends on.
struct Outlook: Sendable {
    let setting: CustomerSetting
    /// On the day before.
    let state: LatentState
    let ages: RecentAges
    /// Days on which returns of earlier purchases have arrived or will.
    let returnArrivals: [CalendarDay]
    /// The day on which a notice that is already decided arrives.
    let noticeDay: CalendarDay?

    func hasRecentReturn(on monday: CalendarDay) -> Bool {
        returnArrivals.contains { $0 < monday && $0 >= monday - 7 * ChurnHazard.recentWeeks }
    }
}
