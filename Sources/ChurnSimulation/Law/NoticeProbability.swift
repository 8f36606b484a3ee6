import ChurnHistory

/// The exact probability that notice of a contract arrives in the days `start <= day < end`, given what there is to know
/// of the customer just before `start`.
///
/// The decision falls at the beginning of a week, the notice arrives on one of its five working days, each with
/// probability 1/5. The probability of being active is carried forward over the ages of the last complaint, ticket and
/// visit, as in `NoPurchaseProbability`.
struct NoticeProbability: Sendable {
    let law: WorldLaw
    private static let workingDays = 5

    init(_ law: WorldLaw) { self.law = law }

    func callAsFunction(_ outlook: Outlook, from start: CalendarDay, to end: CalendarDay) -> Double {
        guard outlook.state == .active else {
            return outlook.noticeDay.map { $0 >= start && $0 < end ? 1 : 0 } ?? 0
        }
        var active = ActiveMass(outlook.ages)
        var total = 0.0
        var day = start
        var known: RecentAges? = start.weekday == 0 ? nil : outlook.ages
        while day < end {
            if day.weekday == 0, law.isAtRisk(outlook.setting, weekFrom: day) {
                let drivers = law.drivers(of: outlook.setting, weekFrom: day, recent: .none)
                let lost = active.lose(logOdds: law.hazard.logOdds(drivers), law.hazard)
                let days = min(end - day, NoticeProbability.workingDays)
                total += lost * Double(days) / Double(NoticeProbability.workingDays)
            }
            let monday = day.monday + 7
            law.endWeek(&active, of: outlook.setting.customer, from: day, to: monday, known: known)
            known = nil
            day = monday
        }
        return total
    }
}
