/// How many whole weeks before the running one the last complaint, ticket and visit lie: 0 for the week before, at most
/// 4, which stands for everything longer ago. And which of them have happened in the running week.
struct RecentAges: Sendable, Equatable {
    var complaint = ChurnHazard.recentWeeks
    var ticket = ChurnHazard.recentWeeks
    var visit = ChurnHazard.recentWeeks
    var complaintThisWeek = false
    var ticketThisWeek = false
    var visitThisWeek = false
}
