import ChurnNumerics

/// Turns predictors into a design matrix: imputes, encodes, z-scores, and leaves out what carries nothing. Everything is
/// learnt from the training rows and stored with the model.
///
/// One-hot columns leave out the first category in byte order. Every column, dummies too, is z-scored with the mean and
/// population standard deviation of the training rows. A constant column is dropped; of columns that depend on each other
/// linearly the later ones are.
public struct Preprocessing: Sendable, Equatable {
    /// A column of the design matrix.
    public struct DesignColumn: Sendable, Equatable, Codable {
        /// The predictor's name, or `column=category`, or `column=missing`.
        public let name: String
        /// Index of the predictor among `encodings`.
        public let source: Int
        /// Which of the predictor's columns it is.
        public let position: Int
        public let mean: Double
        /// Population standard deviation; positive.
        public let standardDeviation: Double
    }

    static let formatVersion = 1

    public let imputation: Imputation
    public let encodings: [ColumnEncoding]
    /// Columns of the design matrix, in order.
    public let designColumns: [DesignColumn]
    /// Names of columns that were the same in every training row.
    public let dropped: [String]
    /// Names of columns that are linear combinations of earlier ones.
    public let aliased: [String]

    public var designNames: [String] { designColumns.map(\.name) }

    /// Learns from a table's rows, and returns their design matrix with it.
    /// - Parameter weights: one a row, none negative; rows of weight 0 teach nothing.
    public static func fit(
        _ table: PredictorTable,
        imputation: Imputation,
        weights: [Double]? = nil,
        threads: Int
    ) throws(ModelError) -> (preprocessing: Preprocessing, design: Matrix) {
        guard table.rowCount > 0 else { throw .noRows }
        try TrainingData.check(weights: weights, rowCount: table.rowCount)
        var encodings: [ColumnEncoding] = []
        var columns: [DesignColumn] = []
        var values: [Double] = []
        var dropped: [String] = []
        for (source, column) in table.columns.enumerated() {
            let encoding = try ColumnEncoding(fitting: column, imputation: imputation, weights: weights)
            encodings.append(encoding)
            let names = encoding.designNames
            if names.isEmpty { dropped.append(column.name) }
            for (position, raw) in try encoding.encode(column.values).enumerated() {
                let moments = WeightedMoments(values: raw, weights: weights)
                guard !moments.isConstant, moments.standardDeviation > 0 else {
                    dropped.append(names[position])
                    continue
                }
                columns.append(
                    DesignColumn(
                        name: names[position],
                        source: source,
                        position: position,
                        mean: moments.mean,
                        standardDeviation: moments.standardDeviation
                    )
                )
                appendScaled(raw, columns[columns.count - 1], to: &values)
            }
        }
        if columns.isEmpty, !table.columns.isEmpty { throw .everyColumnConstant(columns: dropped) }
        do {
            var design = try Matrix(rowCount: table.rowCount, columnCount: columns.count, elements: values)
            let kept = try independentColumns(design, weights: weights, threads: threads)
            let aliased = columns.indices.filter { !kept.contains($0) }.map { columns[$0].name }
            if !aliased.isEmpty { design = design.selecting(columns: kept) }
            let preprocessing = Preprocessing(
                imputation: imputation,
                encodings: encodings,
                designColumns: kept.map { columns[$0] },
                dropped: dropped,
                aliased: aliased
            )
            return (preprocessing, design)
        } catch {
            throw .numerics(error)
        }
    }

    /// The design matrix of other rows: what was learnt is applied, nothing is learnt.
    /// - Throws: `missingColumn` or `columnKindMismatch` when the table is not like the one that was trained on.
    public func apply(to table: PredictorTable) throws(ModelError) -> Matrix {
        var encoded: [[[Double]]] = []
        for encoding in encodings {
            encoded.append(try encoding.encode(try predictor(encoding.column, in: table).values))
        }
        var values: [Double] = []
        values.reserveCapacity(table.rowCount * designColumns.count)
        for column in designColumns {
            Self.appendScaled(encoded[column.source][column.position], column, to: &values)
        }
        do {
            let design = try Matrix(rowCount: table.rowCount, columnCount: designColumns.count, elements: values)
            try design.requireFinite()
            return design
        } catch {
            guard case .notFinite(let row, let column, let value) = error else { throw .numerics(error) }
            throw .notFinite(row: row, column: designColumns[column].name, value: value)
        }
    }

    /// Rows with a category that training did not know, by column; columns without any are absent.
    public func unseenCategories(in table: PredictorTable) throws(ModelError) -> [(column: String, rows: Int)] {
        var unseen: [(String, Int)] = []
        for encoding in encodings {
            let count = encoding.unseenCount(try predictor(encoding.column, in: table).values)
            if count > 0 { unseen.append((encoding.column, count)) }
        }
        return unseen
    }

    private func predictor(_ name: String, in table: PredictorTable) throws(ModelError) -> PredictorColumn {
        guard let column = table.columns.first(where: { $0.name == name }) else {
            throw .missingColumn(
                name,
                nearest: NearestName.of(name, among: table.columnNames)
            )
        }
        return column
    }

    private static func appendScaled(_ raw: [Double], _ column: DesignColumn, to values: inout [Double]) {
        for value in raw { values.append(value.isNaN ? 0 : (value - column.mean) / column.standardDeviation) }
    }

    /// Columns that no combination of earlier ones (and of the intercept) gives, on the rows that count.
    private static func independentColumns(
        _ design: Matrix,
        weights: [Double]?,
        threads: Int
    ) throws(NumericsError) -> [Int] {
        guard design.columnCount > 0 else { return [] }
        // The intercept comes first, so that it is never the one that goes.
        var rows = Array(0..<design.rowCount)
        if let weights { rows.removeAll { weights[$0] == 0 } }
        var elements = [Double](repeating: 1, count: rows.count)
        elements.reserveCapacity(rows.count * (design.columnCount + 1))
        design.withBlock { block in
            for column in 0..<design.columnCount {
                let values = block.column(column)
                for row in rows { elements.append(values[row]) }
            }
        }
        let augmented = try Matrix(rowCount: rows.count, columnCount: design.columnCount + 1, elements: elements)
        let decomposition = try augmented.withBlock { (block) throws(NumericsError) in
            try RankRevealingQR(block, threads: threads)
        }
        return decomposition.independentColumns.filter { $0 > 0 }.map { $0 - 1 }
    }
}

extension Preprocessing: Codable {
    private enum CodingKeys: String, CodingKey {
        case formatVersion, imputation, encodings, designColumns, dropped, aliased
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let version = try container.decode(Int.self, forKey: .formatVersion)
        guard version == Self.formatVersion else {
            throw ModelError.malformedModel("preprocessing has format version \(version), not \(Self.formatVersion)")
        }
        imputation = try container.decode(Imputation.self, forKey: .imputation)
        encodings = try container.decode([ColumnEncoding].self, forKey: .encodings)
        designColumns = try container.decode([DesignColumn].self, forKey: .designColumns)
        dropped = try container.decode([String].self, forKey: .dropped)
        aliased = try container.decode([String].self, forKey: .aliased)
        guard Set(encodings.map(\.column)).count == encodings.count else {
            throw ModelError.malformedModel("a predictor stands twice in the preprocessing")
        }
        for encoding in encodings {
            if case .categorical(let levels) = encoding.kind,
                ColumnEncoding.positions(of: levels).count != levels.count
            {
                throw ModelError.malformedModel("a category stands twice in \(encoding.column)")
            }
            if case .numeric(let fill, _) = encoding.kind, !fill.isFinite {
                throw ModelError.malformedModel("the fill of \(encoding.column) is not finite")
            }
        }
        for column in designColumns {
            guard encodings.indices.contains(column.source),
                encodings[column.source].designNames.indices.contains(column.position),
                encodings[column.source].designNames[column.position] == column.name,
                column.mean.isFinite, column.standardDeviation.isFinite, column.standardDeviation > 0
            else { throw ModelError.malformedModel("design column \(column.name) fits no predictor") }
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.formatVersion, forKey: .formatVersion)
        try container.encode(imputation, forKey: .imputation)
        try container.encode(encodings, forKey: .encodings)
        try container.encode(designColumns, forKey: .designColumns)
        try container.encode(dropped, forKey: .dropped)
        try container.encode(aliased, forKey: .aliased)
    }
}
