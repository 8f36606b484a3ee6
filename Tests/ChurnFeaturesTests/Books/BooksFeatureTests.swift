import ChurnFeatures
import ChurnHistory
import ChurnNumerics
import Foundation
import Testing

/// Features of contracts and attributes on random books that like to fall on edges.
@Suite struct BooksFeatureTests {
    private static let cutoffs = ["2023-10-29", "2023-11-29", "2023-12-29", "2024-01-29", "2024-02-29", "2024-03-29"]
    private static let observations = "{first: 2023-10-29, last: 2024-03-31, every: 1mo}"
    private static let oracle = BooksOracle(timeZone: "Europe/Berlin")

    static func customers(_ count: Int, seed: UInt64) -> [String: BooksOracle.Customer] {
        let edges = cutoffs.map(oracle.midnight)
        var customers: [String: BooksOracle.Customer] = [:]
        for number in 0..<count {
            var random = RandomStream(seed: seed, purpose: "books", index: UInt64(number))
            func second(_ random: inout RandomStream, after floor: Int = 0) -> Int {
                let second =
                    random.bernoulli(0.4)
                    ? edges[random.below(edges.count)] + random.below(3) - 1 : 1_640_000_000 + random.below(80_000_000)
                return max(second, floor)
            }
            var customer = BooksOracle.Customer(first: 1_650_000_000 + random.below(60_000_000))
            for _ in 0..<random.below(6) {
                let last = customer.contracts.last?.end
                let start = random.bernoulli(0.5) ? last ?? second(&random) : second(&random)
                let end = random.bernoulli(0.6) ? second(&random, after: start) : nil
                customer.contracts.append(
                    BooksOracle.Contract(
                        start: start,
                        plannedEnd: random.bernoulli(0.7) ? second(&random, after: start) : nil,
                        end: end,
                        endKnown: end != nil && random.bernoulli(0.7) ? second(&random, after: start) : nil,
                        value: random.bernoulli(0.8) ? Double([100, 250, 4000][random.below(3)]) : nil
                    )
                )
            }
            var rows: [Int: BooksOracle.Row] = [:]
            for _ in 0..<random.below(5) {
                let since = second(&random)
                rows[since] = BooksOracle.Row(
                    since: since,
                    size: ["large", "small", "medium", ""][random.below(4)],
                    employees: ["5", "5", "12.5", "-1e3", ""][random.below(5)],
                    founded: ["1990", "2001", ""][random.below(3)]
                )
            }
            customer.rows = rows.values.sorted { $0.since < $1.since }
            customer.region = ["north", "south", ""][random.below(3)]
            customers["c\(number)"] = customer
        }
        return customers
    }

    /// - Parameter end: what is not known before this instant is left out; all where `nil`.
    static func fixture(
        _ customers: [String: BooksOracle.Customer],
        before end: Int? = nil,
        observations: String = observations,
        observedUntil: String = "2024-08-01"
    ) throws -> BooksFixture {
        let end = end ?? .max
        func text(_ second: Int?) -> String {
            second.map { Date(timeIntervalSince1970: Double($0)).formatted(.iso8601) } ?? ""
        }
        var events = ["~,2019-01-01T00:00:00Z"]
        var contracts = ["~,2019-01-01T00:00:00Z,,2019-02-01T00:00:00Z,,"]
        var rows = ["~,2019-01-01T00:00:00Z,,,"]
        var regions = ["~,,"]
        for (name, customer) in customers.sorted(by: { $0.key < $1.key }) {
            if customer.first < end { events.append("\(name),\(text(customer.first))") }
            for contract in customer.contracts where contract.start < end {
                let isKnown = (contract.endKnown ?? contract.end ?? .max) < end
                contracts.append(
                    "\(name),\(text(contract.start)),\(text(contract.plannedEnd)),\(text(isKnown ? contract.end : nil)),"
                        + "\(text(isKnown ? contract.endKnown : nil)),\(contract.value.map { "\($0)" } ?? "")"
                )
            }
            for row in customer.rows where row.since < end {
                rows.append("\(name),\(text(row.since)),\(row.size),\(row.employees),\(row.founded)")
            }
            regions.append("\(name),\(customer.region),active")
        }
        return try BooksFixture(
            events: events,
            contracts: contracts,
            customers: rows,
            regions: regions,
            observations: observations,
            observedUntil: observedUntil
        )
    }

    private static let names = [
        "contract_planned_end_days", "contract_open_ended", "contract_age", "contract_tenure", "contract_value",
        "contract_renewals", "contract_value_changes", "contract_notice", "contracts_in_force", "customer_size=medium",
        "customer_size=small", "customer_size_missing", "customer_employees", "customer_employees_missing",
        "company_age",
        "company_age_missing", "customer_region=south", "customer_region_missing", "attribute_changes",
        "attribute_change_days",
    ]

    @Test(arguments: [1, 2, 3] as [UInt64])
    func everyFeatureEqualsABruteForceOnRandomBooks(seed: UInt64) throws {
        let customers = Self.customers(350, seed: seed)
        let table = try Self.fixture(customers).table()
        #expect(table.plan.featureNames == Self.names)
        var differences: [String] = []
        var compared = 0
        for row in 0..<table.rowCount {
            guard let customer = customers[table.customers[row]] else { continue }
            let cutoff = table.cutoffs[Int(table.cutoffCodes[row])].day.description
            for (column, name) in table.plan.featureNames.enumerated() {
                let ours = table.features[row, column]
                let theirs = Self.oracle.value(name, of: customer, cutoff: cutoff)
                compared += 1
                if ours != theirs {
                    differences.append("\(table.customers[row]) \(cutoff) \(name): \(ours) != \(theirs)")
                }
            }
        }
        #expect(differences.isEmpty, "\(differences.count): \(differences.prefix(5))")
        #expect(compared > 10_000)
    }

    @Test func everyFeatureTakesMoreThanOneValueOnThem() throws {
        let table = try Self.fixture(Self.customers(350, seed: 1)).table()
        for (column, name) in table.plan.featureNames.enumerated() {
            let values = Set((0..<table.rowCount).map { table.features[$0, column] })
            #expect(values.count > 1, "\(name)")
        }
    }

    @Test func booksCutOffAtTheCutoffGiveTheSameBits() throws {
        let customers = Self.customers(250, seed: 4)
        let whole = try Self.fixture(customers)
        let plan = try whole.plan()
        let table = try whole.table(plan: plan)
        for (code, cutoff) in table.cutoffs.enumerated() {
            let truncated = try Self.fixture(
                customers,
                before: Int(cutoff.instant / 1_000_000),
                observations: "{first: \(cutoff.day)}",
                observedUntil: cutoff.day.description
            ).table(plan: plan)
            let rows = table.rows(ofCutoffs: [code])
            #expect(Array(truncated.customers) == rows.map { table.customers[$0] })
            for column in plan.features.indices {
                let expected = rows.map { table.features[$0, column].bitPattern }
                #expect((0..<truncated.rowCount).map { truncated.features[$0, column].bitPattern } == expected)
            }
        }
    }

    @Test func theNumberOfThreadsChangesNothing() throws {
        let fixture = try Self.fixture(Self.customers(2500, seed: 5))
        #expect(try fixture.table(threads: 1).features == fixture.table(threads: 3).features)
    }
}
