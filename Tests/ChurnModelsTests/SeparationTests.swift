import ChurnNumerics
import Testing

@testable import ChurnModels

/// Data whose classes a combination of columns tells apart, at least on some rows: the unpenalised optimum is at infinity
/// (Albert and Anderson 1984).
@Suite struct SeparationTests {
    /// 400 rows: two columns that say a little of the label, and what a case adds.
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let columns: [PredictorColumn]
        let labels: [Bool]
        let separated: [String]

        var table: PredictorTable {
            get throws { try PredictorTable(rowCount: labels.count, columns: columns) }
        }
    }

    static let cases: [Case] = {
        let rows = 400
        let noise = SyntheticData.logistic(rows: rows, coefficients: [0.7, -0.4], intercept: 0)
        var stream = RandomStream(seed: 4, purpose: "separation")
        let normals = (0..<rows).map { _ in stream.normal() }
        func column(_ name: String, _ values: [Double]) -> PredictorColumn {
            PredictorColumn(name: name, values: .numeric(values))
        }
        func make(_ name: String, _ columns: [PredictorColumn], separated: [String]) -> Case {
            let all = [column("noise1", noise.columns[0])] + columns + [column("noise2", noise.columns[1])]
            return Case(testDescription: name, columns: all, labels: noise.labels, separated: separated)
        }
        let sign = noise.labels.map { $0 ? 1.0 : -1 }
        let odd = (0..<rows).map { $0 % 10 == 0 }
        // Rows with a = -b belong to either class; where a + b is above zero, all are positive.
        let a = normals
        let sums = (0..<rows).map { noise.labels[$0] && $0 % 4 == 0 ? 0.5 + abs(normals[rows - 1 - $0]) : 0 }
        let b = zip(a, sums).map { $1 - $0 }
        let plans = (0..<rows).map { noise.labels[$0] && odd[$0] ? "trial" : $0 % 3 == 0 ? "gold" : "silver" }
        let firstPlans = plans.map { $0 == "trial" ? "basic" : $0 }
        return [
            make(
                "complete",
                [column("gap", zip(sign, normals).map { $0 * (0.5 + abs($1)) })],
                separated: ["gap"]
            ),
            make("a copy of the label", [column("answer", sign.map { ($0 + 1) / 2 })], separated: ["answer"]),
            make(
                "a threshold that either class touches",
                [
                    column(
                        "touching",
                        zip(sign, normals.indices).map { $1 % 5 == 0 ? 0 : $0 * (0.1 + abs(normals[$1])) }
                    )
                ],
                separated: ["touching"]
            ),
            make(
                "a flag that only positives have",
                [column("flag", zip(noise.labels, odd).map { $0 && $1 ? 1 : 0 })],
                separated: ["flag"]
            ),
            make(
                "a flag that only one negative has",
                [column("flag", (0..<rows).map { $0 == noise.labels.firstIndex(of: false) ? 1 : 0 })],
                separated: ["flag"]
            ),
            make("a category", [categoricalColumn("plan", plans)], separated: ["plan=trial"]),
            make(
                "the category without a column",
                [categoricalColumn("plan", firstPlans)],
                separated: ["plan=gold", "plan=silver"]
            ),
            make("only two columns together", [column("a", a), column("b", b)], separated: ["a", "b"]),
            make(
                "units apart",
                [column("a", a.map { $0 * 1e9 }), column("b", b.map { $0 * 1e-9 })],
                separated: ["a", "b"]
            ),
        ]
    }()

    @Test(arguments: cases) func unpenalisedIsRefusedNamingTheColumns(_ one: Case) {
        #expect(throws: ModelError.separated(columns: one.separated)) { _ = try fit(one.table, one.labels) }
    }

    @Test(arguments: cases) func aPenaltyFitsAndWarnsNamingTheColumns(_ one: Case) throws {
        let fitted = try fit(one.table, one.labels, l2Strength: 1)
        let certificate = fitted.model.certificate
        #expect(certificate.status == .converged)
        #expect(certificate.separated == one.separated)
        #expect(certificate.warnings.count == 1)
        #expect(certificate.warnings.first?.hasPrefix("\(ModelError.list(one.separated)) separate") == true)
        #expect(try fitted.probabilities(one.table).allSatisfy { $0 > 0 && $0 < 1 })
    }

    /// A column that tells the classes apart but for two rows at its threshold, which stand the wrong way round and differ
    /// in nothing else, so that no other column can mend it.
    @Test(arguments: 1...10) func nearlySeparatedIsNotSeparated(seed: UInt64) throws {
        var stream = RandomStream(seed: seed, purpose: "near")
        let rows = 500
        let x = (0..<rows).map { _ in stream.normal() }
        var z = (0..<rows).map { _ in stream.normal() }
        var labels = x.map { $0 > 0 }
        let order = x.indices.sorted { x[$0] < x[$1] }
        let above = try #require(order.firstIndex { x[$0] > 0 })
        labels[order[above]] = false
        labels[order[above - 1]] = true
        z[order[above]] = z[order[above - 1]]
        let table = try numericTable([("x", x), ("z", z)])
        let fitted = try fit(table, labels)
        #expect(fitted.model.certificate.status == .converged)
        #expect(fitted.model.certificate.separated == [])
        #expect(fitted.model.coefficients[0] > 10)
        #expect(try fit(table, labels, l2Strength: 1).model.certificate.separated == [])
    }

    @Test(arguments: 1...10) func aFlagWithOneExceptionIsNotSeparated(seed: UInt64) throws {
        let data = SyntheticData.logistic(rows: 2000, coefficients: [0.5], intercept: 0, seed: seed)
        var flag = data.labels.indices.map { data.labels[$0] && $0 % 3 == 0 ? 1.0 : 0 }
        flag[try #require(data.labels.firstIndex(of: false))] = 1
        let table = try numericTable([("flag", flag), ("x", data.columns[0])])
        #expect(try fit(table, data.labels).model.certificate.separated == [])
    }

    /// An absurd amount, as a typing error makes it, in a column whose other rows overlap throughout.
    @Test(arguments: [1e3, 1e5, 1e7, 1e9]) func oneHugeValueDoesNotSeparate(huge: Double) throws {
        let data = SyntheticData.logistic(rows: 1000, coefficients: [0.5, -0.5], intercept: 0)
        var amounts = data.columns[0]
        amounts[try #require(data.labels.firstIndex(of: true))] = huge
        let fitted = try fit(numericTable([("amount", amounts), ("x", data.columns[1])]), data.labels, l2Strength: 1)
        #expect(fitted.model.certificate.separated == [])
    }

    /// More rows than the sample that is looked at first.
    @Test func separationOfManyRowsIsSeen() throws {
        var data = SyntheticData.logistic(rows: 40_000, coefficients: [0.5, 1], intercept: 0)
        let rare = data.labels.indices.map { data.labels[$0] && $0 % 997 == 0 ? 1.0 : 0 }
        data.columns.append(rare)
        #expect(throws: ModelError.separated(columns: ["x2"])) { try fit(data.table, data.labels, threads: 2) }
        #expect(
            try fit(data.selecting(columns: [0, 1]).table, data.labels, threads: 2).model.certificate.separated == []
        )
    }

    /// However narrow the gap: columns that only lean the same way are not to blame.
    @Test(arguments: 1...10, [0.5, 0.05, 0.001]) func onlyTheColumnThatSeparatesIsNamed(seed: UInt64, gap: Double)
        throws
    {
        var data = SyntheticData.logistic(rows: 300, coefficients: [0.7, -0.4], intercept: 0, seed: seed)
        var stream = RandomStream(seed: seed, purpose: "gap")
        data.columns.append(data.labels.map { ($0 ? 1 : -1) * (gap + abs(stream.normal())) })
        #expect(throws: ModelError.separated(columns: ["x2"])) { try fit(data.table, data.labels) }
    }

    /// One row in very many hardly moves a gradient, but its log-odds still have no bound.
    @Test(arguments: [1000, 30_000, 200_000]) func aFlagOfASingleRowIsSeen(rows: Int) throws {
        var data = SyntheticData.logistic(rows: rows, coefficients: [0.5], intercept: -1)
        let lone = try #require(data.labels.lastIndex(of: true))
        data.columns.append(data.labels.indices.map { $0 == lone ? 1 : 0 })
        #expect(throws: ModelError.separated(columns: ["x1"])) { try fit(data.table, data.labels, threads: 2) }
    }

    /// Sorted rows: the sample must not be the first ones.
    @Test func theOrderOfManyRowsDoesNotSeparate() throws {
        let data = SyntheticData.logistic(rows: 40_000, coefficients: [0.5, 1], intercept: 0)
        let sorted = data.selecting(rows: data.labels.indices.sorted { data.columns[1][$0] < data.columns[1][$1] })
        #expect(try fit(sorted.table, sorted.labels, threads: 2).model.certificate.separated == [])
    }

    /// Only rows that count can be told apart, or stand against it.
    @Test func rowsOfNoWeightDoNotStandAgainstSeparation() throws {
        let data = SyntheticData.logistic(rows: 400, coefficients: [0.5], intercept: 0)
        var flag = data.labels.indices.map { data.labels[$0] && $0 % 5 == 0 ? 1.0 : 0 }
        let exception = try #require(data.labels.firstIndex(of: false))
        flag[exception] = 1
        var weights = [Double](repeating: 1, count: 400)
        let table = try numericTable([("flag", flag), ("x", data.columns[0])])
        #expect(try fit(table, data.labels, weights: weights).model.certificate.separated == [])
        weights[exception] = 0
        #expect(throws: ModelError.separated(columns: ["flag"])) { try fit(table, data.labels, weights: weights) }
    }
}
