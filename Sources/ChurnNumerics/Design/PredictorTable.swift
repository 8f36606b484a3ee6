/// The predictors of a data set as they are before any encoding: named columns, numeric or categorical, of equal length.
///
/// This is where features and models meet: a feature table or a flat file becomes a `PredictorTable`, and a model's
/// preprocessing turns it into the design matrix.
public struct PredictorTable: Sendable, Equatable {
    public let rowCount: Int
    public let columns: [PredictorColumn]

    /// - Throws: `NumericsError.shapeMismatch` when a column has another length than `rowCount`.
    public init(rowCount: Int, columns: [PredictorColumn]) throws(NumericsError) {
        for column in columns where column.values.count != rowCount {
            throw .shapeMismatch(what: "rows of column \(column.name)", expected: rowCount, got: column.values.count)
        }
        self.rowCount = rowCount
        self.columns = columns
    }

    public var columnNames: [String] { columns.map(\.name) }

    /// The rows of the given numbers, in that order.
    /// - Parameter threads: positive.
    public func selecting(rows: [Int], threads: Int = 1) -> PredictorTable {
        let columns = columns
        let runs = NumericColumn.longRuns(rows)
        return PredictorTable(
            unchecked: rows.count,
            Parallel.map(columns.count, threads: threads) { columns[$0].selecting(rows: rows, longRuns: runs) }
        )
    }

    private init(unchecked rowCount: Int, _ columns: [PredictorColumn]) {
        self.rowCount = rowCount
        self.columns = columns
    }
}

/// One predictor of a `PredictorTable`.
public struct PredictorColumn: Sendable, Equatable {
    public enum Values: Sendable, Equatable {
        /// Finite numbers; NaN, and nothing else, marks a missing one.
        case numeric(NumericColumn)
        /// Indices into `levels`, which are distinct; -1 marks a missing one.
        case categorical(codes: [Int32], levels: [String])

        public static func numeric(_ values: [Double]) -> Values { .numeric(NumericColumn(values)) }

        public var count: Int {
            switch self {
            case .numeric(let values): values.count
            case .categorical(let codes, _): codes.count
            }
        }
    }

    public let name: String
    public let values: Values

    public init(name: String, values: Values) {
        self.name = name
        self.values = values
    }

    func selecting(rows: [Int], longRuns: [Range<Int>]?) -> PredictorColumn {
        switch values {
        case .numeric(let numbers):
            PredictorColumn(name: name, values: .numeric(numbers.selecting(rows: rows, longRuns: longRuns)))
        case .categorical(let codes, let levels):
            PredictorColumn(name: name, values: .categorical(codes: rows.map { codes[$0] }, levels: levels))
        }
    }
}
