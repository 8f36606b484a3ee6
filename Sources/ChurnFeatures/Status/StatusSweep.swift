import ChurnHistory
import ChurnNumerics

/// Tells who is an example at which cutoff, and with which label: all cutoffs in one pass over each customer's rows.
struct StatusSweep {
    private let study: Study
    private let index: EventIndex
    private let cutoffs: [Cutoff]

    /// - Parameter cutoffs: ascending.
    init(study: Study, index: EventIndex, cutoffs: [Cutoff]) {
        self.study = study
        self.index = index
        self.cutoffs = cutoffs
    }

    /// The raw values of `CustomerStatus`: `statuses[customer * cutoffs + cutoff]`.
    /// - Parameter threads: must be positive; the result does not depend on it.
    func statuses(threads: Int) -> [UInt8] {
        switch study.churn.kind {
        case .inactivity: statuses(SilenceRule(study: study, index: index, cutoffs: cutoffs), threads)
        case .event: statuses(ChurnEventRule(study: study, index: index, cutoffs: cutoffs), threads)
        case .contractEnd: statuses(ContractEndRule(study: study, index: index, cutoffs: cutoffs), threads)
        case .ownRhythm: statuses(OwnRhythmRule(study: study, index: index, cutoffs: cutoffs), threads)
        case .column: preconditionFailure("a study's definition of churn is never a column")
        }
    }

    /// Customers of one part of the work; fixed, so that parts do not depend on the number of threads.
    private static let customersPerPart = 1024

    private func statuses<Rule: StatusRule>(_ rule: Rule, _ threads: Int) -> [UInt8] {
        let customers = index.customers.count
        let count = cutoffs.count
        let parts = (customers + Self.customersPerPart - 1) / Self.customersPerPart
        var statuses = [UInt8](repeating: CustomerStatus.notEligible.rawValue, count: customers * count)
        statuses.withUnsafeMutableBufferPointer { buffer in
            // Each part writes the places of its own customers only.
            nonisolated(unsafe) let buffer = buffer
            Parallel.forEach(parts, threads: threads) { part in
                var rule = rule
                for customer in part * Self.customersPerPart..<min(customers, (part + 1) * Self.customersPerPart) {
                    let places = customer * count..<(customer + 1) * count
                    rule.write(ofCustomer: customer, into: UnsafeMutableBufferPointer(rebasing: buffer[places]))
                }
            }
        }
        return statuses
    }
}
