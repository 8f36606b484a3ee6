/// Computes some columns of the plan for one customer at a time: those that share what must be known of his events.
///
/// A family never sees an event at or after the last cutoff, and asks the ranks of an event, never the time, at which
/// cutoffs and in which windows it counts. Its cost is O(events + examples x columns).
protocol FeatureFamily: AnyObject {
    /// Writes the family's columns of all examples of a customer.
    func evaluate(_ customer: CustomerEvents, _ examples: CustomerExamples)
}
