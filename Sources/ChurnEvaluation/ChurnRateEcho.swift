import ChurnNumerics
import Foundation

/// A numeric predictor that repeats the churn rates of the very rows it stands in: a category that was encoded by its label.
///
/// Rows with the same value form groups. In honest data the churn rate of a group strays from what the value says by the
/// chance of its customers; a value that was computed from these labels follows it far too closely. One that was computed from
/// the labels of other rows does not, and one from part of these rows shows only where that part is nearly all of them.
/// For values that customers have, not for figures of what they did: where people keep regular habits, those follow the
/// labels as closely as that without knowing them.
public struct ChurnRateEcho: Sendable, Equatable {
    public let name: String
    /// The groups that were large enough to tell.
    public let groups: Int
    /// Their rows.
    public let rows: Int

    /// Groups of fewer customers are left out.
    private static let leastCustomers = 10
    private static let leastGroups = 5
    /// The probability below which chance is no explanation.
    private static let level = 1e-8
    /// Rates that do not differ among the groups, by design of the table, follow any straight line.
    private static let leastSpread = 0.3

    /// Looks at every numeric column of a table.
    /// - Parameters:
    ///   - labels: one a row.
    ///   - customers: by row, the number of the customer: his rows stray together. `nil` where each row is one of its own.
    ///   - threads: positive; changes nothing but the time it takes.
    /// - Returns: the suspects in column order.
    public static func find(
        in table: PredictorTable,
        labels: [Bool],
        customers: [Int32]? = nil,
        threads: Int
    ) -> [ChurnRateEcho] {
        guard labels.count == table.rowCount, !labels.isEmpty else { return [] }
        return Parallel.map(table.columns.count, threads: threads) { column in
            guard case .numeric(let values) = table.columns[column].values else { return nil }
            return suspect(table.columns[column].name, values.array, labels, customers)
        }.compactMap(\.self)
    }

    /// The rows that share a value.
    private struct Group {
        let value: Double
        /// Rows and churned rows of each of the customers.
        var customers: [(rows: Double, churned: Double)] = []

        var rows: Double { customers.reduce(0) { $0 + $1.rows } }
        var rate: Double { customers.reduce(0) { $0 + $1.churned } / rows }
    }

    private static func suspect(
        _ name: String,
        _ values: [Double],
        _ labels: [Bool],
        _ customers: [Int32]?
    ) -> ChurnRateEcho? {
        let groups = groups(values, labels, customers).filter { $0.customers.count >= leastCustomers }
        guard groups.count >= leastGroups else { return nil }
        let overall = Double(labels.count { $0 }) / Double(labels.count)
        let flat = Comparison(groups, fittedParameters: 1) { _ in overall }
        guard flat.groups >= leastGroups, flat.statistic > leastSpread * flat.degrees else { return nil }
        let line = line(through: groups)
        let weight = weightOfPrior(groups, prior: overall)
        let found = [
            Comparison(groups, fittedParameters: 0) { $0.value },
            Comparison(groups, fittedParameters: 0) { 1 - $0.value },
            Comparison(groups, fittedParameters: 0) { $0.value / 100 },
            Comparison(groups, fittedParameters: 0) { 1 - $0.value / 100 },
            Comparison(groups, fittedParameters: 2) { line.intercept + line.slope * $0.value },
            Comparison(groups, fittedParameters: 1) { $0.value + weight * ($0.value - overall) / $0.rows },
        ].min { $0.probability < $1.probability }
        if let found, found.probability < level {
            return ChurnRateEcho(name: name, groups: found.groups, rows: found.rows)
        }
        let own =
            ownRows(groups, least: leastGroups) { $0 / 1000 * $1 }
            ?? ownRows(groups, least: leastGroups) { value, _ in value }
            ?? ownRows(groups, least: leastGroupsOfStayed) { $1 - $0 }
        return own.map { ChurnRateEcho(name: name, groups: $0.groups, rows: $0.rows) }
    }

    /// Payments a year are 1, 2, 3, 4 or 6, and who pays by standing order is there in as many of twelve months.
    private static let leastGroupsOfStayed = 8

    /// What was computed from each customer's own rows without being a rate: all customers have exactly as many churned rows
    /// as their value says.
    /// - Parameters:
    ///   - least: groups in which some rows churned and some did not.
    ///   - churned: by value and the customer's rows, how many of them churned.
    private static func ownRows(
        _ all: [Group],
        least: Int,
        churned: (Double, Double) -> Double
    ) -> (groups: Int, rows: Int)? {
        let telling = all.filter { $0.rate > 0 && $0.rate < 1 }
        guard telling.count >= least else { return nil }
        for group in telling {
            for customer in group.customers
            where (customer.churned - churned(group.value, customer.rows)).magnitude > rounding * customer.rows {
                return nil
            }
        }
        return (telling.count, Int(telling.reduce(0) { $0 + $1.rows }))
    }

    /// How far a rate that was written with few digits may lie beside itself.
    private static let rounding = 1e-4

    private static func groups(_ values: [Double], _ labels: [Bool], _ customers: [Int32]?) -> [Group] {
        let order = values.indices.filter { !values[$0].isNaN }.sorted { left, right in
            if values[left] != values[right] { return values[left] < values[right] }
            guard let customers else { return left < right }
            return customers[left] < customers[right]
        }
        var groups: [Group] = []
        var last: Int?
        for row in order {
            let isSameGroup = groups.last?.value == values[row]
            if !isSameGroup { groups.append(Group(value: values[row])) }
            let isSameCustomer =
                isSameGroup && customers != nil && last.map { customers?[$0] == customers?[row] } == true
            if !isSameCustomer { groups[groups.count - 1].customers.append((0, 0)) }
            let place = groups[groups.count - 1].customers.count - 1
            groups[groups.count - 1].customers[place].rows += 1
            if labels[row] { groups[groups.count - 1].customers[place].churned += 1 }
            last = row
        }
        return groups
    }

    /// The straight line through the groups' rates, weighted by their rows: a rate, the share of those who stayed, or either of
    /// them on another scale.
    private static func line(through groups: [Group]) -> (intercept: Double, slope: Double) {
        let weight = groups.reduce(0) { $0 + $1.rows }
        let value = groups.reduce(0) { $0 + $1.rows * $1.value } / weight
        let rate = groups.reduce(0) { $0 + $1.rows * $1.rate } / weight
        let spread = groups.reduce(0) { $0 + $1.rows * ($1.value - value) * ($1.value - value) }
        let together = groups.reduce(0) { $0 + $1.rows * ($1.value - value) * ($1.rate - rate) }
        let slope = spread > 0 ? together / spread : 0
        return (rate - slope * value, slope)
    }

    /// The m of a smoothed rate (x + m p) / (n + m) that fits best: of n rows x churned, and p is the rate of all.
    private static func weightOfPrior(_ groups: [Group], prior: Double) -> Double {
        // rate - value = m (value - p) / n, weighted by n.
        let together = groups.reduce(0) { $0 + ($1.rate - $1.value) * ($1.value - prior) }
        let squares = groups.reduce(0) { $0 + ($1.value - prior) * ($1.value - prior) / $1.rows }
        return squares > 0 ? max(0, together / squares) : 0
    }

    /// How closely the groups' rates follow what is expected of them.
    private struct Comparison {
        private(set) var groups = 0
        private(set) var rows = 0
        /// About chi-squared with `degrees` degrees of freedom in honest data.
        private(set) var statistic = 0.0
        let degrees: Double

        /// Each group adds the square of the sum of its customers' residuals, over the sum of their squares: what they
        /// stray together, by what they stray alone.
        init(_ all: [Group], fittedParameters: Int, _ expected: (Group) -> Double) {
            for group in all {
                let rate = expected(group)
                guard rate > 0, rate < 1 else { continue }
                var sum = 0.0
                var squares = 0.0
                var areExact = true
                for customer in group.customers {
                    let residual = customer.churned - customer.rows * rate
                    if residual.magnitude > rounding * customer.rows { areExact = false }
                    sum += residual
                    squares += residual * residual
                }
                // Where all stay or all leave there is no chance to be followed.
                let rates = group.rate
                // Where every customer's own rate is the value, it was computed from the labels. To a line that was fitted to
                // the rates, people with regular habits come as close.
                let isOwnRate = areExact && fittedParameters == 0
                guard rates > 0, rates < 1, squares >= 1 || isOwnRate else { continue }
                statistic += isOwnRate ? 0 : sum * sum / squares
                groups += 1
                rows += Int(group.rows)
            }
            degrees = Double(groups - fittedParameters)
        }

        /// An upper bound of the probability that chance brings the rates so close: Chernoff's for the lower tail of a
        /// chi-squared variable with d degrees of freedom, (x/d exp(1 - x/d))^(d/2) for x < d.
        var probability: Double {
            guard groups >= leastGroups, degrees > 0, statistic < degrees else { return 1 }
            let ratio = statistic / degrees
            return ratio == 0 ? 0 : exp(degrees / 2 * (log(ratio) + 1 - ratio))
        }
    }
}
