import ChurnNumerics
import Foundation
import Testing

@testable import ChurnModels

/// Intervals that say 95 % and mean it: on panels of customers whose rows depend on each other.
@Suite struct CoverageTests {
    private static let truth = [-1.0, 0.8, -0.5]
    private static let customers = 600
    private static let cutoffs = 6
    private static let panels = 500

    /// Customers at several cutoffs, with one trait that stays and one that changes. What makes a customer churn beside them
    /// is his own, so that his rows depend on each other; each row alone follows the logistic model exactly.
    private static func panel(seed: Int) throws -> (data: SyntheticData, clusters: [Int32]) {
        var stream = RandomStream(seed: UInt64(seed), purpose: "panel")
        var columns: [[Double]] = [[], []]
        var labels: [Bool] = []
        var clusters: [Int32] = []
        for customer in 0..<customers {
            let trait = stream.normal()
            let own = stream.normal()
            for _ in 0..<cutoffs {
                let changing = 0.6 * trait + 0.8 * stream.normal()
                columns[0].append(trait)
                columns[1].append(changing)
                let normal = 0.7.squareRoot() * own + 0.3.squareRoot() * stream.normal()
                let share = NormalDistribution.cumulative(normal)
                labels.append(share < StableFunctions.sigmoid(truth[0] + truth[1] * trait + truth[2] * changing))
                clusters.append(Int32(customer))
            }
        }
        return (SyntheticData(columns: columns, labels: labels), clusters)
    }

    @Test func clusteredIntervalsCoverWhatTheySay() throws {
        let estimator = try LogisticRegression(l2Strength: 0)
        let covered = Parallel.map(Self.panels, threads: 2) { seed -> [(clustered: Bool, model: Bool)]? in
            guard let (data, clusters) = try? Self.panel(seed: seed),
                let clustered = try? estimator.fit(data.trainingData(clusters: clusters), threads: 1),
                let plain = try? estimator.fit(data.trainingData(), threads: 1)
            else { return nil }
            return Self.truth.indices.map { element in
                let error = abs(clustered.point[element] - Self.truth[element])
                func isInside(_ model: FittedLogisticRegression) -> Bool {
                    error <= NormalDistribution.quantile975 * model.standardErrors[element]
                }
                return (isInside(clustered), isInside(plain))
            }
        }.compactMap(\.self)
        #expect(covered.count == Self.panels)
        for element in Self.truth.indices {
            let share = Double(covered.count { $0[element].clustered }) / Double(Self.panels)
            #expect(share >= 0.93 && share <= 0.97, "coefficient \(element): \(share)")
        }
        // What errors that know of no customers would have covered, where a trait stays.
        let plain = Double(covered.count { $0[1].model }) / Double(Self.panels)
        #expect(plain < 0.85, "\(plain)")
    }
}
