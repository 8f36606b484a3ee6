import ChurnNumerics

extension SimulatedEvent {
    /// All blocks' events, ordered by second and within a second by customer.
    ///
    /// Counted into days first, then each day is sorted by itself.
    static func inTimeOrder(_ blocks: [[SimulatedEvent]], days: Int, threads: Int) -> [SimulatedEvent] {
        let starts = dayStarts(blocks, days: days)
        return [SimulatedEvent](unsafeUninitializedCapacity: starts[days]) { buffer, initialized in
            var next = starts
            for block in blocks {
                for event in block {
                    buffer.initializeElement(at: next[event.day], to: event)
                    next[event.day] += 1
                }
            }
            // Each part sorts its own day's elements.
            nonisolated(unsafe) let all = buffer
            Parallel.forEach(days, threads: threads) { day in
                var part = UnsafeMutableBufferPointer(rebasing: all[starts[day]..<starts[day + 1]])
                part.sort { $0.order < $1.order }
            }
            initialized = starts[days]
        }
    }

    /// Where each day's events begin in the whole, and at the end how many there are.
    private static func dayStarts(_ blocks: [[SimulatedEvent]], days: Int) -> [Int] {
        var starts = [Int](repeating: 0, count: days + 1)
        for block in blocks {
            for event in block { starts[event.day + 1] += 1 }
        }
        for day in 0..<days { starts[day + 1] += starts[day] }
        return starts
    }

    private var order: Int64 { Int64(second) << 32 | Int64(customer) }
}
