import ChurnHistory
import ChurnNumerics

/// Computes the feature table of a plan: all cutoffs in one pass over the index, customers in parallel.
public struct FeatureSweep: Sendable {
    /// Customers of one part of the work; fixed, so that parts do not depend on the number of threads.
    private static let customersPerPart = 1024

    private let study: Study
    private let index: EventIndex
    private let plan: FeaturePlan
    private let cutoffs: [Cutoff]
    private let threads: Int

    /// - Parameters:
    ///   - cutoffs: ascending.
    ///   - threads: must be positive; the result does not depend on it.
    public init(study: Study, index: EventIndex, plan: FeaturePlan, cutoffs: [Cutoff], threads: Int) {
        precondition(threads > 0, "threads must be positive")
        precondition(zip(cutoffs, cutoffs.dropFirst()).allSatisfy { $0.instant <= $1.instant }, "cutoffs must ascend")
        self.study = study
        self.index = index
        self.plan = plan
        self.cutoffs = cutoffs
        self.threads = threads
    }

    /// The examples: by cutoff, and within a cutoff in the byte order of the customers' ids.
    public func table(dataFingerprint: String) throws(FeatureError) -> FeatureTable {
        let expanded = try ExpandedPlan(plan, study: study, index: index)
        let customers = index.customers.count
        let parts = (customers + Self.customersPerPart - 1) / Self.customersPerPart
        let cutoffCount = cutoffs.count
        let sweep = CustomerSweep(index: index, plan: expanded, study: study, cutoffs: cutoffs)

        // First who is an example at which cutoff, so that every example knows its row; then the features.
        let statuses = StatusSweep(study: study, index: index, cutoffs: cutoffs).statuses(threads: threads)
        let layout = ExampleLayout(statuses: statuses, customers: customers, cutoffCount: cutoffCount)
        if layout.rowCount == 0 {
            let days = cutoffs.map(\.day.description)
            throw study.churn.kind == .contractEnd ? .noContractInForce(cutoffs: days) : .nobodyEligible(cutoffs: days)
        }

        var features = Matrix(rowCount: layout.rowCount, columnCount: expanded.columns.count)
        let rows = layout.rows
        let rowCount = layout.rowCount
        features.withMutableElements { elements in
            guard let base = elements.baseAddress else { return }
            nonisolated(unsafe) let table = base
            Parallel.forEach(parts, threads: threads) { part in
                var sweep = sweep
                for customer in Self.customers(ofPart: part, of: customers) {
                    let first = customer * cutoffCount
                    sweep.features(
                        ofCustomer: customer,
                        row: { rows[first + $0] >= 0 ? Int(rows[first + $0]) : nil },
                        into: table,
                        tableRows: rowCount
                    )
                }
            }
        }
        do {
            try features.requireFinite()
        } catch {
            guard case .notFinite(let row, let column, _) = error else { preconditionFailure("\(error)") }
            throw .notFinite(
                feature: plan.featureNames[column],
                customer: index.customers[Int(layout.customers[row])],
                cutoff: cutoffs[Int(layout.cutoffs[row])].day.description
            )
        }
        return FeatureTable(
            plan: plan,
            studyHash: study.hash,
            dataFingerprint: dataFingerprint,
            cutoffs: cutoffs,
            customers: layout.customers.map { index.customers[Int($0)] },
            cutoffCodes: layout.cutoffs,
            labels: layout.labels,
            features: features,
            leftInLead: layout.leftInLead
        )
    }

    private static func customers(ofPart part: Int, of count: Int) -> Range<Int> {
        part * customersPerPart..<min(count, (part + 1) * customersPerPart)
    }
}

/// Which row each example has.
private struct ExampleLayout {
    /// By customer and cutoff: the row, or -1.
    let rows: [Int32]
    let customers: [Int32]
    let cutoffs: [Int32]
    /// 1 churned, 0 retained, -1 not known yet.
    let labels: [Int8]
    let leftInLead: Int

    var rowCount: Int { customers.count }

    init(statuses: [UInt8], customers count: Int, cutoffCount: Int) {
        var rows = [Int32](repeating: -1, count: statuses.count)
        var customers: [Int32] = []
        var cutoffs: [Int32] = []
        var labels: [Int8] = []
        var leftInLead = 0
        for cutoff in 0..<cutoffCount {
            for customer in 0..<count {
                guard let status = CustomerStatus(rawValue: statuses[customer * cutoffCount + cutoff]) else {
                    continue
                }
                if status == .leftInLead { leftInLead += 1 }
                guard status.isExample else { continue }
                rows[customer * cutoffCount + cutoff] = Int32(customers.count)
                customers.append(Int32(customer))
                cutoffs.append(Int32(cutoff))
                labels.append(status == .open ? -1 : status == .churned ? 1 : 0)
            }
        }
        self.rows = rows
        self.customers = customers
        self.cutoffs = cutoffs
        self.labels = labels
        self.leftInLead = leftInLead
    }
}
