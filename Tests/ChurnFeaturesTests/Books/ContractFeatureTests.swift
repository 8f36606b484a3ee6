import ChurnFeatures
import Testing

/// The cutoff is 2024-03-01.
@Suite struct ContractFeatureTests {
    private static func table(_ contracts: [String]) throws -> FeatureTable {
        try BooksFixture(events: ["a,2023-01-01"], contracts: contracts, families: "[contracts]").table()
    }

    @Test func withoutAContractAllIsZeroAndOpenEnded() throws {
        let table = try Self.table(["b,2023-01-01,,,,"])
        let values = table.plan.featureNames.filter { $0 != "contract_open_ended" }.map { table.value($0) }
        #expect(values == [Double](repeating: 0, count: 8))
        #expect(table.value("contract_open_ended") == 1)
        for feature in table.plan.features {
            #expect(feature.primitive.definition.emptyValue == table.value(feature.name), "\(feature.name)")
        }
    }

    @Test func anEndIsSeenOnlyFromTheDayOnWhichItWasKnown() throws {
        let seen = try Self.table(["a,2023-01-01,2024-12-31,2024-04-01,2024-02-29T23:59:59,100"])
        #expect(seen.value("contract_notice") == 1)
        #expect(seen.value("contract_planned_end_days") == 305, "the term stays what was agreed")
        let unseen = try Self.table(["a,2023-01-01,2024-12-31,2024-04-01,2024-03-01T00:00:00,100"])
        #expect(unseen.value("contract_notice") == 0)
    }

    @Test func aPlannedEndOnTheDayOfTheCutoffIsNoDaysAway() throws {
        let today = try Self.table(["a,2023-03-01,2024-03-01,,,"])
        #expect(today.value("contract_planned_end_days") == 0)
        #expect(today.value("contract_open_ended") == 0)
        let yesterday = try Self.table(["a,2023-03-01,2024-02-29T23:59:59,,,"])
        #expect(yesterday.value("contract_open_ended") == 1, "it runs on behind its term")
    }

    @Test func termsThatFollowEachOtherAreRenewalsAndPriceRisesChanges() throws {
        let table = try Self.table([
            "a,2021-01-01,2022-01-01,2022-01-01,,100", "a,2022-01-01,2023-01-01,2023-01-01,,100",
            "a,2023-01-01,2024-01-01,2024-01-01,,110", "a,2024-01-01,2025-01-01,,,120",
        ])
        #expect(table.value("contract_renewals") == 3)
        #expect(table.value("contract_value_changes") == 2)
        #expect(table.value("contract_value") == 120)
        #expect(table.value("contract_age") == 60)
        #expect(table.value("contract_tenure") == 1155)
        #expect(table.value("contracts_in_force") == 1)
    }

    @Test func contractsSideBySideAddTheirValuesAndTheNearestEndCounts() throws {
        let table = try Self.table([
            "a,2023-01-01,2024-12-31,,,100", "a,2024-02-01,2024-03-31,,,50", "a,2024-02-15,,,,",
        ])
        #expect(table.value("contracts_in_force") == 3)
        #expect(table.value("contract_value") == 150)
        #expect(table.value("contract_planned_end_days") == 30)
        #expect(table.value("contract_age") == 15)
        #expect(table.value("contract_renewals") == 0)
    }

    @Test func whoHasAContractAndNoEventIsAnExampleWithFeaturesOfBoth() throws {
        let table = try BooksFixture(
            events: ["b,2023-01-01"],
            contracts: ["a,2023-01-01,2024-03-20,2024-03-20,2024-02-01,100"],
            churn: "{definition: contractEnd, horizon: 30d}",
            families: "[counts, contracts]"
        ).table()
        #expect(table.customers == ["a"])
        #expect(table.labels == [1])
        #expect(table.value("purchase_count_30d") == 0)
        #expect(table.value("contract_notice") == 1)
        #expect(!table.plan.featureNames.contains("recency"), "no type is named as activity")
    }

    @Test(arguments: ["rhythm", "days", "calendar", "rfm"])
    func withoutTypesOfActivityItsFamiliesAreErrors(family: String) throws {
        let fixture = try BooksFixture(
            events: ["b,2023-01-01"],
            contracts: ["a,2023-01-01,2024-03-20,2024-03-20,2024-02-01,100"],
            churn: "{definition: contractEnd, horizon: 30d}",
            families: "[\(family)]"
        )
        #expect(throws: FeatureError.emptyFamilies([try #require(FeatureGroup(rawValue: family))])) {
            try fixture.plan()
        }
    }

    @Test func aPlanWithContractsIsRefusedByAStudyWithoutThem() throws {
        let plan = try BooksFixture(events: ["a,2023-01-01"], contracts: ["a,2023-01-01,,,,"], families: "[contracts]")
            .plan()
        let other = try BooksFixture(events: ["a,2023-01-01"], families: "[counts]")
        #expect(throws: FeatureError.missingContracts(feature: "contract_planned_end_days")) {
            try other.table(plan: plan)
        }
    }

    @Test func everyPrimitiveOfTheBooksSaysWhatItIs() throws {
        let plan = try BooksFixture(
            events: ["a,2023-01-01", "b,2023-01-01", "c,2023-01-01", "d,2023-01-01"],
            contracts: ["a,2023-01-01,,,,"],
            customers: [
                "a,2023-01-01,small,5,1990", "b,2023-01-01,small,,", "c,2023-01-01,large,,", "d,2023-01-01,large,,",
            ]
        ).plan()
        for feature in plan.features {
            let definition = feature.primitive.definition
            #expect(!feature.sentence.isEmpty && !definition.unit.isEmpty && definition.formula.count > 10)
            if let attribute = feature.attribute, feature.primitive != .companyAge {
                #expect(feature.sentence.contains(attribute))
            }
        }
        let primitives = Set(plan.features.map(\.primitive))
        #expect(primitives == Set(Primitive.allCases.filter { [.contracts, .attributes].contains($0.subject) }))
    }
}
