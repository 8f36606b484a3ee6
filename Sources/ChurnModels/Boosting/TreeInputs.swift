import ChurnNumerics

/// How predictors become the columns that trees ask: numbers as they are, missing ones too, and of a category a column for each
/// level of the training rows, 1 where it is that one.
struct TreeInputs: Sendable, Equatable {
    struct Input: Sendable, Equatable, Codable {
        let column: String
        /// In byte order; `nil` for a number.
        let levels: [String]?
    }

    let inputs: [Input]

    init(_ inputs: [Input]) { self.inputs = inputs }

    /// Learns from the rows with a positive weight.
    /// - Throws: `notFinite`, `namesOfRows`, `tooManyCategories`.
    init(fitting table: PredictorTable, weights: [Double]?) throws(ModelError) {
        var inputs: [Input] = []
        for column in table.columns {
            let encoding = try ColumnEncoding(fitting: column, imputation: .zero, weights: weights)
            guard case .categorical(let levels) = encoding.kind else {
                inputs.append(Input(column: column.name, levels: nil))
                continue
            }
            inputs.append(Input(column: column.name, levels: levels))
        }
        self.inputs = inputs
    }

    var names: [String] { inputs.map(\.column) }

    /// The input of each column.
    var sources: [Int] { inputs.indices.flatMap { [Int](repeating: $0, count: inputs[$0].levels?.count ?? 1) } }
    var columnCount: Int { inputs.reduce(0) { $0 + ($1.levels?.count ?? 1) } }

    private static let mostColumns = 100_000
    /// Of single precision, twice 4 GiB with the library's copy.
    static let mostNumbers = 1 << 30

    /// - Throws: `malformedModel` where a predictor or a level stands twice, or where there are no columns or far too many.
    func check() throws(ModelError) {
        guard Set(names).count == names.count else {
            throw .malformedModel("a predictor stands twice among those of the trees")
        }
        for input in inputs {
            if let levels = input.levels, ColumnEncoding.positions(of: levels).count != levels.count {
                throw .malformedModel("a category stands twice in \(input.column)")
            }
        }
        guard (1...Self.mostColumns).contains(columnCount) else {
            throw .malformedModel("the trees ask \(columnCount) columns")
        }
    }

    /// A table's rows, one behind the other.
    /// - Returns: rows x columns; NaN where a number is missing.
    /// - Throws: `missingColumn`, `columnKindMismatch`, or `notFinite` for a number that single precision cannot hold.
    func values(of table: PredictorTable, rows: Range<Int>) throws(ModelError) -> [Float] {
        let width = columnCount
        var result = [Float](repeating: 0, count: rows.count * width)
        var first = 0
        for (input, column) in zip(inputs, try table.columns(named: names)) {
            switch (input.levels, column.values) {
            case (nil, .numeric(let numbers)):
                var doubles = [Double](repeating: 0, count: rows.count)
                numbers.copy(rows: rows, to: &doubles)
                for (place, value) in doubles.enumerated() {
                    let single = Float(value)
                    if single.isInfinite {
                        throw .notFinite(row: rows.lowerBound + place, column: column.name, value: value)
                    }
                    result[place * width + first] = single
                }
                first += 1
            case (let known?, .categorical(let codes, let levels)):
                let positions = ColumnEncoding.positions(of: known)
                let places = levels.map { positions[Array($0.utf8)] }
                for (place, row) in rows.enumerated() where codes[row] >= 0 {
                    if let level = places[Int(codes[row])] { result[place * width + first + level] = 1 }
                }
                first += known.count
            case (let known, _):
                throw .columnKindMismatch(column.name, trainedAs: known == nil ? "a number" : "a category")
            }
        }
        return result
    }

    func unseenCategories(in table: PredictorTable) throws(ModelError) -> [UnseenCategories] {
        var unseen: [UnseenCategories] = []
        for (input, column) in zip(inputs, try table.columns(named: names)) {
            guard let levels = input.levels else { continue }
            let count = ColumnEncoding(column: input.column, kind: .categorical(levels: levels))
                .unseenCount(column.values)
            if count > 0 { unseen.append(UnseenCategories(column: input.column, rows: count)) }
        }
        return unseen
    }
}
