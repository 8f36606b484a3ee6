import ChurnNumerics
import Foundation

/// How far two samples lie apart that are counted in the same bins.
///
/// Sources: the population stability index as credit scoring has it (Siddiqi, Credit Risk Scorecards, 2006), the symmetric form of
/// Kullback and Leibler's divergence; its distribution by chance after Yurdakul, Statistical Properties of Population Stability Index
/// (Western Michigan University, 2018).
public struct BinnedComparison: Sendable, Equatable {
    /// Rows of both samples; not negative.
    public let referenceRows: Int
    public let rows: Int
    /// Σ (q - p) ln(q / p) over the bins, p and q the shares of the reference and of the other sample; to each count half a row is added, so
    /// that an empty bin is no infinity. 0 for equal shares; in the trade below 0.1 is little and above 0.25 much.
    public let stabilityIndex: Double
    /// The largest difference of the cumulated shares at an inner edge: Kolmogorov and Smirnov's D as far as the bins tell it; a lower bound of
    /// that of the values. 0 where the bins have no order.
    public let kolmogorovSmirnov: Double
    /// Bins that either sample has a row in, less one.
    public let degreesOfFreedom: Int

    /// - Parameters:
    ///   - reference: counts by bin, not negative.
    ///   - current: as many.
    ///   - isOrdered: whether the bins have an order.
    public init(reference: [Int], current: [Int], isOrdered: Bool = true) {
        precondition(reference.count == current.count, "both samples are counted in the same bins")
        let used = reference.indices.filter { reference[$0] > 0 || current[$0] > 0 }
        let (n, m) = (reference.reduce(0, +), current.reduce(0, +))
        referenceRows = n
        rows = m
        degreesOfFreedom = max(used.count - 1, 0)
        let extra = 0.5 * Double(used.count)
        var index = 0.0
        var (below, referenceBelow, largest) = (0, 0, 0.0)
        for bin in used {
            let p = (Double(reference[bin]) + 0.5) / (Double(n) + extra)
            let q = (Double(current[bin]) + 0.5) / (Double(m) + extra)
            index += (q - p) * log(q / p)
            below += current[bin]
            referenceBelow += reference[bin]
            if n > 0, m > 0 {
                largest = max(largest, abs(Double(below) / Double(m) - Double(referenceBelow) / Double(n)))
            }
        }
        stabilityIndex = n > 0 && m > 0 ? index : 0
        kolmogorovSmirnov = isOrdered ? largest : 0
    }

    /// What the stability index is on average where both samples are drawn at random from one population: (1/n + 1/m) times the
    /// degrees of freedom.
    /// - Parameter share: of the reference's rows that count as independent, above 0 and at most 1.
    public func chanceIndex(independent share: Double = 1) -> Double {
        guard referenceRows > 0, rows > 0 else { return 0 }
        return Double(degreesOfFreedom) * (1 / (share * Double(referenceRows)) + 1 / Double(rows))
    }

    /// How probable a stability index as large as this one is by chance: the index over `dispersion` (1/n + 1/m) is about chi-squared.
    /// - Parameters:
    ///   - dispersion: how many times as far as by chance such samples lie apart; at least 1.
    ///   - share: of the reference's rows that count as independent, above 0 and at most 1.
    public func pValue(dispersion: Double = 1, independent share: Double = 1) -> Double {
        guard degreesOfFreedom > 0, referenceRows > 0, rows > 0 else { return 1 }
        let degrees = Double(degreesOfFreedom)
        let scaled = stabilityIndex / (dispersion * chanceIndex(independent: share)) * degrees
        return ChiSquaredDistribution.survival(scaled, degreesOfFreedom: degrees)
    }
}
