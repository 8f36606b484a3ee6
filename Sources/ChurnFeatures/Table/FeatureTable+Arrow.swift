import ArrowIPC
import ChurnHistory
import ChurnNumerics
import Foundation

extension FeatureTable {
    static let metadataKey = "churnkit.featureTable"
    /// Rows of a record batch: 64 columns of doubles are 32 MiB.
    private static let rowsPerBatch = 65_536

    func writeArrow(to file: AtomicFile) throws {
        let schema = try FeatureTableMetadata(self).schema()
        var writer = try ArrowFileWriter(schema: schema) { try file.write($0) }
        for start in stride(from: 0, to: rowCount, by: Self.rowsPerBatch) {
            let rows = start..<min(rowCount, start + Self.rowsPerBatch)
            try features.matrix(rows: rows).withBlock { block in
                let columns: [ArrowColumn] = [
                    .utf8(Array(customers[rows])),
                    .date32(cutoffCodes[rows].map { Int32(cutoffs[Int($0)].day.number) }),
                    .int32(labels[rows].map { Int32(max($0, 0)) }, validity: labels[rows].map { $0 >= 0 }),
                ]
                try writer.write(
                    columns
                        + (0..<block.columnCount).map {
                            .float64Memory(UnsafeBufferPointer(start: block.column($0), count: rows.count))
                        },
                    rowCount: rows.count
                )
            }
        }
        try writer.finish()
        try file.commit()
    }

    init(arrow path: String, memory: Int?) throws {
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw DataError(.fileMissing, "cannot be opened", file: path, fix: "make it with `churn features`")
        }
        let file = try ArrowFile(path: path)
        guard let json = file.schema.metadataValue(forKey: Self.metadataKey) else {
            throw FeatureError.malformedTable(
                file: path,
                problem: "its schema has no metadata \"\(Self.metadataKey)\"; write it with `churn features`"
            )
        }
        let metadata = try FeatureTableMetadata(json: Data(json.utf8), file: path)
        try Self.requireColumns(file.schema.fields.map(\.name), plan: metadata.plan, file: path)
        // Where all of the file has room, nothing is to be given back.
        let pages = memory.flatMap { $0 < file.byteCount ? ResidentPages(limit: $0, release: file.releasePages) : nil }
        var names = ByteDictionary()
        var codes: [Int32] = []
        var days: [Int32] = []
        var labels: [Int8] = []
        codes.reserveCapacity(file.rowCount)
        days.reserveCapacity(file.rowCount)
        labels.reserveCapacity(file.rowCount)
        for number in 0..<file.batchCount {
            let batch = try file.batch(number)
            for id in try batch.array(0).strings() { codes.append(names.code(for: id)) }
            // What is no day of a calendar is none of the cutoffs either.
            days += try batch.array(1).integers().map { Int32(clamping: $0) }
            for label in try batch.array(2).integers(nullValue: -1) {
                guard (-1...1).contains(label) else {
                    throw FeatureError.malformedTable(file: path, problem: "a label is \(label), not 0, 1 or null")
                }
                labels.append(Int8(label))
            }
        }
        // Customers, cutoffs and labels were copied.
        if pages != nil { file.releasePages() }
        let features = try metadata.plan.features.indices.map { number in
            try NumericColumn(copying: file, column: Self.fixedColumns.count + number, pages: pages)
        }
        try self.init(
            metadata: metadata,
            file: path,
            customers: CustomerColumn(codes: codes, names: TextColumn(names.strings)),
            cutoffDays: days,
            labels: labels,
            features: NumericColumns(features, rowCount: file.rowCount)
        )
    }
}

extension FeatureTableMetadata {
    /// The schema of a feature table's Arrow file.
    func schema() throws -> ArrowSchema {
        var fields = [
            ArrowField(name: FeatureTable.customerColumn, type: .utf8, isNullable: false),
            ArrowField(name: FeatureTable.cutoffColumn, type: .date32, isNullable: false),
            ArrowField(name: FeatureTable.labelColumn, type: .int32, isNullable: true),
        ]
        fields += plan.featureNames.map { ArrowField(name: $0, type: .float64, isNullable: false) }
        let text = String(decoding: try json, as: UTF8.self)
        return ArrowSchema(fields: fields, metadata: [ArrowKeyValue(key: FeatureTable.metadataKey, value: text)])
    }
}
