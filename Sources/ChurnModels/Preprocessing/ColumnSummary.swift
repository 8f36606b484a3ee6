import ChurnNumerics

/// What one pass over a predictor's rows tells of the columns that it can become.
enum ColumnSummary: Sendable {
    /// Of the numbers that are there.
    case numeric(WeightedMoments)
    case categorical(Levels)

    /// How often each level of a column occurs among rows with a positive weight.
    struct Levels: Sendable {
        private(set) var rows: [Int]
        private(set) var weights: [Double]
        /// With those that have no level.
        private(set) var rowCount = 0

        fileprivate init(_ codes: [Int32], count: Int, weights given: [Double]?) {
            rows = [Int](repeating: 0, count: count)
            weights = [Double](repeating: 0, count: count)
            for (row, code) in codes.enumerated() {
                let weight = given?[row] ?? 1
                guard weight > 0 else { continue }
                rowCount += 1
                guard code >= 0 else { continue }
                rows[Int(code)] += 1
                weights[Int(code)] += weight
            }
        }
    }

    /// - Parameter weights: one a row, none negative; `nil` for all 1.
    init(_ column: PredictorColumn, weights: [Double]?) {
        switch column.values {
        case .numeric(let values):
            self = .numeric(
                WeightedMoments(weights: weights, rowCount: values.count) { rows, memory in
                    values.elements(of: rows, copiedTo: memory)
                }
            )
        case .categorical(let codes, let levels):
            self = .categorical(Levels(codes, count: levels.count, weights: weights))
        }
    }

    /// By column of the design matrix, the moments that it has before scaling; `nil` for those of a spline, which only rows tell.
    /// - Parameter levels: of the column.
    func moments(of encoding: ColumnEncoding, levels: [String]) -> [WeightedMoments?] {
        switch (self, encoding.kind) {
        case (.numeric(let there), .numeric(let fill, let flag, let spline)):
            let missing = WeightedMoments(of: fill, weight: there.missingWeight)
            let bends = [WeightedMoments?](repeating: nil, count: spline?.termCount ?? 0)
            let flags = WeightedMoments.indicator(of: there.missingWeight, beside: there.total)
            return [there.merging(missing)] + bends + (flag ? [flags] : [])
        case (.categorical(let counts), .categorical), (.categorical(let counts), .hashed):
            var weights = [Double](repeating: 0, count: encoding.mainNames.count + 1)
            for (level, place) in (encoding.places(of: levels) ?? []).enumerated() {
                if let place { weights[place] += counts.weights[level] }
            }
            // Not the total less a level's own weight: a heavy level would hide light ones.
            var behind = weights
            for place in weights.indices.dropLast().reversed() { behind[place] += behind[place + 1] }
            var before = weights[0]
            return weights.indices.dropFirst().map { place in
                let others = before + (place + 1 < behind.count ? behind[place + 1] : 0)
                before += weights[place]
                return .indicator(of: weights[place], beside: others)
            }
        default: preconditionFailure("an encoding is learnt from its own column")
        }
    }
}

extension WeightedMoments {
    /// Of a column that is 1 in rows of some weight and 0 in others.
    fileprivate static func indicator(of ones: Double, beside zeros: Double) -> WeightedMoments {
        WeightedMoments(of: 0, weight: zeros).merging(WeightedMoments(of: 1, weight: ones))
    }
}
