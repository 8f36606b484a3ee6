import ChurnKit
import ChurnNumerics
import ChurnTestSupport
import Foundation

/// A history without leaks, into which tests plant them, with all that is needed to compute features by hand.
struct AuditWorld {
    struct Event {
        let customer: Int
        let day: CalendarDay
        /// Seconds after local midnight.
        let second: Int
        let type: String
        let amount: Double
    }

    static let zone = "Europe/Berlin"
    static let customerCount = 240
    static let regionCount = 8
    /// Where the data end.
    static let end = CalendarDay(number: 19_724)  // 2024-01-02
    static let horizon = 45

    let folder: TemporaryFolder
    private(set) var events: [Event] = []
    let cutoffs: [CalendarDay]

    init() throws {
        folder = try TemporaryFolder()
        var random = RandomStream(seed: 11, purpose: "audit", index: 0)
        for customer in 0..<Self.customerCount {
            var day = 18_993 + random.below(60)  // from 2022-01-01 on
            let mean = 8 + 30 * random.uniform()
            while day < Self.end.number {
                let count = 1 + random.below(2)
                for _ in 0..<count {
                    // In business hours, and now and then by a nightly order.
                    let second = random.bernoulli(0.06) ? 0 : 8 * 3600 + random.below(10 * 3600)
                    let type = random.bernoulli(0.12) ? "ticket" : "purchase"
                    let amount = Double(100 + random.below(99_000)) / 100
                    events.append(
                        Event(
                            customer: customer,
                            day: CalendarDay(number: day),
                            second: second,
                            type: type,
                            amount: amount
                        )
                    )
                }
                // Now and then, a long pause, or the end.
                if random.bernoulli(0.03) { day += 60 + random.below(200) }
                if random.bernoulli(0.012) { break }
                day += 1 + Int(random.exponential(mean: mean))
            }
        }
        var days: [CalendarDay] = []
        var month = CalendarPeriod(months: 0)
        let first = CalendarDay(number: 19_174)  // 2022-07-01
        while first.adding(month).adding(CalendarPeriod(days: Self.horizon)) <= Self.end {
            days.append(first.adding(month))
            month = CalendarPeriod(months: month.months + 1)
        }
        cutoffs = days
    }

    // MARK: By hand

    func isKnown(_ event: Event, at cutoff: CalendarDay) -> Bool { event.day < cutoff }

    func purchases(of customer: Int) -> [Event] {
        events.filter { $0.customer == customer && $0.type == "purchase" }
    }

    /// Who bought in the 90 days before a cutoff.
    func isEligible(_ customer: Int, _ cutoff: CalendarDay) -> Bool {
        purchases(of: customer).contains { $0.day < cutoff && $0.day.number >= cutoff.number - 90 }
    }

    func churned(_ customer: Int, _ cutoff: CalendarDay) -> Bool {
        !purchases(of: customer).contains { $0.day >= cutoff && $0.day.number < cutoff.number + Self.horizon }
    }

    func firstDay(of customer: Int) -> CalendarDay {
        events.first { $0.customer == customer }?.day ?? Self.end
    }

    // MARK: Files

    /// - Parameters:
    ///   - hoursBehind: what the clock that wrote the times lies behind the local one, by the day.
    func writeEvents(_ name: String = "events.csv", hoursBehind: (CalendarDay) -> Int = { _ in 0 }) throws {
        var text = "customer;time;type;amount\n"
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        for event in events {
            var second = event.second - hoursBehind(event.day) * 3600
            var day = event.day
            if second < 0 {
                second += 86_400
                day = CalendarDay(number: day.number - 1)
            }
            let parts = day.components
            let amount = "\(event.amount)".replacingOccurrences(of: ".", with: ",")
            text += "C\(event.customer);\(two(parts.day)).\(two(parts.month)).\(parts.year)"
            text += " \(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60));\(event.type);\(amount)\n"
        }
        try folder.write(name, text)
    }

    /// - Parameters:
    ///   - files: of the events.
    ///   - first: the first cutoff, where it is another one.
    ///   - more: further keys of the study.
    func study(
        files: String = "events.csv",
        lead: String = "0d",
        churn: String? = nil,
        features: String = "{windows: [30d, 90d]}",
        duplicates: String = "keep",
        first: CalendarDay? = nil,
        moreEvents: String = "",
        more: String = ""
    ) throws -> Study {
        let silence =
            "{definition: inactivity, of: [purchase], horizon: \(Self.horizon)d, lead: \(lead), activeWithin: 90d}"
        let yaml = """
            study: audited
            timezone: \(Self.zone)
            observedUntil: \(Self.end)
            events:
              - file: \(files)
                format: {delimiter: ";", decimal: ","}
                customer: customer
                duplicates: \(duplicates)
                time: {column: time, format: "dd.MM.yyyy HH:mm:ss"}
                type: type
                amount: amount
            \(moreEvents)
            churn: \(churn ?? silence)
            observations: {first: \(first ?? cutoffs[0]), last: \(cutoffs[cutoffs.count - 1]), every: 1mo}
            features: \(features)
            \(more)
            """
        return try Study(yaml: yaml, path: "\(folder.path)/study.yaml")
    }

    /// Writes a customers file with the columns `id`, `since` and those given, and says how a study reads it.
    func customers(_ columns: [(name: String, value: (Int) -> String)], keys: String) throws -> String {
        var text = "id,since," + columns.map(\.name).joined(separator: ",") + "\n"
        for customer in 0..<Self.customerCount {
            let cells = columns.map { $0.value(customer) }.joined(separator: ",")
            text += "C\(customer),\(firstDay(of: customer)),\(cells)\n"
        }
        try folder.write("customers.csv", text)
        let names = columns.map(\.name).joined(separator: ", ")
        return "customers: [{file: customers.csv, customer: id, attributes: [\(names)]\(keys)}]"
    }

    /// Writes a table of features as some other program would: one row for each eligible customer and cutoff.
    /// - Returns: the table's path.
    func table(_ columns: [(name: String, value: (Int, CalendarDay) -> String)]) throws -> String {
        var text = "customer,cutoff,label," + columns.map(\.name).joined(separator: ",") + "\n"
        for cutoff in cutoffs {
            for customer in 0..<Self.customerCount where isEligible(customer, cutoff) {
                let cells = columns.map { $0.value(customer, cutoff) }.joined(separator: ",")
                text += "C\(customer),\(cutoff),\(churned(customer, cutoff) ? 1 : 0),\(cells)\n"
            }
        }
        return try folder.write("features.csv", text)
    }

    func audit(_ study: Study, table: String? = nil, split: String? = nil, threads: Int = 2) throws -> LeakageAudit {
        try LeakageAudit(
            study: study,
            table: table.map { try AuditedTable(path: $0, dialect: DelimitedDialect(), columns: .init(split: split)) },
            threads: threads
        )
    }
}
