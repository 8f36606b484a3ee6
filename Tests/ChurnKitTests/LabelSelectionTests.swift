import ChurnNumerics
import Testing

@testable import ChurnKit

/// Which examples a table lacks, compared with what became of them.
@Suite struct LabelSelectionTests {
    private static let customers = 1000
    private static let cutoffs = 12

    /// Customers who mostly do at a cutoff what they do at all others; later, more of them churn.
    private static func labels(_ random: inout RandomStream) -> [[Int8]] {
        let habits = (0..<customers).map { _ in random.uniform() }
        return (0..<cutoffs).map { cutoff in
            habits.map { habit in
                random.bernoulli(0.8 * habit * habit + 0.2 * Double(cutoff) / Double(cutoffs)) ? 1 : 0
            }
        }
    }

    private static func selection(
        _ labels: [[Int8]],
        _ isPresent: (_ customer: Int, _ cutoff: Int) -> Bool
    ) -> LabelSelection {
        var selection = LabelSelection(customerCount: customers)
        for (cutoff, labels) in labels.enumerated() {
            selection.add(
                customers: (0..<customers).map { Int32($0) },
                labels: labels,
                isPresent: (0..<customers).map { isPresent($0, cutoff) }
            )
        }
        return selection
    }

    @Test func aHoldoutAndCutoffsSampledUnequallyAreNoSelection() {
        var random = RandomStream(seed: 1, purpose: "selection", index: 0)
        let labels = Self.labels(&random)
        let holdout = Self.selection(labels) { _, cutoff in cutoff < 10 }
        #expect(holdout.examples == 0 && holdout.standardErrors(unknownRows: 0) == 0)
        // Half of the rows of early cutoffs, nearly all of the later ones, where far more churn.
        var draws = RandomStream(seed: 2, purpose: "selection", index: 0)
        let unequal = Self.selection(labels) { _, cutoff in draws.bernoulli(cutoff < 6 ? 0.5 : 0.95) }
        #expect(unequal.examples == Self.customers * Self.cutoffs)
        #expect(unequal.standardErrors(unknownRows: 0) < 4)
    }

    @Test func halfOfTheCustomersStrayFromTheOthersByOneStandardError() {
        var squares = 0.0
        var largest = 0.0
        for seed in 0..<100 {
            var random = RandomStream(seed: UInt64(seed), purpose: "halves", index: 0)
            let labels = Self.labels(&random)
            let isIn = (0..<Self.customers).map { _ in random.bernoulli(0.5) }
            let errors = Self.selection(labels) { customer, _ in isIn[customer] }.standardErrors(unknownRows: 0)
            squares += errors * errors
            largest = max(largest, errors)
        }
        #expect((0.75...1.25).contains((squares / 100).squareRoot()))
        #expect(largest < 4.5)
    }

    /// One customer churns at one cutoff at most, and few do: the missing are nearly all of the sum.
    @Test(arguments: [(churners: 30, customers: 1000), (churners: 20, customers: 10_000)])
    func fewRowsThatAllChurnedAreFound(churners: Int, customers: Int) {
        func errors(labels: [Int8], _ isPresent: [Bool]) -> Double {
            var selection = LabelSelection(customerCount: customers)
            selection.add(customers: (0..<customers).map { Int32($0) }, labels: labels, isPresent: isPresent)
            return selection.standardErrors(unknownRows: 0)
        }
        let labels = (0..<customers).map { $0 < churners ? Int8(1) : 0 }
        let all = errors(labels: labels, labels.map { $0 == 0 })
        #expect(all > LabelSelection.mostStandardErrors)
        // Two of a few that are missing may have churned by chance.
        let two = errors(labels: labels, (0..<customers).map { $0 < churners - 2 || $0 >= churners + 10 })
        #expect(two < 4)
    }

    @Test func rowsThatAreLeftOutByTheirLabelsAreFoundUnlessUnknownRowsMayBeThem() {
        var random = RandomStream(seed: 3, purpose: "selection", index: 0)
        let labels = Self.labels(&random)
        var draws = RandomStream(seed: 4, purpose: "selection", index: 0)
        let chosen = Self.selection(labels) { customer, cutoff in
            labels[cutoff][customer] == 0 || draws.bernoulli(0.4)
        }
        #expect(chosen.standardErrors(unknownRows: 0) > LabelSelection.mostStandardErrors)
        #expect(chosen.standardErrors(unknownRows: 1) > LabelSelection.mostStandardErrors)
        #expect(chosen.standardErrors(unknownRows: chosen.missing) == 0)
        #expect(chosen.missing == chosen.missingChurned)
    }
}
