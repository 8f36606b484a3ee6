import ChurnNumerics

/// How one predictor becomes columns of the design matrix, as learnt from the training rows.
public struct ColumnEncoding: Sendable, Equatable, Codable {
    public enum Kind: Sendable, Equatable, Codable {
        /// A number; `fill` stands in for a missing one. A spline adds columns that bend it; with `flag`, the last column
        /// says where one was missing.
        case numeric(fill: Double, flag: Bool, spline: RestrictedCubicSpline?)
        /// The levels of the training rows in byte order; the first has no column of its own.
        case categorical(levels: [String])
        /// Texts of too many kinds for a column each: those with the same `bucket` share one; the first bucket has none.
        case hashed(buckets: Int)
    }

    public let column: String
    public let kind: Kind

    /// Distinct texts of one column beyond which it is refused: it is an id or free text, not a category.
    static let maximumLevels = 1000
    /// What `hashBits` may be: 2 to 4,096 columns.
    static let hashBits = 1...12
    /// Rows from which a column with another text in nearly each names them, and how many of them that is.
    private static let leastRowsOfIds = 20
    private static let shareOfIds = 0.9

    /// Of the name of the column that says where a number was missing.
    static let missingSuffix = "=missing"

    init(column: String, kind: Kind) {
        self.column = column
        self.kind = kind
    }

    /// Learns from the rows with a positive weight.
    /// - Parameters:
    ///   - knots: of a spline; `nil` for none.
    ///   - hashBits: texts of more than 2 to their power kinds are hashed into so many; `nil` to have a column for each kind.
    init(
        fitting column: PredictorColumn,
        imputation: Imputation,
        knots: Int? = nil,
        hashBits: Int? = nil,
        weights: [Double]?
    ) throws(ModelError) {
        self.column = column.name
        switch column.values {
        case .numeric(let values):
            let moments = WeightedMoments(weights: weights, rowCount: values.count) { values.copy(rows: $0, to: $1) }
            if let row = moments.firstInfinite { throw .notFinite(row: row, column: column.name, value: values[row]) }
            let fill: Double =
                switch imputation {
                case .zero: 0
                case .mean: moments.total > 0 ? moments.mean : 0
                case .median: moments.hasMissing ? Self.median(values.array, weights) : 0
                }
            var spline: RestrictedCubicSpline?
            if let knots {
                spline = RestrictedCubicSpline(knots: knots, values: values.array, weights: weights)
                if spline == nil { throw .tooFewKnots(column: column.name, knots: knots) }
            }
            kind = .numeric(fill: fill, flag: moments.hasMissing && imputation != .zero, spline: spline)
        case .categorical(let codes, let levels):
            if knots != nil { throw .splineOfCategory(column.name) }
            var isUsed = [Bool](repeating: false, count: levels.count)
            for (row, code) in codes.enumerated() where code >= 0 && (weights?[row] ?? 1) > 0 {
                isUsed[Int(code)] = true
            }
            let used = levels.indices.filter { isUsed[$0] }.map { levels[$0] }
            let rows = weights?.count { $0 > 0 } ?? codes.count
            if rows >= Self.leastRowsOfIds, Double(used.count) > Self.shareOfIds * Double(rows) {
                throw .namesOfRows(column: column.name, texts: used.count, rows: rows)
            }
            if let hashBits, used.count > 1 << hashBits {
                kind = .hashed(buckets: 1 << hashBits)
                return
            }
            if hashBits == nil, used.count > Self.maximumLevels {
                throw .tooManyCategories(
                    column: column.name,
                    categories: used.count,
                    rows: codes.count,
                    limit: Self.maximumLevels
                )
            }
            kind = .categorical(levels: used.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        }
    }

    /// The value at which half of the weight is reached; the mean of two where it is reached between them.
    private static func median(_ values: [Double], _ weights: [Double]?) -> Double {
        let order = values.indices.filter { !values[$0].isNaN && (weights?[$0] ?? 1) > 0 }
            .sorted { values[$0] < values[$1] }
        let half = order.reduce(0) { $0 + (weights?[$1] ?? 1) } / 2
        var reached = 0.0
        for (position, row) in order.enumerated() {
            reached += weights?[row] ?? 1
            if reached > half { return values[row] }
            if reached == half, position + 1 < order.count { return (values[row] + values[order[position + 1]]) / 2 }
        }
        return order.last.map { values[$0] } ?? 0
    }

    /// Names of the columns that this predictor becomes.
    var designNames: [String] {
        if case .numeric(_, true, _) = kind { return mainNames + [column + Self.missingSuffix] }
        return mainNames
    }

    /// Those of them that can be part of a product: all but the flag.
    var mainNames: [String] {
        switch kind {
        case .numeric(_, _, let spline):
            (0...(spline?.termCount ?? 0)).map { column + String(repeating: "'", count: $0) }
        case .categorical(let levels): levels.dropFirst().map { "\(column)=\($0)" }
        case .hashed(let buckets): (1..<buckets).map { "\(column)#\($0)" }
        }
    }

    /// Which of the columns of hashed texts a text has a part in.
    /// - Parameter buckets: a power of two.
    static func bucket(of text: String, buckets: Int) -> Int {
        Int(StableHash.mix(StableHash.fnv1a(text.utf8)) & UInt64(buckets - 1))
    }

    /// Where each level stands. Levels are compared by their bytes: to Swift, texts in two Unicode forms are equal.
    static func positions(of levels: [String]) -> [[UInt8]: Int] {
        Dictionary(levels.enumerated().map { (Array($1.utf8), $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// How many rows have a category that training did not know. Of hashed ones nobody knows, but for those that miss.
    func unseenCount(_ values: PredictorColumn.Values) -> Int {
        guard case .categorical(let codes, let levels) = values else { return 0 }
        if case .hashed = kind { return codes.count { $0 < 0 } }
        guard case .categorical(let known) = kind else { return 0 }
        let position = Self.positions(of: known)
        let isKnown = levels.map { position[Array($0.utf8)] != nil }
        return codes.count { $0 < 0 || !isKnown[Int($0)] }
    }
}
