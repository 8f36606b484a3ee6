import ChurnFeatures
import ChurnHistory
import ChurnTestSupport
import Testing

/// Studies with two entries of `customers`.
@Suite struct SeveralEntriesTests {
    private static func study(_ entries: [String], folder: String = "") throws -> Study {
        try Study(
            yaml: """
                study: entries
                timezone: UTC
                observedUntil: 2025-01-01
                events:
                  - {file: events.csv, customer: customer, time: time, type: {always: purchase}, duplicates: keep}
                customers:
                \(entries.map { "  - {\($0)}" }.joined(separator: "\n"))
                churn: {definition: inactivity, of: [purchase], horizon: 30d}
                observations: {first: 2024-03-01}
                features: {include: ["attribute_*"]}
                """,
            path: folder.isEmpty ? "study.yaml" : "\(folder)/study.yaml"
        )
    }

    private static let first = "file: a.csv, customer: customer, validFrom: since, attributes: [size, staff]"

    @Test(arguments: [
        "file: b.csv, customer: customer, validFrom: since, attributes: [region, size]",
        "file: b.csv, customer: customer, validFrom: since, attributes: {size: Size}",
        "file: b.csv, customer: customer, attributes: [size], constant: [size]",
    ])
    func anAttributeOfTwoDatedEntriesIsABadStudy(second: String) throws {
        let error = #expect(throws: DataError.self) { try Self.study([Self.first, second]) }
        #expect(error?.kind == .badStudy && error?.line == 8)
        #expect(error?.problem == "is an attribute of two entries of `customers`")
        #expect(error?.fix == "give one of them another name: {size2: COLUMN}")
    }

    @Test func anAttributeWithoutADateIsNoFeatureAndMayHaveAnyName() {
        #expect(throws: Never.self) {
            try Self.study([Self.first, "file: b.csv, customer: customer, attributes: [size]"])
        }
    }

    @Test func aCompanyIsFoundedOnce() {
        let second = "file: b.csv, customer: customer, validFrom: since, attributes: [born], foundingYear: born"
        let error = #expect(throws: DataError.self) { try Self.study([Self.first + ", foundingYear: size", second]) }
        #expect(error?.kind == .badStudy && error?.line == 8 && error?.value == "born")
    }

    /// By entry, lines of `customer,since,…`.
    private static func values(_ sizes: [String], _ regions: [String]) throws -> (changes: Double, days: Double) {
        let folder = try TemporaryFolder()
        try folder.write("events.csv", "customer,time\na,2023-01-01\n")
        try folder.write("a.csv", (["customer,since,size,staff"] + sizes).joined(separator: "\n") + "\n")
        try folder.write("b.csv", (["customer,since,region"] + regions).joined(separator: "\n") + "\n")
        let second = "file: b.csv, customer: customer, validFrom: since, attributes: [region]"
        let study = try study([first, second], folder: folder.path)
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
            threads: 1
        ).table(dataFingerprint: "")
        return (table.value("attribute_changes"), table.value("attribute_change_days"))
    }

    /// The cutoff is 2024-03-01.
    @Test func aFirstRowOfOneEntryIsNoChangeBesideThoseOfAnother() throws {
        let changed = ["a,2023-01-01,s,5", "a,2024-01-01,l,5"]
        #expect(try Self.values(changed, ["a,2024-02-28,north"]) == (1, 60))
        #expect(try Self.values(changed, ["a,2023-01-01,north", "a,2024-02-28,south"]) == (2, 2))
    }

    @Test func whereNothingChangedTheFirstRowOfAllCounts() throws {
        #expect(try Self.values(["a,2024-02-20,s,5"], ["a,2024-01-31,north"]) == (0, 30))
        #expect(try Self.values(["a,2024-03-01,s,5"], ["a,2024-02-28,north"]) == (0, 2))
        #expect(try Self.values(["b,2024-02-20,s,5"], ["b,2024-01-31,north"]) == (0, 0))
    }
}
