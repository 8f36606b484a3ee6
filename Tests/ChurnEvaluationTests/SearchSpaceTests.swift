import Testing

@testable import ChurnEvaluation

/// What a search tries.
@Suite struct SearchSpaceTests {
    private static let space = SearchSpace([
        .init("l2", .logarithmic(0.01, 1000)), .init("depth", .integer(2, 8)), .init("share", .linear(0.5, 1)),
        .init("impute", .choice(["mean", "zero"])),
    ])

    @Test func valuesAreWithinTheirBoundsAndReachAllOfThem() throws {
        let drawn = Self.space.configurations(2000, seed: 1)
        #expect(drawn.count == 2000 && Set(drawn).count == 2000)
        let strengths = drawn.compactMap { $0.values["l2"].flatMap { Double($0) } }
        let isWithin = strengths.allSatisfy { $0 >= 0.01 && $0 <= 1000 }
        #expect(strengths.count == 2000 && isWithin)
        // A fifth in each power of ten.
        for power in [0.01, 0.1, 1, 10, 100] {
            let count = strengths.count { $0 >= power && $0 < 10 * power }
            #expect(count > 330 && count < 470, "\(power): \(count)")
        }
        let depths = drawn.compactMap { $0.values["depth"].flatMap { Int($0) } }
        for depth in 2...8 { #expect(depths.count { $0 == depth } > 220) }
        #expect(Set(drawn.compactMap { $0.values["impute"] }) == ["mean", "zero"])
    }

    @Test func aLongerListBeginsWithAShorterOne() {
        let (short, long) = (Self.space.configurations(20, seed: 4), Self.space.configurations(50, seed: 4))
        #expect(Array(long.prefix(20)) == short)
        #expect(Self.space.configurations(20, seed: 5) != short)
    }

    @Test func roundingDoesNotLeaveTheBounds() {
        let narrow = SearchSpace([.init("a", .linear(0.12341, 0.12344)), .init("b", .logarithmic(1e-305, 1.0004e-305))])
        for drawn in narrow.configurations(3, seed: 2) {
            let value = drawn.values["a"].flatMap { Double($0) } ?? 0
            #expect(value >= 0.12341 && value <= 0.12344 && drawn.values["b"].flatMap { Double($0) } ?? 0 > 0)
        }
        #expect(Self.space.probes.count == 8)
        #expect(Self.space.probes.contains { $0.values["depth"] == "8" && $0.values["impute"] == "mean" })
    }

    @Test func ofFewConfigurationsAllAreTried() {
        let grid = SearchSpace([.init("a", .choice(["x", "y"])), .init("b", .integer(1, 3))])
        let all = grid.configurations(10, seed: 1)
        let expected = ["x1", "x2", "x3", "y1", "y2", "y3"]
        #expect(grid.size == 6 && all.map { ($0.values["a"] ?? "") + ($0.values["b"] ?? "") } == expected)
        #expect(Set(grid.configurations(4, seed: 1)).count == 4)
        #expect(Self.space.size == nil)
    }

    /// What is printed is what was fitted, so it has few digits.
    @Test(
        arguments: [
            (0.0123456, "0.0123"), (0.5, "0.5"), (12.34, "12.3"), (99.96, "100"), (123_456, "123000"), (1, "1"),
            (0.00099951, "0.001"),
        ] as [(Double, String)]
    )
    func numbersHaveThreeDigits(value: Double, text: String) { #expect(SearchSpace.text(value) == text) }

    @Test func halvingEndsOnAllCustomers() {
        typealias Round = SuccessiveHalving.Round
        let rounds = SuccessiveHalving(candidates: 30).rounds
        #expect(
            rounds == [
                Round(candidates: 30, share: 1.0 / 9), Round(candidates: 10, share: 1.0 / 3),
                Round(candidates: 4, share: 1),
            ]
        )
        #expect(SuccessiveHalving(candidates: 3).rounds == [Round(candidates: 3, share: 1)])
        #expect(SuccessiveHalving(candidates: 1).rounds == [Round(candidates: 1, share: 1)])
    }
}
