import ChurnEvaluation
import ChurnNumerics
import Testing

@Suite struct BinnedComparisonTests {
    private static func draw(_ rows: Int, _ shares: [Double], _ random: inout RandomStream) -> [Int] {
        var counts = [Int](repeating: 0, count: shares.count)
        for _ in 0..<rows {
            var u = random.uniform()
            var bin = 0
            while bin < shares.count - 1, u >= shares[bin] {
                u -= shares[bin]
                bin += 1
            }
            counts[bin] += 1
        }
        return counts
    }

    /// Shares so large that half a row is nothing: 0.2 ln 2 - 0.1 ln (2/3) - 0.1 ln (4/5), by hand.
    @Test func theIndexIsThatOfTheFormula() {
        let comparison = BinnedComparison(
            reference: [200_000_000, 300_000_000, 500_000_000],
            current: [400_000_000, 200_000_000, 400_000_000]
        )
        let expected = 0.2 * 0.693147180559945 + 0.1 * 0.405465108108164 + 0.1 * 0.223143551314210
        #expect(abs(comparison.stabilityIndex - expected) < 1e-8)
        #expect(abs(comparison.kolmogorovSmirnov - 0.2) < 1e-12)
        #expect(comparison.degreesOfFreedom == 2)
    }

    @Test func equalSharesAreNoDistance() {
        let comparison = BinnedComparison(reference: [100, 200, 300], current: [100, 200, 300])
        #expect(comparison.stabilityIndex == 0 && comparison.kolmogorovSmirnov == 0 && comparison.pValue() == 1)
    }

    @Test func emptyBinsAreNoInfinity() {
        let comparison = BinnedComparison(reference: [50, 0, 50], current: [0, 50, 50])
        #expect(comparison.stabilityIndex.isFinite && comparison.stabilityIndex > 1)
        // A bin that nobody has is none.
        #expect(BinnedComparison(reference: [5, 0, 5], current: [5, 0, 5]).degreesOfFreedom == 1)
        for (reference, current) in [([0, 0], [5, 5]), ([5, 5], [0, 0]), ([], []), ([3], [4])] {
            let nothing = BinnedComparison(reference: reference, current: current)
            #expect(nothing.stabilityIndex.isFinite && nothing.pValue() == 1 && nothing.kolmogorovSmirnov == 0)
        }
    }

    /// Samples of one population: one in twenty is called improbable at a twentieth, one in a hundred at a hundredth.
    @Test(arguments: [(4000, 400), (500, 5000), (1000, 1000)]) func byChanceAsOftenAsItSays(rows: Int, current: Int) {
        var random = RandomStream(seed: 3, purpose: "index", index: UInt64(rows))
        let shares = [Double](repeating: 0.1, count: 10)
        let count = 3000
        var (fives, ones, sum) = (0, 0, 0.0)
        for _ in 0..<count {
            let comparison = BinnedComparison(
                reference: Self.draw(rows, shares, &random),
                current: Self.draw(current, shares, &random)
            )
            if comparison.pValue() < 0.05 { fives += 1 }
            if comparison.pValue() < 0.01 { ones += 1 }
            sum += comparison.stabilityIndex / comparison.chanceIndex()
        }
        let five = Double(fives) / Double(count)
        let one = Double(ones) / Double(count)
        #expect((0.035...0.065).contains(five), "\(five)")
        #expect((0.005...0.018).contains(one), "\(one)")
        #expect(abs(sum / Double(count) - 1) < 0.04)
    }

    @Test func aMoveBeyondChanceIsSeen() {
        var random = RandomStream(seed: 4, purpose: "index")
        let reference = Self.draw(5000, [Double](repeating: 0.1, count: 10), &random)
        let moved = Self.draw(800, [0.15, 0.14, 0.12, 0.1, 0.1, 0.1, 0.1, 0.08, 0.06, 0.05], &random)
        let comparison = BinnedComparison(reference: reference, current: moved)
        #expect(comparison.pValue() < 1e-5)
        // What training's own cutoffs do anyhow is nothing to speak of.
        #expect(comparison.pValue(dispersion: 20) > 0.2)
        #expect(comparison.pValue(independent: 0.01) > comparison.pValue())
    }
}
