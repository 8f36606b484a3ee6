import ChurnNumerics

/// What the rows of a block are compared by, grouped by hash, so that repetitions can be looked for in many small tables.
struct RowMarks: Sendable {
    static let partitions = 256

    struct Mark: Sendable {
        let hash: RowHash
        /// Which row of the block, from 0.
        let ordinal: UInt32
        /// From 1, counted from the block's start.
        let line: UInt32
    }

    /// Marks of partition p are `starts[p]..<starts[p + 1]`, in the order of the rows.
    let starts: [Int]
    let marks: [Mark]

    init(_ rows: [EventBlock.RowMark]) {
        var starts = [Int](repeating: 0, count: Self.partitions + 1)
        for row in rows where row.hash != .none { starts[Self.partition(row.hash) + 1] += 1 }
        for partition in 0..<Self.partitions { starts[partition + 1] += starts[partition] }
        self.starts = starts
        let count = starts[Self.partitions]
        marks = [Mark](unsafeUninitializedCapacity: count) { buffer, initialized in
            for (ordinal, row) in rows.enumerated() where row.hash != .none {
                let partition = Self.partition(row.hash)
                buffer.initializeElement(
                    at: starts[partition],
                    to: Mark(hash: row.hash, ordinal: UInt32(truncatingIfNeeded: ordinal), line: row.line)
                )
                starts[partition] += 1
            }
            initialized = count
        }
    }

    private static func partition(_ hash: RowHash) -> Int { Int(truncatingIfNeeded: hash.high >> 56) }
}

/// Finds the rows of a source that repeat an earlier one.
enum RepeatedRows {
    struct Block: Sendable {
        let marks: RowMarks
        /// Number of the file, from 0.
        let file: Int32
    }

    /// The repetitions in one block.
    struct Found: Sendable {
        /// Which rows, ascending, with their lines.
        var rows: [(ordinal: UInt32, line: UInt32)] = []
        /// How many of them have the earlier row in another file.
        var acrossFiles = 0
    }

    /// - Returns: the repetitions of each block.
    static func find(in blocks: [Block], threads: Int) -> [Found] {
        let parts = Parallel.map(RowMarks.partitions, threads: threads) { partition in
            repetitions(blocks, partition)
        }
        var found = [Found](repeating: Found(), count: blocks.count)
        for part in parts {
            for repetition in part {
                found[repetition.block].rows.append((repetition.mark.ordinal, repetition.mark.line))
                if repetition.isAcrossFiles { found[repetition.block].acrossFiles += 1 }
            }
        }
        for block in found.indices where found[block].rows.count > 1 {
            found[block].rows.sort { $0.ordinal < $1.ordinal }
        }
        return found
    }

    private struct Repetition: Sendable {
        let block: Int
        let mark: RowMarks.Mark
        let isAcrossFiles: Bool
    }

    private static func repetitions(_ blocks: [Block], _ partition: Int) -> [Repetition] {
        var table = RowHashTable()
        var repetitions: [Repetition] = []
        for (number, block) in blocks.enumerated() {
            for mark in block.marks.marks[block.marks.starts[partition]..<block.marks.starts[partition + 1]] {
                guard let file = table.insert(mark.hash, block.file) else { continue }
                repetitions.append(Repetition(block: number, mark: mark, isAcrossFiles: file != block.file))
            }
        }
        return repetitions
    }
}
