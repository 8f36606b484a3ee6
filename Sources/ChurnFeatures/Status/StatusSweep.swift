import ChurnHistory

/// Tells at which cutoffs a customer is an example, and with which label, by the study's definition of churn: one walk over
/// the customer's rows answers for all cutoffs.
///
/// Each thread has its own, with memory that is used again for every customer.
struct StatusSweep {
    private let rule: any StatusRule

    /// - Parameter cutoffs: ascending.
    init(study: Study, index: EventIndex, cutoffs: [Cutoff]) {
        rule =
            switch study.churn.kind {
            case .inactivity: SilenceRule(study: study, index: index, cutoffs: cutoffs)
            case .event: ChurnEventRule(study: study, index: index, cutoffs: cutoffs)
            case .contractEnd: ContractEndRule(study: study, index: index, cutoffs: cutoffs)
            case .ownRhythm: OwnRhythmRule(study: study, index: index, cutoffs: cutoffs)
            case .column: preconditionFailure("a study's definition of churn is never a column")
            }
    }

    init(_ rule: any StatusRule) { self.rule = rule }

    /// Writes a customer's status at each cutoff.
    func status(ofCustomer customer: Int, of memory: EventMemory, into result: UnsafeMutablePointer<ExampleStatus>) {
        rule.write(ofCustomer: customer, of: memory, into: result)
    }
}
