import ChurnNumerics

/// Of each row the predictors that contribute most to its log-odds, up or down, strongest first.
public struct StrongestContributions: Sendable {
    /// Places of a row.
    public let count: Int
    /// By row, then place: the predictor's number; -1 where fewer contributed.
    private var predictors: [Int32]
    private var contributions: [Double]

    /// - Parameters:
    ///   - count: of a row, not negative.
    ///   - fill: writes both, of each row `count`.
    fileprivate init(
        rowCount: Int,
        count: Int,
        fill: (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Double>) -> Void
    ) {
        self.count = count
        let size = rowCount * count
        var contributions: [Double] = []
        // Some memory even for no places, so that there is an address.
        predictors = [Int32](unsafeUninitializedCapacity: max(size, 1)) { predictors, predictorCount in
            contributions = [Double](unsafeUninitializedCapacity: max(size, 1)) { contributions, contributionCount in
                if let numbers = predictors.baseAddress, let values = contributions.baseAddress {
                    fill(numbers, values)
                }
                contributionCount = size
            }
            predictorCount = size
        }
        self.contributions = contributions
    }

    /// Of no rows yet.
    init(count: Int) {
        self.count = count
        predictors = []
        contributions = []
    }

    /// Adds rows whose contributions are all known; of equally strong ones the earlier comes first.
    /// - Parameter all: rows x predictors, at least `count` of them.
    mutating func append(_ all: Matrix) {
        for row in 0..<all.rowCount {
            let found = (0..<all.columnCount).map { (predictor: $0, value: all[row, $0]) }
                .filter { $0.value != 0 }.sorted { (abs($0.value), -$0.predictor) > (abs($1.value), -$1.predictor) }
            for place in 0..<count {
                predictors.append(place < found.count ? Int32(found[place].predictor) : -1)
                contributions.append(place < found.count ? found[place].value : 0)
            }
        }
    }

    public func ofRow(_ row: Int) -> [(predictor: Int, contribution: Double)] {
        (row * count..<(row + 1) * count).filter { predictors[$0] >= 0 }
            .map { (Int(predictors[$0]), contributions[$0]) }
    }
}

extension FittedPipeline {
    /// The log-odds of each row with its strongest contributions, in one pass over the columns.
    ///
    /// A predictor that contributes nothing is no reason; of equally strong ones the earlier comes first. Those that
    /// are equal in all but the last digits count as equal: a thousand predictors leave 12 digits to compare.
    /// - Parameter reasons: places of a row, not negative; no more than there are predictors are filled.
    /// - Throws: `missingColumn`, `columnKindMismatch`, or `notFinite` with row and column.
    public func explainedLinearPredictor(
        _ table: PredictorTable,
        reasons count: Int,
        offsets: [Double]? = nil,
        threads: Int = 1
    ) throws(ModelError) -> (logOdds: [Double], reasons: StrongestContributions) {
        if let offsets, offsets.count != table.rowCount {
            throw .rowCountMismatch(what: "offsets", expected: table.rowCount, got: offsets.count)
        }
        precondition(count >= 0, "a number of places")
        let count = min(count, predictorNames.count)
        let design = try preprocessing.apply(to: table)
        var logOdds = [Double](repeating: model.intercept, count: table.rowCount)
        if let offsets {
            for row in logOdds.indices { logOdds[row] += offsets[row] }
        }
        let strongest = logOdds.withUnsafeMutableBufferPointer { logOdds in
            nonisolated(unsafe) let sums = logOdds.baseAddress
            return StrongestContributions(rowCount: table.rowCount, count: count) { predictors, contributions in
                nonisolated(unsafe) let predictors = predictors
                nonisolated(unsafe) let contributions = contributions
                let step = rowsTogether
                RowTiles(rowCount: design.rowCount).forEach(threads: threads) { tile in
                    guard let sums else { return }
                    for first in stride(from: tile.lowerBound, to: tile.upperBound, by: step) {
                        addContributions(
                            of: design,
                            first..<min(tile.upperBound, first + step),
                            to: sums + first,
                            predictors + first * count,
                            contributions + first * count,
                            count: count
                        )
                    }
                }
            }
        }
        try requireFinite(logOdds, of: design)
        return (logOdds, strongest)
    }

    /// Rows whose contributions of all predictors take 4 MiB at most, but for very many predictors.
    private var rowsTogether: Int { max(64, min(RowTiles.rows, (1 << 19) / max(predictorNames.count, 1))) }

    /// The size of a contribution and its predictor in one number, which orders them: its last bits say which predictor.
    ///
    /// Larger and smaller of two are single instructions for several rows, without a jump.
    private struct Key {
        /// Of the bits that are no part of the size.
        let mask: UInt64

        /// - Parameter last: the largest number of a predictor.
        init(last: Int) {
            mask = (UInt64(1) << UInt64(Int.bitWidth - last.leadingZeroBitCount)) - 1
        }

        private static let sign: UInt64 = 1 << 63

        /// The last bits of a predictor's keys: more for earlier ones, which come first of equals.
        func code(_ predictor: Int) -> UInt64 { mask - UInt64(predictor) }

        @inline(__always)
        func keys(_ values: Ranking.Rows, code: UInt64) -> Ranking.Rows {
            let bits = unsafeBitCast(values, to: SIMD4<UInt64>.self)
            let size = bits & ~SIMD4(repeating: Self.sign | mask)
            return unsafeBitCast(size | SIMD4(repeating: code), to: Ranking.Rows.self)
        }

        /// `nil` where nothing was contributed.
        @inline(__always)
        func predictor(_ key: Double) -> Int? {
            key.bitPattern & ~mask == 0 ? nil : Int(mask - key.bitPattern & mask)
        }
    }

    /// The strongest keys of a tile's rows, sorted.
    private struct Ranking {
        let key: Key
        let count: Int
        /// Of rows.
        let groups: Int
        /// By group, then place.
        let keys: UnsafeMutablePointer<Rows>

        /// Rows that are ranked together.
        typealias Rows = SIMD4<Double>

        /// Predictors that are ranked together, so that a place is read and written once for all of them.
        static let together = 4

        static func groups(rows: Int) -> Int { (rows + Rows.scalarCount - 1) / Rows.scalarCount }

        /// - Parameters:
        ///   - predictors: `together` at most.
        ///   - contributions: by predictor, then row, those of the last group's missing rows 0.
        func insert(_ predictors: [Int], of contributions: UnsafePointer<Double>) {
            guard count > 0 else { return }
            let size = groups * MemoryLayout<Rows>.size
            let new = (0..<Self.together).map { place -> (values: UnsafeRawPointer, code: UInt64)? in
                place < predictors.count
                    ? (UnsafeRawPointer(contributions) + predictors[place] * size, key.code(predictors[place])) : nil
            }
            let (first, second, third, fourth) = (new[0], new[1], new[2], new[3])
            for group in 0..<groups {
                var (a, b, c, d) = (keys(first, group), keys(second, group), keys(third, group), keys(fourth, group))
                let last = (group + 1) * count - 1
                for place in group * count..<last {
                    var strongest = keys[place]
                    Self.order(&strongest, &a)
                    Self.order(&strongest, &b)
                    Self.order(&strongest, &c)
                    Self.order(&strongest, &d)
                    keys[place] = strongest
                }
                // What is weaker than the last place is no more needed.
                let weakest = Self.larger(Self.larger(a, b), Self.larger(c, d))
                keys[last] = Self.larger(keys[last], weakest)
            }
        }

        @inline(__always)
        private func keys(_ new: (values: UnsafeRawPointer, code: UInt64)?, _ group: Int) -> Rows {
            guard let new else { return .zero }
            let values = new.values.loadUnaligned(fromByteOffset: group * MemoryLayout<Rows>.size, as: Rows.self)
            return key.keys(values, code: new.code)
        }

        @inline(__always)
        private static func larger(_ one: Rows, _ other: Rows) -> Rows {
            one.replacing(with: other, where: other .> one)
        }

        @inline(__always)
        private static func order(_ larger: inout Rows, _ smaller: inout Rows) {
            let isWrong = smaller .> larger
            let old = larger
            larger.replace(with: smaller, where: isWrong)
            smaller.replace(with: old, where: isWrong)
        }

        func predictor(row: Int, place: Int) -> Int? {
            let number = (row / Rows.scalarCount * count + place) * Rows.scalarCount + row % Rows.scalarCount
            let stride = MemoryLayout<Double>.stride
            return key.predictor(UnsafeRawPointer(keys).load(fromByteOffset: number * stride, as: Double.self))
        }
    }

    private func addContributions(
        of design: PreprocessedDesign,
        _ rows: Range<Int>,
        to sums: UnsafeMutablePointer<Double>,
        _ predictors: UnsafeMutablePointer<Int32>,
        _ contributions: UnsafeMutablePointer<Double>,
        count: Int
    ) {
        let last = design.columns.last?.source ?? 0
        let groups = Ranking.groups(rows: rows.count)
        let stride = groups * Ranking.Rows.scalarCount
        let places = groups * count
        withTemporaryMemory((last + 1) * stride, of: Double.self, places, of: Ranking.Rows.self) { all, keys in
            keys.update(repeating: .zero, count: places)
            let ranking = Ranking(key: Key(last: last), count: count, groups: groups, keys: keys)
            // Predictors whose columns are added up, but for the last one, that are not ranked yet.
            var open: [Int] = []
            model.forEachTerm(of: design, rows: rows) { column, values in
                let coefficient = model.coefficients[column]
                let source = design.columns[column].source
                let contributions = all + source * stride
                if open.last != source {
                    if open.count == Ranking.together {
                        ranking.insert(open, of: all)
                        open.removeAll(keepingCapacity: true)
                    }
                    open.append(source)
                    for row in rows.count..<stride { contributions[row] = 0 }
                    for row in 0..<rows.count {
                        let value = coefficient * values[row]
                        contributions[row] = value
                        sums[row] += value
                    }
                } else {
                    for row in 0..<rows.count {
                        let value = coefficient * values[row]
                        contributions[row] += value
                        sums[row] += value
                    }
                }
            }
            ranking.insert(open, of: all)
            for row in 0..<rows.count {
                for place in 0..<count {
                    let found = ranking.predictor(row: row, place: place)
                    let index = row * count + place
                    (predictors + index).initialize(to: Int32(truncatingIfNeeded: found ?? -1))
                    (contributions + index).initialize(to: found.map { all[$0 * stride + row] } ?? 0)
                }
            }
        }
    }
}

/// Calls `body` with memory of two kinds that lasts as long as the call.
private func withTemporaryMemory<First, Second>(
    _ firstCount: Int,
    of first: First.Type,
    _ secondCount: Int,
    of second: Second.Type,
    _ body: (UnsafeMutablePointer<First>, UnsafeMutablePointer<Second>) -> Void
) {
    withUnsafeTemporaryAllocation(of: first, capacity: firstCount) { left in
        withUnsafeTemporaryAllocation(of: second, capacity: secondCount) { right in
            guard let left = left.baseAddress, let right = right.baseAddress else { return }
            body(left, right)
        }
    }
}
