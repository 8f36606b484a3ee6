/// A place in ascending instants that only moves forward, since cutoffs ascend: all of them together cost one pass.
struct InstantCursor {
    /// How many of the instants lie before the last instant asked for.
    private(set) var place = 0

    @inline(__always)
    mutating func advance(in times: [Int64], to instant: Int64) {
        while place < times.count, times[place] < instant { place += 1 }
    }

    /// The newest of the instants before.
    @inline(__always)
    func last(in times: [Int64]) -> Int64? { place > 0 ? times[place - 1] : nil }

    /// The oldest of the instants at or after.
    @inline(__always)
    func next(in times: [Int64]) -> Int64? { place < times.count ? times[place] : nil }
}
