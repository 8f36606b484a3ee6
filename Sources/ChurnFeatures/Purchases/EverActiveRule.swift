import ChurnHistory

/// Everybody who was active before the cutoff, no matter how long ago and how the study defines churn.
final class EverActiveRule: StatusRule {
    private let activity: TypeSet
    private let cutoffs: [Cutoff]

    init(activity: TypeSet, cutoffs: [Cutoff]) {
        self.activity = activity
        self.cutoffs = cutoffs
    }

    func write(ofCustomer customer: Int, of memory: EventMemory, into result: UnsafeMutablePointer<ExampleStatus>) {
        let first = memory.rows(ofCustomer: customer).first { activity.members[Int(memory.types[$0])] }
        for position in cutoffs.indices {
            let isActive = first.map { memory.times[$0] < cutoffs[position].instant } ?? false
            result[position] = isActive ? .open : .notEligible
        }
    }
}
