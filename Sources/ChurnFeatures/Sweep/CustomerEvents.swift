import ChurnHistory

/// One customer's events before the last cutoff, in order of time: slices of the index's columns.
///
/// The pointers hold as long as the call that hands this out; each has `count` elements.
struct CustomerEvents {
    /// The customer's number in the index.
    let customer: Int
    let count: Int
    /// Microseconds since 1970 UTC.
    let times: UnsafePointer<Int64>
    /// Days since 1970-01-01 on the study's calendar.
    let days: UnsafePointer<Int32>
    let types: UnsafePointer<UInt8>
    /// NaN where an event has none.
    let amounts: UnsafePointer<Double>
    /// NaN where an event has none; `nil` where no source has quantities.
    let quantities: UnsafePointer<Double>?
    let transactionFlags: UnsafePointer<TransactionFlags>
    /// The codes of each attribute of the index, for all rows of it: those of event i stand at `firstRow + i`; -1 for no
    /// value.
    let attributes: [UnsafePointer<Int32>]
    /// The customer's first row in the index.
    let firstRow: Int
    /// For each event and boundary, the number of the first cutoff whose boundary lies behind the event.
    let ranks: UnsafePointer<UnsafePointer<UInt16>>

    /// Whether an event is the first of its transaction.
    @inline(__always)
    func startsTransaction(_ event: Int) -> Bool { transactionFlags[event].contains(.first) }
}
