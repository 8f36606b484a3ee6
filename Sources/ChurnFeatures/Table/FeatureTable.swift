import ChurnHistory
import ChurnNumerics

/// The computed examples: one row for each (customer, cutoff), with the plan that made the columns.
public struct FeatureTable: Sendable {
    public let plan: FeaturePlan
    /// SHA-256 of the study file.
    public let studyHash: String
    /// SHA-256 over the digests of the source files.
    public let dataFingerprint: String
    /// The cutoffs of the table, ascending, those without examples too.
    public let cutoffs: [Cutoff]
    /// The customer of each row.
    public let customers: CustomerColumn
    /// The cutoff of each row, as an index into `cutoffs`; ascending.
    public let cutoffCodes: [Int32]
    /// By row: 1 churned, 0 retained, -1 not known because the cutoff is not mature.
    public let labels: [Int8]
    /// Rows x features of the plan, finite.
    public let features: NumericColumns
    /// Customers left out of a cutoff because they left between it and the start of the label window.
    public let leftInLead: Int

    public var rowCount: Int { customers.count }

    /// The examples of each cutoff, counted.
    public var summary: FeatureSummary {
        var examples = [Int](repeating: 0, count: cutoffs.count)
        var churned = examples
        for row in 0..<rowCount {
            examples[Int(cutoffCodes[row])] += 1
            if labels[row] == 1 { churned[Int(cutoffCodes[row])] += 1 }
        }
        return FeatureSummary(
            cutoffs: cutoffs.indices.map { .init(cutoff: cutoffs[$0], examples: examples[$0], churned: churned[$0]) },
            leftInLead: leftInLead,
            statistics: []
        )
    }

    /// The rows of some cutoffs, ascending.
    public func rows(ofCutoffs codes: Set<Int>) -> [Int] {
        (0..<rowCount).filter { codes.contains(Int(cutoffCodes[$0])) }
    }

    /// The features of some rows as predictors.
    /// - Parameter threads: positive.
    public func predictors(rows: [Int], threads: Int = 1) -> PredictorTable {
        let columns = zip(plan.featureNames, features.columns).map { PredictorColumn(name: $0, values: .numeric($1)) }
        guard let table = try? PredictorTable(rowCount: rowCount, columns: columns) else {
            preconditionFailure("every column has a value for every row")
        }
        return table.selecting(rows: rows, threads: threads)
    }
}
