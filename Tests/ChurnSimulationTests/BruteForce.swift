import ChurnHistory
import ChurnNumerics

@testable import ChurnSimulation

/// The weeks after a cutoff drawn one by one, in place of the exact recursion over states and ages.
///
/// What states and ages do from week to week, the days' weights and the rates are written out here once more. Who is at risk
/// and the log-odds of a week without complaints, tickets and visits are the law's own; the tests of the hazard, of
/// contracts and of the outer course hold those against the documents.
struct BruteForce {
    private struct Week {
        let isWhole: Bool
        let isAtRisk: Bool
        /// Without recent complaints, tickets and visits.
        let logOdds: Double
        /// Working days on which a notice that is decided in this week would still be in time.
        let noticeDays: Int
        let purchases: Double
        let complaints: Double
        let tickets: Double
        let visits: Double
    }

    private let outlook: Outlook
    private let weeks: [Week]
    private let hazard: ChurnHazard

    init(outlook: Outlook, law: WorldLaw, start: CalendarDay, end: CalendarDay) {
        var weeks: [Week] = []
        let customer = outlook.setting.customer
        var day = start
        while day < end {
            let next = min(day.monday + 7, end)
            let weight = (0..<(next - day)).reduce(0) { $0 + DemandCalendar.weight(of: day + $1) }
            var recent = RecentSignals.none
            recent.return = outlook.returnArrivals.contains { $0 < day && $0 >= day - 28 }
            weeks.append(
                Week(
                    isWhole: day.weekday == 0,
                    isAtRisk: law.isAtRisk(outlook.setting, weekFrom: day),
                    logOdds: day.weekday == 0
                        ? law.hazard.logOdds(law.drivers(of: outlook.setting, weekFrom: day, recent: recent)) : 0,
                    noticeDays: min(5, end - day),
                    purchases: weight / customer.meanGapDays,
                    complaints: weight * customer.complaintLeaning * 0.5 / 365.25,
                    tickets: weight * customer.ticketLeaning * 3 / 365.25,
                    visits: weight * customer.visitLeaning * 36 / 365.25
                )
            )
            day = next
        }
        self.outlook = outlook
        self.weeks = weeks
        self.hazard = law.hazard
    }

    /// Weeks since the last complaint, ticket and visit, 4 for longer ago.
    private struct Ages {
        var complaint: Int
        var ticket: Int
        var visit: Int

        var effect: Double {
            (complaint < 4 ? 0.90 : 0) + (ticket < 4 ? 0.35 : 0) + (visit < 4 ? -0.50 : 0)
        }

        mutating func endWeek(complaint hasComplaint: Bool, ticket hasTicket: Bool, visit hasVisit: Bool) {
            complaint = hasComplaint ? 0 : min(complaint + 1, 4)
            ticket = hasTicket ? 0 : min(ticket + 1, 4)
            visit = hasVisit ? 0 : min(visit + 1, 4)
        }
    }

    func isSilent(_ stream: inout RandomStream) -> Bool {
        var ages = Ages(complaint: outlook.ages.complaint, ticket: outlook.ages.ticket, visit: outlook.ages.visit)
        var decline: Int?
        if case .declining(let weeks) = outlook.state { decline = weeks }
        for (number, week) in weeks.enumerated() {
            if week.isWhole {
                if let begun = decline {
                    if stream.bernoulli(hazard.leavingProbability(weeksInDecline: begun)) { return true }
                    decline = begun + 1
                } else if stream.bernoulli(StableFunctions.sigmoid(week.logOdds + ages.effect)) {
                    decline = 0
                }
            }
            var factor = 1.0
            if let begun = decline {
                for _ in 0...min(begun, 52) { factor *= 0.88 }
            }
            if stream.poisson(mean: week.purchases * factor) > 0 { return false }
            endWeek(number, week, &ages, &stream)
        }
        return true
    }

    func givesNotice(_ stream: inout RandomStream) -> Bool {
        var ages = Ages(complaint: outlook.ages.complaint, ticket: outlook.ages.ticket, visit: outlook.ages.visit)
        for (number, week) in weeks.enumerated() {
            if week.isWhole, week.isAtRisk,
                stream.bernoulli(StableFunctions.sigmoid(week.logOdds + ages.effect))
            {
                return stream.below(5) < week.noticeDays
            }
            endWeek(number, week, &ages, &stream)
        }
        return false
    }

    private func endWeek(_ number: Int, _ week: Week, _ ages: inout Ages, _ stream: inout RandomStream) {
        let isFirst = number == 0 && !week.isWhole
        ages.endWeek(
            complaint: stream.poisson(mean: week.complaints) > 0 || isFirst && outlook.ages.complaintThisWeek,
            ticket: stream.poisson(mean: week.tickets) > 0 || isFirst && outlook.ages.ticketThisWeek,
            visit: stream.poisson(mean: week.visits) > 0 || isFirst && outlook.ages.visitThisWeek
        )
    }
}
