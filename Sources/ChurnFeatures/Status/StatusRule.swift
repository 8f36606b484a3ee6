/// One definition of churn, resolved against an index: it tells what a customer is at each cutoff.
///
/// Who is eligible follows from what happened before the cutoff alone, so that it is the same customers who are scored
/// today and who would have been scored then. What comes later decides only labels, and who is left out because he left
/// during the lead time; at a cutoff that is not mature it decides nothing.
protocol StatusRule: AnyObject {
    /// Writes the customer's status at each of the rule's cutoffs.
    func write(ofCustomer customer: Int, of memory: EventMemory, into result: UnsafeMutablePointer<ExampleStatus>)
}
