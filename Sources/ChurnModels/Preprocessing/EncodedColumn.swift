import ChurnNumerics

/// A predictor of some table with the encoding that training learnt: its columns, made as they are asked for.
///
/// NaN marks a category that training did not know: it is placed at the training mean.
struct EncodedColumn: Sendable {
    private enum Source: Sendable {
        case numeric(NumericColumn, fill: Double, spline: RestrictedCubicSpline?)
        /// By row, the place of the level or of its bucket among those of training; -1 where training did not know it.
        case categorical([Int32])
    }

    private let source: Source

    /// - Throws: `columnKindMismatch` where the table has texts and training had numbers, or the other way round.
    init(_ encoding: ColumnEncoding, _ values: PredictorColumn.Values) throws(ModelError) {
        switch (encoding.kind, values) {
        case (.numeric(let fill, _, let spline), .numeric(let numbers)):
            source = .numeric(numbers, fill: fill, spline: spline)
        case (.categorical, .categorical(let codes, let levels)), (.hashed, .categorical(let codes, let levels)):
            let places = encoding.places(of: levels) ?? []
            source = .categorical(codes.map { $0 < 0 ? -1 : places[Int($0)].map(Int32.init) ?? -1 })
        case (.numeric, .categorical):
            throw .columnKindMismatch(encoding.column, trainedAs: "a number")
        case (.categorical, .numeric), (.hashed, .numeric):
            throw .columnKindMismatch(encoding.column, trainedAs: "a category")
        }
    }

    /// The numbers of which the first column is made by filling in what is missing alone; `nil` for categories.
    var plainNumbers: NumericColumn? {
        if case .numeric(let numbers, _, _) = source { numbers } else { nil }
    }

    /// What stands in for a missing number.
    var fill: Double {
        if case .numeric(_, let fill, _) = source { fill } else { 0 }
    }

    /// Writes one of the predictor's columns, before scaling, to `target`.
    /// - Parameter position: of the column among the encoding's names.
    func copy(_ position: Int, rows: Range<Int>, to target: UnsafeMutablePointer<Double>) {
        switch source {
        case .numeric(let numbers, let fill, let spline):
            numbers.copy(rows: rows, to: target)
            if position > spline?.termCount ?? 0 {
                for row in 0..<rows.count { target[row] = target[row].isNaN ? 1 : 0 }
                return
            }
            for row in 0..<rows.count { target[row] = target[row].isNaN ? fill : target[row] }
            if position > 0 { spline?.evaluate(term: position - 1, target, count: rows.count) }
        case .categorical(let levels):
            levels.withUnsafeBufferPointer { levels in
                for row in 0..<rows.count {
                    let level = levels[rows.lowerBound + row]
                    // The first level has no column.
                    target[row] = level < 0 ? .nan : level == position + 1 ? 1 : 0
                }
            }
        }
    }
}
