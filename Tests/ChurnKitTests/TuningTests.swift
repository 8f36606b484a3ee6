import ChurnTestSupport
import Testing

@testable import ChurnKit

/// Hyperparameters chosen on some rows, and judged on others.
@Suite struct TuningTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let space = SearchSpace([.init("l2", .logarithmic(0.01, 1000))])

    /// A subject of a flat table whose configurations name an L2 strength.
    private func subject(_ lines: [String], seed: UInt64, folds: Int = 3) throws -> Tuning.Subject {
        try folder.write("t.csv", lines.joined(separator: "\n").utf8)
        let table = try FlatTable(path: "\(folder.path)/t.csv", dialect: DelimitedDialect())
        let columns = table.columnNames.filter { $0 != "id" && $0 != "y" }
        let plan = StoredModel.TablePlan(label: "y", positive: nil, id: "id", weight: nil, columns: columns)
        func options(_ configuration: Configuration) throws -> TrainingOptions {
            let strength = configuration.values["l2"].flatMap { Double($0) } ?? 1
            let regression = FittedPipeline.Specification(estimator: try LogisticRegression(l2Strength: strength))
            return TrainingOptions(regression, seed: seed, threads: 2)
        }
        let rows = try ValidationRows(table, plan: plan, folds: folds, options: options(.none))
        return Tuning.Subject(
            rows: { _ in ("", rows) },
            candidate: { CrossValidation.Candidate(try options($0)) }
        )
    }

    /// Customers with two rows each, and labels that nothing knows of.
    private func coinFlips(seed: UInt64) -> [String] {
        var random = RandomStream(seed: seed, purpose: "coin flips")
        return ["id,a,b,c,d,e,y"]
            + (0..<150).flatMap { customer in
                let label = random.bernoulli(0.4) ? 1 : 0
                return (0..<2).map { _ in
                    let values = (0..<5).map { _ in "\(random.normal())" }
                    return "c\(customer),\(values.joined(separator: ",")),\(label)"
                }
            }
    }

    /// The null control: whatever is searched, nothing is there to be found.
    @Test func aSearchAmongNothingDoesNotRaiseTheReportedAUC() throws {
        var values: [Double] = []
        var covered = 0
        for seed: UInt64 in 0..<200 {
            let settings = Tuning.Settings(
                strategy: .random,
                space: Self.space,
                trials: 6,
                metric: .auc,
                seed: seed,
                threads: 2
            )
            var ledger = TuningLedger()
            let tuning = try Tuning(subject(coinFlips(seed: seed), seed: seed), settings, ledger: &ledger)
            #expect((98...102).contains(tuning.tuned.predictionCount))
            let estimate = try DeLong.estimate(tuning.tuned.pooled.predictions)
            values.append(estimate.auc)
            if estimate.interval.lower <= 0.5, estimate.interval.upper >= 0.5 { covered += 1 }
        }
        let mean = values.reduce(0, +) / 200
        let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 199).squareRoot()
        #expect(abs(mean - 0.5) < 3 * deviation / 200.0.squareRoot(), "\(mean) ± \(deviation)")
        #expect(covered >= 184 && covered <= 196, "\(covered) of 200 intervals")
    }

    @Test func theRuleOfOneStandardErrorTakesTheStrongestPenaltyThatIsAsGood() throws {
        var random = RandomStream(seed: 3, purpose: "rows")
        let lines =
            ["id,a,b,y"]
            + (0..<400).map { row in
                let (a, b) = (random.normal(), random.normal())
                return "c\(row),\(a),\(b),\(random.bernoulli(StableFunctions.sigmoid(a)) ? 1 : 0)"
            }
        var settings = Tuning.Settings(strategy: .random, space: Self.space, trials: 20, threads: 2)
        var ledger = TuningLedger()
        let best = try Tuning(subject(lines, seed: 1), settings, ledger: &ledger)
        settings.rule = .oneStandardError
        settings.strength = ("l2", true)
        var second = TuningLedger()
        let strong = try Tuning(subject(lines, seed: 1), settings, ledger: &second)
        let trials = strong.choices[0].trials
        #expect(trials.map(\.configuration) == best.choices[0].trials.map(\.configuration))
        let (top, chosen) = (best.choices[0].chosen, strong.choices[0].chosen)
        let bound = try #require(top.value) + (try #require(top.standardError))
        let near = trials.filter { ($0.value ?? .infinity) <= bound }
        let strengths = near.compactMap { $0.configuration.values["l2"].flatMap { Double($0) } }
        #expect(chosen.configuration.values["l2"].flatMap { Double($0) } == strengths.max())
        #expect(chosen.configuration != top.configuration)
        // Over random folds the error is that of their mean.
        #expect(trials.allSatisfy { ($0.standardError ?? 0) > 0 })
    }

    /// A trial that fails is one that is not taken.
    @Test func whatCannotBeFittedIsNotChosen() throws {
        var random = RandomStream(seed: 3, purpose: "rows")
        let lines =
            ["id,a,b,y"]
            + (0..<200).map { row in
                // Who has an a above 1 always churned: without a penalty there is no optimum.
                let (a, b) = (random.normal(), random.normal())
                return "c\(row),\(a > 1 ? 1 : 0),\(b),\(a > 1 || random.bernoulli(0.3) ? 1 : 0)"
            }
        let settings = Tuning.Settings(
            strategy: .random,
            space: SearchSpace([.init("l2", .choice(["0", "1"]))]),
            trials: 5,
            threads: 2
        )
        var ledger = TuningLedger()
        let tuning = try Tuning(subject(lines, seed: 1), settings, ledger: &ledger)
        let failed = try #require(tuning.choices[0].trials.first { $0.configuration.values["l2"] == "0" })
        #expect(failed.value == nil)
        #expect(failed.failure?.contains("tells the classes apart") == true, "\(failed)")
        #expect(tuning.chosen.values == ["l2": "1"])
        var none = settings
        none.space = SearchSpace([.init("l2", .choice(["0"]))])
        var other = TuningLedger()
        #expect(throws: WorkflowError.self) { try Tuning(subject(lines, seed: 1), none, ledger: &other) }
    }

    /// Fits that begin at a neighbour's optimum end where all others do.
    @Test func foldsThatBeginWarmEndWhereColdOnesDo() throws {
        var random = RandomStream(seed: 8, purpose: "rows")
        let count = 40_000
        let columns = (0..<6).map { _ in (0..<count).map { _ in random.normal() } }
        let labels = (0..<count).map { row in
            random.bernoulli(StableFunctions.sigmoid(columns[0][row] - columns[1][row] / 2 - 1))
        }
        let table = try PredictorTable(
            rowCount: count,
            columns: columns.enumerated().map { PredictorColumn(name: "x\($0)", values: .numeric(.init($1))) }
        )
        let rows = TrainingRows(table: table, labels: labels)
        let (first, second) = (rows.selecting(rows: Array(0..<32_000)), rows.selecting(rows: Array(8000..<40_000)))
        for strength in [0.0, 10] {
            let specification = FittedPipeline.Specification(estimator: try LogisticRegression(l2Strength: strength))
            let start = try specification.fit(first, threads: 2)
            let cold = try specification.fit(second, threads: 2)
            let warm = try specification.starting(near: start).withoutInference.fit(second, threads: 2)
            let (left, right) = (
                try cold.linearPredictor(table, offsets: nil, threads: 2),
                try warm.linearPredictor(table, offsets: nil, threads: 2)
            )
            let distance = zip(left, right).reduce(0) { max($0, abs($1.0 - $1.1)) }
            #expect(distance < 1e-9 && warm.certificate.status == .converged, "\(strength): \(distance)")
        }
    }

    // MARK: Weak segments

    /// Labels drawn from the very probabilities, in customers with an x that parts them.
    private func world(seed: UInt64, _ truth: (_ x: Double, _ z: Double) -> Double) throws -> (
        Predictions, PredictorTable
    ) {
        var random = RandomStream(seed: seed, purpose: "weak segments")
        let columns = (0..<2).map { _ in (0..<3000).map { _ in random.normal() } }
        let scores = columns[0].map { StableFunctions.sigmoid(1.2 * $0 - 0.5) }
        let labels = columns[0].indices.map { random.bernoulli(truth(columns[0][$0], columns[1][$0])) }
        let table = try PredictorTable(
            rowCount: 3000,
            columns: [
                .init(name: "x", values: .numeric(.init(columns[0]))),
                .init(name: "z", values: .numeric(.init(columns[1]))),
            ]
        )
        return (try Predictions(labels: labels, scores: scores), table)
    }

    private static func model() throws -> FittedPipeline {
        try FittedPipeline(rawColumns: ["x", "z"], intercept: -0.5, coefficients: [1.2, 0.1])
    }

    /// In a third of the strongest predictor even the truth ranks badly; that is no weakness.
    @Test func aModelThatIsRightIsWeakNowhere() throws {
        var flagged = 0
        for seed: UInt64 in 0..<60 {
            let (predictions, table) = try world(seed: seed) { x, _ in StableFunctions.sigmoid(1.2 * x - 0.5) }
            let weak = try WeakSegments(predictions, table, Self.model(), threads: 2)
            #expect(weak.count == 6)
            if !weak.found.isEmpty { flagged += 1 }
        }
        #expect(flagged <= 7, "\(flagged) of 60")
    }

    @Test func whereAModelIsWrongItIsWeak() throws {
        // Of a third of the customers twice as many leave; another third leaves whatever x says.
        let (predictions, table) = try world(seed: 1) { x, z in
            z > 0.43
                ? min(0.95, 2 * StableFunctions.sigmoid(1.2 * x - 0.5))
                : z < -0.43 ? 0.4 : StableFunctions.sigmoid(1.2 * x - 0.5)
        }
        let weak = try WeakSegments(predictions, table, Self.model(), threads: 2)
        let problems = weak.found.filter { $0.predictor == "z" }
        #expect(problems.contains { $0.problem == .tooLow && $0.words.hasPrefix("from") }, "\(weak.found)")
        #expect(problems.contains { $0.problem == .ranksWorse && !$0.words.hasPrefix("from") }, "\(weak.found)")
    }

    @Test func theExpectedAUCIsThatOfAllPairs() throws {
        let scores = [0.1, 0.4, 0.4, 0.7, 0.9, 0.2]
        let weights = [1.0, 2, 1, 1, 3, 1]
        let predictions = try Predictions(
            labels: [false, true, false, true, true, false],
            scores: scores,
            weights: weights
        )
        var (right, pairs) = (0.0, 0.0)
        for i in scores.indices {
            for j in scores.indices where i != j {
                let pair = weights[i] * scores[i] * weights[j] * (1 - scores[j])
                pairs += pair
                right += pair * (scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0)
            }
        }
        #expect(abs((predictions.expectedAUC ?? 0) - right / pairs) < 1e-14)
    }
}
