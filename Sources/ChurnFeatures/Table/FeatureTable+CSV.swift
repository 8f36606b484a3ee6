import ChurnHistory
import ChurnNumerics
import Foundation

extension FeatureTable {
    /// What CSV cannot hold stands beside it: the plan, the cutoffs, the hashes.
    static func sidecarPath(ofCSV path: String) -> String { "\(path).json" }

    func writeCSV(to file: AtomicFile) throws {
        let sidecar = try AtomicFile(path: Self.sidecarPath(ofCSV: file.path))
        try sidecar.write(String(decoding: try FeatureTableMetadata(self).json, as: UTF8.self) + "\n")
        try sidecar.commit()
        var line = CSVLine()
        for name in Self.fixedColumns + plan.featureNames { line.append(text: name) }
        try line.write(to: file)
        try features.withBlock { block in
            for row in 0..<rowCount {
                line.append(text: customers[row])
                line.append(text: cutoffs[Int(cutoffCodes[row])].day.description)
                if labels[row] >= 0 { line.append(number: Double(labels[row])) } else { line.append(text: "") }
                for column in 0..<block.columnCount { line.append(number: block.column(column)[row]) }
                try line.write(to: file)
            }
        }
    }

    init(csv path: String) throws {
        let table = try FlatTable(path: path, dialect: DelimitedDialect())
        let sidecar = Self.sidecarPath(ofCSV: path)
        guard let json = FileManager.default.contents(atPath: sidecar) else {
            throw DataError(
                .fileMissing, "is missing: it tells the plan and the cutoffs of \(path)", file: sidecar,
                fix: "keep the two files together, or write the table as .arrow")
        }
        let metadata = try FeatureTableMetadata(json: json, file: sidecar)
        try Self.requireColumns(table.columnNames, plan: metadata.plan, file: path)
        var days: [Int] = []
        for text in try table.texts(Self.cutoffColumn) {
            guard let day = CalendarDay(text) else {
                throw FeatureError.malformedTable(file: path, problem: "\"\(text)\" is not a cutoff")
            }
            days.append(day.number)
        }
        let labels = try table.labels(Self.labelColumn, positive: nil).map { $0.map { $0 ? Int8(1) : 0 } ?? -1 }
        var elements: [Double] = []
        for name in metadata.plan.featureNames { elements += try table.numbers(name) }
        try self.init(
            metadata: metadata, file: path, customers: try table.texts(Self.customerColumn).map(CSVLine.restored),
            cutoffDays: days, labels: labels,
            features: try Matrix(
                rowCount: table.rowCount, columnCount: metadata.plan.features.count, elements: elements))
    }
}
