import ChurnHistory
import Foundation
import Testing

@testable import ChurnFeatures

@Suite struct FeatureSelectionTests {
    private static let events = [
        "a,2024-01-01,purchase,10,", "a,2024-01-02,return,-1,", "a,2024-01-03,ticket,,", "a,2024-01-04,visit,,",
        "a,2024-01-05,refund,-2,",
    ]

    private func names(_ features: String) throws -> [String] {
        try StudyFixture(events: Self.events, features: features).plan().featureNames
    }

    @Test func aStudyCanNameExactlyTheFeaturesItWants() throws {
        let names = try names(
            """
            {windows: [7d, 30d, 90d, 180d, 365d], include: ["*_count_*", "purchase_sum_*", "return_sum_*", \
            "purchase_mean_*", recency, tenure, gap_mean, gap_std]}
            """
        )
        #expect(names.count == 44)
        #expect(names.count { $0.contains("_count_") } == 25)
        #expect(names.contains("visit_count_365d") && names.contains("return_sum_7d") && names.last == "gap_std")
    }

    @Test func withoutFamiliesTheStandardOnesAreTaken() throws {
        let standard = try names("{windows: [30d]}")
        #expect(try standard == names("{windows: [30d], families: [counts, amounts, recencies, rhythm]}"))
        #expect(standard.contains("ticket_since_last") && !standard.contains("purchase_since_last"))
        #expect(standard.contains("purchase_sum_30d") && !standard.contains("ticket_sum_30d"))
    }

    @Test func theStandardFamiliesHaveANameBesideOthers() throws {
        let standard = try names("{windows: [30d]}")
        let more = try names("{windows: [30d], families: [default, days]}")
        #expect(more.filter { $0 != "active_days_30d" } == standard && more.count == standard.count + 1)
        // Of the default's families those without a feature are left out, of named ones they are an error.
        #expect(throws: FeatureError.emptyFamilies([.contracts])) {
            try names("{windows: [30d], families: [default, contracts]}")
        }
        let twice = #expect(throws: DataError.self) { try names("{families: [default, default]}") }
        #expect(twice?.problem.contains("stands twice") == true)
    }

    @Test func allFamiliesWithoutAFeatureAreNamedAtOnce() throws {
        let error = FeatureError.emptyFamilies([.contracts, .variety])
        #expect(throws: error) { try names("{windows: [30d], families: [contracts, counts, variety]}") }
        #expect("\(error)".contains("`contracts` needs contracts") && "\(error)".contains("leave the families out"))
    }

    /// Who includes all features of a window does not ask for a model of everybody's purchases.
    @Test(arguments: [
        ("include: ['*_30d']", []), ("include: ['*e*_30d', recency]", []),
        ("include: ['*_30d', p_alive]", ["p_alive"]),
        ("include: ['expected_*']", ["expected_purchases_7d", "expected_purchases_30d", "expected_value"]),
        (
            "families: [buyTillYouDie], include: ['*_7d']",
            ["p_alive", "expected_purchases_7d", "expected_purchases_30d", "expected_value"]
        ),
    ])
    func patternsMeanPurchaseModelsOnlyWhereTheyAreNamed(selection: String, expected: [String]) throws {
        let found = try names("{windows: [7d, 30d], \(selection)}")
        #expect(found.filter { $0.hasPrefix("expected") || $0 == "p_alive" } == expected)
    }

    @Test func typesNarrowWhatFamiliesTake() throws {
        let names = try names("{windows: [30d], families: [counts, rhythm], types: [purchase, return]}")
        #expect(names.filter { $0.contains("count") } == ["purchase_count_30d", "return_count_30d"])
        #expect(names.contains("recency"))
    }

    @Test func excludeWinsOverIncludeAndFamilies() throws {
        let names = try names(
            "{windows: [30d], families: [rhythm], include: ['*_count_30d'], exclude: ['*t_count*', 'gap*']}"
        )
        #expect(
            names == [
                "purchase_count_30d", "refund_count_30d", "return_count_30d", "recency", "tenure",
                "recency_over_gap_mean", "out_of_rhythm", "days_overdue",
            ]
        )
    }

    @Test func unknownNamesAreErrorsWithTheNearest() throws {
        let error = #expect(throws: FeatureError.self) { try names("{windows: [30d], include: [purchase_cuont_30d]}") }
        #expect("\(error.map { "\($0)" } ?? "")".contains("Did you mean \"purchase_count_30d\"?"))
        #expect(
            throws: FeatureError.unknownEventType(
                "purchse",
                known: ["purchase", "refund", "return", "ticket", "visit"]
            )
        ) {
            try names("{types: [purchse]}")
        }
        let family = #expect(throws: DataError.self) { try names("{families: [count]}") }
        #expect("\(family.map { "\($0)" } ?? "")".contains("did you mean `counts`?"))
    }

    @Test func aSelectionThatLeavesNothingIsAnError() throws {
        #expect(throws: FeatureError.noFeature) { try names("{windows: [30d], families: [counts], exclude: ['*']}") }
    }

    @Test(arguments: [
        ("{types: []}", "features.types", "names no event type"),
        ("{families: []}", "features.families", "names no family"),
        ("{include: [recency], types: [purchase]}", "features.types", "none is taken beside `include`"),
        ("{families: [rhythm], types: [purchase]}", "features.types", "narrows nothing"),
        ("{windows: }", "features.windows", "has no value"), ("{windows: null}", "features.windows", "has no value"),
        ("{windows: [7d], types: ~}", "features.types", "has no value"),
        ("{windows: []}", "features.windows", "names no window"),
    ])
    func whatWouldHaveNoEffectIsABadStudy(features: String, column: String, problem: String) throws {
        let error = #expect(throws: DataError.self) { try names(features) }
        #expect(error?.kind == .badStudy && error?.column == column && error?.line != nil)
        #expect(error?.problem.contains(problem) == true && error?.fix != nil)
    }

    @Test(arguments: [
        ("contracts", FeatureGroup.contracts), ("attributes", .attributes), ("quantities", .quantities),
        ("variety", .variety), ("'counts', contracts", .contracts),
    ])
    func aFamilyOfWhichTheDataHaveNothingIsAnErrorThatSaysWhatItNeeds(families: String, family: FeatureGroup) throws {
        let error = FeatureError.emptyFamilies([family])
        #expect(throws: error) { try names("{windows: [30d], families: [\(families)]}") }
        #expect("\(error)".contains("`\(family.rawValue)`") && "\(error)".contains(family.need))
    }

    @Test func everyFamilyThatAStudyOfOneTypeCanLackIsToldApart() throws {
        func names(_ family: String) throws -> [String] {
            try StudyFixture(
                events: ["a,2024-01-01,purchase,,"],
                windows: "[7d]",
                features: "{windows: [all], families: [\(family)]}"
            ).plan().featureNames
        }
        for family in [FeatureGroup.amounts, .spread, .mix, .recencies, .trend] {
            #expect(throws: FeatureError.emptyFamilies([family])) { try names(family.rawValue) }
        }
        #expect(try names("counts, rhythm").first == "purchase_count_all")
    }

    @Test func noFamilyBesideIncludeIsWhatItSays() throws {
        #expect(try names("{families: [], include: [recency]}") == ["recency"])
    }

    @Test(arguments: [
        ("purchase_count_7d", "purchase_count_7d", true), ("purchase_count_7d", "*", true),
        ("purchase_count_7d", "*_count_*", true), ("purchase_count_7d", "purchase*7d", true),
        ("purchase_count_7d", "*sum*", false), ("aba", "ab*ba", false), ("abba", "ab*ba", true), ("ab", "ab*", true),
        ("a", "a*a", false), ("axbxc", "a*b*c", true), ("axcxb", "a*b*c", false),
    ])
    func aStarStandsForAnyCharacters(name: String, pattern: String, isMatch: Bool) {
        #expect(FeatureSelection.matches(name, pattern) == isMatch)
    }

    @Test func aPlanOfTheFirstVersionIsRead() throws {
        let json = """
            {"formatVersion":1,"timeZone":"Europe/Berlin","features":[
            {"name":"purchase_count_30d","primitive":"count","eventTypes":["purchase"],"window":"30d"},
            {"name":"recency","primitive":"recency","eventTypes":["purchase"]}]}
            """
        let plan = try JSONDecoder().decode(FeaturePlan.self, from: Data(json.utf8))
        #expect(plan.featureNames == ["purchase_count_30d", "recency"])
        let fixture = try StudyFixture(events: Self.events)
        #expect(try fixture.table(plan: plan).value("recency") == 60)
    }

    @Test func aFeatureThatLacksWhatItsPrimitiveNeedsIsRefused() throws {
        let window = try #require(FeatureWindow("30d"))
        let wrong: [FeaturePlan.Feature] = [
            .init(name: "x", primitive: .distinct, eventTypes: ["purchase"], window: window),
            .init(name: "x", primitive: .share, eventTypes: ["purchase"], window: window),
            .init(name: "x", primitive: .share, eventTypes: ["purchase"], window: window, among: []),
            .init(name: "x", primitive: .trend, eventTypes: ["purchase"], window: .all),
            .init(name: "x", primitive: .trend, eventTypes: ["purchase"], window: FeatureWindow("13d")),
            .init(name: "x", primitive: .versusYear, eventTypes: ["purchase"], window: .all),
            .init(name: "x", primitive: .monthShare, eventTypes: ["purchase"], window: window, part: 12),
            .init(name: "x", primitive: .monthShare, eventTypes: ["purchase"], window: window),
            .init(name: "x", primitive: .count, eventTypes: ["purchase"], window: window, part: 0),
            .init(name: "x", primitive: .count, eventTypes: ["purchase"], window: window, attribute: "product"),
            .init(name: "x", primitive: .recency, eventTypes: []),
            .init(name: "x", primitive: .sinceLast, eventTypes: ["ticket"]),
            .init(name: "x", primitive: .count, eventTypes: ["purchase"], window: window, among: []),
        ]
        #expect(throws: FeatureError.emptyPlan) { try FeaturePlan(features: [], timeZoneName: "UTC") }
        for feature in wrong {
            #expect(throws: FeatureError.malformedFeature("x"), "\(feature)") {
                try FeaturePlan(features: [feature], timeZoneName: "UTC")
            }
        }
    }
}
