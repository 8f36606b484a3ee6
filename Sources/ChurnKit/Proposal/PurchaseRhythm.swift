import ChurnFeatures
import ChurnHistory

/// How often customers buy: the days between the purchases of each, and what follows for horizon, cutoffs and windows.
struct PurchaseRhythm {
    /// The days on which each customer bought, ascending and each once, as days since 1970-01-01.
    private let days: [[Int32]]
    /// Days from each purchase to the customer's next, ascending.
    let gaps: [Int32]
    /// The day of the first event, and the first day that the data cannot know.
    let start: CalendarDay
    let end: CalendarDay

    /// Customary lengths, in days.
    private static let lengths = [7, 14, 30, 60, 90, 180, 365]

    init(_ index: EventIndex, purchaseTypes: [String], end: CalendarDay) {
        let isPurchase = index.typeNames.map(purchaseTypes.contains)
        var days: [[Int32]] = []
        var gaps: [Int32] = []
        let daysOfRows = index.days()
        for customer in index.customers.indices {
            var own: [Int32] = []
            for row in index.rows(ofCustomer: customer) where isPurchase[Int(index.types[row])] {
                let day = daysOfRows[row]
                if let last = own.last {
                    if last == day { continue }
                    gaps.append(day - last)
                }
                own.append(day)
            }
            if !own.isEmpty { days.append(own) }
        }
        self.days = days
        self.gaps = gaps.sorted()
        start = CalendarDay(number: Int(daysOfRows.min() ?? 0))
        self.end = end
    }

    /// Days that the data span.
    var span: Int { end.number - start.number }

    /// Customers with a purchase.
    var customers: Int { days.count }

    /// The gap that a share of the gaps does not exceed (the lower of the two nearest).
    func gap(atShare share: Double) -> Int? {
        gaps.isEmpty ? nil : Int(gaps[Int(share * Double(gaps.count - 1))])
    }

    /// Horizons to try, the most fitting first: the first customary length in which nine of ten of those who came back
    /// had come back, but at most a quarter of the span, so that history, training labels and test labels have room.
    var horizons: [Int] {
        let possible = Self.lengths.filter { $0 * 4 <= span }
        guard let typical = gap(atShare: 0.9), let longest = possible.last else { return [] }
        let wanted = min(Self.lengths.first { $0 >= typical } ?? longest, longest)
        let best = possible.firstIndex(of: wanted) ?? possible.count - 1
        return possible.indices.sorted { abs($0 - best) < abs($1 - best) }.map { possible[$0] }
    }

    /// Cutoffs for a horizon, ascending, a week or a month apart; `nil` where there is no room for one that trains and
    /// one that tests. Each is mature, and has as much history before it as the horizon is long.
    func cutoffs(horizon: Int) -> (days: [CalendarDay], every: CalendarPeriod)? {
        let earliest = start.number + horizon
        let latest = end.number - horizon
        if horizon < 30 {
            let days = stride(from: latest, through: earliest, by: -7).prefix(Self.maximumCutoffs)
                .map { CalendarDay(number: $0) }
            return Self.haveRoom(Array(days.reversed()), horizon).map { ($0, CalendarPeriod(days: 7)) }
        }
        // First days of months read well; where that leaves too few, the last possible day of the month decides.
        let last = CalendarDay(number: latest)
        let inMonth = last.components.day
        for day in [1, min(inMonth, 28)] {
            var cutoffs: [CalendarDay] = []
            let shifted = CalendarDay(number: latest - (inMonth - day))
            for month in 0..<Self.maximumCutoffs {
                let cutoff = shifted.subtracting(CalendarPeriod(months: month))
                if cutoff.number < earliest { break }
                cutoffs.append(cutoff)
            }
            if let days = Self.haveRoom(cutoffs.reversed(), horizon) { return (days, CalendarPeriod(months: 1)) }
        }
        return nil
    }

    private static let maximumCutoffs = 24

    /// The cutoffs, if labels of the first end before the last.
    private static func haveRoom(_ cutoffs: [CalendarDay], _ horizon: Int) -> [CalendarDay]? {
        guard let first = cutoffs.first, let last = cutoffs.last, first.number + horizon <= last.number else {
            return nil
        }
        return cutoffs
    }

    /// Of the customers who bought before a cutoff: how many there are, and how many do not buy within the horizon.
    func labels(at cutoff: CalendarDay, horizon: Int) -> (eligible: Int, churned: Int) {
        var eligible = 0
        var churned = 0
        for own in days {
            guard let first = own.first, Int(first) < cutoff.number else { continue }
            eligible += 1
            let returns = own.contains { Int($0) >= cutoff.number && Int($0) < cutoff.number + horizon }
            if !returns { churned += 1 }
        }
        return (eligible, churned)
    }

    /// Of the customers who bought before a cutoff, the share that has been silent for longer than some days.
    func silentShare(at cutoff: CalendarDay, longerThan length: Int) -> Double {
        var eligible = 0
        var silent = 0
        for own in days {
            guard let last = own.last(where: { Int($0) < cutoff.number }) else { continue }
            eligible += 1
            if cutoff.number - Int(last) > length { silent += 1 }
        }
        return eligible == 0 ? 0 : Double(silent) / Double(eligible)
    }

    /// Windows that see something: as long as a quarter of the gaps at least, and no longer than the history that most
    /// cutoffs have.
    func windows(cutoffs: [CalendarDay], horizon: Int) -> [Int] {
        let shortest = gap(atShare: 0.25) ?? 0
        let history = cutoffs.isEmpty ? 0 : cutoffs[cutoffs.count / 2].number - start.number
        let windows = Self.lengths.filter { $0 != 14 && $0 != 60 && $0 >= shortest && $0 <= history }
        return windows.isEmpty ? [horizon] : windows
    }
}
