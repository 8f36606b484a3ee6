/// Counts events before many boundaries, or in runs, at many cutoffs at once.
///
/// An event lies before a boundary at the cutoffs `rank(boundary)...`. A counter notes only where that run begins (a
/// difference array); the counts of all cutoffs are then its running sums. So the cost is one write for an event and
/// boundary and one addition for a count. Counters of one cutoff stand next to each other, so that the running sums of all
/// counters go through the processor's lanes together.
struct WindowCounters {
    /// A counter and the number of the boundary before which it counts.
    struct Slot {
        let counter: Int32
        let boundary: UInt16
    }

    /// Elements from the counters of one cutoff to those of the next: whole lanes.
    private let width: Int
    private let cutoffCount: Int
    private let memory: ScratchBuffer<Int32>
    private let counts: UnsafeMutablePointer<Int32>

    init(counterCount: Int, cutoffCount: Int) {
        width = (counterCount + 3) / 4 * 4
        self.cutoffCount = cutoffCount
        // One row more than cutoffs: for runs that do not end.
        memory = ScratchBuffer(0, capacity: width * (cutoffCount + 1))
        counts = memory.base
    }

    /// The counts at a cutoff, once `total` is done: one a counter.
    @inline(__always)
    func counts(at cutoff: Int) -> UnsafePointer<Int32> { UnsafePointer(counts + cutoff &* width) }

    @inline(__always)
    func clear() { counts.update(repeating: 0, count: width &* (cutoffCount &+ 1)) }

    /// Counts an event where it lies before the slot's boundary.
    @inline(__always)
    func add(_ slot: Slot, _ ranks: UnsafePointer<UInt16>) {
        add(counter: Int(slot.counter), from: Int(ranks[Int(slot.boundary)]))
    }

    /// Counts an event from a cutoff on.
    @inline(__always)
    func add(counter: Int, from first: Int) { counts[first &* width &+ counter] &+= 1 }

    /// Counts an event at the cutoffs of a run, which may be empty.
    @inline(__always)
    func add(counter: Int, from first: Int, to end: Int) {
        guard first < end else { return }
        counts[first &* width &+ counter] &+= 1
        counts[end &* width &+ counter] &-= 1
    }

    /// Turns what was noted into counts.
    @inline(__always)
    func total() {
        let size = width &* cutoffCount
        var position = width
        while position < size {
            let before = UnsafeRawPointer(counts + (position &- width)).loadUnaligned(as: SIMD4<Int32>.self)
            let here = UnsafeMutableRawPointer(counts + position)
            here.storeBytes(of: before &+ here.loadUnaligned(as: SIMD4<Int32>.self), as: SIMD4<Int32>.self)
            position &+= 4
        }
    }
}
