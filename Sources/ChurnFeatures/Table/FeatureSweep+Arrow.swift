import ArrowIPC
import ChurnHistory

extension FeatureSweep {
    /// Computes the features and writes them as an Arrow file while they are computed, then commits it.
    ///
    /// Each block is one record batch, written from the memory in which it was computed. Batches stand in the file in the
    /// order of the parts; the footer lists them by cutoff, then part, so that readers see rows by cutoff, then customer.
    /// - Throws: `FeatureError`, or `DataError` when the file cannot be written.
    public func writeArrow(to file: AtomicFile, dataFingerprint: String) throws -> FeatureSummary {
        let summary = try writeArrow(dataFingerprint: dataFingerprint) { try file.write($0) }
        try file.commit()
        return summary
    }

    /// The table in a temporary file, read where it stands there.
    /// - Parameter memory: bytes that the features may take up while they are read.
    public func spilledTable(dataFingerprint: String, memory: Int) throws -> FeatureTable {
        let file = try SpillFolder.standard.file()
        _ = try writeArrow(dataFingerprint: dataFingerprint) { try file.write($0) }
        return try withExtendedLifetime(file) { try FeatureTable(arrow: file.path, memory: memory) }
    }

    private func writeArrow(
        dataFingerprint: String,
        write: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws -> FeatureSummary {
        // Counted first: the schema, which comes before all rows, says how many were left out.
        let context = try SweepContext(self)
        let counts = exampleCounts(context)
        if counts.rowCount == 0 { throw study.nobodyEligible(at: cutoffs) }
        let metadata = FeatureTableMetadata(
            plan: plan,
            studyHash: study.hash,
            dataFingerprint: dataFingerprint,
            cutoffs: cutoffs,
            leftInLead: counts.leftInLead
        )
        var writer = try ArrowFileWriter(schema: metadata.schema(), sink: write)
        var blocks: [(cutoff: Int, part: Int)] = []
        let totals = try forEachBlock(context) { block in
            let columns = self.fixedColumns(of: block) + Self.featureColumns(of: block)
            try writer.write(columns, rowCount: block.rowCount)
            blocks.append((block.cutoff, block.part))
        }
        try writer.finish(
            listing: blocks.indices.sorted {
                (blocks[$0].cutoff, blocks[$0].part) < (blocks[$1].cutoff, blocks[$1].part)
            }
        )
        return totals.summary(cutoffs, statistics: [])
    }

    private func fixedColumns(of block: FeatureBlock) -> [ArrowColumn] {
        let cutoff = cutoffs[block.cutoff]
        let day = Int32(truncatingIfNeeded: cutoff.day.number)
        // Labels are known for all rows of a cutoff or for none.
        let unknown = cutoff.isMature ? nil : [Bool](repeating: false, count: block.rowCount)
        return [
            customerColumn(of: block),
            .date32([Int32](repeating: day, count: block.rowCount)),
            .int32(block.labels.map { Int32(max($0, 0)) }, validity: unknown),
        ]
    }

    private func customerColumn(of block: FeatureBlock) -> ArrowColumn {
        var offsets: [Int32] = [0]
        offsets.reserveCapacity(block.rowCount + 1)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16 * block.rowCount)
        for customer in block.customers {
            bytes.append(contentsOf: index.customers[Int(customer)].utf8)
            guard let end = Int32(exactly: bytes.count) else {
                // The writer says what is wrong with texts that are too long.
                return .utf8(block.customers.map { index.customers[Int($0)] })
            }
            offsets.append(end)
        }
        return .utf8Buffers(offsets: offsets, bytes: bytes)
    }

    private static func featureColumns(of block: FeatureBlock) -> [ArrowColumn] {
        ArrowColumn.float64Columns(
            of: block.values.base,
            rows: block.rowCount,
            columns: block.values.columnCount,
            leadingDimension: block.values.leadingDimension
        )
    }
}
