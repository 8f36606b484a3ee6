import Foundation
import Testing

@testable import ChurnNumerics

/// Sample moments against the distribution's own, within five standard errors. Seeds are fixed, so nothing here is flaky.
@Suite struct DistributionTests {
    private static let count = 40_000

    @Test func uniformHasItsMomentsAndRange() {
        let values = draws("uniform") { $0.uniform() }
        #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
        expectMoments(values, mean: 0.5, variance: 1.0 / 12, excessKurtosis: -1.2)
    }

    @Test func openUniformHasItsMomentsAndLeavesOutTheEnds() {
        let values = draws("open") { $0.openUniform() }
        #expect(values.allSatisfy { $0 > 0 && $0 < 1 })
        expectMoments(values, mean: 0.5, variance: 1.0 / 12, excessKurtosis: -1.2)
    }

    @Test func normalHasItsMomentsAndShape() {
        let values = draws("normal") { $0.normal() }
        expectMoments(values, mean: 0, variance: 1, excessKurtosis: 0)
        for (bound, share) in [(1.0, 0.682_689_492), (2.0, 0.954_499_736), (3.0, 0.997_300_204)] {
            expectShare(values.count { abs($0) < bound }, of: values.count, share, "within \(bound)")
        }
        let cubes = values.map { $0 * $0 * $0 }
        #expect(abs(mean(cubes)) < 5 * (15.0 / Double(values.count)).squareRoot())
    }

    /// The polar method makes two normals at a time: they must not know of each other.
    @Test func neighbouringNormalsAreUncorrelated() {
        let values = draws("pairs") { $0.normal() }
        let products = stride(from: 0, to: values.count, by: 2).map { values[$0] * values[$0 + 1] }
        #expect(abs(mean(products)) < 5 / Double(products.count).squareRoot())
    }

    @Test(arguments: [0.01, 1, 250]) func exponentialHasItsMoments(_ average: Double) {
        let values = draws("exponential") { $0.exponential(mean: average) }
        #expect(values.allSatisfy { $0 > 0 && $0.isFinite })
        expectMoments(values, mean: average, variance: average * average, excessKurtosis: 6)
    }

    @Test(arguments: [(0.25, 4.0), (0.9, 1.0), (1.0, 2.0), (3.5, 0.1), (60.0, 10.0)])
    func gammaHasItsMoments(shape: Double, scale: Double) {
        let values = draws("gamma") { $0.gamma(shape: shape, scale: scale) }
        #expect(values.allSatisfy { $0 >= 0 })
        expectMoments(values, mean: shape * scale, variance: shape * scale * scale, excessKurtosis: 6 / shape)
    }

    /// Below, at and beyond 30, where the sum of smaller ones begins.
    @Test(arguments: [0.05, 2, 29.5, 30, 30.5, 95]) func poissonHasItsMoments(_ average: Double) {
        let values = draws("poisson") { Double($0.poisson(mean: average)) }
        expectMoments(values, mean: average, variance: average, excessKurtosis: 1 / average)
        expectShare(values.count { $0 == 0 }, of: values.count, exp(-average), "none")
    }

    @Test(arguments: [0, -1, -Double.infinity, Double.nan]) func poissonOfNoMeanIsZero(_ average: Double) {
        var stream = RandomStream(seed: 1, purpose: "poisson")
        #expect(stream.poisson(mean: average) == 0)
    }

    @Test func bernoulliHasItsShare() {
        for probability in [0.001, 0.3, 0.5, 0.97] {
            let hits = draws("bernoulli") { $0.bernoulli(probability) ? 1 : 0 }
            expectShare(Int(hits.reduce(0, +)), of: hits.count, probability, "\(probability)")
        }
    }

    @Test func bernoulliOfTheEndsIsCertain() {
        #expect(draws("never") { $0.bernoulli(0) || $0.bernoulli(-1) ? 1 : 0 }.allSatisfy { $0 == 0 })
        #expect(draws("always") { $0.bernoulli(1) && $0.bernoulli(2) ? 1 : 0 }.allSatisfy { $0 == 1 })
    }

    @Test(arguments: [2, 3, 6, 10]) func belowIsEven(_ bound: Int) {
        let values = draws("below") { Double($0.below(bound)) }
        for number in 0..<bound {
            expectShare(values.count { $0 == Double(number) }, of: values.count, 1 / Double(bound), "\(number)")
        }
    }

    @Test func belowStaysInItsRange() {
        var stream = RandomStream(seed: 3, purpose: "below")
        #expect(stream.below(1) == 0)
        for _ in 0..<1000 { #expect((0..<Int.max).contains(stream.below(.max))) }
    }

    @Test(arguments: [0, 1, 2, 17, 1000]) func permutationHoldsEachNumberOnce(_ count: Int) {
        var stream = RandomStream(seed: 5, purpose: "permutation")
        #expect(stream.permutation(count).sorted() == Array(0..<count))
    }

    @Test func everyPermutationIsAsLikely() {
        var stream = RandomStream(seed: 6, purpose: "permutation")
        var counts: [[Int]: Int] = [:]
        for _ in 0..<24_000 { counts[stream.permutation(4), default: 0] += 1 }
        #expect(counts.count == 24)
        for (order, count) in counts { expectShare(count, of: 24_000, 1.0 / 24, "\(order)") }
    }

    // MARK: Moments

    private func draws(_ purpose: StaticString, _ draw: (inout RandomStream) -> Double) -> [Double] {
        var stream = RandomStream(seed: 20_260_101, purpose: purpose)
        return (0..<Self.count).map { _ in draw(&stream) }
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    private func expectMoments(
        _ values: [Double],
        mean expected: Double,
        variance: Double,
        excessKurtosis: Double,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let count = Double(values.count)
        let squares = values.map { ($0 - expected) * ($0 - expected) }
        #expect(abs(mean(values) - expected) < 5 * (variance / count).squareRoot(), sourceLocation: sourceLocation)
        #expect(
            abs(mean(squares) - variance) < 5 * variance * ((2 + excessKurtosis) / count).squareRoot(),
            sourceLocation: sourceLocation
        )
    }

    private func expectShare(
        _ hits: Int,
        of count: Int,
        _ share: Double,
        _ comment: Comment,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = (share * (1 - share) / Double(count)).squareRoot()
        #expect(
            abs(Double(hits) / Double(count) - share) <= 5 * error,
            comment,
            sourceLocation: sourceLocation
        )
    }
}
