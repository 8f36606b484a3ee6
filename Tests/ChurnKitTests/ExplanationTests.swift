import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnKit

/// A score in parts that add up, and in words.
@Suite struct ExplanationTests {
    private static let world = Result { () throws -> (study: Study, folder: TemporaryFolder) in
        let folder = try TemporaryFolder()
        try SimulatedWorld(SimulationParameters(customers: 400, seed: 5)).write(to: folder.path, threads: 2)
        return (try Study(path: "\(folder.path)/study.yaml"), folder)
    }

    private static func data() throws -> StudyData { try StudyData(study: world.get().study, threads: 2) }

    private static func model(_ kind: String, on data: StudyData) throws -> StoredModel {
        let regression = FittedPipeline.Specification(estimator: try LogisticRegression(l2Strength: 5))
        func options(_ estimator: any ModelEstimator) -> TrainingOptions {
            TrainingOptions(estimator, churn: data.study.churn.words, threads: 2)
        }
        if let baseline = Baseline(rawValue: kind) {
            return try ModelTraining.train(baseline, on: data, options: options(regression))
        }
        let table = try data.featureTable(plan: data.plan(), threads: 2)
        let estimator: any ModelEstimator = kind == "boosted" ? try BoostedTrees() : regression
        return try ModelTraining.train(on: table, options: options(estimator))
    }

    @Test(arguments: ["logistic", "boosted", "bgnbd"]) func thePartsAddUpToTheScore(kind: String) throws {
        let data = try Self.data()
        let model = try Self.model(kind, on: data)
        let day = try #require(CalendarDay("2024-07-01"))
        let scores = try ModelScoring(model, on: .study(data, asOf: day), threads: 2).scores()
        for row in [scores.order[0], scores.order[scores.count / 2], scores.order[scores.count - 1]] {
            let told = try Explanation(of: scores.customers[row], by: model, on: .study(data, asOf: day), threads: 2)
            #expect(told.probability == scores.probabilities[row] && told.rank == scores.ranks[row])
            let sum = told.groups.reduce(told.averageLogOdds + told.offset) { $0 + $1.contribution }
            #expect(abs(sum - told.logOdds) < 1e-9 * max(1, abs(told.logOdds)))
            for group in told.groups {
                #expect(abs(group.facts.reduce(0) { $0 + $1.contribution } - group.contribution) < 1e-12)
            }
            #expect(told.customers == scores.count)
            #expect(told.churn?.hasPrefix("no purchase for 90d") == true)
            // The average of the day's customers is what contributions are against.
            let probabilities = scores.probabilities.reduce(0, +) / Double(scores.count)
            #expect(abs(told.averageProbability - probabilities) < 1e-12)
            #expect(told.alikeWhoLeft.count + told.alikeWhoStayed.count >= 3)
            #expect(told.alike?.customers == 50 && told.alike?.cutoff == "2024-04-01")
            // Neighbours are others, of a cutoff whose outcomes were known by then, closest first.
            for alike in [told.alikeWhoLeft, told.alikeWhoStayed] {
                #expect(alike.count <= 3 && alike.map(\.distance) == alike.map(\.distance).sorted())
                #expect(Set(alike.map(\.cutoff)).isSubset(of: ["2024-04-01"]))
                #expect(!alike.contains { $0.customer == told.customer })
            }
            #expect(told.alikeWhoLeft.allSatisfy(\.churned) && !told.alikeWhoStayed.contains(where: \.churned))
        }
    }

    /// Features have a stand-in for what is not there; a manager must not read it as a fact.
    @Test func whatNeverHappenedIsSaidSo() throws {
        let data = try Self.data()
        let model = try Self.model("logistic", on: data)
        let day = try #require(CalendarDay("2024-07-01"))
        let scores = try ModelScoring(model, on: .study(data, asOf: day), threads: 2).scores()
        let index = data.history.index
        let type = try #require(index.typeNames.firstIndex(of: "return"))
        var (never, sometimes) = (0, 0)
        for row in stride(from: 0, to: scores.count, by: 10) {
            let told = try Explanation(of: scores.customers[row], by: model, on: .study(data, asOf: day), threads: 2)
            let fact = try #require(told.groups.flatMap(\.facts).first { $0.predictor == "return_since_last" })
            let count = try #require(told.groups.flatMap(\.facts).first { $0.predictor == "return_count_all" }?.value)
            #expect((fact.placeholder == .never) == (count == 0), "\(told.customer), type \(type)")
            if count == 0 { never += 1 } else { sometimes += 1 }
        }
        #expect(never > 0 && sometimes > 0)
    }

    /// Nobody's outcome is used that was not known on the day.
    @Test func nothingIsKnownThatWasNotKnownThen() throws {
        let data = try Self.data()
        let model = try Self.model("logistic", on: data)
        let day = try #require(CalendarDay("2024-04-01"))
        let scores = try ModelScoring(model, on: .study(data, asOf: day), threads: 2).scores()
        let told = try Explanation(of: scores.customers[0], by: model, on: .study(data, asOf: day), threads: 2)
        #expect(Set(told.alikeWhoStayed.map(\.cutoff)) == ["2024-01-01"])
    }

    /// The model itself says what the score would be.
    @Test func alternativesAreScoresOfChangedCustomers() throws {
        var random = RandomStream(seed: 3, purpose: "rows")
        var lines = ["id,x,z,y"]
        for row in 0..<500 {
            let (x, z) = (random.normal(), random.normal())
            lines.append("c\(row),\(x),\(z),\(random.bernoulli(StableFunctions.sigmoid(x + 2 * z)) ? 1 : 0)")
        }
        let folder = try TemporaryFolder()
        try folder.write("t.csv", lines.joined(separator: "\n").utf8)
        let table = try FlatTable(path: "\(folder.path)/t.csv", dialect: DelimitedDialect())
        let plan = StoredModel.TablePlan(label: "y", positive: nil, id: "id", weight: nil, columns: ["x", "z"])
        let specification = FittedPipeline.Specification(estimator: try LogisticRegression(l2Strength: 0))
        let model = try ModelTraining.train(on: table, plan: plan, options: TrainingOptions(specification, threads: 1))
        let scores = try ModelScoring(model, on: .table(table)).scores()
        let top = scores.order[0]
        let nobodys = try Explanation(of: scores.customers[top], by: model, on: .table(table), threads: 1)
        #expect(nobodys.alternatives.isEmpty)
        let told = try Explanation(
            of: scores.customers[top],
            by: model,
            on: .table(table),
            levers: ["x", "z"],
            threads: 1
        )
        #expect(Set(told.groups.map(\.name)) == ["x", "z"] && told.alikeWhoLeft.isEmpty && told.alike == nil)
        // What lowers a score by less than two points is left out.
        #expect(
            told.alternatives.count >= 1 && told.alternatives.allSatisfy { $0.probability <= told.probability - 0.02 }
        )
        for alternative in told.alternatives where alternative.groups.count == 1 {
            // Linear: what the customer's value adds goes, what the median's adds comes.
            let group = try #require(told.groups.first { $0.name == alternative.groups[0] })
            let fact = group.facts[0]
            let value = try #require(fact.value)
            let median = try #require(fact.median)
            let pipeline = try model.logisticRegression
            let slope = try #require(pipeline.coefficients.first { $0.name == fact.predictor }).rawValue
            let expected = StableFunctions.sigmoid(told.logOdds + slope * (median - value))
            #expect(abs(alternative.probability - expected) < 1e-12)
        }
        #expect(throws: WorkflowError.unknownPredictor("zz", nearest: "z")) {
            try Explanation(of: scores.customers[top], by: model, on: .table(table), levers: ["zz"], threads: 1)
        }
        #expect(throws: WorkflowError.unknownCustomer(asOf: nil, customers: 500)) {
            try Explanation(of: "nobody", by: model, on: .table(table), threads: 1)
        }
    }
}
