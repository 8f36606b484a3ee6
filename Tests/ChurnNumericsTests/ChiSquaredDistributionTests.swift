import Testing

@testable import ChurnNumerics

@Suite struct ChiSquaredDistributionTests {
    /// scipy 1.17's `chi2.sf`.
    @Test(arguments: [
        (3.841458820694124, 1.0, 0.04999999999999989), (0.5, 1, 0.47950012218695337),
        (11.0705, 5, 0.0499999554280436), (200, 10, 1.6139305336977317e-37), (60, 64, 0.6186429898084839),
        (900, 64, 8.569816110038152e-148), (1e-3, 2, 0.9995001249791693),
    ])
    func theTailAgreesWithScipy(x: Double, degreesOfFreedom: Double, expected: Double) {
        let tail = ChiSquaredDistribution.survival(x, degreesOfFreedom: degreesOfFreedom)
        #expect(abs(tail / expected - 1) <= 1e-11)
    }

    @Test func theEndsAreOneAndZero() {
        for degrees in [1.0, 2, 30] {
            #expect(ChiSquaredDistribution.survival(0, degreesOfFreedom: degrees) == 1)
            #expect(ChiSquaredDistribution.survival(.infinity, degreesOfFreedom: degrees) == 0)
        }
    }

    /// Of one degree of freedom it is the square of a normal variable.
    @Test(arguments: [0.01, 0.5, 1, 4, 25, 400]) func oneDegreeIsTheNormalSquared(x: Double) {
        let tail = ChiSquaredDistribution.survival(x, degreesOfFreedom: 1)
        #expect(abs(tail / NormalDistribution.twoSidedPValue(x.squareRoot()) - 1) <= 1e-12)
    }
}
