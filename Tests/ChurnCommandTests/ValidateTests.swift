import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

/// Cross-validation as a user runs it.
@Suite struct ValidateTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try SimulatedWorld(SimulationParameters(customers: 600, seed: 8)).write(to: "\(folder.path)/shop", threads: 2)
    }

    private func validate(_ arguments: String...) throws -> ChurnBinary.Outcome {
        try ChurnBinary.run(["validate"] + arguments, in: folder.path)
    }

    private func folds(_ json: [String: Any]) -> [[String: Any]] { json["folds"] as? [[String: Any]] ?? [] }

    private func figure(_ name: String, _ json: [String: Any]) -> [String: Any] {
        (json["figures"] as? [String: Any])?[name] as? [String: Any] ?? [:]
    }

    /// `oracles.md`: the row's index within its class, modulo 10, C = 1: mean AUC .845900, SD .015422.
    @Test(.enabled(if: SharedData.isAvailable, "\(SharedData.skipMessage)"))
    func telcosTenFoldsHaveTheirPublishedAUC() throws {
        let outcome = try validate(
            SharedData.path("telco/Telco-Customer-Churn.csv"),
            "--label",
            "Churn",
            "--positive",
            "Yes",
            "--id",
            "customerID",
            "--folds",
            "10",
            "--as-they-come",
            "--c",
            "1",
            "--impute",
            "zero",
            "--format",
            "json"
        )
        try #require(outcome.status == 0, "\(outcome.errors)")
        let values = folds(outcome.json).compactMap { ($0["metrics"] as? [String: Any])?["auc"] as? Double }
        #expect(values.count == 10)
        let mean = values.reduce(0, +) / 10
        let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 10).squareRoot()
        #expect(abs(mean - 0.845900) < 5.1e-7 && abs(deviation - 0.015422) < 5.1e-7)
        let auc = figure("auc", outcome.json)
        #expect(auc["value"] as? Double == mean && auc["method"] as? String == "correctedFolds")
    }

    /// The last fold is what `train` tests, and the predictions of all give the figures.
    @Test func eachCutoffIsTestedByAModelOfEarlierOnes() throws {
        let outcome = try validate(
            "shop/study.yaml",
            "--folds",
            "4",
            "--l2",
            "3",
            "--draws",
            "50",
            "--format",
            "json",
            "--predictions",
            "p.csv"
        )
        try #require(outcome.status == 0, "\(outcome.errors)")
        let folds = folds(outcome.json)
        #expect(folds.map { $0["name"] as? String } == ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"])
        #expect((folds[0]["purgedCutoffs"] as? [String]) == ["2023-11-01", "2023-12-01"])
        #expect((folds[0]["trainingCutoffs"] as? [String])?.last == "2023-10-01")

        let trained = try ChurnBinary.run(
            "train",
            "shop/study.yaml",
            "--l2",
            "3",
            "--name",
            "m",
            "--format",
            "json",
            in: folder.path
        )
        let test = (trained.json["metrics"] as? [String: Any])?["test"] as? [String: Any]
        let last = try #require(folds.last?["metrics"] as? [String: Any])
        for name in ["auc", "logLoss", "brier", "ks"] {
            // A fold begins where the one before it ended.
            let (fold, whole) = (last[name] as? Double ?? .nan, test?[name] as? Double ?? .infinity)
            #expect(abs(fold - whole) < 1e-9, "\(name)")
        }

        let metrics = try ChurnBinary.run(
            "metrics",
            "p.csv",
            "--label",
            "label",
            "--score",
            "probability",
            "--format",
            "json",
            in: folder.path
        )
        #expect(metrics.json["rows"] as? Int == outcome.json["rows"] as? Int)
        let auc = figure("auc", outcome.json)
        #expect(
            auc["value"] as? Double == metrics.json["auc"] as? Double && auc["method"] as? String == "clusteredDelong"
        )
        #expect(figure("logLoss", outcome.json)["method"] as? String == "bootstrap")
        let mode = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/p.csv")[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func theStudySaysHowItIsValidated() throws {
        let path = "\(folder.path)/shop/study.yaml"
        let study = try String(contentsOfFile: path, encoding: .utf8)
        func folds(_ validation: String) throws -> [[String: Any]] {
            try folder.write(
                "shop/other.yaml",
                study.replacing(/validation: .*/, with: "validation: {\(validation)}").utf8
            )
            let outcome = try validate("shop/other.yaml", "--model", "recency", "--draws", "1", "--format", "json")
            try #require(outcome.status == 0, "\(validation): \(outcome.errors)")
            return self.folds(outcome.json)
        }
        #expect(try folds("folds: 2").count == 2)
        let sliding = try folds("scheme: slidingWindow, window: 3, folds: 2")
        #expect(sliding.allSatisfy { ($0["trainingCutoffs"] as? [String])?.count == 3 })
        let embargo = try folds("folds: 1, embargo: 20d")
        #expect((embargo[0]["trainingCutoffs"] as? [String])?.last == "2023-12-01")
        for (wrong, word) in [
            ("scheme: slidingWindow", "window: 6"), ("window: 3", "slidingWindow"), ("folds: 0", "1 to 1000"),
            ("primaryMetric: acc", "logLoss"), ("margin: -1", "margin"), ("scheme: random", "rollingOrigin"),
        ] {
            try folder.write("shop/other.yaml", study.replacing(/validation: .*/, with: "validation: {\(wrong)}").utf8)
            let outcome = try validate("shop/other.yaml")
            #expect(outcome.status == 78 && outcome.errors.contains(word), "\(wrong): \(outcome.errors)")
        }
    }

    /// A model that knows customers by heart is found out by customers it does not know.
    @Test func unseenCustomersAreTestedByModelsOfTheOthers() throws {
        let outcome = try validate(
            "shop/study.yaml",
            "--folds",
            "2",
            "--unseen-customers",
            "3",
            "--l2",
            "3",
            "--draws",
            "20",
            "--format",
            "json"
        )
        try #require(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.json["scheme"] as? String == "overTimeUnseen")
        let known = try validate("shop/study.yaml", "--folds", "2", "--l2", "3", "--draws", "20", "--format", "json")
        #expect(outcome.json["rows"] as? Int == known.json["rows"] as? Int)
        let rows = folds(outcome.json).compactMap { $0["trainingRows"] as? Int }
        let all = folds(known.json).compactMap { $0["trainingRows"] as? Int }
        #expect(zip(rows, all).allSatisfy { Double($0) < 0.75 * Double($1) && Double($0) > 0.55 * Double($1) })
    }

    @Test(arguments: ["bgnbd", "boosted", "sgd", "rfm"]) func everyKindIsValidated(kind: String) throws {
        let outcome = try validate("shop/study.yaml", "--model", kind, "--folds", "2", "--draws", "20")
        #expect(outcome.status == 0 && outcome.output.contains("AUC"), "\(outcome.errors)")
    }

    @Test func wrongWordsAreAMatterOfUsage() throws {
        for (arguments, word) in [
            (["shop/study.yaml", "--repetitions", "2"], "flat tables"),
            (["shop/study.yaml", "--folds", "0"], "--folds"),
            (["t.csv", "--label", "y", "--window", "2"], "studies"),
            (["t.csv", "--label", "y", "--folds", "1"], "--folds"),
            (["t.csv", "--label", "y", "--as-they-come", "--repetitions", "2"], "--repetitions"),
            (["shop/study.yaml", "--model", "sgd", "--continue", "m"], "churn train"), (["t.csv"], "--label"),
        ] {
            let outcome = try ChurnBinary.run(["validate"] + arguments, in: folder.path)
            #expect(outcome.status == 64 && outcome.errors.contains(word), "\(arguments): \(outcome.errors)")
        }
        #expect(try validate("shop/study.yaml", "--predictions", "shop/events.csv").status == 73)
    }

    /// Repeated folds are dealt in other ways, and the same for the same seed.
    @Test func repetitionsDealCustomersAnew() throws {
        var random = RandomStream(seed: 3, purpose: "rows")
        let rows = (0..<300).map { row in
            let x = random.normal()
            return "c\(row / 2),\(x),\(random.bernoulli(StableFunctions.sigmoid(x)) ? 1 : 0)"
        }
        try folder.write("t.csv", (["id,x,y"] + rows).joined(separator: "\n").utf8)
        func run(_ more: String...) throws -> ChurnBinary.Outcome {
            try ChurnBinary.run(
                ["validate", "t.csv", "--label", "y", "--id", "id", "--repetitions", "3", "--format", "json"] + more,
                in: folder.path
            )
        }
        let first = try run("--predictions", "p.csv")
        #expect(folds(first.json).count == 15 && first.json["rows"] as? Int == 900)
        #expect(try run().output == first.output)
        #expect(try run("--seed", "2").output != first.output)
        // All rows of a customer are in one fold of a repetition.
        let lines = try String(contentsOfFile: "\(folder.path)/p.csv", encoding: .utf8).split(separator: "\n")
            .dropFirst()
        var foldsOf: [Substring: Set<Int>] = [:]
        for line in lines {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            foldsOf[cells[0], default: []].insert(Int(cells[2]) ?? 0)
        }
        #expect(foldsOf.count == 150 && foldsOf.values.allSatisfy { $0.count == 3 })
    }
}
