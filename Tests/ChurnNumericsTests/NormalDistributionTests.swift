import Testing

@testable import ChurnNumerics

@Suite struct NormalDistributionTests {
    /// scipy.stats.norm: cdf, and 2 * sf.
    @Test(arguments: [
        (z: 0.0, below: 0.5, outside: 1.0),
        (1.0, 0.841_344_746_068_542_9, 0.317_310_507_862_914_15),
        (-1.0, 0.158_655_253_931_457_07, 0.317_310_507_862_914_15),
        (1.959_963_984_540_054, 0.975, 0.05),
        (-5.0, 2.866_515_718_791_933e-07, 5.733_031_437_583_866e-07),
        (10.0, 1.0, 1.523_970_604_832_094e-23),
        (-37.0, 5.725_571_222_523_926_6e-300, 1.145_114_244_504_785_3e-299),
    ])
    func agreesWithScipy(z: Double, below: Double, outside: Double) {
        #expect(abs(NormalDistribution.cumulative(z) - below) <= 1e-12 * below)
        #expect(abs(NormalDistribution.twoSidedPValue(z) - outside) <= 1e-12 * outside)
    }
}
