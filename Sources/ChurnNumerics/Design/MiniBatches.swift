/// The rows of a design in mini-batches, in an order that is drawn anew for each epoch: what stochastic descent reads.
///
/// Rows are cut into blocks that lie together in memory, so that a mapped file is read in runs. An epoch takes the blocks in
/// random order, eight at a time, and a mini-batch has rows of all eight. While one is worked on, other threads pack the next.
/// The order depends on the seed, the epoch and the shape of the design alone.
public struct MiniBatches: Sendable {
    /// Some rows of each of the blocks that are open. Valid only inside the call that gets it.
    public struct Batch {
        /// One or more, none empty.
        public let parts: [DesignBlock]
        public let rowCount: Int
    }

    /// Rows of a block of a large design: 64 KiB of each column.
    private static let mostBlockRows = 8192
    private static let blocksTogether = 8
    /// Of a small one.
    private static let leastBlockRows = 256
    /// Chunks of a block are packed at once, in at most 8 MiB for all blocks together, where that is rows enough: runs of 8 KiB of each
    /// column, since shorter ones wait longer for the memory of a mapped file.
    private static let chunkRows = (least: 32, most: 1024)
    private static let packedNumbers = 1 << 20

    private let design: any ColumnarDesign
    private let seed: UInt64
    private let threads: Int
    /// Rows of a batch, but at the end of blocks: a step for a smaller one counts for less.
    public let batchRows: Int
    /// Rows of a batch that come from one block.
    private let partRows: Int
    private let chunkRows: Int
    private let blockRows: Int

    /// - Parameters:
    ///   - batchRows: positive; a multiple of 8, or the next one is taken.
    ///   - threads: positive; changes nothing but the time it takes.
    public init(_ design: any ColumnarDesign, batchRows: Int, seed: UInt64, threads: Int) {
        precondition(batchRows > 0 && threads > 0, "batchRows and threads must be positive")
        LinearAlgebraLibrary.prepare()
        self.design = design
        self.seed = seed
        self.threads = threads
        partRows = (batchRows + Self.blocksTogether - 1) / Self.blocksTogether
        self.batchRows = min(max(design.rowCount, 1), partRows * Self.blocksTogether)
        var chunk = Self.chunkRows.least
        while chunk < Self.chunkRows.most,
            2 * chunk * Self.blocksTogether * design.columnCount <= Self.packedNumbers
        {
            chunk *= 2
        }
        while chunk < partRows { chunk *= 2 }
        // Of few rows there are smaller blocks, so that there are some to shuffle.
        var block = min(chunk, Self.leastBlockRows)
        while block < partRows { block *= 2 }
        while block < Self.mostBlockRows, block * Self.blocksTogether * Self.blocksTogether < design.rowCount {
            block *= 2
        }
        blockRows = block
        chunkRows = min(chunk, block)
    }

    /// Calls `body` for the mini-batches of an epoch, one after the other, until it says `false`.
    public func forEach(epoch: Int, _ body: (Batch) -> Bool) {
        let blocks = (design.rowCount + blockRows - 1) / blockRows
        var stream = RandomStream(seed: seed, purpose: "mini-batches", index: UInt64(epoch))
        let order = stream.permutation(blocks)
        let groups = (blocks + Self.blocksTogether - 1) / Self.blocksTogether
        let steps = blockRows / chunkRows
        let packed = Self.blocksTogether * chunkNumbers
        withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, 2 * packed)) { scratch in
            guard let base = scratch.baseAddress else { return }
            nonisolated(unsafe) let memory = base
            let next = { (turn: Int) -> [Range<Int>] in
                guard turn < groups * steps else { return [] }
                // No group is much smaller than the others: its mini-batches would be, too.
                let (group, step) = turn.quotientAndRemainder(dividingBy: steps)
                return self.chunks(of: order[group * blocks / groups..<(group + 1) * blocks / groups], step: step)
            }
            withoutActuallyEscaping(body) { body in
                nonisolated(unsafe) let body = body
                var current = next(0)
                for (place, rows) in current.enumerated() { pack(rows, to: memory + place * chunkNumbers) }
                for turn in 0..<groups * steps {
                    let following = next(turn + 1)
                    let here = memory + (turn % 2) * packed
                    let there = memory + (1 - turn % 2) * packed
                    nonisolated(unsafe) let (source, target) = (here, there)
                    nonisolated(unsafe) var goesOn = true
                    let work = current
                    Parallel.forEach(1 + following.count, threads: threads) { part in
                        if part > 0 {
                            pack(following[part - 1], to: target + (part - 1) * chunkNumbers)
                        } else {
                            goesOn = forEachBatch(of: work, in: source, body)
                        }
                    }
                    if !goesOn { return }
                    current = following
                }
            }
        }
    }

    /// Numbers of a chunk that is packed.
    private var chunkNumbers: Int { chunkRows * design.columnCount }

    /// The rows that the blocks of a group give at a step, where they have some.
    private func chunks(of group: ArraySlice<Int>, step: Int) -> [Range<Int>] {
        group.compactMap { block in
            let first = block * blockRows + step * chunkRows
            return first < design.rowCount ? first..<min(design.rowCount, first + chunkRows) : nil
        }
    }

    private func pack(_ rows: Range<Int>, to target: UnsafeMutablePointer<Double>) {
        design.copy(
            columns: 0..<design.columnCount,
            rows: rows,
            to: target,
            leadingDimension: chunkRows
        )
    }

    private func forEachBatch(
        of chunks: [Range<Int>],
        in memory: UnsafeMutablePointer<Double>,
        _ body: (Batch) -> Bool
    ) -> Bool {
        for first in stride(from: 0, to: chunkRows, by: partRows) {
            var parts: [DesignBlock] = []
            parts.reserveCapacity(chunks.count)
            var count = 0
            for (place, rows) in chunks.enumerated() where first < rows.count {
                let part = rows.lowerBound + first..<min(rows.upperBound, rows.lowerBound + first + partRows)
                parts.append(
                    DesignBlock(
                        rows: part,
                        dimension: design.columnCount + 1,
                        elements: memory + place * chunkNumbers + first,
                        leadingDimension: chunkRows
                    )
                )
                count += part.count
            }
            if !parts.isEmpty, !body(Batch(parts: parts, rowCount: count)) { return false }
        }
        return true
    }
}
