import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

/// The features that buy-till-you-die models make of everybody's purchases before a cutoff.
@Suite struct BuyTillYouDieFeaturesTests {
    /// A customer's purchases in a file, by day.
    private struct Purchases {
        var amounts: [Int: Double] = [:]
    }

    private static func study(
        in folder: TemporaryFolder,
        features: String = "{windows: [90d, 365d], families: [buyTillYouDie], include: [expected_purchases_90d]}"
    ) throws -> StudyData {
        try CDNOWStudy.data(
            in: folder,
            within: ", activeWithin: 120d",
            observations: "{first: 1997-07-01, last: 1997-10-01, every: 3mo}",
            features: features
        )
    }

    /// Days of 1997 and 1998, from 1997-01-01 on.
    private static func day(_ text: Substring) throws -> Int {
        let number = try #require(Int(text))
        let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100)
        let months = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (year - 1997) * 365 + months[..<(month - 1)].reduce(0, +) + day - 1
    }

    @Test(.enabled(if: SharedData.isAvailable, "set CHURN_DATA"))
    func theyAreThoseOfFitsToAllThatTheFileTellsBeforeTheCutoff() throws {
        let text = try String(contentsOfFile: SharedData.path("cdnow/CDNOW_sample.txt"), encoding: .utf8)
        var customers: [String: Purchases] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let cells = line.split(separator: " ")
            let day = try Self.day(cells[2])
            let amount = try #require(Double(cells[4]))
            customers[String(cells[1]), default: Purchases()].amounts[day, default: 0] += amount
        }
        let folder = try TemporaryFolder()
        let data = try Self.study(in: folder)
        let table = try data.featureTable(plan: data.plan(), threads: 2)
        func value(_ name: String, _ row: Int) -> Double {
            table.plan.featureNames.firstIndex(of: name).map { table.features[row, $0] } ?? .nan
        }
        var row = 0
        for cutoff in [181, 273] {
            let known = customers.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                .map { (id: $0.key, amounts: $0.value.amounts.filter { $0.key < cutoff }) }
                .filter { !$0.amounts.isEmpty }
            let spans = known.map { ($0.amounts.keys.min() ?? 0, $0.amounts.keys.max() ?? 0) }
            let purchases = try BetaGeometricNBD(isModified: true).fit(
                PurchaseHistories(
                    frequencies: known.map { $0.amounts.count - 1 },
                    recencies: spans.map { Double($0.1 - $0.0) },
                    ages: spans.map { Double(cutoff - $0.0) }
                ),
                threads: 1
            )
            let means = known.map { $0.amounts.values.reduce(0, +) / Double($0.amounts.count) }
            let worth = known.indices.filter { means[$0] > 0 }
            // Some orders are free.
            #expect(worth.count < known.count)
            let spending = try GammaGamma().fit(
                purchases: worth.map { known[$0].amounts.count },
                means: worth.map { means[$0] },
                threads: 1
            )
            for (position, customer) in known.enumerated() where spans[position].1 >= cutoff - 120 {
                let (frequency, span) = (customer.amounts.count - 1, spans[position])
                #expect(table.customers[row] == customer.id)
                func agrees(_ name: String, _ expected: Double) -> Bool {
                    abs(value(name, row) - expected) <= 1e-9 * abs(expected)
                }
                let (recency, age) = (Double(span.1 - span.0), Double(cutoff - span.0))
                let alive = purchases.probabilityAlive(frequency: frequency, recency: recency, age: age)
                #expect(agrees("p_alive", alive))
                for days in [90, 365] {
                    let expected = purchases.expectedPurchases(
                        within: Double(days),
                        frequency: frequency,
                        recency: recency,
                        age: age
                    )
                    #expect(agrees("expected_purchases_\(days)d", expected))
                }
                let counted = means[position] > 0 ? customer.amounts.count : 0
                #expect(agrees("expected_value", spending.expectedValue(purchases: counted, mean: means[position])))
                row += 1
            }
        }
        #expect(row == table.rowCount && row > 1000)
    }

    @Test(.enabled(if: SharedData.isAvailable, "set CHURN_DATA"))
    func aModelOfThemScoresAsItWasTrained() throws {
        let folder = try TemporaryFolder()
        let data = try Self.study(in: folder, features: "{families: [counts, rhythm, buyTillYouDie]}")
        let plan = try data.plan()
        #expect(plan.featureNames.suffix(3) == ["p_alive", "expected_purchases_365d", "expected_value"])
        let table = try data.featureTable(plan: plan, threads: 2)
        let again = try data.featureTable(plan: plan, cutoffs: [data.cutoffs[1]], threads: 1)
        let rows = table.rows(ofCutoffs: [1])
        #expect(rows.count == again.rowCount)
        let isEqual = rows.indices.allSatisfy { row in
            (0..<plan.features.count).allSatisfy {
                table.features[rows[row], $0].bitPattern == again.features[row, $0].bitPattern
            }
        }
        #expect(isEqual, "neither the other cutoffs nor the number of threads count")
        let audit = try LeakageAudit(study: data.study, threads: 2)
        let leaks = audit.findings.filter {
            [.featureKnowsFuture, .exampleKnowsFuture, .predictsAlone].contains($0.kind)
        }
        #expect(leaks.isEmpty)
    }

    @Test func purchasesThatTellNothingAreAnErrorWithAReason() throws {
        func error(_ events: [String], amount: String = "10") throws -> FeatureError? {
            let folder = try TemporaryFolder()
            try folder.write(
                "orders.csv",
                "customer,day,amount\n" + events.map { "\($0),\(amount)\n" }.joined()
            )
            try folder.write(
                "study.yaml",
                """
                study: few
                timezone: UTC
                observedUntil: 2024-12-01
                events: [{file: orders.csv, customer: customer, time: {column: day, format: yyyy-MM-dd}, type: {always: order}, amount: amount}]
                churn: {definition: inactivity, of: [order], horizon: 30d}
                observations: {first: 2024-06-01}
                features: {families: [buyTillYouDie]}
                """
            )
            let data = try StudyData(study: Study(path: "\(folder.path)/study.yaml"))
            do {
                _ = try data.featureTable(plan: data.plan(), threads: 1)
                return nil
            } catch { return error }
        }
        let once = try error((0..<40).map { "c\($0),2024-0\(1 + $0 % 5)-03" })
        #expect("\(try #require(once))".contains("MBG/NBD model remain open, since nobody bought more than once"))
        let all = try error((0..<40).flatMap { customer in (1...5).map { "c\(customer),2024-0\($0)-03" } })
        guard case .purchasesDoNotTell("2024-06-01", _, "leave its features out of `features`", nil) = try #require(all)
        else {
            Issue.record("\(String(describing: all))")
            return
        }
        // Purchases that tell everything but what they are worth.
        let fixedPrice = try error(
            (0..<400).flatMap { customer -> [String] in
                var random = RandomStream(seed: 8, purpose: "fixed price", index: UInt64(customer))
                let gap = 1 / random.gamma(shape: 1, scale: 0.05)
                let leaves = random.uniform()
                var days: [String] = []
                var day = 120 * random.uniform()
                while day < 152 {
                    days.append("c\(customer),\(CalendarDay(number: 19_723 + Int(day)))")
                    if random.bernoulli(leaves) { break }
                    day += 1 + random.exponential(mean: gap)
                }
                return days
            }
        )
        #expect("\(try #require(fixedPrice))".contains("gamma-gamma model remain open"))
        #expect("\(try #require(fixedPrice))".hasSuffix("Fix: set `exclude: [expected_value]` in `features`"))
    }
}
