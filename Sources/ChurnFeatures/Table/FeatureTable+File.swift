import ChurnHistory
import ChurnNumerics
import Foundation

extension FeatureTable {
    /// How a feature table is written; the ending of its file decides.
    public enum FileFormat: Sendable {
        case arrow, csv

        /// - Throws: `DataError` for an ending that is neither `.arrow`, `.feather` nor `.csv`.
        public init(path: String) throws(DataError) {
            switch (path as NSString).pathExtension.lowercased() {
            case "arrow", "feather": self = .arrow
            case "csv": self = .csv
            default:
                throw DataError(
                    .cannotWrite,
                    "has an ending that says neither Arrow nor CSV",
                    file: path,
                    fix: "name it features.arrow or features.csv"
                )
            }
        }
    }

    /// Bytes of a table that go through the system's page cache: a table of usual size is read again soon.
    public static let cacheRoom = 256 << 20

    public static let customerColumn = "customer"
    public static let cutoffColumn = "cutoff"
    public static let labelColumn = "label"
    static let fixedColumns = [customerColumn, cutoffColumn, labelColumn]

    /// Writes the table as the ending of `file`'s path says, and commits it.
    public func write(to file: AtomicFile) throws {
        switch try FileFormat(path: file.path) {
        case .arrow: try writeArrow(to: file)
        case .csv: try writeCSV(to: file)
        }
    }

    /// Reads a table that `write` wrote, or that another program wrote in the same format.
    /// - Parameter memory: bytes that the features of an Arrow file may take up while they are read where they stand; `nil` for no bound.
    public init(path: String, memory: Int? = nil) throws {
        switch try FileFormat(path: path) {
        case .arrow: try self.init(arrow: path, memory: memory)
        case .csv: try self.init(csv: path)
        }
    }

    /// Days that a calendar can name: those of the years 1 to 9999.
    private static let plausibleDays = -719_162...2_932_896

    /// Puts columns that were read together, and checks that they hold together.
    init(
        metadata: FeatureTableMetadata,
        file: String,
        customers: CustomerColumn,
        cutoffDays: [Int32],
        labels: [Int8],
        features: NumericColumns
    ) throws(FeatureError) {
        let cutoffs = try metadata.parsedCutoffs(file: file)
        var codes: [Int32] = []
        codes.reserveCapacity(customers.count)
        for (row, day) in cutoffDays.enumerated() {
            guard let code = cutoffs.firstIndex(where: { $0.day.number == Int(day) }) else {
                throw .malformedTable(
                    file: file,
                    problem: Self.plausibleDays.contains(Int(day))
                        ? "row \(row + 1) has the cutoff \(CalendarDay(number: Int(day))), which its metadata lack"
                        : "row \(row + 1) has a cutoff that is no date"
                )
            }
            guard codes.last ?? 0 <= Int32(code) else {
                throw .malformedTable(file: file, problem: "row \(row + 1) is out of order: cutoffs must ascend")
            }
            codes.append(Int32(code))
            if cutoffs[code].isMature != (labels[row] >= 0) {
                throw .malformedTable(
                    file: file,
                    problem: cutoffs[code].isMature
                        ? "row \(row + 1) has no label although its cutoff is mature"
                        : "row \(row + 1) has a label although its cutoff is not mature"
                )
            }
        }
        do {
            try features.requireFinite(threads: Parallel.availableThreads)
        } catch {
            throw .malformedTable(file: file, problem: "\(error)")
        }
        self.init(
            plan: metadata.plan,
            studyHash: metadata.studyHash,
            dataFingerprint: metadata.dataFingerprint,
            cutoffs: cutoffs,
            customers: customers,
            cutoffCodes: codes,
            labels: labels,
            features: features,
            leftInLead: metadata.leftInLead
        )
    }

    /// Fails unless the columns of a file are those that its plan makes.
    static func requireColumns(_ names: [String], plan: FeaturePlan, file: String) throws(FeatureError) {
        let expected = fixedColumns + plan.featureNames
        guard names == expected else {
            let missing = expected.filter { !names.contains($0) }
            let extra = names.filter { !expected.contains($0) }
            throw .malformedTable(
                file: file,
                problem: "its columns are not those of its plan (missing: \(missing.joined(separator: ", "));"
                    + " not in the plan: \(extra.joined(separator: ", ")))"
            )
        }
    }
}
