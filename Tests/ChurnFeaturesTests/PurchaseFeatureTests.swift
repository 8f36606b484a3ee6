import ChurnFeatures
import ChurnNumerics
import Foundation
import Synchronization
import Testing

/// What a model of purchases is handed and asked, with a stub in place of the model.
@Suite struct PurchaseFeatureTests {
    /// Keeps what it learns from, and says of a customer what tells everything of the history.
    private final class Stub: PurchaseModel, PurchaseForecast {
        let learned = Mutex<[[PurchaseHistory]]>([])
        let asksForValues = Mutex<Set<Bool>>([])
        /// Cutoffs, from the first on, of which it tells nothing.
        let refusals: Int
        let asked = Mutex(0)
        let answer: Double?

        init(refusals: Int = 0, answer: Double? = nil) {
            self.refusals = refusals
            self.answer = answer
        }

        func forecast(
            from histories: [PurchaseHistory],
            values: Bool,
            threads: Int
        ) throws(UntoldPurchases) -> any PurchaseForecast {
            let number = asked.withLock { count in
                count += 1
                return count
            }
            if number <= refusals { throw UntoldPurchases("nobody came back") }
            learned.withLock { $0.append(histories) }
            asksForValues.withLock { _ = $0.insert(values) }
            return self
        }

        func probabilityAlive(_ history: PurchaseHistory) -> Double {
            answer ?? Double(history.purchaseDays) / 1024 + Double(history.recency)
        }

        func expectedPurchases(within days: Int, _ history: PurchaseHistory) -> Double {
            Double(days) * 1024 + Double(history.age)
        }

        func expectedValue(_ history: PurchaseHistory) -> Double { history.meanAmount }
    }

    private struct Event {
        let day: Int
        let type: String
        let amount: Int?
    }

    /// Days from 2023-06-01 on; several events on one day, returns, tickets, amounts that are missing, customers who left long
    /// ago and some who only ever had tickets.
    private static func worlds() -> [[Event]] {
        (0..<400).map { customer in
            var random = RandomStream(seed: 3, purpose: "purchase features", index: UInt64(customer))
            let last = random.bernoulli(0.4) ? 120 : 500
            return (0..<1 + random.below(9)).map { _ in
                let type = random.bernoulli(customer % 10 == 0 ? 0 : 0.7) ? "purchase" : "ticket"
                let amount = type == "ticket" || random.bernoulli(0.1) ? nil : random.below(200) - 40
                return Event(day: random.below(8) * last / 8 + random.below(2), type: type, amount: amount)
            }
        }
    }

    private static func fixture(
        _ worlds: [[Event]],
        churn: String = "{definition: inactivity, of: [purchase], horizon: 30d, activeWithin: 90d}",
        observations: String = "{first: 2024-01-01, last: 2024-04-01, every: 1mo}"
    ) throws -> StudyFixture {
        let start = Date(timeIntervalSince1970: 1_685_620_800)
        return try StudyFixture(
            events: worlds.enumerated().flatMap { customer, events in
                events.map { event in
                    let time = start.addingTimeInterval(Double(event.day) * 86_400).formatted(.iso8601)
                    return "c\(customer + 1000),\(time),\(event.type),\(event.amount.map(String.init) ?? ""),"
                }
            },
            churn: churn,
            observations: observations,
            features: "{windows: [30d, 3mo, all], families: [buyTillYouDie], include: [expected_purchases_30d]}"
        )
    }

    private static func sweep(_ fixture: StudyFixture, _ stub: Stub, threads: Int = 2) throws -> FeatureSweep {
        try FeatureSweep(
            study: fixture.study,
            index: fixture.history.index,
            plan: fixture.plan(),
            cutoffs: fixture.cutoffs,
            purchaseModel: stub,
            threads: threads
        )
    }

    @Test func itLearnsFromEverybodyEverActiveAndIsAskedOfTheExamplesOnly() throws {
        let worlds = Self.worlds()
        let fixture = try Self.fixture(worlds)
        let stub = Stub()
        let table = try Self.sweep(fixture, stub).table(dataFingerprint: "")
        #expect(
            table.plan.featureNames == [
                "p_alive", "expected_purchases_30d", "expected_purchases_3mo", "expected_value",
            ]
        )
        // From 2023-06-01 to the cutoffs, and how long three months are from there.
        let cutoffs = [(214, 91), (245, 90), (274, 92), (305, 91)]
        let learned = stub.learned.withLock(\.self)
        #expect(learned.count == cutoffs.count)
        var row = 0
        for (position, (cutoff, threeMonths)) in cutoffs.enumerated() {
            var expected: [PurchaseHistory] = []
            for (customer, events) in worlds.enumerated() {
                let purchases = events.filter { $0.type == "purchase" && $0.day < cutoff }
                let days = Set(purchases.map(\.day))
                guard let first = days.min(), let last = days.max() else { continue }
                let (age, recency) = (cutoff - first, last - first)
                let mean = Double(purchases.reduce(0) { $0 + ($1.amount ?? 0) }) / Double(days.count)
                let known = learned[position][expected.count]
                #expect(known.purchaseDays == days.count && known.recency == recency && known.age == age)
                #expect(known.meanAmount == mean)
                expected.append(known)
                guard last >= cutoff - 90 else { continue }
                #expect(table.customers[row] == "c\(customer + 1000)" && table.cutoffCodes[row] == position)
                #expect(table.value("p_alive", row: row) == Double(days.count) / 1024 + Double(recency))
                #expect(table.value("expected_purchases_30d", row: row) == 30 * 1024 + Double(age))
                #expect(table.value("expected_purchases_3mo", row: row) == Double(threeMonths * 1024 + age))
                #expect(table.value("expected_value", row: row) == mean)
                row += 1
            }
            #expect(learned[position].count == expected.count)
        }
        #expect(row == table.rowCount && table.rowCount < learned.reduce(0) { $0 + $1.count })
        #expect(stub.asksForValues.withLock(\.self) == [true])
    }

    @Test func noFeatureKnowsWhatComesLater() throws {
        let proof = try Self.sweep(Self.fixture(Self.worlds()), Stub()).truncationProof()
        #expect(proof.examples > 300 && proof.differences.isEmpty && proof.intrusions.isEmpty)
    }

    @Test func whoWasNeverActiveHasNothingToExpect() throws {
        let fixture = try Self.fixture(
            Self.worlds(),
            churn: "{definition: event, of: [ticket], horizon: 30d, active: [purchase, ticket]}"
        )
        // Tickets are activity here: nobody is without.
        #expect(try Self.sweep(fixture, Stub()).table(dataFingerprint: "").rowCount > 0)
        let contracts = try StudyFixture(
            events: ["a,2024-01-05T00:00:00Z,purchase,10,", "a,2024-05-05T00:00:00Z,purchase,10,"],
            churn: "{definition: contractEnd, active: [purchase], horizon: 30d}",
            features: "{windows: [30d], families: [buyTillYouDie]}",
            contracts: ["a,2024-01-01,", "b,2024-01-01,"]
        )
        let table = try Self.sweep(contracts, Stub()).table(dataFingerprint: "")
        #expect(table.customers == ["a", "b"])
        #expect(table.value("expected_value") == 10)
        for name in table.plan.featureNames { #expect(table.value(name, row: 1) == 0, "\(name)") }
    }

    private static func untold(_ reason: String, from: String? = nil) -> FeatureError {
        .purchasesDoNotTell(
            cutoff: "2024-01-01",
            reason: reason,
            advice: "leave its features out of `features`",
            from: from
        )
    }

    @Test(arguments: [(1, "2024-02-01"), (3, "2024-04-01")])
    func whatCannotBeToldNamesTheFirstCutoffThatCan(refusals: Int, from: String) throws {
        let fixture = try Self.fixture(Self.worlds())
        #expect(throws: Self.untold("nobody came back", from: from)) {
            try Self.sweep(fixture, Stub(refusals: refusals)).table(dataFingerprint: "")
        }
    }

    @Test func whatCannotBeToldIsAnErrorThatNamesTheCutoff() throws {
        let fixture = try Self.fixture(Self.worlds())
        #expect(throws: Self.untold("nobody came back")) {
            try Self.sweep(fixture, Stub(refusals: 4)).table(dataFingerprint: "")
        }
        #expect(throws: FeatureError.noPurchaseModel(feature: "p_alive")) { try fixture.table() }
        let first = try #require(
            try Self.sweep(fixture, Stub()).table(dataFingerprint: "").customers.first
        )
        let reason = "they make no number of p_alive of customer \"\(first)\""
        #expect(throws: Self.untold(reason)) {
            try Self.sweep(fixture, Stub(answer: .nan)).table(dataFingerprint: "")
        }
    }
}
