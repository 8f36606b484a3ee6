import ChurnHistory
import ChurnNumerics

/// Computes the features of a plan: all cutoffs in one pass over the index, customers in parallel.
///
/// Customers come in parts of a fixed size, so that nothing depends on the number of threads. What becomes of the parts
/// is up to the call: a table in memory, blocks for a sink, or statistics alone.
public struct FeatureSweep: Sendable {
    /// Customers of a part, unless the blocks of one would be larger than `largestPart`.
    static let customersPerPart = 8192
    private static let largestPart = 32 << 20
    /// Customers whose examples are reduced together while they are in the cache.
    private static let customersPerTile = 64

    let study: Study
    let index: EventIndex
    public let plan: FeaturePlan
    public let cutoffs: [Cutoff]
    public let threads: Int
    /// What learns from everybody's purchases, where the plan has features of that.
    let purchaseModel: (any PurchaseModel)?

    /// - Parameters:
    ///   - cutoffs: ascending.
    ///   - purchaseModel: learns from everybody's purchases before each cutoff; needed where the plan has features of that.
    ///   - threads: must be positive; the result does not depend on it.
    public init(
        study: Study,
        index: EventIndex,
        plan: FeaturePlan,
        cutoffs: [Cutoff],
        purchaseModel: (any PurchaseModel)? = nil,
        threads: Int
    ) {
        precondition(threads > 0, "threads must be positive")
        precondition(zip(cutoffs, cutoffs.dropFirst()).allSatisfy { $0.instant <= $1.instant }, "cutoffs must ascend")
        self.study = study
        self.index = index
        self.plan = plan
        self.cutoffs = cutoffs
        self.purchaseModel = purchaseModel
        self.threads = threads
    }

    /// The same computation at one of the cutoffs, from other data.
    func at(_ cutoff: Cutoff, index: EventIndex) -> FeatureSweep {
        FeatureSweep(
            study: study,
            index: index,
            plan: plan,
            cutoffs: [cutoff],
            purchaseModel: purchaseModel,
            threads: threads
        )
    }

    // MARK: Examples

    /// How many examples each part has at each cutoff, before any feature is computed.
    func exampleCounts(_ context: SweepContext) -> ExampleCounts {
        let parts = context.parts
        var counts = [Int32](repeating: 0, count: parts.count * cutoffs.count)
        var left = [Int](repeating: 0, count: parts.count)
        index.withEventMemory { memory in
            counts.withUnsafeMutableBufferPointer { counts in
                left.withUnsafeMutableBufferPointer { left in
                    guard let base = counts.baseAddress else { return }
                    nonisolated(unsafe) let places = base
                    nonisolated(unsafe) let left = left
                    let cutoffCount = cutoffs.count
                    Parallel.forEach(parts.count, threads: threads) { part in
                        let sweep = context.counter(memory)
                        left[part] = sweep.count(parts.customers(of: part), into: places + part * cutoffCount)
                    }
                }
            }
        }
        return ExampleCounts(
            counts: counts,
            cutoffCount: cutoffs.count,
            leftInLead: left.reduce(0, +)
        )
    }

    /// The examples: by cutoff, and within a cutoff in the byte order of the customers' ids.
    public func table(dataFingerprint: String) throws(FeatureError) -> FeatureTable {
        guard let table = try table(SweepContext(self), dataFingerprint) else {
            throw study.nobodyEligible(at: cutoffs)
        }
        return table
    }

    /// The examples of some customers, spread evenly over all of them: one run of neighbours in `step`.
    /// - Parameter step: positive; 1 for all customers.
    /// - Returns: `nil` where none of them is an example.
    public func sample(everyRun step: Int, dataFingerprint: String) throws(FeatureError) -> FeatureTable? {
        var context = try SweepContext(self)
        if step > 1 {
            context.parts = .init(
                customerCount: index.customers.count,
                size: Self.customersPerTile,
                spacing: step * Self.customersPerTile
            )
        }
        return try table(context, dataFingerprint)
    }

    private func table(_ context: SweepContext, _ dataFingerprint: String) throws(FeatureError) -> FeatureTable? {
        let counts = exampleCounts(context)
        let rowCount = counts.rowCount
        guard rowCount > 0 else { return nil }
        let parts = context.parts
        var features = Matrix(rowCount: rowCount, columnCount: plan.features.count)
        var customers = [Int32](repeating: 0, count: rowCount)
        var labels = [Int8](repeating: 0, count: rowCount)
        index.withEventMemory { memory in
            features.withMutableElements { elements in
                customers.withUnsafeMutableBufferPointer { customers in
                    labels.withUnsafeMutableBufferPointer { labels in
                        guard let table = elements.baseAddress, let customers = customers.baseAddress,
                            let labels = labels.baseAddress
                        else { return }
                        nonisolated(unsafe) let places = (table: table, customers: customers, labels: labels)
                        let columnCount = plan.features.count
                        Parallel.forEach(parts.count, threads: threads) { part in
                            let blocks = PartBlocks(
                                table: places.table,
                                customers: places.customers,
                                labels: places.labels,
                                rowCount: rowCount,
                                columnCount: columnCount,
                                firstRows: counts.firstRows(ofPart: part)
                            )
                            context.worker(memory, stride: rowCount).sweep(parts.customers(of: part), into: blocks)
                        }
                    }
                }
            }
        }
        let cutoffCodes = counts.cutoffCodes
        do {
            try features.requireFinite(threads: threads)
        } catch {
            guard case .notFinite(let row, let column, _) = error else { preconditionFailure("\(error)") }
            throw notFinite(column: column, customer: Int(customers[row]), cutoff: Int(cutoffCodes[row]))
        }
        return FeatureTable(
            plan: plan,
            studyHash: study.hash,
            dataFingerprint: dataFingerprint,
            cutoffs: cutoffs,
            customers: CustomerColumn(codes: customers, names: index.customers),
            cutoffCodes: cutoffCodes,
            labels: labels,
            features: NumericColumns(features),
            leftInLead: counts.leftInLead
        )
    }

    func notFinite(column: Int, customer: Int, cutoff: Int) -> FeatureError {
        let feature = plan.features[column]
        let day = cutoffs[cutoff].day.description
        if feature.primitive == .aliveProbability || feature.primitive == .expectedPurchases {
            let reason = "they make no number of \(feature.name) of customer \"\(index.customers[customer])\""
            return .purchasesDoNotTell(cutoff: day, reason: reason, advice: UntoldPurchases.adviceOfFamily, from: nil)
        }
        return .notFinite(feature: feature.name, customer: index.customers[customer], cutoff: day)
    }

    // MARK: Blocks

    /// Computes all blocks and hands them on: parts in order, and within a part by cutoff. Blocks without rows are left
    /// out. Only a few parts exist at a time, whatever the size of the whole.
    /// - Parameter sink: called for one block at a time, on any of the threads.
    /// - Throws: `FeatureError`, or what the sink throws.
    public func forEachBlock(_ sink: (FeatureBlock) throws -> Void) throws -> FeatureSummary {
        let totals = try forEachBlock(SweepContext(self), sink)
        if totals.rowCount == 0 { throw study.nobodyEligible(at: cutoffs) }
        return totals.summary(cutoffs, statistics: [])
    }

    func forEachBlock(_ context: SweepContext, _ sink: (FeatureBlock) throws -> Void) throws -> SummaryTotals {
        let parts = context.parts
        let cutoffCount = cutoffs.count
        let columnCount = plan.features.count
        var totals = SummaryTotals(cutoffCount: cutoffCount)
        try index.withEventMemory { memory in
            try OrderedParts<PartBlocks>.forEach(
                parts.count,
                threads: threads,
                makeWorker: {
                    let tiles = self.tiles(context, memory)
                    return { part, blocks in
                        blocks.clear()
                        try tiles.forEach(parts.customers(of: part)) { tile in
                            try self.requireFinite(tile)
                            blocks.append(tile)
                        }
                    }
                },
                makeResult: {
                    PartBlocks(cutoffCount: cutoffCount, columnCount: columnCount, capacity: parts.size)
                },
                sink: { part, blocks in
                    totals.add(blocks)
                    for cutoff in 0..<cutoffCount where blocks.counts[cutoff] > 0 {
                        try sink(blocks.block(part: part, cutoff: cutoff))
                    }
                }
            )
        }
        return totals
    }

    /// Computes few customers at a time, whose values stay in a processor's cache until they have been looked at.
    private struct Tiles {
        let size: Int
        let sweep: PartSweep
        let blocks: PartBlocks

        func forEach(_ customers: Range<Int>, _ body: (PartBlocks) throws -> Void) rethrows {
            for start in stride(from: customers.lowerBound, to: customers.upperBound, by: size) {
                blocks.clear()
                sweep.sweep(start..<min(start + size, customers.upperBound), into: blocks)
                try body(blocks)
            }
        }
    }

    private func tiles(_ context: SweepContext, _ memory: EventMemory) -> Tiles {
        let size = min(Self.customersPerTile, context.parts.size)
        return Tiles(
            size: size,
            sweep: context.worker(memory, stride: PartBlocks.stride(capacity: size)),
            blocks: PartBlocks(cutoffCount: cutoffs.count, columnCount: plan.features.count, capacity: size)
        )
    }

    /// Computes all features and keeps nothing but their statistics.
    public func summary() throws -> FeatureSummary {
        let context = try SweepContext(self)
        let parts = context.parts
        let cutoffCount = cutoffs.count
        let columnCount = plan.features.count
        var totals = SummaryTotals(cutoffCount: cutoffCount)
        let columns = plan.features.map { StatisticsAccumulator(emptyValue: $0.primitive.definition.emptyValue) }
        var statistics = columns
        try index.withEventMemory { memory in
            try OrderedParts<PartStatistics>.forEach(
                parts.count,
                threads: threads,
                makeWorker: {
                    let tiles = self.tiles(context, memory)
                    return { part, result in
                        result.clear()
                        try tiles.forEach(parts.customers(of: part)) { tile in
                            if !result.add(tile) { try self.requireFinite(tile) }
                        }
                    }
                },
                makeResult: { PartStatistics(cutoffCount: cutoffCount, columns: columns) },
                sink: { _, result in
                    totals.add(result.totals)
                    for column in 0..<columnCount { statistics[column].merge(result.columns[column]) }
                }
            )
        }
        if totals.rowCount == 0 { throw study.nobodyEligible(at: cutoffs) }
        return totals.summary(
            cutoffs,
            statistics: zip(plan.featureNames, statistics).map { $1.statistics($0) }
        )
    }

    /// For each cutoff, how many events lie at or after it: the future, which its features leave out.
    public func eventsAtOrAfter() -> [Int] {
        let customerCount = index.customers.count
        let parts = (customerCount + Self.customersPerPart - 1) / Self.customersPerPart
        let counts = index.withEventMemory { memory in
            Parallel.map(parts, threads: threads) { part in
                var counts = [Int](repeating: 0, count: cutoffs.count)
                let first = part * Self.customersPerPart
                for customer in first..<min(customerCount, first + Self.customersPerPart) {
                    // A customer's events are in order of time.
                    var future = memory.rows(ofCustomer: customer)
                    for (position, cutoff) in cutoffs.enumerated() where !future.isEmpty {
                        future = future.partitioningIndex { memory.times[$0] >= cutoff.instant }..<future.upperBound
                        counts[position] += future.count
                    }
                }
                return counts
            }
        }
        return cutoffs.indices.map { position in counts.reduce(0) { $0 + $1[position] } }
    }

    private func requireFinite(_ blocks: PartBlocks) throws(FeatureError) {
        guard let place = blocks.firstNotFinite() else { return }
        throw notFinite(
            column: place.column,
            customer: blocks.customer(cutoff: place.cutoff, row: place.row),
            cutoff: place.cutoff
        )
    }
}

extension FeatureSweep {
    /// Customers of a part: halved until the blocks of a part fit, so that many cutoffs or features cost no memory.
    static func partSize(columns: Int, cutoffs: Int) -> Int {
        var size = customersPerPart
        while size > 8, size * max(columns, 1) * max(cutoffs, 1) * MemoryLayout<Double>.stride > largestPart {
            size /= 2
        }
        return size
    }
}
