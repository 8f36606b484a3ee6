import ChurnNumerics

/// How one predictor becomes columns of the design matrix, as learnt from the training rows.
public struct ColumnEncoding: Sendable, Equatable, Codable {
    public enum Kind: Sendable, Equatable, Codable {
        /// A number; `fill` stands in for a missing one. With `flag`, a second column says where one was missing.
        case numeric(fill: Double, flag: Bool)
        /// The levels of the training rows in byte order; the first has no column of its own.
        case categorical(levels: [String])
    }

    public let column: String
    public let kind: Kind

    /// Distinct texts of one column beyond which it is refused: it is an id or free text, not a category.
    static let maximumLevels = 1000

    /// Learns from the rows with a positive weight.
    init(
        fitting column: PredictorColumn,
        imputation: Imputation,
        weights: [Double]?
    ) throws(ModelError) {
        self.column = column.name
        switch column.values {
        case .numeric(let values):
            for (row, value) in values.enumerated() where value.isInfinite {
                throw .notFinite(row: row, column: column.name, value: value)
            }
            let present = values.indices.filter { !values[$0].isNaN && (weights?[$0] ?? 1) > 0 }
            let hasMissing = values.indices.contains { values[$0].isNaN && (weights?[$0] ?? 1) > 0 }
            kind = .numeric(
                fill: Self.fill(values, present, weights, imputation),
                flag: hasMissing && imputation != .zero
            )
        case .categorical(let codes, let levels):
            var isUsed = [Bool](repeating: false, count: levels.count)
            for (row, code) in codes.enumerated() where code >= 0 && (weights?[row] ?? 1) > 0 {
                isUsed[Int(code)] = true
            }
            let used = levels.indices.filter { isUsed[$0] }.map { levels[$0] }
            if used.count > Self.maximumLevels {
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

    private static func fill(
        _ values: [Double],
        _ present: [Int],
        _ weights: [Double]?,
        _ imputation: Imputation
    ) -> Double {
        guard !present.isEmpty else { return 0 }
        switch imputation {
        case .zero:
            return 0
        case .mean:
            return WeightedMoments(
                values: present.map { values[$0] },
                weights: weights.map { w in present.map { w[$0] } }
            )
            .mean
        case .median:
            // The value at which half of the weight is reached; the mean of two where it is reached between them.
            let order = present.sorted { values[$0] < values[$1] }
            let half = order.reduce(0) { $0 + (weights?[$1] ?? 1) } / 2
            var reached = 0.0
            for (position, row) in order.enumerated() {
                reached += weights?[row] ?? 1
                if reached > half { return values[row] }
                if reached == half, position + 1 < order.count {
                    return (values[row] + values[order[position + 1]]) / 2
                }
            }
            return values[order[order.count - 1]]
        }
    }

    /// Names of the columns that this predictor becomes.
    var designNames: [String] {
        switch kind {
        case .numeric(_, let flag): flag ? [column, "\(column)=missing"] : [column]
        case .categorical(let levels): levels.dropFirst().map { "\(column)=\($0)" }
        }
    }

    /// The columns that this predictor becomes, before scaling. NaN marks a category that training did not know: it is
    /// placed at the training mean.
    func encode(_ values: PredictorColumn.Values) throws(ModelError) -> [[Double]] {
        switch (kind, values) {
        case (.numeric(let fill, let flag), .numeric(let numbers)):
            for (row, value) in numbers.enumerated() where value.isInfinite {
                throw .notFinite(row: row, column: column, value: value)
            }
            let filled = numbers.map { $0.isNaN ? fill : $0 }
            return flag ? [filled, numbers.map { $0.isNaN ? 1 : 0 }] : [filled]
        case (.categorical(let known), .categorical(let codes, let levels)):
            let position = Self.positions(of: known)
            let translated = levels.map { position[Array($0.utf8)] }
            return known.indices.dropFirst().map { level in
                codes.map { code in
                    guard code >= 0, let own = translated[Int(code)] else { return .nan }
                    return own == level ? 1 : 0
                }
            }
        case (.numeric, .categorical):
            throw .columnKindMismatch(column, trainedAs: "a number")
        case (.categorical, .numeric):
            throw .columnKindMismatch(column, trainedAs: "a category")
        }
    }

    /// Where each level stands. Levels are compared by their bytes: to Swift, texts in two Unicode forms are equal.
    static func positions(of levels: [String]) -> [[UInt8]: Int] {
        Dictionary(levels.enumerated().map { (Array($1.utf8), $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// How many rows have a category that training did not know.
    func unseenCount(_ values: PredictorColumn.Values) -> Int {
        guard case .categorical(let known) = kind, case .categorical(let codes, let levels) = values else { return 0 }
        let position = Self.positions(of: known)
        let isKnown = levels.map { position[Array($0.utf8)] != nil }
        return codes.count { $0 < 0 || !isKnown[Int($0)] }
    }
}

/// Mean and population standard deviation, each row counting by its weight; NaN does not count.
struct WeightedMoments {
    let mean: Double
    let standardDeviation: Double
    /// All values of rows with a positive weight are the same.
    let isConstant: Bool

    /// Two passes: the mean first, then squares of what differs from it, corrected for the mean's own rounding.
    init(values: [Double], weights: [Double]?) {
        var total = 0.0
        var sum = 0.0
        var smallest = Double.infinity
        var largest = -Double.infinity
        for (row, value) in values.enumerated() where !value.isNaN {
            let weight = weights?[row] ?? 1
            guard weight > 0 else { continue }
            total += weight
            sum += weight * value
            smallest = min(smallest, value)
            largest = max(largest, value)
        }
        isConstant = !(smallest < largest)
        let center = total > 0 ? sum / total : 0
        var squares = 0.0
        var rest = 0.0
        for (row, value) in values.enumerated() where !value.isNaN {
            let weight = weights?[row] ?? 1
            guard weight > 0 else { continue }
            let difference = value - center
            squares += weight * difference * difference
            rest += weight * difference
        }
        let correction = total > 0 ? rest / total : 0
        mean = center + correction
        standardDeviation = isConstant ? 0 : (max(0, squares / total - correction * correction)).squareRoot()
    }
}
