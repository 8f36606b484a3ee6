import ChurnNumerics
import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnModels

@Suite struct BoostedTreesTests {
    /// Churn depends on a bend, a product and a category; one number is missing here and there, which tells, too.
    private static func world(_ rows: Int, seed: UInt64 = 1) -> TrainingRows {
        var stream = RandomStream(seed: seed, purpose: "trees")
        let bent = (0..<rows).map { _ in stream.normal() }
        let other = (0..<rows).map { _ in stream.normal() }
        let gaps = (0..<rows).map { _ in stream.bernoulli(0.2) ? Double.nan : stream.normal() }
        let plans = (0..<rows).map { _ in ["basic", "plus", "pro"][stream.below(3)] }
        let labels = (0..<rows).map { row in
            var odds = -1 + 1.5 * abs(bent[row]) + bent[row] * other[row]
            odds += gaps[row].isNaN ? 1 : 0.5 * gaps[row]
            if plans[row] == "pro" { odds -= 1.5 }
            return stream.bernoulli(StableFunctions.sigmoid(odds))
        }
        let columns = [("bent", bent), ("other", other), ("gaps", gaps)].map {
            PredictorColumn(name: $0.0, values: .numeric($0.1))
        }
        let table = try? PredictorTable(rowCount: rows, columns: columns + [categoricalColumn("plan", plans)])
        return TrainingRows(table: table ?? emptyTable, labels: labels)
    }

    private static var emptyTable: PredictorTable {
        guard let table = try? PredictorTable(rowCount: 0, columns: []) else { preconditionFailure("an empty table") }
        return table
    }

    private static func fit(
        _ rows: TrainingRows,
        _ estimator: BoostedTrees? = nil,
        threads: Int = 1
    ) throws -> FittedBoostedTrees {
        guard
            case .boosted(let model) = try (estimator ?? BoostedTrees()).fit(rows, threads: threads).content
        else { throw ModelError.noRows }
        return model
    }

    private static func loss(_ model: any FittedModel, _ rows: TrainingRows) throws -> Double {
        let odds = try model.linearPredictor(rows.table, offsets: rows.offsets, threads: 2)
        return zip(odds, rows.labels).reduce(0) { $0 + StableFunctions.softplus($1.1 ? -$1.0 : $1.0) }
            / Double(odds.count)
    }

    // MARK: What they find

    @Test func bendsAndProductsAreFound() throws {
        let (train, test) = (Self.world(8000), Self.world(8000, seed: 2))
        let trees = try Self.fit(train)
        let line = try FittedPipeline.Specification(estimator: LogisticRegression(l2Strength: 1)).fit(train, threads: 1)
        #expect(try Self.loss(trees, test) < 0.9 * Self.loss(line, test))
        #expect(trees.certificate.status == .stoppedEarly)
        #expect(trees.certificate.stoppedBy == "log loss of 800 held-out rows")
        #expect(trees.treeCount == trees.certificate.iterations && trees.treeCount < 400)
        #expect(trees.importances.map(\.predictor).first == "bent" && trees.importances.count == 4)
    }

    /// What the library says of a row is what the checked trees say, added up by hand.
    @Test func logOddsAreTheSumOfTheTrees() throws {
        let rows = Self.world(3000)
        let model = try Self.fit(rows)
        let values = try model.encoding.values(of: rows.table, rows: 0..<3000)
        let width = model.encoding.columnCount
        let odds = try model.linearPredictor(rows.table)
        let base = log(model.baseRate / (1 - model.baseRate))
        for row in 0..<3000 {
            let sum = model.trees.reduce(base) { sum, tree in
                var node = 0
                while !tree.isLeaf(node) {
                    let value = values[row * width + Int(tree.column[node])]
                    let goesLeft = value.isNaN ? tree.missingGoesLeft[node] : value < tree.number[node]
                    node = Int(goesLeft ? tree.left[node] : tree.right[node])
                }
                return sum + Double(tree.number[node])
            }
            #expect(abs(sum - odds[row]) < 1e-4)
        }
    }

    /// Shapley's definition, over all subsets of columns: what is not known is averaged by the cover of the branches.
    @Test func contributionsAreShapleyValues() throws {
        let rows = Self.world(2000)
        let model = try Self.fit(rows, BoostedTrees(rounds: 12, maximumDepth: 3, heldOutShare: 0))
        let width = model.encoding.columnCount
        let values = try model.encoding.values(of: rows.table, rows: 0..<40)
        func mean(_ tree: DecisionTree, _ node: Int, _ row: Int, _ known: Int) -> Double {
            if tree.isLeaf(node) { return Double(tree.number[node]) }
            let (left, right) = (Int(tree.left[node]), Int(tree.right[node]))
            if known >> Int(tree.column[node]) & 1 == 1 {
                let value = values[row * width + Int(tree.column[node])]
                let goesLeft = value.isNaN ? tree.missingGoesLeft[node] : value < tree.number[node]
                return mean(tree, goesLeft ? left : right, row, known)
            }
            let share = Double(tree.cover[left]) / Double(tree.cover[node])
            return share * mean(tree, left, row, known) + (1 - share) * mean(tree, right, row, known)
        }
        func factorial(_ n: Int) -> Double { (1...max(n, 1)).reduce(1) { $0 * Double($1) } }
        let found = try model.contributions(rows.table.selecting(rows: Array(0..<40)))
        let sources = model.encoding.sources
        for row in 0..<40 {
            var expected = [Double](repeating: 0, count: 4)
            for known in 0..<(1 << width) {
                let value = model.trees.reduce(0) { $0 + mean($1, 0, row, known) }
                let size = known.nonzeroBitCount
                for column in 0..<width {
                    let isIn = known >> column & 1 == 1
                    let others = isIn ? size - 1 : size
                    let share = factorial(others) * factorial(width - others - 1) / factorial(width)
                    expected[sources[column]] += (isIn ? share : -share) * value
                }
            }
            for predictor in 0..<4 { #expect(abs(found[row, predictor] - expected[predictor]) < 1e-4) }
        }
    }

    @Test func contributionsSumToTheLogOdds() throws {
        let rows = Self.world(3000)
        let model = try Self.fit(rows)
        let odds = try model.linearPredictor(rows.table)
        let contributions = try model.contributions(rows.table)
        for row in 0..<3000 {
            let sum = (0..<4).reduce(model.intercept) { $0 + contributions[row, $1] }
            #expect(abs(sum - odds[row]) <= 1e-9)
        }
    }

    @Test(.enabled(if: SharedData.isAvailable, "set CHURN_DATA")) func telcoIsPredictedAsWellAsByTheLine() throws {
        let data = try PublishedData.telco()
        let rows = TrainingRows(table: data.table, labels: data.labels)
        let train = rows.selecting(rows: (0..<7043).filter { $0 % 4 != 0 })
        let test = rows.selecting(rows: (0..<7043).filter { $0 % 4 == 0 })
        let line = try FittedPipeline.Specification(estimator: LogisticRegression(l2Strength: 1)).fit(train, threads: 1)
        #expect(try Self.loss(Self.fit(train), test) < 1.02 * Self.loss(line, test))
    }

    // MARK: What they keep

    @Test func moreOfAMonotonePredictorNeverMeansLess() throws {
        let rows = Self.world(4000)
        let model = try Self.fit(rows, BoostedTrees(monotone: ["other": 1, "gaps": -1]))
        for row in 0..<200 {
            for (name, sign) in [("other", 1.0), ("gaps", -1.0)] {
                let steps = stride(from: -3.0, through: 3, by: 0.25).map { $0 }
                let moved = try PredictorTable(
                    rowCount: steps.count,
                    columns: rows.table.columns.map { column in
                        let one = try #require(
                            try PredictorTable(rowCount: 4000, columns: [column])
                                .selecting(rows: steps.map { _ in row }).columns.first
                        )
                        return column.name == name ? PredictorColumn(name: name, values: .numeric(steps)) : one
                    }
                )
                let odds = try model.linearPredictor(moved)
                let rises = zip(odds, odds.dropFirst()).allSatisfy { sign * ($1 - $0) >= 0 }
                #expect(rises)
            }
        }
        let free = try Self.fit(rows)
        #expect(free != model)
        #expect(throws: ModelError.unknownPredictor("othr", nearest: "other")) {
            try Self.fit(rows, BoostedTrees(monotone: ["othr": 1]))
        }
        #expect(throws: ModelError.monotoneCategory("plan")) {
            try Self.fit(rows, BoostedTrees(monotone: ["plan": 1]))
        }
    }

    @Test func threadsAndRepetitionDoNotChangeABit() throws {
        let rows = Self.world(20_000)
        let (one, two) = (try Self.fit(rows, threads: 1), try Self.fit(rows, threads: 5))
        #expect(one == two)
        #expect(try one.linearPredictor(rows.table, threads: 1) == two.linearPredictor(rows.table, threads: 3))
        #expect(try one.contributions(rows.table, threads: 1) == two.contributions(rows.table, threads: 3))
        let other = try Self.fit(rows, BoostedTrees(rowShare: 0.5, seed: 2))
        #expect(other != (try Self.fit(rows, BoostedTrees(rowShare: 0.5, seed: 3))))
        #expect(other == (try Self.fit(rows, BoostedTrees(rowShare: 0.5, seed: 2))))
    }

    @Test func rowsOfWeightZeroTeachNothing() throws {
        let rows = Self.world(3000)
        let weights = (0..<3000).map { $0 % 3 == 0 ? 0.0 : 2 }
        let weighted = TrainingRows(table: rows.table, labels: rows.labels, weights: weights)
        var flipped = rows.labels
        for row in stride(from: 0, to: 3000, by: 3) { flipped[row].toggle() }
        let other = TrainingRows(table: rows.table, labels: flipped, weights: weights)
        #expect(try Self.fit(weighted) == Self.fit(other))
    }

    @Test func offsetsAreAddedAndNotLearned() throws {
        let rows = Self.world(6000)
        let offsets = (0..<6000).map { $0 % 2 == 0 ? 2.0 : -2 }
        var stream = RandomStream(seed: 5, purpose: "offsets")
        let best = try Self.fit(rows).linearPredictor(rows.table)
        let labels = (0..<6000).map { stream.bernoulli(StableFunctions.sigmoid(best[$0] + offsets[$0])) }
        let shifted = TrainingRows(table: rows.table, labels: labels, offsets: offsets)
        let model = try Self.fit(shifted)
        let plain = try model.linearPredictor(rows.table)
        let moved = try model.linearPredictor(rows.table, offsets: offsets)
        #expect(zip(zip(plain, moved), offsets).allSatisfy { abs($0.1 - $0.0 - $1) < 1e-12 })
        #expect(
            try Self.loss(model, shifted)
                < Self.loss(Self.fit(TrainingRows(table: rows.table, labels: labels)), shifted.without)
        )
    }

    @Test func customersAreHeldOutWhole() throws {
        let rows = Self.world(2000)
        // Each row ten times: without customers the held-out rows are known by heart, and it never ends.
        let many = (0..<20_000).map { $0 % 2000 }
        let repeated = rows.selecting(rows: many)
        let known = TrainingRows(table: repeated.table, labels: repeated.labels, clusters: many.map { Int32($0) })
        let estimator = try BoostedTrees(rounds: 600, maximumDepth: 6)
        let (blind, aware) = (try Self.fit(repeated, estimator), try Self.fit(known, estimator))
        #expect(aware.treeCount * 3 < blind.treeCount)
        #expect(aware.certificate.status == .stoppedEarly)
    }

    @Test func withoutHeldOutRowsNothingTellsWhetherItWasEnough() throws {
        let model = try Self.fit(Self.world(500), BoostedTrees(rounds: 7, heldOutShare: 0))
        #expect(model.treeCount == 7 && model.certificate.status == .notConverged)
        #expect(model.certificate.warnings.first?.contains("--held-out") == true)
        // The best of rounds that were too few to be sure of is taken all the same.
        let unsure = try Self.fit(Self.world(1000), BoostedTrees(rounds: 60, learningRate: 0.3, patience: 60))
        #expect(unsure.treeCount < 60 && unsure.certificate.status == .notConverged)
        let short = try Self.fit(Self.world(4000), BoostedTrees(rounds: 3))
        #expect(short.certificate.status == .notConverged)
        #expect(short.certificate.warnings.first?.contains("--rounds") == true)
    }

    // MARK: What is refused

    @Test func numbersBeyondSinglePrecisionAreNamed() throws {
        let rows = Self.world(300)
        let model = try Self.fit(rows)
        var numbers = [Double](repeating: 0.5, count: 3)
        for bad in [Double.infinity, -.infinity, 1e300] {
            numbers[2] = bad
            let table = try PredictorTable(
                rowCount: 3,
                columns: [
                    PredictorColumn(name: "bent", values: .numeric(numbers)),
                    PredictorColumn(name: "other", values: .numeric([1, 2, 3])),
                    PredictorColumn(name: "gaps", values: .numeric([.nan, 2, 3])),
                    categoricalColumn("plan", ["basic", "gold", "pro"]),
                ]
            )
            #expect(throws: ModelError.notFinite(row: 2, column: "bent", value: bad)) {
                try model.linearPredictor(table)
            }
            #expect(try model.unseenCategories(in: table) == [UnseenCategories(column: "plan", rows: 1)])
        }
    }

    @Test func hyperparametersAreChecked() {
        func isRefused(_ make: () throws -> BoostedTrees) -> Bool { (try? make()) == nil }
        #expect(isRefused { try BoostedTrees(rounds: 0) })
        #expect(isRefused { try BoostedTrees(learningRate: .nan) })
        #expect(isRefused { try BoostedTrees(maximumDepth: 17) })
        #expect(isRefused { try BoostedTrees(l2: -1) })
        #expect(isRefused { try BoostedTrees(rowShare: 0) })
        #expect(isRefused { try BoostedTrees(columnShare: 1.5) })
        #expect(isRefused { try BoostedTrees(bins: 1) })
        #expect(isRefused { try BoostedTrees(monotone: ["a": 2]) })
        #expect(isRefused { try BoostedTrees(monotone: ["a": 0]) })
        #expect(isRefused { try BoostedTrees(heldOutShare: 0.9) })
        #expect(isRefused { try BoostedTrees(patience: 0) })
        #expect(isRefused { try BoostedTrees(growingThreads: 0) })
    }

    @Test func degenerateRowsAreTypedErrorsOrModels() throws {
        let rows = Self.world(400)
        func error(_ rows: TrainingRows) -> ModelError? {
            do {
                _ = try Self.fit(rows)
                return nil
            } catch {
                return error as? ModelError
            }
        }
        #expect(
            error(TrainingRows(table: rows.table, labels: rows.labels.map { _ in true }))
                == .oneClass(positives: 400, rows: 400)
        )
        #expect(error(TrainingRows(table: Self.emptyTable, labels: [])) == .noRows)
        let few = rows.selecting(rows: Array(0..<3))
        let lone = TrainingRows(table: few.table, labels: [true, false, false])
        #expect(error(lone) == .nothingHeldOut(rows: 1) || error(lone) == .nothingHeldOut(rows: 0))
        // Nothing to split by: the base rate.
        let constant = TrainingRows(
            table: try numericTable([("x", [Double](repeating: 1, count: 400))]),
            labels: rows.labels
        )
        let model = try Self.fit(constant)
        let share = Double(rows.labels.count { $0 }) / 400
        #expect(try model.probabilities(constant.table).allSatisfy { abs($0 - share) < 1e-3 })
        #expect(model.certificate.warnings.contains { $0.contains("no tree splits") })
        let heavy = TrainingRows(table: rows.table, labels: rows.labels, weights: rows.labels.map { _ in 1e40 })
        #expect(error(heavy) == .notFinite(row: 0, column: "weight", value: 1e40))
    }

    // MARK: Files

    @Test func storedOnesScoreTheSame() throws {
        let rows = Self.world(1500)
        let model = try Self.fit(rows)
        let copy = try JSONDecoder().decode(FittedBoostedTrees.self, from: JSONEncoder().encode(model))
        #expect(copy == model && copy.intercept == model.intercept)
        #expect(try copy.linearPredictor(rows.table) == model.linearPredictor(rows.table))
        #expect(try copy.contributions(rows.table) == model.contributions(rows.table))
    }

    @Test func treesThatCannotBeAreRefused() {
        func tree(
            left: [Int32] = [1, -1, -1],
            right: [Int32] = [2, -1, -1],
            column: [Int32] = [1, 0, 0],
            number: [Float] = [0.5, -1, 1],
            cover: [Float] = [3, 1, 2]
        ) -> DecisionTree? {
            try? DecisionTree(
                left: left,
                right: right,
                column: column,
                number: number,
                missingGoesLeft: left.map { _ in true },
                gain: left.map { _ in 0 },
                cover: cover,
                columnCount: 2
            )
        }
        #expect(tree() != nil)
        #expect(tree(left: [0, -1, -1]) == nil, "a cycle")
        #expect(tree(left: [1, 0, -1]) == nil, "a cycle of two")
        #expect(tree(left: [2, -1, -1]) == nil, "two parents")
        #expect(tree(left: [7, -1, -1]) == nil, "out of range")
        #expect(tree(left: [-1, -1, -1]) == nil, "one child")
        #expect(tree(left: [-1, -1, -1], right: [-1, -1, -1], column: [0, 0, 0]) == nil, "nodes without a parent")
        #expect(tree(left: [-5, -1, -1]) == nil, "a child below -1")
        #expect(tree(column: [2, 0, 0]) == nil, "an unknown column")
        #expect(tree(column: [-1, 0, 0]) == nil, "a negative column")
        #expect(tree(number: [.nan, 0, 0]) == nil, "not finite")
        #expect(tree(cover: [0, 1, 2]) == nil, "nothing divided")
        #expect(tree(cover: [3, -1, 2]) == nil, "a negative cover")
        #expect(tree(number: [0, 1]) == nil, "another length")
        // Each split has a leaf on its left and the next split on its right.
        let nodes = Array(0..<81)
        let isSplit = nodes.map { $0 % 2 == 0 && $0 < 80 }
        let chain = tree(
            left: nodes.map { isSplit[$0] ? Int32($0 + 1) : -1 },
            right: nodes.map { isSplit[$0] ? Int32($0 + 2) : -1 },
            column: nodes.map { _ in 0 },
            number: nodes.map { _ in 0 },
            cover: nodes.map { _ in 1 }
        )
        #expect(chain == nil, "too deep")
    }

    /// Ten thousand files in which numbers of the trees, and texts around them, have been changed.
    @Test func mutatedFilesAreTypedErrorsOrModelsThatScore() throws {
        let rows = Self.world(300)
        let model = try Self.fit(rows, BoostedTrees(rounds: 4, maximumDepth: 3, heldOutShare: 0))
        let json = try JSONEncoder().encode(model)
        let few = rows.table.selecting(rows: [0, 1, 2])
        var random = RandomStream(seed: 3, purpose: "mutated trees")
        var kept = 0
        let digits = json.indices.filter { (48...57).contains(json[$0]) || json[$0] == 45 }
        let numbers = [
            "-1", "0", "1", "2", "7", "2147483647", "-2147483648", "1e308", "3.4e38", "1e-45", "null", "99999999999",
            "NaN",
        ]
        for round in 0..<10_000 {
            var bytes = [UInt8](json)
            for _ in 0...random.below(3) {
                switch round % 4 {
                case 0: bytes[random.below(bytes.count)] = UInt8(random.below(256))
                case 1:
                    let place = digits[random.below(digits.count)]
                    if place < bytes.count { bytes[place] = UInt8(48 + random.below(10)) }
                case 2:
                    // A whole number in place of another one.
                    var (first, last) = (min(digits[random.below(digits.count)], bytes.count - 1), 0)
                    last = first
                    while first > 0, !UInt8.isBetween(bytes[first - 1]) { first -= 1 }
                    while last < bytes.count, !UInt8.isBetween(bytes[last]) { last += 1 }
                    bytes.replaceSubrange(
                        first..<max(last, first),
                        with: Array(numbers[random.below(numbers.count)].utf8)
                    )
                default:
                    let place = random.below(bytes.count)
                    bytes.removeSubrange(place..<min(bytes.count, place + random.below(40)))
                }
            }
            guard let mutated = try? JSONDecoder().decode(FittedBoostedTrees.self, from: Data(bytes)) else { continue }
            kept += 1
            if let odds = try? mutated.linearPredictor(few) {
                let isFinite = odds.allSatisfy(\.isFinite)
                #expect(isFinite && odds.count == 3)
            }
            _ = try? mutated.contributions(few)
        }
        // Many reach the library: changed thresholds and answers are still trees.
        #expect(kept > 1000)
    }
}

extension UInt8 {
    /// Whether a byte of JSON stands between values.
    fileprivate static func isBetween(_ byte: UInt8) -> Bool { [44, 91, 93, 58, 123, 125].contains(byte) }
}

extension TrainingRows {
    /// The same without offsets.
    fileprivate var without: TrainingRows { TrainingRows(table: table, labels: labels) }
}
