/// The examples of one customer: at which cutoffs, and where the table has their rows.
///
/// Valid during the call that hands it out.
struct CustomerExamples {
    /// At least 1.
    let count: Int
    /// The numbers of the cutoffs, ascending.
    let cutoffs: UnsafePointer<Int32>
    /// Where the first column of each example stands; column j is `j * stride` elements further.
    let rows: UnsafePointer<UnsafeMutablePointer<Double>>
    let stride: Int

    /// Writes a value.
    /// - Parameter offset: the column's number times `stride`.
    @inline(__always)
    func write(_ value: Double, example: Int, offset: Int) { rows[example][offset] = value }

    /// Calls `event` with each of the customer's events, and `example` with each example and its cutoff as soon as all events before
    /// it, and none behind it, have been seen.
    @inline(__always)
    func walk(_ customer: CustomerEvents, event: (Int) -> Void, example: (_ example: Int, _ cutoff: Int) -> Void) {
        var next = 0
        for number in 0..<count {
            let cutoff = Int(cutoffs[number])
            while next < customer.count, Int(customer.ranks[next][0]) <= cutoff {
                event(next)
                next &+= 1
            }
            example(number, cutoff)
        }
    }
}
