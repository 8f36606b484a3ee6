import ChurnNumerics
import Foundation
import Testing

@testable import ChurnModels

@Suite struct PreprocessingTests {
    // MARK: Categories

    /// Byte order, not the order of appearance nor of a language: capitals first, accents last.
    @Test func theFirstCategoryInByteOrderHasNoColumn() throws {
        let table = try table([categoricalColumn("plan", ["b", "é", "a", "Z", "b", "10", "9", "a"])])
        let (preprocessing, _) = try learn(table)
        #expect(preprocessing.encodings[0].kind == .categorical(levels: ["10", "9", "Z", "a", "b", "é"]))
        #expect(preprocessing.designNames == ["plan=9", "plan=Z", "plan=a", "plan=b", "plan=é"])
    }

    @Test func theOrderOfLevelsInATableDoesNotMatter() throws {
        let one = PredictorColumn(name: "plan", values: .categorical(codes: [0, 1, 2, 1], levels: ["a", "b", "c"]))
        let other = PredictorColumn(
            name: "plan",
            values: .categorical(codes: [3, 0, 1, 0], levels: ["b", "c", "unused", "a"])
        )
        let (preprocessing, design) = try learn(table([one]))
        let (otherPreprocessing, otherDesign) = try learn(table([other]))
        #expect(preprocessing == otherPreprocessing)
        #expect(design == otherDesign)
        #expect(Matrix(try preprocessing.apply(to: table([other]))) == design)
    }

    @Test func anUnknownCategoryStandsAtTheTrainingMeanAndIsCounted() throws {
        let training = try table([
            categoricalColumn("plan", ["a", "b", "c", "b", "a", "b"]),
            PredictorColumn(name: "age", values: .numeric([1, 2, 3, 5, 8, 13])),
        ])
        let (preprocessing, _) = try learn(training)
        let later = try table([
            categoricalColumn("plan", ["a", "new", "newer", "b", "new"]),
            PredictorColumn(name: "age", values: .numeric([1, 2, 3, 4, 5])),
        ])
        let design = Matrix(try preprocessing.apply(to: later))
        for row in [1, 2, 4] { #expect(design[row, 0] == 0 && design[row, 1] == 0) }
        for row in [0, 3] { #expect(design[row, 0] != 0 && design[row, 1] != 0) }
        let unseen = try preprocessing.unseenCategories(in: later)
        #expect(unseen.map(\.column) == ["plan"] && unseen.map(\.rows) == [3])
        #expect(try preprocessing.unseenCategories(in: training).isEmpty)
    }

    @Test func aMissingCategoryStandsAtTheTrainingMean() throws {
        let (preprocessing, _) = try learn(table([categoricalColumn("plan", ["a", "b", "b", "a", "b"])]))
        let missing = PredictorColumn(name: "plan", values: .categorical(codes: [-1, 0], levels: ["b"]))
        let later = try table([missing])
        let design = Matrix(try preprocessing.apply(to: later))
        #expect(design[0, 0] == 0 && design[1, 0] > 0)
        #expect(try preprocessing.unseenCategories(in: later).map(\.rows) == [1])
    }

    @Test(arguments: [1000, 1001]) func tooManyCategoriesAreRefused(count: Int) throws {
        let texts = (0..<2 * count).map { "customer \($0 % count)" }
        let table = try table([categoricalColumn("id", texts)])
        guard count > 1000 else {
            #expect(try learn(table).preprocessing.encodings[0].kind.levelCount == count)
            return
        }
        #expect(
            throws: ModelError.tooManyCategories(column: "id", categories: 1001, rows: 2002, limit: 1000)
        ) { try learn(table) }
    }

    /// Rows without weight and without a text teach nothing, and buckets that hash nothing are not advised.
    @Test(arguments: [
        (1199, 2000, 3), (1599, 2000, 3), (1600, 2000, 4), (3199, 2000, 4), (3200, 2000, 5), (102_400, 1024, 9),
        (102_400, 1025, 10), (409_600, 4097, 12), (Int.max, 1 << 20, 12), (0, 0, 3),
    ])
    func theAdvisedBucketsHaveAHundredRowsEach(rows: Int, texts: Int, bits: Int) {
        #expect(ColumnEncoding.advisedHashBits(rows: rows, texts: texts) == bits)
    }

    @Test func onlyRowsThatTeachCountForTheAdvice() throws {
        let texts = (0..<8000).map { $0 % 2 == 0 ? "" : "customer \($0 % 1201 * 2)" }
        let weights = (0..<8000).map { $0 < 4000 ? 1.0 : 0 }
        let table = try table([categoricalColumn("id", texts)])
        #expect(
            throws: ModelError.tooManyCategories(column: "id", categories: 1201, rows: 2000, limit: 1000)
        ) { try Preprocessing.fit(table, imputation: .mean, weights: weights, threads: 1) }
    }

    /// The hash in another form.
    private static func bucket(_ text: String, of buckets: UInt64) -> Int {
        var hash = text.utf8.reduce(14_695_981_039_346_656_037 as UInt64) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        hash = hash &+ 11_400_714_819_323_198_485
        hash = (hash ^ (hash >> 30)) &* 13_787_848_793_156_543_929
        hash = (hash ^ (hash >> 27)) &* 10_723_151_780_598_845_931
        return Int((hash ^ (hash >> 31)) % buckets)
    }

    @Test func veryManyTextsShareColumnsByTheirHash() throws {
        let texts = (0..<3000).map { $0 % 100 == 7 ? "" : "product \($0 % 1400)" }
        let plans = texts.map { $0.last == "1" ? "a" : "b" }
        let table = try table([categoricalColumn("product", texts), categoricalColumn("plan", plans)])
        let (preprocessing, design) = try learn(table, hashBits: 6)
        #expect(
            preprocessing.encodings.map(\.kind) == [
                .hashed(buckets: 64, used: Array(0...64)), .categorical(levels: ["a", "b"]),
            ]
        )
        #expect(preprocessing.designNames == (1..<64).map { "product#\($0)" } + ["product#missing", "plan=b"])
        var wrong = 0
        for (row, text) in texts.enumerated() {
            let bucket = text.isEmpty ? 64 : Self.bucket(text, of: 64)
            for column in 0..<64 where (design[row, column] > 0) != (bucket == column + 1) { wrong += 1 }
        }
        #expect(wrong == 0)
        let stored = try JSONDecoder().decode(Preprocessing.self, from: JSONEncoder().encode(preprocessing))
        #expect(stored == preprocessing)
    }

    /// A text that is new takes the column of its hash, and stands at the mean where training had no text with such a hash.
    @Test func aNewTextHasAHashToo() throws {
        let training = (0..<6000).map { "p\($0 % 300)" }.filter { Self.bucket($0, of: 256) % 2 == 1 }
        let (preprocessing, _) = try learn(try table([categoricalColumn("product", training)]), hashBits: 6)
        guard case .hashed(64, let used) = preprocessing.encodings[0].kind else {
            Issue.record("not hashed")
            return
        }
        #expect(used == Set(training.map { Self.bucket($0, of: 64) }).sorted() && used.allSatisfy { $0 % 2 == 1 })
        let new = (0..<400).map { "new \($0)" }
        let later = try table([categoricalColumn("product", new)])
        let design = Matrix(try preprocessing.apply(to: later))
        var wrong = 0
        var unseen = 0
        for (row, text) in new.enumerated() {
            let bucket = Self.bucket(text, of: 64)
            let known = used.firstIndex(of: bucket)
            if known == nil { unseen += 1 }
            for column in 0..<used.count - 1 {
                let isRight =
                    known.map { (design[row, column] > 0) == ($0 == column + 1) } ?? (design[row, column] == 0)
                if !isRight { wrong += 1 }
            }
        }
        #expect(wrong == 0 && (100..<300).contains(unseen))
        #expect(try preprocessing.unseenCategories(in: later).map(\.rows) == [unseen])
    }

    @Test func bucketsThatNoTrainingMadeAreRefused() throws {
        let texts = (0..<300).map { "p\($0 % 40)" }
        let (preprocessing, _) = try learn(try table([categoricalColumn("product", texts)]), hashBits: 2)
        let json = String(decoding: try JSONEncoder().encode(preprocessing), as: UTF8.self)
        for (old, new) in [
            ("\"buckets\":4", "\"buckets\":3"), ("[0,1,2,3]", "[0,1,2,5]"), ("[0,1,2,3]", "[1,0,2,3]"),
            ("[0,1,2,3]", "[]"),
        ] {
            let changed = json.replacingOccurrences(of: old, with: new)
            #expect(changed != json)
            #expect(throws: (any Error).self) { try JSONDecoder().decode(Preprocessing.self, from: Data(changed.utf8)) }
        }
    }

    @Test func aProductOfTooManyColumnsIsRefused() throws {
        let texts = (0..<3000).map { "p\($0 % 500)" }
        let table = try table([categoricalColumn("a", texts), categoricalColumn("b", texts.reversed())])
        var terms = Terms()
        terms.interactions = [.init("a", "b")]
        #expect(throws: ModelError.tooManyProducts(name: "a:b", columns: 217 * 217, limit: 10_000)) {
            try Preprocessing.fit(table, imputation: .mean, terms: terms, hashBits: 8, threads: 1)
        }
    }

    @Test(arguments: [0, 13]) func bitsOfAHashHaveBounds(bits: Int) throws {
        let table = try table([categoricalColumn("product", ["a", "b"])])
        let error = ModelError.invalidHyperparameter(name: "hashBits", value: Double(bits), allowed: "from 1 to 12")
        #expect(throws: error) { try learn(table, hashBits: bits) }
    }

    // MARK: Missing numbers

    @Test(arguments: [
        (Imputation.mean, 3.75, ["age", "age=missing", "full"]),
        (.median, 2.5, ["age", "age=missing", "full"]),
        (.zero, 0, ["age", "full"]),
    ])
    func missingNumbersAreFilledAndFlagged(imputation: Imputation, fill: Double, names: [String]) throws {
        let table = try numericTable([
            ("age", [9, .nan, 1, 2, .nan, 3]), ("full", [1, 0, 1, 0, 0, 0.5]),
        ])
        let (preprocessing, design) = try learn(table, imputation)
        #expect(preprocessing.encodings[0].kind == .numeric(fill: fill, flag: imputation != .zero, spline: nil))
        #expect(preprocessing.designNames == names)
        let age = preprocessing.designColumns[0]
        for (row, value) in [9, fill, 1, 2, fill, 3].enumerated() {
            #expect(abs(design[row, 0] - (value - age.mean) / age.standardDeviation) <= 1e-15)
        }
        if imputation != .zero {
            // Two of six: mean 1/3, deviation sqrt(2)/3.
            for row in 0..<6 {
                let expected = (row == 1 || row == 4 ? 2 : -1) / 2.0.squareRoot()
                #expect(abs(design[row, 1] - expected) <= 1e-15)
            }
        }
    }

    @Test func aTextOfItsOwnInNearlyEveryRowIsAName() throws {
        func encoding(_ texts: [String]) throws -> ColumnEncoding {
            try ColumnEncoding(fitting: categoricalColumn("code", texts), imputation: .mean, weights: nil)
        }
        let names = (0..<20).map { "n\($0)" }
        #expect(throws: ModelError.namesOfRows(column: "code", texts: 20, rows: 20)) { try encoding(names) }
        #expect(throws: ModelError.namesOfRows(column: "code", texts: 20, rows: 21)) { try encoding(names + ["n7"]) }
        #expect(throws: Never.self) { try encoding(Array(names.dropLast())) }
        #expect(throws: Never.self) { try encoding(names + ["n7", "n7", "n7"]) }
    }

    @Test func theMedianOfAnOddCountIsTheMiddle() throws {
        let (preprocessing, _) = try learn(numericTable([("age", [7, .nan, -1, 100])]), .median)
        #expect(preprocessing.encodings[0].kind == .numeric(fill: 7, flag: true, spline: nil))
    }

    /// Training saw none missing: there is no flag, and what is missing later takes the fill.
    @Test func whatIsMissingOnlyLaterIsFilled() throws {
        let (preprocessing, _) = try learn(numericTable([("age", [1, 2, 3, 6])]))
        let design = Matrix(try preprocessing.apply(to: numericTable([("age", [.nan, 3])])))
        #expect(design.columnCount == 1)
        #expect(design[0, 0] == 0)
        #expect(design[1, 0] == 0)
    }

    // MARK: Columns that carry nothing

    @Test func constantColumnsAreDroppedAndNamed() throws {
        let table = try table([
            PredictorColumn(name: "tenth", values: .numeric([0.1, 0.1, 0.1, 0.1])),
            PredictorColumn(name: "age", values: .numeric([1, 2, 3, 4])),
            categoricalColumn("country", ["NL", "NL", "NL", "NL"]),
            PredictorColumn(name: "often", values: .numeric([5, .nan, 5, 5])),
            PredictorColumn(name: "never", values: .numeric([.nan, .nan, .nan, .nan])),
        ])
        let (preprocessing, design) = try learn(table)
        #expect(preprocessing.dropped == ["tenth", "country", "often", "never", "never=missing"])
        #expect(preprocessing.designNames == ["age", "often=missing"])
        #expect(design.columnCount == 2)
    }

    @Test func theLaterOfDependentColumnsIsDropped() throws {
        let first = [1.0, 4, 2, 8, 5, 7]
        let second = [3.0, 1, 4, 1, 5, 9]
        let table = try numericTable([
            ("first", first), ("second", second), ("again", first.map { 3 - 2e9 * $0 }),
            ("sum", zip(first, second).map { $0 + $1 }), ("own", [0, 0, 0, 1, 0, 0]),
        ])
        let (preprocessing, design) = try learn(table)
        #expect(preprocessing.aliased == ["again", "sum"])
        #expect(preprocessing.designNames == ["first", "second", "own"])
        #expect(design.columnCount == 3)
        #expect(Matrix(try preprocessing.apply(to: table)) == design)
    }

    // MARK: Scaling

    @Test func everyColumnIsScaledToMeanZeroAndDeviationOne() throws {
        let data = SyntheticData.logistic(rows: 101, coefficients: [1, 1])
        let (_, design) = try learn(
            table([
                PredictorColumn(name: "small", values: .numeric(data.columns[0].map { $0 * 1e-12 + 3e-12 })),
                PredictorColumn(name: "large", values: .numeric(data.columns[1].map { $0 * 1e12 - 7e12 })),
                PredictorColumn(name: "holes", values: .numeric((0..<101).map { $0 % 7 == 0 ? .nan : Double($0) })),
                categoricalColumn("plan", (0..<101).map { ["a", "b", "c"][$0 % 3] }),
            ])
        )
        #expect(design.columnCount == 6)
        for column in 0..<design.columnCount {
            let values = (0..<101).map { design[$0, column] }
            #expect(abs(values.reduce(0, +) / 101) <= 1e-14)
            #expect(abs(values.reduce(0) { $0 + $1 * $1 } / 101 - 1) <= 1e-13)
        }
    }

    /// Mean and deviation of each column, summed over its rows one after the other.
    @Test(arguments: [false, true], [Imputation.mean, .median, .zero])
    func momentsAreThoseOfTheColumns(isWeighted: Bool, imputation: Imputation) throws {
        // More than a tile, and no whole group of eight at the end.
        let count = 2053
        var stream = RandomStream(seed: 7, purpose: "moments")
        let texts = (0..<count).map { _ in "\(Int(40 * stream.uniform() * stream.uniform()))" }
        let holes = (0..<count).map { $0 % 3 == 0 || $0 > 2048 ? .nan : 1e6 + stream.normal() }
        let weights = isWeighted ? (0..<count).map { $0 % 5 == 0 ? 0 : 0.5 + stream.uniform() } : nil
        let given = try table([
            PredictorColumn(name: "holes", values: .numeric(holes)),
            PredictorColumn(name: "bend", values: .numeric((0..<count).map { _ in stream.normal() })),
            categoricalColumn("plan", texts),
            categoricalColumn("bucket", texts.map { $0 + "x" + $0 }),
        ])
        let (preprocessing, design) = try Preprocessing.fit(
            given,
            imputation: imputation,
            terms: Terms(splines: ["bend": 4]),
            weights: weights,
            threads: 2
        )
        #expect(preprocessing.designColumns.count > 40)
        let total = (0..<count).reduce(0.0) { $0 + (weights?[$1] ?? 1) }
        for (number, column) in preprocessing.designColumns.enumerated() {
            let values = (0..<count).map { design.rawValue(row: $0, column: number) }
            let mean = (0..<count).reduce(0.0) { $0 + (weights?[$1] ?? 1) * values[$1] } / total
            let squares = (0..<count).reduce(0.0) {
                $0 + (weights?[$1] ?? 1) * (values[$1] - mean) * (values[$1] - mean)
            }
            let deviation = (squares / total).squareRoot()
            #expect(abs(column.mean - mean) <= 1e-13 * max(1, abs(mean)), "\(column.name)")
            #expect(abs(column.standardDeviation / deviation - 1) <= 1e-9, "\(column.name)")
        }
    }

    /// Numbers that stand in one array, in pieces, and across their edges become the same columns.
    @Test func whereNumbersStandChangesNothing() throws {
        let count = 3000
        var stream = RandomStream(seed: 8, purpose: "pieces")
        let columns = (0..<7).map { _ in (0..<count).map { $0 % 11 == 0 ? .nan : stream.normal() } }
        let given = try table(
            columns.enumerated().map { PredictorColumn(name: "x\($0)", values: .numeric($1)) }
        )
        // Copied once, then runs of what was copied, the second before the first.
        let rows = Array(1500..<count) + Array(0..<1500)
        let pieces = given.selecting(rows: Array(0..<count).reversed()).selecting(rows: rows)
        let order = rows.map { count - 1 - $0 }
        let (preprocessing, design) = try learn(given)
        let standing = Matrix(try preprocessing.apply(to: pieces))
        #expect(standing == design.matrix(of: order, threads: 1))
        let (relearnt, _) = try learn(pieces)
        for (one, other) in zip(preprocessing.designColumns, relearnt.designColumns) {
            #expect(abs(one.mean - other.mean) <= 1e-14)
            #expect(abs(one.standardDeviation - other.standardDeviation) <= 1e-14)
        }
    }

    /// A missing category in training stands at the mean of those that are there: the column is still centred.
    @Test func missingCategoriesInTrainingLeaveTheColumnCentred() throws {
        let codes: [Int32] = [0, 1, -1, 1, -1, 0, 1, 1]
        let (_, design) = try learn(
            table([PredictorColumn(name: "plan", values: .categorical(codes: codes, levels: ["a", "b"]))])
        )
        #expect(abs((0..<8).reduce(0) { $0 + design[$1, 0] }) <= 1e-14)
    }

    @Test func theTrainingDesignIsWhatApplyingGives() throws {
        let data = SyntheticData.logistic(rows: 60, coefficients: [1])
        let table = try table([
            PredictorColumn(name: "x", values: .numeric(data.columns[0])),
            PredictorColumn(name: "holes", values: .numeric((0..<60).map { $0 % 9 == 0 ? .nan : Double($0 % 13) })),
            categoricalColumn("plan", (0..<60).map { ["a", "b", "c"][$0 % 3] }),
        ])
        let (preprocessing, design) = try learn(table)
        let again = Matrix(try preprocessing.apply(to: table))
        #expect(again.elements.map(\.bitPattern) == design.elements.map(\.bitPattern))
        let someRows = [3, 59, 0, 9]
        let part = Matrix(try preprocessing.apply(to: table.selecting(rows: someRows)))
        for (target, row) in someRows.enumerated() {
            for column in 0..<design.columnCount { #expect(part[target, column] == design[row, column]) }
        }
    }

    // MARK: Tables that do not match

    @Test(arguments: [
        ("Tenure", "Tenure" as String?), ("tenur", "tenur"), ("tenrue", "tenrue"), ("monthly_charges", nil),
    ])
    func aMissingColumnIsNamedWithTheNearest(present: String, nearest: String?) throws {
        let (preprocessing, _) = try learn(numericTable([("tenure", [1, 2, 3]), ("age", [3, 1, 1])]))
        let other = try numericTable([("age", [1, 2]), (present, [1, 2])])
        #expect(throws: ModelError.missingColumn("tenure", nearest: nearest)) { try preprocessing.apply(to: other) }
        #expect(throws: ModelError.missingColumn("tenure", nearest: nearest)) {
            try preprocessing.unseenCategories(in: other)
        }
    }

    @Test func theOrderOfColumnsAtScoringDoesNotMatterAndMoreAreFine() throws {
        let training = try numericTable([("a", [1, 2, 4]), ("b", [3, 1, 1])])
        let (preprocessing, design) = try learn(training)
        let later = try numericTable([("more", [0, 0, 0]), ("b", [3, 1, 1]), ("a", [1, 2, 4])])
        #expect(Matrix(try preprocessing.apply(to: later)) == design)
    }

    @Test func anotherKindOfColumnIsRefused() throws {
        let training = try table([
            PredictorColumn(name: "age", values: .numeric([1, 2, 3])), categoricalColumn("plan", ["a", "b", "a"]),
        ])
        let (preprocessing, _) = try learn(training)
        let textual = try table([
            categoricalColumn("age", ["1", "2", "3"]), categoricalColumn("plan", ["a", "b", "a"]),
        ])
        let numeric = try numericTable([("age", [1, 2, 3]), ("plan", [1, 2, 3])])
        #expect(throws: ModelError.columnKindMismatch("age", trainedAs: "a number")) {
            try preprocessing.apply(to: textual)
        }
        #expect(throws: ModelError.columnKindMismatch("plan", trainedAs: "a category")) {
            try preprocessing.apply(to: numeric)
        }
    }

    private func table(_ columns: [PredictorColumn]) throws -> PredictorTable {
        try PredictorTable(rowCount: columns.first?.values.count ?? 0, columns: columns)
    }

    private func learn(
        _ table: PredictorTable,
        _ imputation: Imputation = .mean,
        hashBits: Int? = nil
    ) throws -> (preprocessing: Preprocessing, design: Matrix) {
        let (preprocessing, design) = try Preprocessing.fit(
            table,
            imputation: imputation,
            hashBits: hashBits,
            threads: 1
        )
        return (preprocessing, Matrix(design))
    }
}

extension ColumnEncoding.Kind {
    fileprivate var levelCount: Int? {
        if case .categorical(let levels) = self { levels.count } else { nil }
    }
}
