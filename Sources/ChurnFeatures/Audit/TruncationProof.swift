import ChurnHistory

/// What came of computing features a second time, each cutoff from data that end there: the proof that no feature knows the
/// future, or the places where one does.
public struct TruncationProof: Sendable, Equatable {
    /// A feature that is another one when nothing behind the cutoff is known.
    public struct Difference: Sendable, Equatable {
        public let feature: String
        public let cutoff: CalendarDay
        /// Examples of the cutoff at which the two are not equal to the bit.
        public let examples: Int
        /// The first of them.
        public let customer: String
        /// The feature from all data, and from those before the cutoff.
        public let fromAll: Double
        public let fromKnown: Double
    }

    /// Customers who are examples, or are none, only because of what becomes known at or behind the cutoff.
    public struct Intrusion: Sendable, Equatable {
        public let cutoff: CalendarDay
        public let customers: Int
        /// The first of them.
        public let customer: String
    }

    /// By cutoff, then in the order of the plan.
    public internal(set) var differences: [Difference] = []
    public internal(set) var intrusions: [Intrusion] = []
    /// Examples that were computed twice.
    public internal(set) var examples = 0
    /// Values that were compared.
    public internal(set) var values = 0
}

extension FeatureSweep {
    /// Computes all features from all data, and again for each cutoff from what was known before it, and compares bits.
    ///
    /// Blocks are compared by their digests and only looked at where these differ, so that nothing of the first computation
    /// is kept. Cost is that of the sweep, and of a copy of the index and a sweep for each cutoff.
    public func truncationProof() throws -> TruncationProof {
        try truncationProof { index.known(before: $0) }
    }

    /// - Parameter truncated: gives the index of what was known before an instant.
    func truncationProof(_ truncated: (Int64) -> EventIndex) throws -> TruncationProof {
        var whole = try SweepContext(self)
        whole.keepsLeftInLead = true
        var digests = [[BlockDigest]](
            repeating: Array(repeating: BlockDigest(), count: whole.parts.count),
            count: cutoffs.count
        )
        _ = try forEachBlock(whole) { digests[$0.cutoff][$0.part] = BlockDigest($0) }
        var proof = TruncationProof()
        for (position, cutoff) in cutoffs.enumerated() {
            let sweep = at(cutoff, index: truncated(cutoff.instant))
            var known = try SweepContext(sweep)
            known.keepsLeftInLead = true
            known.parts = whole.parts
            var again = [BlockDigest](repeating: BlockDigest(), count: whole.parts.count)
            _ = try sweep.forEachBlock(known) { again[$0.part] = BlockDigest($0) }
            var comparison = BlockComparison(columnCount: plan.features.count)
            for part in again.indices where again[part] != digests[position][part] {
                let all = blocks(ofPart: part, whole)
                let known = sweep.blocks(ofPart: part, known)
                comparison.compare(all.block(part: part, cutoff: position), known.block(part: part, cutoff: 0))
            }
            let examples = digests[position].reduce(0) { $0 + $1.rowCount }
            proof.examples += examples
            proof.values += examples * plan.features.count
            comparison.report(to: &proof, cutoff: cutoff.day, names: plan.featureNames, customers: index.customers)
        }
        return proof
    }

    /// The blocks of one part.
    private func blocks(ofPart part: Int, _ context: SweepContext) -> PartBlocks {
        let stride = PartBlocks.stride(capacity: context.parts.size)
        let blocks = PartBlocks(
            cutoffCount: cutoffs.count,
            columnCount: plan.features.count,
            capacity: context.parts.size
        )
        index.withEventMemory { memory in
            context.worker(memory, stride: stride).sweep(context.parts.customers(of: part), into: blocks)
        }
        return blocks
    }
}

/// What tells whether two blocks have the same customers and bits: sums that depend on the order.
private struct BlockDigest: Equatable {
    private(set) var rowCount = 0
    private var customers: UInt64 = 0
    private var values: [UInt64] = []

    init() {}

    init(_ block: FeatureBlock) {
        rowCount = block.rowCount
        for customer in block.customers { Self.mix(UInt64(UInt32(bitPattern: customer)), into: &customers) }
        values = (0..<block.values.columnCount).map { column in
            let base = block.values.column(column)
            var digest: UInt64 = 0
            for row in 0..<block.rowCount { Self.mix(base[row].bitPattern, into: &digest) }
            return digest
        }
    }

    /// One step of a multiplicative hash with the constant of the golden ratio.
    @inline(__always)
    private static func mix(_ value: UInt64, into digest: inout UInt64) {
        let mixed = (digest ^ value) &* 0x9E37_79B9_7F4A_7C15
        digest = mixed ^ (mixed >> 29)
    }
}

/// The differences of two computations of one cutoff, customer by customer.
private struct BlockComparison {
    private struct Example {
        var count = 0
        var customer: Int32 = 0
        var fromAll = 0.0
        var fromKnown = 0.0
    }

    private var columns: [Example]
    private var intruders = Example()

    init(columnCount: Int) { columns = Array(repeating: Example(), count: columnCount) }

    mutating func compare(_ all: FeatureBlock, _ known: FeatureBlock) {
        var row = 0
        var other = 0
        while row < all.rowCount || other < known.rowCount {
            let left = row < all.rowCount ? all.customers[row] : .max
            let right = other < known.rowCount ? known.customers[other] : .max
            if left == right {
                for column in columns.indices {
                    let (a, b) = (all.values.column(column)[row], known.values.column(column)[other])
                    guard a.bitPattern != b.bitPattern else { continue }
                    if columns[column].count == 0 {
                        columns[column] = Example(count: 0, customer: left, fromAll: a, fromKnown: b)
                    }
                    columns[column].count += 1
                }
            } else {
                if intruders.count == 0 { intruders.customer = min(left, right) }
                intruders.count += 1
            }
            if left <= right { row += 1 }
            if right <= left { other += 1 }
        }
    }

    func report(to proof: inout TruncationProof, cutoff: CalendarDay, names: [String], customers: TextColumn) {
        for (column, example) in columns.enumerated() where example.count > 0 {
            proof.differences.append(
                .init(
                    feature: names[column],
                    cutoff: cutoff,
                    examples: example.count,
                    customer: customers[Int(example.customer)],
                    fromAll: example.fromAll,
                    fromKnown: example.fromKnown
                )
            )
        }
        if intruders.count > 0 {
            proof.intrusions.append(
                .init(cutoff: cutoff, customers: intruders.count, customer: customers[Int(intruders.customer)])
            )
        }
    }
}
