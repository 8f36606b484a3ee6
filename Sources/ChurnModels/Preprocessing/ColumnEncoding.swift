import ChurnNumerics

/// How one predictor becomes columns of the design matrix, as learnt from the training rows.
public struct ColumnEncoding: Sendable, Equatable, Codable {
    public enum Kind: Sendable, Equatable, Codable {
        /// A number; `fill` stands in for a missing one. A spline adds columns that bend it; with `flag`, the last column
        /// says where one was missing.
        case numeric(fill: Double, flag: Bool, spline: RestrictedCubicSpline?)
        /// The levels of the training rows in byte order; the first has no column of its own.
        case categorical(levels: [String])
        /// Texts of too many kinds for a column each: those of one bucket share one. Of the buckets that training rows have, ascending, the
        /// first has no column; missing texts have a bucket of their own behind the others.
        case hashed(buckets: Int, used: [Int])
    }

    public let column: String
    public let kind: Kind

    /// Distinct texts of one column beyond which it is refused: it is an id or free text, not a category.
    static let maximumLevels = 1000
    /// What `hashBits` may be: up to 4,096 buckets.
    static let hashBits = 1...12
    /// A column that is refused for its many texts has some 1,100 rows with one.
    private static let fewestAdvisedBits = 3
    private static let leastRowsOfBucket = 100
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
    ///   - summary: of the rows; `nil` to make one.
    init(
        fitting column: PredictorColumn,
        summary given: ColumnSummary? = nil,
        imputation: Imputation,
        knots: Int? = nil,
        hashBits: Int? = nil,
        weights: [Double]?
    ) throws(ModelError) {
        self.column = column.name
        let summary = given ?? ColumnSummary(column, weights: weights)
        switch (column.values, summary) {
        case (.numeric(let values), .numeric(let moments)):
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
        case (.categorical(_, let levels), .categorical(let counts)):
            if knots != nil { throw .splineOfCategory(column.name) }
            let used = levels.indices.filter { counts.rows[$0] > 0 }.map { levels[$0] }
            let rows = counts.rowCount
            // What is missing is no text.
            let texts = used.count { !$0.isEmpty }
            if rows >= Self.leastRowsOfIds, Double(used.count) > Self.shareOfIds * Double(rows) {
                throw .namesOfRows(column: column.name, texts: used.count, rows: rows)
            }
            if let hashBits, texts > 1 << hashBits {
                let buckets = 1 << hashBits
                kind = .hashed(buckets: buckets, used: Set(used.map { Self.bucket(of: $0, buckets: buckets) }).sorted())
                return
            }
            if hashBits == nil, texts > Self.maximumLevels {
                let filled = levels.indices.reduce(0) { levels[$1].isEmpty ? $0 : $0 + counts.rows[$1] }
                throw .tooManyCategories(
                    column: column.name,
                    categories: texts,
                    rows: filled,
                    limit: Self.maximumLevels
                )
            }
            kind = .categorical(levels: used.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        default: preconditionFailure("a summary is of its own column")
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
        case .hashed(let buckets, let used):
            used.dropFirst().map { $0 == buckets ? "\(column)#missing" : "\(column)#\($0)" }
        }
    }

    /// The number of the bucket that a text is in.
    /// - Parameter buckets: a power of two; also the number of the bucket of missing texts.
    static func bucket(of text: String, buckets: Int) -> Int {
        text.isEmpty ? buckets : Int(StableHash.mix(StableHash.fnv1a(text.utf8)) & UInt64(buckets - 1))
    }

    /// By level of a table, its place among those that training knew; `nil` for a number.
    func places(of levels: [String]) -> [Int?]? {
        switch kind {
        case .numeric: return nil
        case .categorical(let known):
            let positions = Self.positions(of: known)
            return levels.map { positions[Array($0.utf8)] }
        case .hashed(let buckets, let used):
            let positions = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
            return levels.map { positions[Self.bucket(of: $0, buckets: buckets)] }
        }
    }

    /// The most bits that leave a bucket a hundred rows on average, and that hash the texts at all: of rarer buckets the coefficients are
    /// mostly chance, since each column is penalised on its own scale.
    static func advisedHashBits(rows: Int, texts: Int) -> Int {
        var bits = fewestAdvisedBits
        while bits < hashBits.upperBound, rows >> (bits + 1) >= leastRowsOfBucket, 1 << (bits + 1) < texts { bits += 1 }
        return bits
    }

    /// Whether buckets are as the texts of training rows could have made them.
    static func areSound(buckets: Int, used: [Int]) -> Bool {
        hashBits.contains { buckets == 1 << $0 } && !used.isEmpty
            && zip(used, used.dropFirst()).allSatisfy { $0 < $1 } && used.allSatisfy { (0...buckets).contains($0) }
    }

    /// Where each level stands. Levels are compared by their bytes: to Swift, texts in two Unicode forms are equal.
    static func positions(of levels: [String]) -> [[UInt8]: Int] {
        Dictionary(levels.enumerated().map { (Array($1.utf8), $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// How many rows have a category that training did not know, or a hash that none of its rows had.
    func unseenCount(_ values: PredictorColumn.Values) -> Int {
        guard case .categorical(let codes, let levels) = values, let places = places(of: levels) else { return 0 }
        return codes.count { $0 < 0 || places[Int($0)] == nil }
    }
}
