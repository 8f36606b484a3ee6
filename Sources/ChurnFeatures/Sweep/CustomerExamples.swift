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
}
