import ChurnFeatures
import ChurnHistory
import ChurnNumerics
import ChurnTestSupport
import Foundation
import Testing

@Suite struct SweepTests {
    /// Random histories that like to fall on edges: DST days, the leap day, midnights, ties, cutoffs.
    static func randomEvents(seed: UInt64, customers: Int) -> [String] {
        var lines: [String] = []
        let edges = [
            "2024-03-31T01:59:59+01:00", "2024-03-31T03:00:00+02:00", "2023-10-29T02:30:00+02:00",
            "2023-10-29T02:30:00+01:00", "2024-02-29T00:00:00+01:00", "2024-02-29T23:59:59+01:00",
            "2024-04-01T00:00:00+02:00", "2024-03-01T00:00:00+01:00", "2024-01-01T00:00:00+01:00",
        ]
        let types = ["purchase", "purchase", "return", "ticket"]
        for customer in 0..<customers {
            var random = RandomStream(seed: seed, purpose: "history", index: UInt64(customer))
            for event in 0..<random.below(14) + 1 {
                let type = event == 0 ? "purchase" : types[random.below(types.count)]
                let time: String
                if random.bernoulli(0.3) {
                    time = edges[random.below(edges.count)]
                } else {
                    let second = 1_690_000_000 + random.below(26_000_000)
                    time = Date(timeIntervalSince1970: Double(second)).formatted(.iso8601)
                }
                let amount = type == "ticket" ? "" : "\(random.below(100_000) - (type == "return" ? 100_000 : 0))e-2"
                let order = random.bernoulli(0.3) ? "o\(random.below(3))" : ""
                lines.append("c\(customer),\(time),\(type),\(amount),\(order)")
            }
        }
        return lines
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func everyFeatureEqualsABruteForceOnRandomHistories(seed: UInt64) throws {
        let lines = Self.randomEvents(seed: seed, customers: 350)
        let fixture = try StudyFixture(
            events: lines,
            observations: "{first: 2023-10-01, last: 2024-07-01, every: 1mo}",
            windows: "[1d, 7d, 30d, 6mo, all]",
            source: "group: order"
        )
        let table = try fixture.table(threads: 2)
        var histories: [String: [BruteForceFeatures.Event]] = [:]
        let format = ISO8601DateFormatter()
        for line in lines {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            let second = Int(try #require(format.date(from: cells[1])).timeIntervalSince1970)
            histories[cells[0], default: []].append(
                .init(
                    second: second,
                    type: cells[2],
                    amount: Double(cells[3]),
                    group: cells[4].isEmpty ? nil : cells[4]
                )
            )
        }
        try Self.compare(table, histories: histories, timeZone: "Europe/Berlin", rows: Array(0..<table.rowCount))
    }

    /// Compares rows of a table with the brute force, feature by feature.
    static func compare(
        _ table: FeatureTable,
        histories: [String: [BruteForceFeatures.Event]],
        timeZone: String,
        rows: [Int],
        groups: GroupOracle? = nil
    ) throws {
        var differences: [String] = []
        var oracles: [String: BruteForceFeatures] = [:]
        for row in rows {
            let customer = table.customers[row]
            let events = try #require(histories[customer])
            let oracle =
                oracles[customer]
                ?? BruteForceFeatures(timeZone: timeZone, activityTypes: ["purchase"], events: events)
            oracles[customer] = oracle
            let cutoff = table.cutoffs[Int(table.cutoffCodes[row])].day.description
            let scale = events.reduce(0) { $0 + abs($1.amount ?? 0) + abs($1.quantity ?? 0) }
            for (column, feature) in table.plan.features.enumerated() {
                let ours = table.features[row, column]
                let isOfGroup = feature.primitive.subject == .companyGroup
                let theirs =
                    isOfGroup
                    ? try #require(groups).value(feature, of: customer, cutoff: cutoff)
                    : oracle.value(feature, cutoff: cutoff)
                let scale = isOfGroup ? groups?.scale(of: customer, cutoff: cutoff) ?? 0 : scale
                if !BruteForceFeatures.agree(ours, theirs, feature.primitive, scale: scale) {
                    differences.append("\(customer) \(cutoff) \(feature.name): \(ours) != \(theirs)")
                }
            }
        }
        #expect(differences.isEmpty, "\(differences.count): \(differences.prefix(5))")
        #expect(!rows.isEmpty)
    }

    @Test func oneCutoffAloneGivesTheBitsThatItHasAmongAll() throws {
        let fixture = try StudyFixture(
            events: Self.randomEvents(seed: 4, customers: 200),
            observations: "{first: 2023-10-01, last: 2024-07-01, every: 1mo}",
            windows: "[7d, 30d, 6mo, all]"
        )
        let all = try fixture.table()
        for (code, cutoff) in fixture.cutoffs.enumerated() {
            let rows = all.rows(ofCutoffs: [code])
            guard !rows.isEmpty else { continue }
            let alone = try fixture.table(cutoffs: [cutoff])
            #expect(Array(alone.customers) == rows.map { all.customers[$0] })
            for column in all.plan.features.indices {
                #expect(rows.map { all.features[$0, column].bitPattern } == alone.features.columnBits(column))
            }
        }
    }

    @Test func dataCutOffAtTheCutoffGiveTheSameBits() throws {
        let lines = Self.randomEvents(seed: 5, customers: 200)
        let observations = "{first: 2024-03-01, last: 2024-03-01}"
        let whole = try StudyFixture(events: lines, observations: observations, source: "group: order")
        let truncated = try StudyFixture(
            events: lines.filter {
                let time = String($0.split(separator: ",")[1])
                let date = ISO8601DateFormatter().date(from: time) ?? .distantFuture
                return date.timeIntervalSince1970 < Double(whole.cutoffs[0].instant / 1_000_000)
            },
            observations: observations,
            source: "group: order"
        )
        let plan = try whole.plan()
        let expected = try whole.table(plan: plan)
        let got = try truncated.table(plan: plan)
        #expect(got.customers == expected.customers)
        for column in plan.features.indices {
            #expect(got.features.columnBits(column) == expected.features.columnBits(column))
        }
    }

    @Test func theNumberOfThreadsChangesNothing() throws {
        let fixture = try StudyFixture(
            events: Self.randomEvents(seed: 6, customers: 3000),
            observations: "{first: 2023-10-01, last: 2024-07-01, every: 1mo}"
        )
        let one = try fixture.table(threads: 1)
        for threads in [2, 3, 8] {
            let many = try fixture.table(threads: threads)
            #expect(one.features == many.features && one.labels == many.labels && one.customers == many.customers)
        }
    }

    @Test func rowsComeByCutoffAndThenByCustomer() throws {
        let fixture = try StudyFixture(
            events: [
                "b,2024-01-05,purchase,1,", "B,2024-01-05,purchase,1,", "a10,2024-01-05,purchase,1,",
                "a9,2024-01-05,purchase,1,",
            ],
            observations: "{first: 2024-02-01, last: 2024-03-01, every: 1mo}"
        )
        let table = try fixture.table()
        #expect(table.customers == ["B", "a10", "a9", "b", "B", "a10", "a9", "b"])
        #expect(table.cutoffCodes == [0, 0, 0, 0, 1, 1, 1, 1])
    }

    @Test func aPlanWithATypeThatTheDataLackGivesAnEmptyHistory() throws {
        let rich = try StudyFixture(events: ["a,2024-02-01,purchase,1,", "a,2024-02-02,ticket,,"])
        let poor = try StudyFixture(events: ["a,2024-02-01,purchase,1,"])
        let table = try poor.table(plan: rich.plan())
        #expect(table.value("ticket_count_all") == 0)
    }

    @Test(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)))
    func onlineRetailEqualsABruteForceFor200RandomCustomers() throws {
        let study = try Study(path: "\(SharedData.packageFolder)/datasets/online-retail/study.yaml")
        let history = try EventHistory(
            sources: study.sources,
            calendar: study.calendar,
            observedUntil: study.observedUntilInstant
        )
        let table = try FeatureSweep(
            study: study,
            index: history.index,
            plan: FeaturePlan(study: study, index: history.index),
            cutoffs: study.cutoffs(observedUntil: history.observedUntil),
            threads: 2
        ).table(dataFingerprint: history.dataFingerprint)
        var random = RandomStream(seed: 20_111_209, purpose: "customers")
        let chosen = Set(
            random.permutation(history.index.customers.count).prefix(200).map { history.index.customers[$0] }
        )
        let histories = try Self.onlineRetail(of: chosen)
        try Self.compare(
            table,
            histories: histories,
            timeZone: "Europe/London",
            rows: (0..<table.rowCount).filter { chosen.contains(table.customers[$0]) }
        )
    }

    private static func onlineRetail(of customers: Set<String>) throws -> [String: [BruteForceFeatures.Event]] {
        let raw = try FlatTable(
            path: SharedData.path("online-retail/online_retail.csv.gz"),
            dialect: DelimitedDialect()
        )
        let ids = try raw.texts("CustomerID")
        let invoices = try raw.texts("InvoiceNo")
        let times = try raw.texts("InvoiceDate")
        let quantities = try raw.numbers("Quantity")
        let prices = try raw.numbers("UnitPrice")
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "Europe/London")
        format.dateFormat = "yyyy-MM-dd HH:mm:ss"
        var histories: [String: [BruteForceFeatures.Event]] = [:]
        for row in ids.indices where customers.contains(ids[row]) {
            let second = Int(try #require(format.date(from: times[row])).timeIntervalSince1970)
            histories[ids[row], default: []].append(
                .init(
                    second: second,
                    type: invoices[row].hasPrefix("C") ? "return" : "purchase",
                    amount: quantities[row] * prices[row],
                    group: invoices[row]
                )
            )
        }
        return histories
    }
}

extension NumericColumns {
    fileprivate func columnBits(_ column: Int) -> [UInt64] { (0..<rowCount).map { self[$0, column].bitPattern } }
}
