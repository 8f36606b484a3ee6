import ChurnHistory

/// An instant that belongs to every cutoff: the cutoff itself, or where one of its windows begins or ends.
enum Boundary: Hashable, Sendable {
    case cutoff
    /// Where the window that ends at the cutoff begins.
    case start(FeatureWindow)
    /// Where the window before that one begins.
    case startBefore(FeatureWindow)
    /// A year before the cutoff.
    case yearBefore
    /// Where the window that ends a year before the cutoff begins.
    case startYearBefore(FeatureWindow)

    /// Some whole weeks before the cutoff.
    case weeks(Int)

    private static let year = CalendarPeriod(months: 12)

    /// The day at whose first instant the boundary lies; `nil` where it lies before everything.
    func day(of cutoff: CalendarDay) -> CalendarDay? {
        switch self {
        case .cutoff: cutoff
        case .start(let window): window.length.map(cutoff.subtracting)
        case .startBefore(let window): window.length.map { cutoff.subtracting($0).subtracting($0) }
        case .yearBefore: cutoff.subtracting(Self.year)
        case .startYearBefore(let window): window.length.map { cutoff.subtracting(Self.year).subtracting($0) }
        case .weeks(let count): CalendarDay(number: cutoff.number - 7 * count)
        }
    }
}
