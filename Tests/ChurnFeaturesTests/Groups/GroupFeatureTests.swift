import ChurnHistory
import ChurnNumerics
import Testing

@testable import ChurnFeatures

/// Features of the group of companies. The cutoff is 2024-03-01, unless said otherwise.
@Suite struct GroupFeatureTests {
    private static let features = "{windows: [30d, all], families: [companyGroup]}"

    /// - Parameter groups: lines of `customer,since,parent`.
    private static func fixture(
        _ events: [String],
        _ groups: [String],
        churn: String = "{definition: inactivity, of: [purchase], horizon: 30d}",
        observations: String = "{first: 2024-03-01}",
        features: String = features,
        contracts: [String]? = nil
    ) throws -> StudyFixture {
        try StudyFixture(
            events: events,
            churn: churn,
            observations: observations,
            features: features,
            groups: groups,
            contracts: contracts
        )
    }

    /// The values of a feature by customer, at one cutoff.
    private static func values(
        _ feature: String,
        _ fixture: StudyFixture,
        cutoff: Int = 0
    ) throws -> [String: Double] {
        let table = try fixture.table()
        let rows = table.rows(ofCutoffs: [cutoff])
        return Dictionary(uniqueKeysWithValues: rows.map { (table.customers[$0], table.value(feature, row: $0)) })
    }

    private static let events = [
        "a,2024-02-10,purchase,10,", "a,2024-02-20,purchase,5,", "b,2024-02-25,purchase,20,",
        "b,2023-06-01,purchase,100,", "c,2024-02-28,purchase,7,",
    ]

    // MARK: Figures

    @Test func theFiguresOfAGroupAreThoseOfAllItsMembers() throws {
        let fixture = try Self.fixture(Self.events, ["a,2020-01-01,g", "b,2020-01-01,g"])
        #expect(try Self.values("group_members", fixture) == ["a": 2, "b": 2, "c": 1])
        #expect(try Self.values("group_active_members_30d", fixture) == ["a": 2, "b": 2, "c": 1])
        #expect(try Self.values("group_purchase_count_30d", fixture) == ["a": 3, "b": 3, "c": 1])
        #expect(try Self.values("group_purchase_sum_30d", fixture) == ["a": 35, "b": 35, "c": 7])
        #expect(try Self.values("group_purchase_sum_all", fixture) == ["a": 135, "b": 135, "c": 7])
        #expect(try Self.values("group_share_30d", fixture) == ["a": 2.0 / 3, "b": 1.0 / 3, "c": 1])
        #expect(try Self.values("group_share_all", fixture) == ["a": 0.5, "b": 0.5, "c": 1])
    }

    @Test func linesOfAnOrderCountOnceForTheGroupToo() throws {
        let fixture = try StudyFixture(
            events: ["a,2024-02-10,purchase,10,o1", "a,2024-02-10,purchase,5,o1", "b,2024-02-11,purchase,1,o1"],
            source: "group: order",
            features: Self.features,
            groups: ["a,2020-01-01,g", "b,2020-01-01,g"]
        )
        #expect(try Self.values("group_purchase_count_30d", fixture) == ["a": 2, "b": 2])
        #expect(try Self.values("group_purchase_sum_30d", fixture) == ["a": 16, "b": 16])
    }

    @Test func recencyIsThatOfTheOtherMembers() throws {
        let groups = ["a,2020-01-01,g", "b,2020-01-01,g"]
        #expect(
            try Self.values("group_recency", Self.fixture(Self.events, groups)) == ["a": 5, "b": 10, "c": 2],
            "who is alone gets his tenure"
        )
        let tie = ["a,2024-02-25,purchase,1,", "b,2024-02-25,purchase,1,", "d,2024-01-01,purchase,1,"]
        let three = try Self.fixture(tie, groups + ["d,2020-01-01,g"])
        #expect(try Self.values("group_recency", three) == ["a": 5, "b": 5, "d": 5])
        let visitor = try Self.fixture(["a,2024-02-10,purchase,1,", "b,2024-02-20,visit,,"], groups)
        #expect(try Self.values("group_recency", visitor) == ["a": 20], "a visit is no activity")
        #expect(try Self.values("group_members", visitor) == ["a": 2])
        #expect(try Self.values("group_active_members_all", visitor) == ["a": 1])
    }

    @Test func shareIsZeroWhereTheGroupDidNothing() throws {
        let old = ["a,2023-02-10,purchase,1,", "b,2023-02-11,purchase,1,"]
        let fixture = try Self.fixture(old, ["a,2020-01-01,g", "b,2020-01-01,g"])
        #expect(try Self.values("group_share_30d", fixture) == ["a": 0, "b": 0])
        #expect(try Self.values("group_active_members_30d", fixture) == ["a": 0, "b": 0])
    }

    // MARK: Members

    @Test func theMotherCompanyIsInTheGroupOfHerDaughters() throws {
        let groups = ["b,2020-01-01,a", "a,2020-01-01,"]
        #expect(
            try Self.values("group_members", Self.fixture(Self.events, groups)) == ["a": 2, "b": 2, "c": 1]
        )
        #expect(
            try Self.values("group_members", Self.fixture(Self.events, [groups[0]])) == ["a": 2, "b": 2, "c": 1],
            "without a row of her own too"
        )
        let grandmother = try Self.fixture(Self.events, [groups[0], "a,2020-01-01,c"])
        #expect(try Self.values("group_members", grandmother) == ["a": 2, "b": 1, "c": 2], "groups have one level")
    }

    @Test func aMemberIsInTheGroupThatIsKnownBeforeTheCutoff() throws {
        let at = try Self.fixture(Self.events, ["a,2020-01-01,g", "b,2024-03-01T00:00:00,g"])
        #expect(try Self.values("group_members", at) == ["a": 1, "b": 1, "c": 1])
        let before = try Self.fixture(Self.events, ["a,2020-01-01,g", "b,2024-02-29T23:59:59,g"])
        #expect(try Self.values("group_members", before) == ["a": 2, "b": 2, "c": 1])
        let left = try Self.fixture(Self.events, ["a,2020-01-01,g", "b,2020-01-01,g", "b,2024-02-01,"])
        #expect(try Self.values("group_members", left) == ["a": 1, "b": 1, "c": 1], "a blank cell takes him out")
    }

    @Test func whoChangesHisGroupTakesHisHistoryAlong() throws {
        let fixture = try Self.fixture(
            Self.events,
            ["a,2020-01-01,g", "b,2020-01-01,g", "c,2020-01-01,h", "b,2024-03-15,h"],
            observations: "{first: 2024-03-01, last: 2024-04-01, every: 1mo}"
        )
        #expect(try Self.values("group_purchase_sum_all", fixture) == ["a": 135, "b": 135, "c": 7])
        #expect(try Self.values("group_purchase_sum_all", fixture, cutoff: 1) == ["a": 15, "b": 127, "c": 127])
        #expect(try Self.values("group_recency", fixture, cutoff: 1) == ["a": 51, "b": 33, "c": 36])
    }

    @Test func onlyWhoHasBeenSeenBeforeTheCutoffIsAMember() throws {
        let events = ["a,2024-02-10,purchase,1,", "b,2024-03-01T00:00:00,purchase,1,"]
        let groups = ["a,2020-01-01,g", "b,2020-01-01,g", "nobody,2020-01-01,g"]
        #expect(try Self.values("group_members", Self.fixture(events, groups)) == ["a": 1])
        let seen = try Self.fixture(events + ["b,2024-02-29T23:59:59,visit,,"], groups)
        #expect(try Self.values("group_members", seen) == ["a": 2], "any event shows that he is there")
    }

    @Test func aContractMakesAMemberToo() throws {
        func members(_ contract: String) throws -> [String: Double] {
            try Self.values(
                "group_members",
                Self.fixture(
                    ["a,2024-02-10,purchase,1,"],
                    ["a,2020-01-01,g", "b,2020-01-01,g"],
                    contracts: [contract]
                )
            )
        }
        #expect(try members("b,2024-02-29,") == ["a": 2])
        #expect(try members("b,2024-03-01,") == ["a": 1], "one that starts at the cutoff is the future")
    }

    @Test func whoIsNoExampleAnyMoreIsStillAMember() throws {
        let fixture = try Self.fixture(
            ["a,2024-02-10,purchase,1,", "b,2023-01-01,purchase,8,"],
            ["a,2020-01-01,g", "b,2020-01-01,g"],
            churn: "{definition: inactivity, of: [purchase], horizon: 30d, activeWithin: 90d}"
        )
        #expect(try Self.values("group_purchase_sum_all", fixture) == ["a": 9])
    }

    @Test func theNumberOfThreadsChangesNothing() throws {
        var events: [String] = []
        var groups: [String] = []
        for customer in 0..<2500 {
            var random = RandomStream(seed: 7, purpose: "group threads", index: UInt64(customer))
            for _ in 0...random.below(4) {
                events.append("c\(customer),2024-0\(1 + random.below(4))-15,purchase,\(random.uniform() / 3),")
            }
            groups.append("c\(customer),2024-0\(1 + random.below(3))-20,g\(random.below(30))")
        }
        let fixture = try Self.fixture(
            events,
            groups,
            observations: "{first: 2024-02-01, last: 2024-05-01, every: 1mo}"
        )
        let one = try fixture.table(threads: 1)
        #expect(try fixture.table(threads: 2).features == one.features)
        #expect(try fixture.table(threads: 7).features == one.features)
        #expect(try Self.values("group_members", fixture, cutoff: 3).values.contains { $0 > 50 })
    }

    // MARK: Plan

    @Test func aStudyWithAGroupHasItsFeatures() throws {
        let events = Self.events + ["a,2024-02-11,visit,,"]
        func names(_ features: String) throws -> [String] {
            try Self.fixture(events, ["a,2020-01-01,g", "b,2020-01-01,g"], features: features).plan().featureNames
        }
        let all = [
            "group_members", "group_active_members_30d", "group_purchase_count_30d", "group_purchase_sum_30d",
            "group_visit_count_30d", "group_share_30d", "group_recency",
        ]
        #expect(try names("{windows: [30d], families: [companyGroup]}") == all)
        #expect(try names("{windows: [30d]}").filter { $0.hasPrefix("group") } == all)
        #expect(try !names("{windows: [30d], families: [counts]}").contains { $0.hasPrefix("group") })
        #expect(
            try names("{windows: [30d], families: [companyGroup], types: [visit], exclude: ['group_*a*']}") == [
                "group_members", "group_visit_count_30d", "group_recency",
            ]
        )
        #expect(
            try names("{windows: [7d, all], include: [group_share_all]}") == ["group_share_all"]
        )
    }

    @Test func theNamesOfGroupsAreNoCategories() throws {
        let groups = ["a,2020-01-01,g", "b,2020-01-01,g", "c,2020-01-01,h"]
        let names = try Self.fixture(Self.events, groups, features: "{families: [attributes]}").plan().featureNames
        #expect(names == ["attribute_changes", "attribute_change_days"])
    }

    @Test func groupsThatNobodyKnowsBeforeTheLastCutoffMakeNoFeatures() throws {
        let late = try Self.fixture(Self.events, ["a,2024-03-01T00:00:00,g"], features: "{windows: [30d]}")
        #expect(try !late.plan().featureNames.contains { $0.hasPrefix("group") })
    }

    @Test func aPlanWithAGroupNeedsAStudyWithIt() throws {
        let groups = ["a,2020-01-01,g", "b,2020-01-01,g"]
        let plan = try Self.fixture(Self.events, groups).plan()
        let other = try StudyFixture(
            events: Self.events,
            groups: groups,
            groupKeys: "validFrom: since, attributes: [parent]"
        )
        #expect(throws: FeatureError.missingGroup("parent", feature: "group_members")) { try other.table(plan: plan) }
    }

    @Test func withoutTypesOfActivityNothingIsSaidOfIt() throws {
        let fixture = try Self.fixture(
            Self.events,
            ["a,2020-01-01,g", "b,2020-01-01,g"],
            churn: "{definition: contractEnd, horizon: 30d}",
            contracts: ["a,2024-01-01,", "b,2024-01-01,"]
        )
        #expect(
            try fixture.plan().featureNames == [
                "group_members", "group_purchase_count_30d", "group_purchase_count_all", "group_purchase_sum_30d",
                "group_purchase_sum_all",
            ]
        )
        #expect(try Self.values("group_purchase_sum_30d", fixture) == ["a": 35, "b": 35])
    }

    // MARK: Study

    private static func error(_ keys: String) -> DataError? {
        #expect(throws: DataError.self) {
            try StudyFixture(events: events, groups: ["a,2020-01-01,g"], groupKeys: keys)
        }
    }

    @Test func theGroupMustBeOneOfTheAttributes() {
        let error = Self.error("validFrom: since, attributes: [parent], group: parnet")
        #expect(error?.kind == .badStudy)
        #expect(error?.fix == "did you mean \"parent\"? known are parent")
    }

    @Test func aGroupWithoutADateMustBeConstant() throws {
        let error = Self.error("attributes: [parent], group: parent")
        #expect(error?.code == .undatedAttribute && error?.kind == .badStudy)
        #expect(error?.fix?.contains("`constant`") == true)
        let constant = try StudyFixture(
            events: Self.events,
            features: Self.features,
            groups: ["a,,g", "b,,g"],
            groupKeys: "attributes: [parent], constant: [parent], group: parent"
        )
        #expect(try Self.values("group_members", constant) == ["a": 2, "b": 2, "c": 1])
    }

    @Test func onlyOneEntryCanNameTheGroup() {
        let entry = "validFrom: since, attributes: [parent], group: parent"
        let error = Self.error("\(entry)}, {file: groups.csv, customer: customer, \(entry)")
        #expect(error?.kind == .badStudy)
        #expect(error?.problem == "is the second `group` of `customers`")
    }
}
