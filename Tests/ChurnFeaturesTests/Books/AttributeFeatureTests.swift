import ChurnFeatures
import ChurnHistory
import Testing

/// The cutoff is 2024-03-01.
@Suite struct AttributeFeatureTests {
    private static func fixture(
        customers: [String]? = nil,
        regions: [String]? = nil,
        names: [String] = ["a", "b"]
    ) throws -> BooksFixture {
        try BooksFixture(
            events: names.map { "\($0),2024-01-01" },
            customers: customers,
            regions: regions,
            families: "[attributes]"
        )
    }

    private static func names(_ lines: [String], of customers: [String] = ["a", "b"]) throws -> [String] {
        try fixture(customers: lines, names: customers).plan().featureNames
    }

    @Test func anAttributeIsANumberWhereAllValuesKnownAreNumbers() throws {
        let numbers = try Self.names(["a,2023-01-01,,5,1990", "b,2023-01-01,,12.5,1990"])
        #expect(numbers == ["customer_employees", "company_age", "attribute_changes", "attribute_change_days"])
        let texts = try Self.names([
            "a,2023-01-01,,5,1990", "b,2023-01-01,,5,1990", "a,2023-06-01,,many,1990", "a,2023-07-01,,5,1990",
        ])
        #expect(texts == ["customer_employees=5", "company_age", "attribute_changes", "attribute_change_days"])
    }

    @Test func whatIsLearntFromTheLastCutoffOnIsNotInThePlan() throws {
        let before = ["a,2023-01-01,small,5,1990", "b,2023-01-01,small,7,1990"]
        let after = ["a,2024-03-01T00:00:00,large,many,x", "b,2024-03-02,large,,"]
        #expect(try Self.fixture(customers: before + after).plan() == Self.fixture(customers: before).plan())
    }

    @Test func aFlagSaysWhatIsMissingOnlyWhereSomethingIs() throws {
        let full = ["a,2023-01-01,small,5,1990", "b,2023-01-01,large,7,1990"]
        #expect(try !Self.names(full).contains { $0.hasSuffix("_missing") })
        let blank = try Self.names(full + ["a,2023-06-01,small,,1990"])
        #expect(blank.filter { $0.hasSuffix("_missing") } == ["customer_employees_missing"])
        let late = try Self.names([full[0], "b,2024-03-01T00:00:00,large,7,1990"])
        #expect(
            late.filter { $0.hasSuffix("_missing") } == [
                "customer_size_missing", "customer_employees_missing", "company_age_missing",
            ],
            "of b nothing is known before the cutoff"
        )
    }

    @Test func onlyFrequentValuesHaveColumnsAndAFullSetLacksItsFirst() throws {
        func plan(_ count: Int, repeated: Int) throws -> [String] {
            let values = (0..<count).flatMap { value in [Int](repeating: value, count: repeated) }
            let lines = values.enumerated().map { "k\($0),2023-01-01,v\($1 + 100),,1990" }
            return try Self.names(lines, of: values.indices.map { "k\($0)" }).filter { $0.contains("=") }
        }
        #expect(try plan(3, repeated: 2) == ["customer_size=v101", "customer_size=v102"])
        #expect(try plan(3, repeated: 1) == [], "a value that one customer has teaches nothing")
        let many = try plan(25, repeated: 2)
        #expect(many.count == 20)
        #expect(
            many.first == "customer_size=v100" && many.last == "customer_size=v119",
            "the first of equally frequent ones"
        )
    }

    @Test func withoutADateAnAttributeIsUsedOnlyIfItNeverChanges() throws {
        let plan = try Self.fixture(
            regions: ["a,north,gone", "b,south,active", "c,north,gone", "d,south,active"],
            names: ["a", "b", "c", "d"]
        ).plan()
        #expect(plan.featureNames == ["customer_region=south"])
    }

    @Test func aValueIsKnownFromTheInstantBehindItsDate() throws {
        let rows = ["a,2023-01-01,small,5,1990", "b,2023-01-01,large,7,1990", "b,2023-02-01,large,8,1990"]
        let at = try Self.fixture(customers: rows + ["a,2024-03-01T00:00:00,large,9,1990"]).table()
        #expect(at.value("customer_employees") == 5)
        #expect(at.value("attribute_changes") == 0)
        #expect(at.value("attribute_change_days") == 425)
        let before = try Self.fixture(customers: rows + ["a,2024-02-29T23:59:59,large,9,1990"]).table()
        #expect(before.value("customer_employees") == 9)
        #expect(before.value("attribute_changes") == 1)
        #expect(before.value("attribute_change_days") == 1)
    }

    @Test func aRowThatSaysTheSameIsNoChange() throws {
        let table = try Self.fixture(
            customers: ["a,2023-01-01,,5,1990", "a,2023-06-01,,6,1990", "a,2024-01-01,,6,1990", "b,2023-01-01,,7,1990"]
        ).table()
        #expect(table.value("attribute_changes") == 1)
        #expect(table.value("attribute_change_days") == 274)
    }

    @Test func theAgeOfACompanyIsCountedInYears() throws {
        let table = try Self.fixture(customers: ["a,2023-01-01,,,1990", "b,2023-01-01,,,"]).table()
        #expect(table.value("company_age", row: 0) == 34 && table.value("company_age_missing", row: 0) == 0)
        #expect(table.value("company_age", row: 1) == 0 && table.value("company_age_missing", row: 1) == 1)
    }

    @Test func aPlanWithAnAttributeThatTheStudyLacksIsRefused() throws {
        let plan = try Self.fixture(customers: ["a,2023-01-01,,5,1990", "b,2023-01-01,,7,1990"]).plan()
        let other = try Self.fixture(regions: ["a,north,x"])
        #expect(throws: FeatureError.missingAttribute("employees", feature: "customer_employees")) {
            try other.table(plan: plan)
        }
    }

    @Test func aValueThatTheTrainingDidNotKnowHasNoColumnAndIsNotMissing() throws {
        let rows = [
            "a,2023-01-01,small,,", "b,2023-01-01,large,,", "c,2023-01-01,small,,", "d,2023-01-01,large,,",
            "e,2023-01-01,,,",
        ]
        let names = ["a", "b", "c", "d", "e"]
        let plan = try Self.fixture(customers: rows, names: names).plan()
        let later = try Self.fixture(customers: ["a,2023-01-01,huge,,"] + rows.dropFirst(), names: names).table(
            plan: plan
        )
        #expect(later.value("customer_size=small") == 0)
        #expect(later.value("customer_size_missing") == 0)
        #expect(later.value("customer_size_missing", row: 4) == 1)
    }
}
