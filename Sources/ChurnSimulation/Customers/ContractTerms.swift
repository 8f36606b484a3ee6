import ChurnHistory
import ChurnNumerics

/// What a customer of a contractual world has signed.
public struct ContractTerms: Sendable, Equatable {
    /// Length of the first term: 12, 24 or 36 months.
    public let firstMonths: Int
    /// Months before the end by which a notice must have arrived: 1 or 3.
    public let noticeMonths: Int
    /// EUR a year at the prices of the world's beginning, in cents.
    public let yearlyValueCents: Int

    /// Each renewal is for this many months.
    static let renewalMonths = 12

    static func draw(typicalOrderCents: Double, from stream: inout RandomStream) -> ContractTerms {
        let term = stream.uniform()
        let notice = stream.uniform()
        let value = 6 * typicalOrderCents * PortableMath.exp(0.3 * stream.normal())
        return ContractTerms(
            firstMonths: term < 0.55 ? 12 : term < 0.85 ? 24 : 36,
            noticeMonths: notice < 0.3 ? 1 : 3,
            yearlyValueCents: Int((min(value, 1e11) / 1200).rounded()) * 1200
        )
    }

    /// The terms that follow one another from the day of signing, as long as nobody gives notice.
    ///
    /// - Returns: all that begin before `end`; each begins on the day on which the one before it ends.
    func terms(from signed: CalendarDay, until end: CalendarDay) -> [ContractTerm] {
        var terms: [ContractTerm] = []
        var start = signed
        var months = firstMonths
        while start < end {
            let plannedEnd = start.adding(CalendarPeriod(months: months))
            terms.append(
                ContractTerm(
                    start: start,
                    plannedEnd: plannedEnd,
                    deadline: plannedEnd.subtracting(CalendarPeriod(months: noticeMonths)),
                    months: months
                )
            )
            start = plannedEnd
            months = ContractTerms.renewalMonths
        }
        return terms
    }
}
