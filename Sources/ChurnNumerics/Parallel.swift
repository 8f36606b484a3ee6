import Dispatch
import Synchronization

/// Work split over threads in a way that cannot change its result.
///
/// Callers cut their work into parts whose number depends on the data only, never on the number of threads; each part
/// writes its own place; and what is summed over parts is summed in the order of the parts.
public enum Parallel {
    /// The processors that are online.
    public static var availableThreads: Int { ProcessorCount.active }

    /// Calls `body` once for each of `0..<count`, on at most `threads` threads, and returns when all are done.
    ///
    /// - Parameters:
    ///   - count: number of parts; must not be negative.
    ///   - threads: must be positive.
    ///   - body: gets the number of the part; must touch only what belongs to that part.
    public static func forEach(_ count: Int, threads: Int, _ body: @Sendable (Int) -> Void) {
        precondition(count >= 0 && threads > 0, "count must not be negative and threads must be positive")
        let workers = min(threads, count)
        if workers <= 1 {
            for part in 0..<count { body(part) }
            return
        }
        // Whoever is done takes the next part: processors are not equally fast, nor parts equally large.
        let taken = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: workers) { _ in
            while true {
                let part = taken.wrappingAdd(1, ordering: .relaxed).oldValue
                guard part < count else { return }
                body(part)
            }
        }
    }

    /// `body`'s results for `0..<count`, in order.
    public static func map<Result: Sendable>(
        _ count: Int,
        threads: Int,
        _ body: @Sendable (Int) -> Result
    ) -> [Result] {
        [Result](unsafeUninitializedCapacity: count) { buffer, initialized in
            // Each part initialises its own element, and forEach returns only when all have.
            nonisolated(unsafe) let base = buffer
            forEach(count, threads: threads) { part in
                (base.baseAddress.unsafelyUnwrapped + part).initialize(to: body(part))
            }
            initialized = count
        }
    }
}
