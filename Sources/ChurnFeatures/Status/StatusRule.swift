/// One definition of churn, resolved against an index: it tells what a customer is at each cutoff.
///
/// Who is eligible follows from what happened before the cutoff alone, so that it is the same customers who are scored
/// today and who would have been scored then. What comes later decides only labels, and who is left out because he left
/// during the lead time; at a cutoff that is not mature it decides nothing.
///
/// A rule is a value: each part of the work has its own copy, and with it its own memory for a customer's rows.
protocol StatusRule: Sendable {
    /// Writes the raw values of the customer's `CustomerStatus` at the rule's cutoffs.
    /// - Parameter result: an element a cutoff.
    mutating func write(ofCustomer customer: Int, into result: UnsafeMutableBufferPointer<UInt8>)
}
