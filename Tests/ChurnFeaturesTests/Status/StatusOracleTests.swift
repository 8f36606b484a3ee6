import ChurnHistory
import ChurnNumerics
import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnFeatures

/// Every definition of churn on random histories that like to fall on edges, against a slow and obvious second reading of it.
@Suite struct StatusOracleTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let churn: String
        let definition: StatusOracle.Definition

        var testDescription: String { churn }
    }

    private static let isPurchase: @Sendable (StatusOracle.Event) -> Bool = { $0.type == "purchase" }
    private static let isDrink: @Sendable (StatusOracle.Event) -> Bool = {
        $0.type == "purchase" && ($0.group == "wine" || $0.group == "spirits") || $0.type == "visit"
    }
    private static let isWine: @Sendable (StatusOracle.Event) -> Bool = { $0.type == "purchase" && $0.group == "wine" }
    private static let isCancellation: @Sendable (StatusOracle.Event) -> Bool = { $0.type == "cancel" }
    private static let sizes = "horizonBy: {attribute: size, horizons: {large: 60d, small: 14d}, otherwise: 1mo}"
    private static let bySize: [String: StatusOracle.Length] = ["large": .days(60), "small": .days(14), "": .months(1)]

    static let cases = [
        Case(
            churn: "{definition: inactivity, of: [purchase], horizon: 30d}",
            definition: .init(kind: .inactivity, isMeant: isPurchase, horizons: ["": .days(30)])
        ),
        Case(
            churn: "{definition: inactivity, of: [{type: purchase, where: {group: [wine, spirits]}}, visit], "
                + "horizon: 1mo, lead: 3d, activeWithin: 60d}",
            definition: .init(
                kind: .inactivity,
                isMeant: isDrink,
                lead: 3,
                horizons: ["": .months(1)],
                activeWithin: .days(60)
            )
        ),
        Case(
            churn: "{definition: event, of: [cancel], active: [purchase, visit], lead: 7d, \(sizes)}",
            definition: .init(
                kind: .event,
                isMeant: isCancellation,
                active: ["purchase", "visit"],
                lead: 7,
                horizons: bySize
            )
        ),
        Case(
            churn: "{definition: event, of: [{type: purchase, where: {group: wine}}], active: [purchase], lead: 5d, "
                + "horizon: 30d, activeWithin: 2mo}",
            definition: .init(
                kind: .event,
                isMeant: isWine,
                active: ["purchase"],
                lead: 5,
                horizons: ["": .days(30)],
                activeWithin: .months(2)
            )
        ),
        Case(
            churn: "{definition: contractEnd, horizon: 30d}",
            definition: .init(kind: .contractEnd, horizons: ["": .days(30)])
        ),
        Case(
            churn: "{definition: contractEnd, grace: 10d, lead: 7d, horizon: 30d}",
            definition: .init(kind: .contractEnd, lead: 7, horizons: ["": .days(30)], grace: .days(10))
        ),
        Case(
            churn: "{definition: contractEnd, grace: 1mo, \(sizes)}",
            definition: .init(kind: .contractEnd, horizons: bySize, grace: .months(1))
        ),
        Case(
            churn: "{definition: ownRhythm, of: [purchase], factor: 2.5, minimum: 7d, maximum: 60d}",
            definition: .init(kind: .ownRhythm, isMeant: isPurchase, factor: 2.5, minimum: 7, maximum: .days(60))
        ),
        Case(
            churn: "{definition: ownRhythm, of: [{type: purchase, where: {group: [wine, spirits]}}, visit], factor: 1, "
                + "minimum: 3d, maximum: 2mo, minimumGaps: 3, lead: 4d, activeWithin: 3mo}",
            definition: .init(
                kind: .ownRhythm,
                isMeant: isDrink,
                lead: 4,
                activeWithin: .months(3),
                factor: 1,
                minimum: 3,
                maximum: .months(2),
                minimumGaps: 3
            )
        ),
    ]

    private static let observations = "{first: 2023-08-31, last: 2024-08-31, every: 1mo}"
    private static let observedUntil = "2024-08-01"

    /// Random customers. Three in ten of their instants lie on the edges of some cutoff's windows, or a second beside.
    static func customers(_ count: Int, seed: UInt64, oracle: StatusOracle) -> [String: StatusOracle.Customer] {
        let edges = edges(oracle)
        let end = oracle.midnight(oracle.noon(observedUntil))
        var customers: [String: StatusOracle.Customer] = [:]
        for number in 0..<count {
            var random = RandomStream(seed: seed, purpose: "statuses", index: UInt64(number))
            // Some histories are dense, so that median gaps differ.
            let span = [4_000_000, 12_000_000, 40_000_000][random.below(3)]
            func second(_ random: inout RandomStream) -> Int {
                random.bernoulli(0.3)
                    ? edges[random.below(edges.count)] + random.below(3) - 1 : end - span + random.below(span)
            }
            var customer = StatusOracle.Customer()
            for _ in 0..<random.below(16) {
                let type = ["purchase", "purchase", "purchase", "visit", "cancel"][random.below(5)]
                let group = ["wine", "spirits", "bread", ""][random.below(4)]
                let second = second(&random)
                if second < end { customer.events.append(.init(second: second, type: type, group: group)) }
            }
            for _ in 0..<random.below(5) {
                let start = second(&random)
                // Also ends of others, so that renewals come within the grace, and ends behind the data.
                let from = random.bernoulli(0.6) ? customer.contracts.last.map(\.end) ?? start : start
                let begin = from == .max ? start : from + random.below(4) * 5 * 86_400
                let stop = random.bernoulli(0.2) ? Int.max : max(second(&random), begin)
                if !customer.contracts.contains(where: { $0.start == begin && $0.end == stop }) {
                    customer.contracts.append(.init(start: begin, end: stop))
                }
            }
            for _ in 0..<random.below(4) {
                let since = second(&random)
                if customer.attributes.contains(where: { $0.since == since }) { continue }
                customer.attributes.append(
                    .init(since: since, size: ["large", "small", "medium", ""][random.below(4)])
                )
            }
            customers["c\(number)"] = customer
        }
        return customers
    }

    private static func edges(_ oracle: StatusOracle) -> [Int] {
        var edges: [Int] = []
        for date in ["2023-10-31", "2024-02-29", "2024-03-31", "2024-04-30"] {
            let noon = oracle.noon(date)
            for days in [-60, -30, -7, 0, 1, 3, 4, 5, 7, 10, 14, 30, 33, 37, 40, 47, 60, 64, 67] {
                edges.append(oracle.midnight(oracle.moved(noon, .days(days))))
            }
            for months in [-3, -2, 1, 2] { edges.append(oracle.midnight(oracle.moved(noon, .months(months)))) }
        }
        return edges
    }

    /// The customers' files as of an instant: what happens at or after it is not in them, and ends at or after it are not known.
    private static func fixture(
        _ churn: String,
        _ customers: [String: StatusOracle.Customer],
        before end: Int = .max,
        observations: String = observations,
        observedUntil: String = observedUntil
    ) throws -> StatusFixture {
        func text(_ second: Int) -> String { Date(timeIntervalSince1970: Double(second)).formatted(.iso8601) }
        var events: [String] = []
        var books: [String] = []
        var contracts: [String] = []
        for (name, customer) in customers.sorted(by: { $0.key < $1.key }) {
            for event in customer.events where event.second < end {
                events.append("\(name),\(text(event.second)),\(event.type),\(event.group)")
            }
            for row in customer.attributes where row.since < end {
                books.append("\(name),\(text(row.since)),\(row.size)")
            }
            for contract in customer.contracts where contract.start < end {
                contracts.append(
                    "\(name),\(text(contract.start)),,\(contract.end < end ? text(contract.end) : "")"
                )
            }
        }
        // Files that a truncation left without rows are no tables.
        return try StatusFixture(
            churn: churn,
            events: events,
            customers: books + ["~,2019-01-01T00:00:00Z,"],
            contracts: contracts + ["~,2019-01-01T00:00:00Z,,2019-02-01T00:00:00Z"],
            observations: observations,
            observedUntil: observedUntil
        )
    }

    @Test(arguments: cases)
    func everyStatusEqualsABruteForceOnRandomHistories(_ test: Case) throws {
        let oracle = StatusOracle(test.definition, timeZone: "Europe/Berlin")
        let customers = Self.customers(400, seed: 1, oracle: oracle)
        let fixture = try Self.fixture(test.churn, customers)
        let end = oracle.midnight(oracle.noon(Self.observedUntil))
        let statuses = fixture.statuses()
        var differences: [String] = []
        var seen: Set<String> = []
        for (name, customer) in customers {
            guard let ours = statuses[name] else { continue }
            for (cutoff, status) in zip(fixture.cutoffs, ours) {
                let theirs = oracle.status(customer, cutoff: cutoff.day.description, observedUntil: end)
                seen.insert(theirs)
                if "\(status)" != theirs { differences.append("\(name) \(cutoff.day): \(status) != \(theirs)") }
            }
        }
        #expect(differences.isEmpty, "\(differences.count): \(differences.sorted().prefix(5))")
        #expect(seen.isSuperset(of: ["notEligible", "retained", "churned", "open"]))
        let canLeaveInLead = test.churn.contains("lead: 7d")
        #expect(seen.contains("leftInLead") == canLeaveInLead)
        #expect(
            fixture.cutoffs.map { oracle.knownFrom($0.day.description) }
                == fixture.cutoffs.map { Int($0.labelEnd / 1_000_000) }
        )
    }

    @Test(arguments: cases)
    func dataCutOffWhereTheLabelEndsGiveTheSameStatuses(_ test: Case) throws {
        let oracle = StatusOracle(test.definition, timeZone: "Europe/Berlin")
        let customers = Self.customers(150, seed: 2, oracle: oracle)
        let whole = try Self.fixture(test.churn, customers)
        let expected = whole.statuses()
        for (position, cutoff) in whole.cutoffs.enumerated() where cutoff.isMature && position.isMultiple(of: 3) {
            let alone = try Self.fixture(
                test.churn,
                customers,
                before: Int(cutoff.labelEnd / 1_000_000),
                observations: "{first: \(cutoff.day)}",
                observedUntil: whole.study.calendar.day(of: cutoff.labelEnd).description
            )
            let statuses = alone.first()
            for name in customers.keys {
                #expect(
                    statuses[name] ?? .notEligible == expected[name]?[position] ?? .notEligible,
                    "\(name) \(cutoff.day)"
                )
            }
        }
    }

    @Test(arguments: cases)
    func whoIsEligibleIsKnownAtTheCutoff(_ test: Case) throws {
        let oracle = StatusOracle(test.definition, timeZone: "Europe/Berlin")
        let customers = Self.customers(150, seed: 3, oracle: oracle)
        let whole = try Self.fixture(test.churn, customers)
        let statuses = whole.statuses()
        for (position, cutoff) in whole.cutoffs.enumerated() where position.isMultiple(of: 3) {
            let then = try Self.fixture(
                test.churn,
                customers,
                before: Int(cutoff.instant / 1_000_000),
                observations: "{first: \(cutoff.day)}",
                observedUntil: cutoff.day.description
            ).first()
            for name in customers.keys {
                let later = statuses[name]?[position] ?? .notEligible
                #expect(
                    (then[name] ?? .notEligible) == (later == .notEligible ? .notEligible : .open),
                    "\(name) \(cutoff.day)"
                )
            }
        }
    }

    @Test(arguments: cases)
    func otherCutoffsAndCustomersChangeNoStatus(_ test: Case) throws {
        let oracle = StatusOracle(test.definition, timeZone: "Europe/Berlin")
        let customers = Self.customers(300, seed: 4, oracle: oracle)
        let fixture = try Self.fixture(test.churn, customers)
        let statuses = fixture.statuses()
        let some = [1, 2, 7]
        let alone = fixture.statuses(at: some.map { fixture.cutoffs[$0] })
        #expect(alone == statuses.mapValues { all in some.map { all[$0] } })
        let half = try Self.fixture(test.churn, customers.filter { $0.key.hasSuffix("5") }).statuses()
        #expect(half == statuses.filter { half.keys.contains($0.key) })
    }
}
