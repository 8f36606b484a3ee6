import ChurnNumerics
import Foundation

/// Work on parts by several threads whose results are handed on in the order of the parts, few at a time.
///
/// A thread takes the next part only while fewer than `lookAhead` parts wait for their turn, so that memory is bounded;
/// and results go back to be used again. Whoever finishes the part whose turn it is hands on all that are ready.
///
/// The failure of the first part in order is the one that is reported, at any number of threads: what comes before a part that
/// has failed has been taken already, and is finished and handed on.
final class OrderedParts<Result: AnyObject>: @unchecked Sendable {
    private let count: Int
    private let lookAhead: Int
    private let sink: (Int, Result) throws -> Void
    private let condition = NSCondition()
    private var next = 0
    private var delivered = 0
    private var isDelivering = false
    private var finished: [Int: Result] = [:]
    private var free: [Result] = []
    private var failure: (part: Int, error: any Error)?

    private init(count: Int, lookAhead: Int, sink: @escaping (Int, Result) throws -> Void) {
        self.count = count
        self.lookAhead = lookAhead
        self.sink = sink
    }

    /// - Parameters:
    ///   - count: number of parts.
    ///   - threads: positive.
    ///   - makeWorker: called once a thread; what it returns computes a part into a result.
    ///   - makeResult: called when no result is free to be used again.
    ///   - sink: gets the results in order, one at a time, on any of the threads. What it throws ends the work.
    static func forEach(
        _ count: Int,
        threads: Int,
        makeWorker: @Sendable () -> (Int, Result) throws -> Void,
        makeResult: @Sendable () -> Result,
        sink: (Int, Result) throws -> Void
    ) throws {
        try withoutActuallyEscaping(sink) { sink in
            let parts = OrderedParts(count: count, lookAhead: 2 * threads, sink: sink)
            Parallel.forEach(min(threads, max(count, 1)), threads: threads) { _ in
                let work = makeWorker()
                while let part = parts.take() {
                    let result = parts.reused() ?? makeResult()
                    do {
                        try work(part, result)
                        parts.finish(part, result)
                    } catch {
                        parts.fail(part, error)
                    }
                }
            }
            if let failure = parts.failure { throw failure.error }
        }
    }

    private func take() -> Int? {
        condition.withLock {
            while failure == nil, next < count, next >= delivered + lookAhead { condition.wait() }
            guard failure == nil, next < count else { return nil }
            next += 1
            return next - 1
        }
    }

    private func reused() -> Result? { condition.withLock { free.popLast() } }

    private func fail(_ part: Int, _ error: any Error) {
        condition.withLock {
            note(part, error)
            condition.broadcast()
        }
    }

    private func note(_ part: Int, _ error: any Error) {
        if failure.map({ part < $0.part }) ?? true { failure = (part, error) }
    }

    private func finish(_ part: Int, _ result: Result) {
        condition.lock()
        finished[part] = result
        guard !isDelivering else { return condition.unlock() }
        isDelivering = true
        while delivered < failure?.part ?? count, let ready = finished.removeValue(forKey: delivered) {
            let part = delivered
            condition.unlock()
            do {
                try sink(part, ready)
                condition.lock()
            } catch {
                condition.lock()
                note(part, error)
            }
            free.append(ready)
            delivered += 1
            condition.broadcast()
        }
        isDelivering = false
        condition.unlock()
    }
}
