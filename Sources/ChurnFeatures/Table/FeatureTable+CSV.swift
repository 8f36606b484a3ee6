import ChurnHistory
import ChurnNumerics
import Crypto
import Foundation

extension FeatureTable {
    /// What CSV cannot hold stands beside it: the plan, the cutoffs, the hashes.
    public static func sidecarPath(ofCSV path: String) -> String { "\(path).json" }

    /// Whether what a CSV cannot hold stands beside it: without, it is no feature table of ours.
    public static func hasMetadata(besideCSV path: String) -> Bool {
        FileManager.default.fileExists(atPath: sidecarPath(ofCSV: path))
    }

    /// Commits the table first and then what stands beside it, with the table's digest: two files that do not belong
    /// together are never read as one.
    func writeCSV(to file: AtomicFile) throws {
        let sidecar = try AtomicFile(path: Self.sidecarPath(ofCSV: file.path))
        var hasher = SHA256()
        var line = CSVLine()
        func write() throws(DataError) {
            try line.finish { (bytes) throws(DataError) in
                hasher.update(bufferPointer: bytes)
                try file.write(bytes)
            }
        }
        for name in Self.fixedColumns + plan.featureNames { line.append(text: name) }
        try write()
        for start in stride(from: 0, to: rowCount, by: RowTiles.rows) {
            let rows = start..<min(rowCount, start + RowTiles.rows)
            let values = features.matrix(rows: rows)
            for row in rows {
                line.append(text: customers[row])
                line.append(text: cutoffs[Int(cutoffCodes[row])].day.description)
                if labels[row] >= 0 { line.append(number: Double(labels[row])) } else { line.append(text: "") }
                for column in 0..<values.columnCount { line.append(number: values[row - start, column]) }
                try write()
            }
        }
        try file.commit()
        let metadata = FeatureTableMetadata(self, tableDigest: hasher.finalize().hexadecimal)
        try sidecar.write(String(decoding: metadata.json, as: UTF8.self) + "\n")
        try sidecar.commit()
    }

    init(csv path: String) throws {
        var dialect = DelimitedDialect()
        dialect.decimalIsDecided = true
        let table = try FlatTable(path: path, dialect: dialect)
        let sidecar = Self.sidecarPath(ofCSV: path)
        guard let json = FileManager.default.contents(atPath: sidecar) else {
            throw DataError(
                .fileMissing,
                "is missing: it tells the plan and the cutoffs of \(path)",
                file: sidecar,
                fix: "keep the two files together, or write the table as .arrow"
            )
        }
        let metadata = try FeatureTableMetadata(json: json, file: sidecar)
        guard metadata.tableDigest == table.digest else {
            throw FeatureError.malformedTable(
                file: path,
                problem: "it is not the table that \(sidecar) describes; compute both again"
            )
        }
        try Self.requireColumns(table.columnNames.map(CSVLine.restored), plan: metadata.plan, file: path)
        var days: [Int32] = []
        for text in try table.texts(Self.cutoffColumn) {
            guard let day = CalendarDay(text) else {
                throw FeatureError.malformedTable(file: path, problem: "\"\(text)\" is not a cutoff")
            }
            days.append(Int32(day.number))
        }
        let labels = try table.labels(Self.labelColumn, positive: nil).map { $0.map { $0 ? Int8(1) : 0 } ?? -1 }
        var elements: [Double] = []
        for name in table.columnNames.dropFirst(Self.fixedColumns.count) { elements += try table.numbers(name) }
        try self.init(
            metadata: metadata,
            file: path,
            customers: CustomerColumn(try table.texts(Self.customerColumn).map(CSVLine.restored)),
            cutoffDays: days,
            labels: labels,
            features: NumericColumns(
                Matrix(
                    rowCount: table.rowCount,
                    columnCount: metadata.plan.features.count,
                    elements: elements
                )
            )
        )
    }
}
