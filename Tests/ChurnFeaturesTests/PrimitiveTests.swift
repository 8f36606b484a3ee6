import ChurnFeatures
import ChurnHistory
import ChurnNumerics
import ChurnTestSupport
import Foundation
import Testing

/// Every primitive in every kind of window, against an implementation that shares no code with the library.
@Suite struct PrimitiveTests {
    private static let families =
        "[counts, amounts, spread, quantities, variety, mix, recencies, rhythm, days, trend, calendar, companyGroup]"
    /// Those of the customer's events, and of those of his group of companies.
    private static let ofEvents = Set(
        Primitive.allCases.filter { [Primitive.Subject.events, .companyGroup].contains($0.subject) }
    )
    private static let columns = "customer,time,type,amount,order,quantity,product"

    /// Histories that like the edges: the days on which clocks change, leap days, midnights, cutoffs, ties, orders of
    /// several lines, amounts and products that are missing, customers with one event or none before a cutoff.
    private static func events(seed: UInt64, customers: Int) -> [String] {
        let edges = [
            "2024-03-31T01:59:59+01:00", "2024-03-31T03:00:00+02:00", "2023-10-29T02:30:00+02:00",
            "2023-10-29T02:30:00+01:00", "2024-02-29T00:00:00+01:00", "2024-02-29T23:59:59+01:00",
            "2024-04-01T00:00:00+02:00", "2024-03-01T00:00:00+01:00", "2024-01-01T00:00:00+01:00",
            "2024-05-31T23:59:59+02:00", "2023-02-28T12:00:00+01:00", "2020-02-29T12:00:00+01:00",
        ]
        let types = ["purchase", "purchase", "purchase", "return", "ticket"]
        var lines: [String] = []
        for customer in 0..<customers {
            var random = RandomStream(seed: seed, purpose: "primitives", index: UInt64(customer))
            let count = random.bernoulli(0.1) ? 1 : 1 + random.below(22)
            var time = edges[0]
            for _ in 0..<count {
                let type = types[random.below(types.count)]
                if random.bernoulli(0.25) {
                    time = edges[random.below(edges.count)]
                } else if random.bernoulli(0.85) {
                    // Most within the half year that short windows see.
                    let second = random.bernoulli(0.5) ? 1_672_000_000 + random.below(45_000_000) : 1_704_000_000
                    time = Date(timeIntervalSince1970: Double(second + random.below(13_000_000))).formatted(.iso8601)
                }
                let isBlank = type == "ticket" || random.bernoulli(0.1)
                let amount = isBlank ? "" : "\(random.below(100_000) - (type == "return" ? 100_000 : 0))e-2"
                let order = random.bernoulli(0.3) ? "o\(random.below(4))" : ""
                let quantity = type == "ticket" ? "" : "\(1 + random.below(9))"
                let product = random.bernoulli(0.15) ? "" : "p\(random.below(5))"
                lines.append("c\(customer),\(time),\(type),\(amount),\(order),\(quantity),\(product)")
            }
        }
        return lines
    }

    /// Groups of companies that change on the edges too: named by the ids of customers, by other texts, and by none; some name
    /// customers who never come. One row is always known.
    private static func groups(seed: UInt64, customers: Int) -> [String] {
        let edges = [
            "2023-12-31T23:59:59+01:00", "2024-01-01T00:00:00+01:00", "2024-01-31T23:59:59+01:00",
            "2024-02-01T00:00:00+01:00", "2024-03-31T23:59:59+02:00", "2024-04-01T00:00:00+02:00",
        ]
        var lines = ["~,2019-01-01T00:00:00Z,nobody"]
        for customer in 0..<customers + 20 {
            var random = RandomStream(seed: seed, purpose: "groups", index: UInt64(customer))
            var dates = Set<String>()
            for _ in 0..<random.below(4) {
                let second = 1_680_000_000 + random.below(36_000_000)
                let date =
                    random.bernoulli(0.4)
                    ? edges[random.below(edges.count)]
                    : Date(timeIntervalSince1970: Double(second)).formatted(.iso8601)
                let texts = ["", "g\(random.below(40))", "g\(random.below(4))", "c\(random.below(customers))"]
                let parent = texts[random.below(4)]
                guard dates.insert(date).inserted else { continue }
                lines.append("\(customer < customers ? "c" : "x")\(customer),\(date),\(parent)")
            }
        }
        return lines
    }

    private static func second(_ cell: Substring) throws -> Int {
        Int(try #require(ISO8601DateFormatter().date(from: String(cell))).timeIntervalSince1970)
    }

    private static func oracle(_ groups: [String], _ histories: [String: [BruteForceFeatures.Event]]) throws
        -> GroupOracle
    {
        var rows: [String: [GroupOracle.Row]] = [:]
        for line in groups {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            let row = GroupOracle.Row(since: try second(cells[1]), group: String(cells[2]))
            rows[String(cells[0]), default: []].append(row)
        }
        return GroupOracle(timeZone: "Europe/Berlin", activityTypes: ["purchase"], histories: histories, rows: rows)
    }

    private static func histories(_ lines: [String]) throws -> [String: [BruteForceFeatures.Event]] {
        var histories: [String: [BruteForceFeatures.Event]] = [:]
        let format = ISO8601DateFormatter()
        for line in lines {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            histories[cells[0], default: []].append(
                .init(
                    second: Int(try #require(format.date(from: cells[1])).timeIntervalSince1970),
                    type: cells[2],
                    amount: Double(cells[3]),
                    group: cells[4].isEmpty ? nil : cells[4],
                    quantity: Double(cells[5]),
                    product: cells[6].isEmpty ? nil : cells[6]
                )
            )
        }
        return histories
    }

    private static func fixture(_ lines: [String], features: String, groups: [String]? = nil) throws -> StudyFixture {
        try StudyFixture(
            events: lines,
            observations: "{first: 2024-01-01, last: 2024-06-01, every: 1mo}",
            source: "group: order\n    quantity: quantity\n    attributes: {product: product}",
            columns: columns,
            features: features,
            groups: groups
        )
    }

    @Test func everyPrimitiveEqualsABruteForceOnAThousandRandomHistories() throws {
        let lines = Self.events(seed: 11, customers: 1000)
        let groups = Self.groups(seed: 11, customers: 1000)
        let fixture = try Self.fixture(
            lines,
            features: "{windows: [1d, 7d, 30d, 3mo, 1y, all], families: \(Self.families)}",
            groups: groups
        )
        let table = try fixture.table(threads: 2)
        let used = Set(table.plan.features.map(\.primitive))
        let elsewhere: Set<Primitive> = [
            .recencyScore, .frequencyScore, .monetaryScore, .aliveProbability, .expectedPurchases, .expectedValue,
        ]
        #expect(
            used == Self.ofEvents.subtracting(elsewhere),
            "every primitive of events is compared here, below or in PurchaseFeatureTests"
        )
        let histories = try Self.histories(lines)
        try SweepTests.compare(
            table,
            histories: histories,
            timeZone: "Europe/Berlin",
            rows: Array(0..<table.rowCount),
            groups: Self.oracle(groups, histories)
        )
    }

    @Test func theEmptyValueIsWordedByWhatTheFeatureIsOf() {
        for primitive in Primitive.allCases where primitive.subject != .events {
            #expect(!primitive.emptyMeaning.contains("events"), "\(primitive)")
        }
        #expect(Primitive.count.emptyMeaning == "without events")
        #expect(Primitive.contractAge.emptyMeaning == "without a contract")
        #expect(Primitive.monetaryScore.emptyMeaning == "in the lowest fifth")
        #expect(Primitive.versusBefore.emptyMeaning == "with as many transactions in both")
        #expect(Primitive.amountVersusYear.emptyMeaning == "with as much in both")
    }

    @Test func scoresAreFifthsAmongTheExamplesOfTheCutoff() throws {
        let lines = Self.events(seed: 12, customers: 300)
        let fixture = try Self.fixture(lines, features: "{families: [rfm]}")
        let table = try fixture.table()
        let histories = try Self.histories(lines)
        for (code, cutoff) in table.cutoffs.enumerated() {
            let rows = table.rows(ofCutoffs: [code])
            let quantities = try rows.map { row in
                BruteForceFeatures(
                    timeZone: "Europe/Berlin",
                    activityTypes: ["purchase"],
                    events: try #require(histories[table.customers[row]])
                ).scoreQuantities(cutoff: cutoff.day.description)
            }
            for quantity in 0..<3 {
                let sorted = quantities.map { $0[quantity] }.sorted()
                let cuts = (1...4).map { fifth in
                    let position = Double((sorted.count - 1) * fifth) / 5
                    let low = Int(position.rounded(.down))
                    let high = min(low + 1, sorted.count - 1)
                    return sorted[low] + (position - Double(low)) * (sorted[high] - sorted[low]) + 1
                }
                for (position, row) in rows.enumerated() {
                    let reached = cuts.count { quantities[position][quantity] >= $0 }
                    #expect(table.features[row, quantity] == Double(quantity == 0 ? 5 - reached : 1 + reached))
                }
            }
        }
    }

    /// The R package rfm's counts of customers by score on its own example data, `rfm_data_orders`.
    @Test(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)))
    func scoresAreThoseOfTheRPackageRFM() throws {
        let folder = try TemporaryFolder()
        let yaml = """
            study: rfm
            timezone: UTC
            events:
              - file: \(SharedData.path("rfm/rfm_orders.csv"))
                customer: customer_id
                duplicates: keep
                time: {column: order_date, format: yyyy-MM-dd}
                type: {always: purchase}
                amount: revenue
            churn: {definition: inactivity, of: [purchase], horizon: 30d}
            observations: {first: 2006-12-31}
            features: {families: [rfm]}
            """
        let study = try Study(yaml: yaml, path: "\(folder.path)/study.yaml")
        let history = try EventHistory(sources: study.sources, calendar: study.calendar, observedUntil: nil)
        let table = try FeatureSweep(
            study: study,
            index: history.index,
            plan: FeaturePlan(study: study, index: history.index),
            cutoffs: [study.cutoff(asOf: study.observations.first, observedUntil: history.observedUntil)],
            threads: 2
        ).table(dataFingerprint: history.dataFingerprint)
        let counts = (0..<3).map { column in
            (1...5).map { score in (0..<table.rowCount).count { table.features[$0, column] == Double(score) } }
        }
        #expect(counts == [[197, 200, 199, 199, 200], [268, 187, 176, 244, 120], [200, 200, 198, 202, 195]])
    }

    @Test func dataCutOffAtTheCutoffGiveTheSameBitsForEveryPrimitive() throws {
        let lines = Self.events(seed: 13, customers: 200)
        let groups = Self.groups(seed: 13, customers: 200)
        let features = "{windows: [7d, 30d, 1y, all], families: \(Self.families.dropLast()), rfm]}"
        let whole = try Self.fixture(lines, features: features, groups: groups)
        let plan = try whole.plan()
        for cutoff in whole.cutoffs {
            func isBefore(_ line: String) throws -> Bool {
                try Self.second(line.split(separator: ",")[1]) < cutoff.instant / 1_000_000
            }
            let truncated = try Self.fixture(
                lines.filter(isBefore),
                features: features,
                groups: groups.filter(isBefore)
            )
            let expected = try whole.table(cutoffs: [cutoff], plan: plan)
            let got = try truncated.table(cutoffs: [cutoff], plan: plan)
            #expect(got.customers == expected.customers)
            #expect(
                Matrix(got.features).elements.map(\.bitPattern) == Matrix(expected.features).elements.map(\.bitPattern)
            )
        }
    }

    @Test func aTableOfEveryPrimitiveHasTheSameBitsAtAnyNumberOfThreadsAndAtOneCutoffAlone() throws {
        let fixture = try Self.fixture(
            Self.events(seed: 14, customers: 300),
            features: "{windows: [7d, 3mo, all], families: \(Self.families.dropLast()), rfm]}",
            groups: Self.groups(seed: 14, customers: 300)
        )
        let table = try fixture.table(threads: 1)
        #expect(try fixture.table(threads: 3).features == table.features)
        for (code, cutoff) in fixture.cutoffs.enumerated() {
            let alone = try fixture.table(cutoffs: [cutoff])
            let rows = table.rows(ofCutoffs: [code])
            for column in table.plan.features.indices {
                let isSame = rows.enumerated().allSatisfy {
                    table.features[$1, column].bitPattern == alone.features[$0, column].bitPattern
                }
                #expect(isSame, "\(table.plan.features[column].name) at \(cutoff.day)")
            }
        }
    }

    @Test func equalAmountsHaveNoDeviation() throws {
        let table = try StudyFixture(
            events: ["a,2023-01-01,purchase,1e9,"] + (10...20).map { "a,2024-02-\($0),purchase,0.1," },
            features: "{windows: [30d, all], include: ['purchase_std_*']}"
        ).table()
        #expect(table.value("purchase_std_30d") == 0)
        // One of 1e9 among eleven of 0.1: sqrt(11)/12 of the difference.
        let expected = 11.0.squareRoot() / 12 * (1e9 - 0.1)
        #expect(abs(table.value("purchase_std_all") - expected) <= 1e-15 * expected)
    }

    @Test func aSteadyRiseOfOneAWeekHasTheSlopeOne() throws {
        // Weeks back from 1 March: 2 to 8, 9 to 15, 16 to 22, 23 to 29 February.
        let dates = ["2024-02-05", "2024-02-12", "2024-02-19", "2024-02-26"]
        let events = zip(1...4, dates).flatMap { week, date in (0..<week).map { "a,\(date)T0\($0):00:00,purchase,2," } }
        let table = try StudyFixture(
            events: events,
            features: "{windows: [30d], include: [purchase_trend_30d, purchase_amount_trend_30d]}"
        ).table()
        #expect(table.value("purchase_trend_30d") == 1)
        #expect(table.value("purchase_amount_trend_30d") == 2)
    }

    @Test func everyPrimitiveSaysWhatItIs() throws {
        let fixture = try Self.fixture(
            Self.events(seed: 15, customers: 50),
            features: "{windows: [30d], families: \(Self.families.dropLast()), rfm, buyTillYouDie]}",
            groups: Self.groups(seed: 15, customers: 50)
        )
        var primitives = Set<Primitive>()
        for feature in try fixture.plan().features {
            primitives.insert(feature.primitive)
            let subject = feature.eventTypes.first ?? "group of companies"
            #expect(feature.sentence.contains(subject), "\(feature.name): \(feature.sentence)")
            if feature.window != nil { #expect(feature.sentence.contains("30d"), "\(feature.sentence)") }
            let definition = feature.primitive.definition
            #expect(!definition.unit.isEmpty && definition.formula.count > 10 && definition.emptyValue.isFinite)
        }
        #expect(primitives == Self.ofEvents)
    }
}
