/// The median of whole numbers that come one by one: the smaller half in a heap with its largest on top, the larger half
/// in one with its smallest on top. An insertion costs O(log n).
struct RunningMedian {
    /// Negated, so that one order serves both halves. Holds as many as `larger`, or one more.
    private var smaller: [Int] = []
    private var larger: [Int] = []

    var count: Int { smaller.count + larger.count }

    /// The middle value, or the mean of the two in the middle; `nil` without values.
    var median: Double? {
        guard let below = smaller.first else { return nil }
        guard smaller.count == larger.count, let above = larger.first else { return Double(-below) }
        return Double(above - below) / 2
    }

    mutating func removeAll() {
        smaller.removeAll(keepingCapacity: true)
        larger.removeAll(keepingCapacity: true)
    }

    /// - Parameter value: magnitude below 2^62.
    mutating func insert(_ value: Int) {
        Self.push(value, onto: &larger)
        Self.push(-Self.popSmallest(of: &larger), onto: &smaller)
        if smaller.count > larger.count + 1 { Self.push(-Self.popSmallest(of: &smaller), onto: &larger) }
    }

    private static func push(_ value: Int, onto heap: inout [Int]) {
        heap.append(value)
        var place = heap.count - 1
        while place > 0, heap[place] < heap[(place - 1) / 2] {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    /// - Precondition: the heap is not empty.
    private static func popSmallest(of heap: inout [Int]) -> Int {
        heap.swapAt(0, heap.count - 1)
        let smallest = heap.removeLast()
        var place = 0
        while true {
            var child = 2 * place + 1
            if child >= heap.count { return smallest }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            if heap[place] <= heap[child] { return smallest }
            heap.swapAt(place, child)
            place = child
        }
    }
}
