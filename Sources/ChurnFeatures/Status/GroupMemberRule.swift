/// Who shares a group of companies with somebody at a cutoff, and has been seen before it: whether he is still a customer there
/// does not matter to the others' features.
final class GroupMemberRule: StatusRule {
    private let membership: GroupMembership
    private let cutoffCount: Int

    init(_ membership: GroupMembership, cutoffCount: Int) {
        self.membership = membership
        self.cutoffCount = cutoffCount
    }

    func write(ofCustomer customer: Int, of _: EventMemory, into result: UnsafeMutablePointer<ExampleStatus>) {
        for cutoff in 0..<cutoffCount {
            result[cutoff] = membership.place(ofCustomer: customer, at: cutoff) == nil ? .notEligible : .open
        }
    }
}
