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
        /// The predictor's name, or `column=category`, `column#bucket`, `column=missing` or `column#missing`.
        public let name: String
        /// Index of the predictor among `encodings`.
        public let source: Int
        /// Which of the predictor's columns it is.
        public let position: Int
        public let mean: Double
        /// Population standard deviation; positive.
        public let standardDeviation: Double
    }

    static let formatVersion = 2
    /// Columns of one product of two predictors.
    private static let mostProducts = 10_000

    public let imputation: Imputation
    public let encodings: [ColumnEncoding]
    public let interactions: [Interaction]
    /// Columns of the design matrix, in order.
    public let designColumns: [DesignColumn]
    /// Names of columns that were the same in every training row.
    public let dropped: [String]
    /// Names of columns that are linear combinations of earlier ones.
    public let aliased: [String]

    public var designNames: [String] { designColumns.map(\.name) }

    /// What contributes to a score: the predictors, then the interactions. `DesignColumn.source` counts in it.
    public var sourceNames: [String] { encodings.map(\.column) + interactions.map(\.name) }

    /// Learns from a table's rows, and returns their design matrix with it.
    /// - Parameters:
    ///   - terms: splines and products of the table's columns.
    ///   - hashBits: from 1 to 12: the texts of a column with more than 2 to their power of them are hashed into so many buckets, and
    ///     those of one bucket share a column (Weinberger et al. 2009); `nil` for a column a text.
    ///   - weights: one a row, none negative; rows of weight 0 teach nothing.
    ///   - isHeld: whether a penalty will hold every column. Then as many columns as rows that count, or more, are all kept:
    ///     each would be a combination of others, and which of them is no property of the data.
    /// - Throws: `notFinite`, `everyColumnConstant`, `tooManyCategories`, `tooManyProducts`, `unknownPredictor` for a term of no column,
    ///   `invalidHyperparameter` for `hashBits`.
    public static func fit(
        _ table: PredictorTable,
        imputation: Imputation,
        terms: Terms = .none,
        hashBits: Int? = nil,
        weights: [Double]? = nil,
        isHeld: Bool = false,
        threads: Int
    ) throws(ModelError) -> (preprocessing: Preprocessing, design: PreprocessedDesign) {
        guard table.rowCount > 0 else { throw .noRows }
        try TrainingData.check(weights: weights, rowCount: table.rowCount)
        try terms.check(table)
        if let hashBits, !ColumnEncoding.hashBits.contains(hashBits) {
            throw .invalidHyperparameter(name: "hashBits", value: Double(hashBits), allowed: "from 1 to 12")
        }
        let fitted = Parallel.map(table.columns.count, threads: threads) { number in
            Result { () throws(ModelError) -> (ColumnEncoding, EncodedColumn, [WeightedMoments?]) in
                let column = table.columns[number]
                let summary = ColumnSummary(column, weights: weights)
                let encoding = try ColumnEncoding(
                    fitting: column,
                    summary: summary,
                    imputation: imputation,
                    knots: terms.splines[column.name],
                    hashBits: hashBits,
                    weights: weights
                )
                var levels: [String] = []
                if case .categorical(_, let own) = column.values { levels = own }
                let moments = summary.moments(of: encoding, levels: levels)
                return (encoding, try EncodedColumn(encoding, column.values), moments)
            }
        }
        var encodings: [ColumnEncoding] = []
        var encoded: [EncodedColumn] = []
        var summarised: [[WeightedMoments?]] = []
        for outcome in fitted {
            let (encoding, column, moments) = try outcome.get()
            encodings.append(encoding)
            encoded.append(column)
            summarised.append(moments)
        }
        let main = moments(
            of: encodings.indices.map { ($0, encodings[$0].designNames, summarised[$0]) },
            PreprocessedDesign(encoded, interactions: [], columns: [], rowCount: table.rowCount),
            weights,
            threads: threads
        )
        var interactions: [Interaction] = []
        for pair in terms.interactions {
            let sizes = [pair.left, pair.right].map { name in
                encodings.first { $0.column == name }?.mainNames.count ?? 0
            }
            let columns = sizes[0] * sizes[1]
            if columns > mostProducts { throw .tooManyProducts(name: pair.name, columns: columns, limit: mostProducts) }
            func means(_ name: String) -> (source: Int, means: [Double]) {
                let source = encodings.firstIndex { $0.column == name } ?? 0
                return (source, main[source].prefix(encodings[source].mainNames.count).map(\.moments.mean))
            }
            let (left, right) = (means(pair.left), means(pair.right))
            interactions.append(
                Interaction(
                    left: left.source,
                    right: right.source,
                    name: pair.name,
                    leftMeans: left.means,
                    rightMeans: right.means
                )
            )
        }
        let raw = PreprocessedDesign(encoded, interactions: interactions, columns: [], rowCount: table.rowCount)
        let products = moments(
            of: interactions.enumerated().map { number, interaction in
                let names = interaction.designNames(encodings)
                return (encodings.count + number, names, [WeightedMoments?](repeating: nil, count: names.count))
            },
            raw,
            weights,
            threads: threads
        )
        var columns: [DesignColumn] = []
        var dropped: [String] = []
        for (source, own) in (main + products).enumerated() {
            // A category that all rows have becomes no column at all.
            if own.isEmpty { dropped.append((encodings.map(\.column) + interactions.map(\.name))[source]) }
            for column in own {
                if let row = column.moments.firstInfinite {
                    throw .notFinite(row: row, column: column.name, value: .infinity)
                }
                if column.moments.isConstant {
                    dropped.append(column.name)
                    continue
                }
                let deviation = column.moments.standardDeviation
                guard deviation > 0, deviation.isFinite else { throw .unscalable(column: column.name) }
                columns.append(
                    DesignColumn(
                        name: column.name,
                        source: column.source,
                        position: column.position,
                        mean: column.moments.mean,
                        standardDeviation: deviation
                    )
                )
            }
        }
        if columns.isEmpty, !table.columns.isEmpty { throw .everyColumnConstant(columns: dropped) }
        func design(_ columns: [DesignColumn]) -> PreprocessedDesign {
            PreprocessedDesign(encoded, interactions: interactions, columns: columns, rowCount: table.rowCount)
        }
        let rows = weights?.count { $0 > 0 } ?? table.rowCount
        let kept: [Int]
        if isHeld, columns.count >= rows {
            kept = Array(columns.indices)
        } else {
            do {
                kept = try independentColumns(design(columns), weights: weights, threads: threads)
            } catch {
                throw .numerics(error)
            }
        }
        let isKept = Set(kept)
        let preprocessing = Preprocessing(
            imputation: imputation,
            encodings: encodings,
            interactions: interactions,
            designColumns: kept.map { columns[$0] },
            dropped: dropped,
            aliased: columns.indices.filter { !isKept.contains($0) }.map { columns[$0].name }
        )
        return (preprocessing, design(preprocessing.designColumns))
    }

    /// A column of a source with its moments over the training rows.
    private struct ColumnMoments {
        let name: String
        let source: Int
        let position: Int
        let moments: WeightedMoments
    }

    /// By source, the moments of its columns: those that are known, and those that only rows tell.
    private static func moments(
        of sources: [(source: Int, names: [String], known: [WeightedMoments?])],
        _ raw: PreprocessedDesign,
        _ weights: [Double]?,
        threads: Int
    ) -> [[ColumnMoments]] {
        Parallel.map(sources.count, threads: threads) { number in
            let (source, names, known) = sources[number]
            return names.enumerated().map { position, name in
                let moments =
                    known[position]
                    ?? WeightedMoments(weights: weights, rowCount: raw.rowCount) { rows, memory in
                        raw.copyRaw(source, position, rows: rows, to: memory)
                        return UnsafePointer(memory)
                    }
                return ColumnMoments(name: name, source: source, position: position, moments: moments)
            }
        }
    }

    /// The design matrix of other rows: what was learnt is applied, nothing is learnt.
    /// - Throws: `missingColumn` or `columnKindMismatch` when the table is not like the one that was trained on.
    public func apply(to table: PredictorTable) throws(ModelError) -> PreprocessedDesign {
        var encoded: [EncodedColumn] = []
        for (encoding, column) in zip(encodings, try table.columns(named: encodings.map(\.column))) {
            encoded.append(try EncodedColumn(encoding, column.values))
        }
        return PreprocessedDesign(
            encoded,
            interactions: interactions,
            columns: designColumns,
            rowCount: table.rowCount
        )
    }

    /// Rows with a category that training did not know, by column; columns without any are absent.
    public func unseenCategories(in table: PredictorTable) throws(ModelError) -> [UnseenCategories] {
        var unseen: [UnseenCategories] = []
        for (encoding, column) in zip(encodings, try table.columns(named: encodings.map(\.column))) {
            let count = encoding.unseenCount(column.values)
            if count > 0 { unseen.append(UnseenCategories(column: encoding.column, rows: count)) }
        }
        return unseen
    }

    /// Rows of a sample in which all columns may already be independent.
    private static let leastSampleRows = 8192
    /// How far inside the sample's rows columns must be independent so that nothing of the other rows can change it.
    private static let safeCondition = 1e6

    /// Columns that no combination of earlier ones (and of the intercept) gives, on the rows that count.
    private static func independentColumns(
        _ design: PreprocessedDesign,
        weights: [Double]?,
        threads: Int
    ) throws(NumericsError) -> [Int] {
        let count = design.columnCount
        guard count > 0 else { return [] }
        let counts = weights.map { $0.map { $0 > 0 ? 1.0 : 0 } }
        let step = design.rowCount / max(leastSampleRows, 4 * count)
        if step > 1 {
            // What is independent in some rows is so in all. Columns have length √n there; in a sample they may be short.
            let rows = SampledRows(everyRun: step, of: 64, in: design)
            let found = try RankRevealingQR(
                rows,
                besideIntercept: true,
                rowFactors: counts.map { rows.values(of: $0) },
                threads: threads
            )
            let shortest =
                (0..<count).map { number in squareLength(rows, number, counts.map { rows.values(of: $0) }) }
                .min() ?? 0
            let share = (shortest / Double(design.rowCount)).squareRoot()
            if found.rank == count, found.conditionEstimate <= safeCondition * share { return Array(0..<count) }
        }
        return try RankRevealingQR(design, besideIntercept: true, rowFactors: counts, threads: threads)
            .independentColumns
    }
}

/// Σ of a column's squares over the rows that count.
private func squareLength(_ design: any ColumnarDesign, _ column: Int, _ counts: [Double]?) -> Double {
    var sum = 0.0
    for (row, value) in design.column(column).enumerated() where (counts?[row] ?? 1) > 0 { sum += value * value }
    return sum
}

extension PredictorTable {
    /// Columns in the order of their names.
    /// - Throws: `missingColumn` with the nearest name.
    func columns(named names: [String]) throws(ModelError) -> [PredictorColumn] {
        let places = Dictionary(columns.indices.map { (columns[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
        var found: [PredictorColumn] = []
        for name in names {
            guard let place = places[name] else {
                throw .missingColumn(name, nearest: NearestName.of(name, among: columnNames))
            }
            found.append(columns[place])
        }
        return found
    }
}

extension Preprocessing {
    /// Numeric columns as they are, missing ones as 0.
    init(rawColumns names: [String]) {
        self.init(
            imputation: .zero,
            encodings: names.map { ColumnEncoding(column: $0, kind: .numeric(fill: 0, flag: false, spline: nil)) },
            interactions: [],
            designColumns: names.enumerated().map {
                DesignColumn(name: $1, source: $0, position: 0, mean: 0, standardDeviation: 1)
            },
            dropped: [],
            aliased: []
        )
    }
}

extension Preprocessing: Codable {
    private enum CodingKeys: String, CodingKey {
        case formatVersion, imputation, encodings, interactions, designColumns, dropped, aliased
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let version = try container.decode(Int.self, forKey: .formatVersion)
        guard version == Self.formatVersion else {
            throw ModelError.malformedModel("preprocessing has format version \(version), not \(Self.formatVersion)")
        }
        imputation = try container.decode(Imputation.self, forKey: .imputation)
        encodings = try container.decode([ColumnEncoding].self, forKey: .encodings)
        interactions = try container.decode([Interaction].self, forKey: .interactions)
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
            if case .hashed(let buckets, let used) = encoding.kind,
                !ColumnEncoding.areSound(buckets: buckets, used: used)
            {
                throw ModelError.malformedModel("the buckets of \(encoding.column) are unsound")
            }
            if case .numeric(let fill, _, let spline) = encoding.kind, !fill.isFinite || spline?.isSound == false {
                throw ModelError.malformedModel("the fill of \(encoding.column) or a knot of its spline is unsound")
            }
        }
        let sources = encodings.map(\.column) + interactions.map(\.name)
        guard Set(sources).count == sources.count else {
            throw ModelError.malformedModel("a predictor or an interaction stands twice in the preprocessing")
        }
        for interaction in interactions {
            guard encodings.indices.contains(interaction.left), encodings.indices.contains(interaction.right),
                encodings[interaction.left].mainNames.count == interaction.leftMeans.count,
                encodings[interaction.right].mainNames.count == interaction.rightMeans.count,
                (interaction.leftMeans + interaction.rightMeans).allSatisfy(\.isFinite)
            else { throw ModelError.malformedModel("the interaction \(interaction.name) fits no predictors") }
        }
        let names = encodings.map(\.designNames) + interactions.map { $0.designNames(encodings) }
        for column in designColumns {
            guard names.indices.contains(column.source), names[column.source].indices.contains(column.position),
                names[column.source][column.position] == column.name,
                column.mean.isFinite, column.standardDeviation.isFinite, column.standardDeviation > 0
            else { throw ModelError.malformedModel("design column \(column.name) fits no predictor") }
        }
        let places = designColumns.map { ($0.source, $0.position) }
        guard zip(places, places.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw ModelError.malformedModel("the design columns are not in the order of their predictors")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.formatVersion, forKey: .formatVersion)
        try container.encode(imputation, forKey: .imputation)
        try container.encode(encodings, forKey: .encodings)
        try container.encode(interactions, forKey: .interactions)
        try container.encode(designColumns, forKey: .designColumns)
        try container.encode(dropped, forKey: .dropped)
        try container.encode(aliased, forKey: .aliased)
    }
}

/// Rows of a table that have a category of a column that training did not know.
public struct UnseenCategories: Sendable, Equatable, Codable {
    public let column: String
    public let rows: Int
}
