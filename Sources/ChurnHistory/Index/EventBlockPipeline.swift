import ChurnNumerics
import Foundation

/// Reads the blocks of a file on several threads and hands them over in order.
///
/// One thread at a time fetches a block from the file, which also decompresses and fingerprints it; blocks are then read
/// side by side; whoever has finished the next one in order hands it over. Few blocks are under way at any time, so memory
/// does not grow with the file.
final class EventBlockPipeline: @unchecked Sendable {
    /// Guards `lines`, `fetched` and `isFetching`.
    private let fetching = NSLock()
    private var lines: DelimitedReader
    private var fetched = 0
    private var isFetching = true

    /// Guards `file`, `early`, `taken` and `failure`.
    private let taking = NSLock()
    private var file: EventFileReading
    private var early: [Int: Early] = [:]
    private var taken = 0
    private var failure: DataError?

    private let form: EventFileForm
    /// One for each block that may be under way.
    private let room: DispatchSemaphore
    private let threads: Int

    /// Blocks that nobody needs any more.
    private let spare = NSLock()
    private var spareBlocks: [TextBlock] = []

    private enum Early {
        case block(TextBlock, EventBlock?)
        case failure(DataError)
    }

    init(_ lines: DelimitedReader, _ file: EventFileReading, threads: Int) {
        self.lines = lines
        self.file = file
        form = file.form
        // Named events are compared with all before them.
        self.threads = file.identities == nil ? threads : 1
        room = DispatchSemaphore(value: threads * 2 + 2)
    }

    /// Reads the file to its end.
    /// - Returns: the file reading and the reader behind it, also when the reading failed.
    func run() -> (file: EventFileReading, lines: DelimitedReader, failure: DataError?) {
        // The first block decides what the others can rely on.
        fetchAndTake()
        if threads > 1 {
            Parallel.forEach(threads, threads: threads) { _ in self.work() }
        } else {
            while failure == nil, isFetching { fetchAndTake() }
        }
        return (file, lines, failure)
    }

    private func fetchAndTake() {
        do {
            guard let text = try lines.nextBlock() else {
                isFetching = false
                return
            }
            fetched += 1
            taken += 1
            try file.take(text, nil)
        } catch {
            failure = error
        }
    }

    private func work() {
        let scratch = BlockScratch()
        while true {
            room.wait()
            guard let (number, text) = fetch() else {
                room.signal()
                return
            }
            guard let text else { continue }
            let state = taking.withLock { file.state }
            let block = EventFileReading.read(text, form, state, scratch)
            hand(over: .block(text, block), number)
        }
    }

    /// The next block and its number; no block where fetching it failed, `nil` where there is nothing more to fetch.
    private func fetch() -> (Int, TextBlock?)? {
        fetching.lock()
        defer { fetching.unlock() }
        guard isFetching, taking.withLock({ failure == nil }) else { return nil }
        do {
            let reused = spare.withLock { spareBlocks.popLast() }
            guard let text = try lines.nextBlock(reusing: reused) else {
                isFetching = false
                return nil
            }
            fetched += 1
            return (fetched - 1, text)
        } catch {
            isFetching = false
            fetched += 1
            hand(over: .failure(error), fetched - 1)
            return (fetched - 1, nil)
        }
    }

    private func hand(over next: Early, _ number: Int) {
        taking.lock()
        defer { taking.unlock() }
        early[number] = next
        while let next = early.removeValue(forKey: taken) {
            taken += 1
            room.signal()
            guard failure == nil else { continue }
            do throws(DataError) {
                switch next {
                case .block(let text, let block):
                    try file.take(text, block)
                    if !file.holdsBlocks { spare.withLock { spareBlocks.append(text) } }
                case .failure(let error): throw error
                }
            } catch {
                failure = error
            }
        }
    }
}
