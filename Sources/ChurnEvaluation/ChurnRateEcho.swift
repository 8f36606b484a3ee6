import ChurnNumerics
import Foundation

/// A numeric predictor that repeats the churn rates of the very rows it stands in: a category that was encoded by its label.
///
/// Rows with the same value form groups. In honest data the churn rate of a group strays from what the value says by the
/// chance of its size; a value that was computed from these labels, or from most of them, follows it far too closely.
public struct ChurnRateEcho: Sendable, Equatable {
    public let name: String
    /// The groups that were large enough to tell.
    public let groups: Int
    /// Their rows.
    public let rows: Int

    /// Smaller groups are left out, as are those in which chance has no room.
    private static let leastRows = 10
    private static let leastVariance = 2.0
    private static let leastGroups = 5
    /// The probability below which chance is no explanation.
    private static let level = 1e-8

    /// Looks at every numeric column of a table.
    /// - Parameters:
    ///   - labels: one a row.
    ///   - threads: positive; changes nothing but the time it takes.
    /// - Returns: the suspects in column order.
    public static func find(in table: PredictorTable, labels: [Bool], threads: Int) -> [ChurnRateEcho] {
        guard labels.count == table.rowCount else { return [] }
        return Parallel.map(table.columns.count, threads: threads) { column in
            guard case .numeric(let values) = table.columns[column].values else { return nil }
            return suspect(table.columns[column].name, values, labels)
        }.compactMap(\.self)
    }

    /// The rows that share a value.
    private struct Group {
        let value: Double
        var rows = 0.0
        var churned = 0.0

        var rate: Double { churned / rows }
    }

    private static func suspect(_ name: String, _ values: [Double], _ labels: [Bool]) -> ChurnRateEcho? {
        let groups = groups(values, labels).filter { $0.rows >= Double(leastRows) }
        guard groups.count >= leastGroups else { return nil }
        // As it stands, and up to a straight line, which also covers shares of those who stayed and smoothed rates.
        var found: [Group] = []
        let asItStands = compare(groups, fittedParameters: 0, { $0 }, told: &found)
        let line = line(through: groups)
        var onLine: [Group] = []
        let upToALine = compare(groups, fittedParameters: 2, { line.intercept + line.slope * $0 }, told: &onLine)
        guard min(asItStands, upToALine) < level else { return nil }
        if upToALine < asItStands { found = onLine }
        return ChurnRateEcho(name: name, groups: found.count, rows: Int(found.reduce(0) { $0 + $1.rows }))
    }

    private static func groups(_ values: [Double], _ labels: [Bool]) -> [Group] {
        let order = values.indices.filter { !values[$0].isNaN }.sorted { values[$0] < values[$1] }
        var groups: [Group] = []
        for row in order {
            if groups.last?.value != values[row] { groups.append(Group(value: values[row])) }
            groups[groups.count - 1].rows += 1
            if labels[row] { groups[groups.count - 1].churned += 1 }
        }
        return groups
    }

    /// The straight line through the groups' rates, weighted by their rows.
    private static func line(through groups: [Group]) -> (intercept: Double, slope: Double) {
        let weight = groups.reduce(0) { $0 + $1.rows }
        let value = groups.reduce(0) { $0 + $1.rows * $1.value } / weight
        let rate = groups.reduce(0) { $0 + $1.churned } / weight
        let spread = groups.reduce(0) { $0 + $1.rows * ($1.value - value) * ($1.value - value) }
        let together = groups.reduce(0) { $0 + $1.rows * ($1.value - value) * ($1.rate - rate) }
        let slope = spread > 0 ? together / spread : 0
        return (rate - slope * value, slope)
    }

    /// An upper bound of the probability that chance brings the rates as close to what is expected as they are: Chernoff's
    /// for the lower tail of a chi-squared variable with d degrees of freedom, (x/d exp(1 - x/d))^(d/2) for x < d.
    private static func compare(
        _ groups: [Group],
        fittedParameters: Int,
        _ expected: (Double) -> Double,
        told: inout [Group]
    ) -> Double {
        var statistic = 0.0
        for group in groups {
            let rate = expected(group.value)
            guard rate > 0, rate < 1 else { continue }
            let variance = group.rows * rate * (1 - rate)
            guard variance >= leastVariance else { continue }
            let distance = group.churned - group.rows * rate
            statistic += distance * distance / variance
            told.append(group)
        }
        let degrees = Double(told.count - fittedParameters)
        guard told.count >= leastGroups, statistic < degrees else { return 1 }
        let ratio = statistic / degrees
        return ratio == 0 ? 0 : exp(degrees / 2 * (log(ratio) + 1 - ratio))
    }
}
