/// Some of a customer's instants, ascending; they stand in memory that is used again for the next customer.
struct Instants {
    let base: UnsafePointer<Int64>
    let count: Int

    init(_ base: UnsafeMutablePointer<Int64>, count: Int) {
        self.base = UnsafePointer(base)
        self.count = count
    }

    /// A place among instants that only moves forward, since cutoffs ascend: all cutoffs together cost one pass.
    struct Cursor {
        /// How many of the instants lie before the last instant asked for.
        private(set) var place = 0

        @inline(__always)
        mutating func advance(in instants: Instants, to instant: Int64) {
            while place < instants.count, instants.base[place] < instant { place &+= 1 }
        }

        /// The newest of the instants before.
        @inline(__always)
        func last(in instants: Instants) -> Int64? { place > 0 ? instants.base[place &- 1] : nil }

        /// The oldest of the instants at or after.
        @inline(__always)
        func next(in instants: Instants) -> Int64? { place < instants.count ? instants.base[place] : nil }
    }
}
