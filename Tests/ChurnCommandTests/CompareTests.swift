import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

/// Models beside each other, and what may become champion.
@Suite(.serialized) struct CompareTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try SimulatedWorld(SimulationParameters(customers: 1500, seed: 8)).write(to: "\(folder.path)/shop", threads: 2)
        try #require(train("--l2", "20").status == 0)
    }

    @discardableResult
    private func run(_ arguments: [String]) throws -> ChurnBinary.Outcome {
        try ChurnBinary.run(arguments + ["--registry", "r"], in: folder.path)
    }

    private func train(_ arguments: String...) throws -> ChurnBinary.Outcome {
        try run(["train", "shop/study.yaml", "--name", "m"] + arguments)
    }

    private func promote(_ version: Int, _ arguments: String...) throws -> ChurnBinary.Outcome {
        try run(["models", "promote", "m@\(version)"] + arguments)
    }

    private func champion() throws -> Int? {
        try ModelRegistry(path: "\(folder.path)/r").aliases(of: ModelName("m"))["champion"]
    }

    private func editStudy(_ change: (String) -> String) throws {
        let path = "\(folder.path)/shop/study.yaml"
        try folder.write("shop/study.yaml", change(try String(contentsOfFile: path, encoding: .utf8)).utf8)
    }

    /// Replaces a number of a stored model, whose digest is put right.
    private func forge(_ version: Int, _ change: (inout [String: Any]) -> Void) throws {
        let registry = try ModelRegistry(path: "\(folder.path)/r")
        let name = try ModelName("m")
        var contents = try registry.contents(name, version: version)
        let file = try #require(contents["model.json"])
        var json = try #require(try JSONSerialization.jsonObject(with: file) as? [String: Any])
        change(&json)
        contents["model.json"] = try JSONSerialization.data(withJSONObject: json)
        let origin = try registry.manifest(name, version: version).origin
        _ = try registry.publish(name, contents: contents, origin: origin)
    }

    // MARK: Comparison

    @Test func modelsAreComparedOnRowsThatNoneHasSeen() throws {
        #expect(try run(["train", "shop/study.yaml", "--name", "r", "--model", "recency"]).status == 0)
        let outcome = try run(["compare", "m@1", "r@1", "shop/study.yaml", "--draws", "200", "--format", "json"])
        try #require(outcome.status == 0, "\(outcome.errors)")
        let json = outcome.json
        #expect(json["cutoffs"] as? [String] == ["2024-04-01"] && json["primaryMetric"] as? String == "logLoss")
        let models = try #require(json["models"] as? [[String: Any]])
        let figures = models.compactMap { ($0["figures"] as? [String: [String: Any]]) }
        let evaluated = try run(["evaluate", "m@1", "shop/study.yaml", "--format", "json"])
        let metrics = try #require(evaluated.json["metrics"] as? [String: Any])
        for name in ["auc", "logLoss", "brier"] {
            let value = try #require(figures[0][name]?["value"] as? Double)
            #expect(value == metrics[name] as? Double)
            let (low, high) = (
                figures[0][name]?["low"] as? Double ?? .nan, figures[0][name]?["high"] as? Double ?? .nan
            )
            #expect(low < value && value < high, "\(name)")
        }
        let pairs = try #require(json["pairs"] as? [[String: Any]])
        let logLoss = try #require(pairs.first { $0["metric"] as? String == "logLoss" })
        #expect((logLoss["difference"] as? Double ?? 1) < 0 && (logLoss["high"] as? Double ?? 1) < 0)
        #expect((json["advice"] as? String)?.hasPrefix("Take m@1: its log loss is better than that of r@1") ?? false)
        #expect((json["disagreements"] as? [Any])?.count == 10)
        let text = try run(["compare", "m@1", "r@1", "shop/study.yaml", "--draws", "20", "--by", "auc"])
        #expect(text.output.contains("m@1 - r@1") && text.output.contains("are the same for m@1 and r@1"))
    }

    @Test func modelsThatAreAlikeAreNotToldApart() throws {
        #expect(try train("--l2", "20.1").status == 0)
        let outcome = try run(["compare", "m@1", "m@2", "shop/study.yaml", "--draws", "200"])
        #expect(outcome.output.contains("the data cannot tell m@1 and m@2 apart"), "\(outcome.output)")
    }

    @Test func flatTablesAreComparedOnRowsThatAllKeptBack() throws {
        var random = RandomStream(seed: 3, purpose: "rows")
        let rows = (0..<600).map { row in
            let (x, z) = (random.normal(), random.normal())
            return "c\(row),\(x),\(z),\(random.bernoulli(StableFunctions.sigmoid(2 * x)) ? 1 : 0)"
        }
        try folder.write("t.csv", (["id,x,z,y"] + rows).joined(separator: "\n").utf8)
        let table = ["train", "t.csv", "--label", "y", "--id", "id", "--name"]
        #expect(try run(table + ["a"]).status == 0 && run(table + ["b", "--exclude", "x"]).status == 0)
        let outcome = try run(["compare", "a", "b", "t.csv", "--draws", "200", "--format", "json"])
        #expect(outcome.json["rowsAre"] as? String == "heldOut" && outcome.json["rows"] as? Int == 120)
        #expect((outcome.json["advice"] as? String)?.hasPrefix("Take a@1") ?? false)
        #expect(try run(["compare", "a", "a@1", "t.csv"]).status == 64)
        #expect(try run(["compare", "a", "t.csv"]).status == 64)
        #expect(try run(["compare", "a", "m", "t.csv"]).status == 65)
    }

    // MARK: Gate

    @Test func theFirstChampionHasNobodyToBeatAndAnEqualMayFollow() throws {
        #expect(try promote(1).status == 0)
        #expect(try train("--l2", "21").status == 0)
        let second = try promote(2, "--format", "json")
        #expect(second.status == 0, "\(second.errors)")
        let gate = try #require(second.json["gate"] as? [String: Any])
        #expect((gate["refusals"] as? [Any])?.isEmpty ?? false && (gate["rows"] as? Int ?? 0) > 500)
        #expect(try champion() == 2)
        // Back to what was, and any other alias, is nobody's to compare.
        #expect(try promote(1, "--alias", "challenger").status == 0)
        #expect(try run(["models", "rollback", "m"]).status == 0)
    }

    @Test func aWorseChallengerIsRefusedUnlessItIsForced() throws {
        #expect(try promote(1).status == 0)
        #expect(try train("--model", "recency").status == 0)
        let refused = try promote(2)
        #expect(
            refused.status == 1 && refused.errors.contains("log loss is worse than the champion's"),
            "\(refused.errors)"
        )
        #expect(try champion() == 1)
        // Within the margin it may be.
        try editStudy { $0.replacing("primaryMetric: logLoss", with: "primaryMetric: logLoss, margin: 1") }
        #expect(try promote(2).status == 0)
        #expect(try promote(1, "--force", "--reason", "night shift").status == 0)
        let history = try ModelRegistry(path: "\(folder.path)/r").history(of: ModelName("m")).entries
        #expect(history.last?.reason == "forced, not compared with version 2: night shift")
    }

    @Test func aChallengerThatIsTooSureOrTooGloomyIsRefused() throws {
        #expect(try promote(1).status == 0)
        try editStudy { $0.replacing("primaryMetric: logLoss", with: "primaryMetric: auc") }
        func scaled(_ slope: Double, _ shift: Double) throws {
            try forge(1) { json in
                json["coefficients"] = (json["coefficients"] as? [Double])?.map { $0 * slope }
                json["intercept"] = (json["intercept"] as? Double ?? 0) * slope + shift
            }
        }
        try scaled(3, 0)
        let sure = try promote(2)
        #expect(sure.status == 1 && sure.errors.contains("calibration slope is from"), "\(sure.errors)")
        try scaled(1, 2)
        let gloomy = try promote(3)
        #expect(gloomy.status == 1 && gloomy.errors.contains("observed/expected is from"), "\(gloomy.errors)")
        try scaled(1.01, 0)
        #expect(try promote(4).status == 0)
    }

    @Test func withoutEvidenceThereIsNoNewChampion() throws {
        #expect(try promote(1).status == 0)
        #expect(try train("--l2", "21").status == 0)
        // Trained on all mature cutoffs: nothing later is there to compare on.
        try editStudy {
            $0.replacing("last: 2024-04-01", with: "last: 2024-02-01").replacing(
                "first: 2023-01-01",
                with: "first: 2023-12-01"
            )
        }
        let nothing = try promote(2)
        #expect(nothing.status == 1 && nothing.errors.contains("not enough evidence"), "\(nothing.errors)")
        try FileManager.default.moveItem(atPath: "\(folder.path)/shop", toPath: "\(folder.path)/elsewhere")
        let gone = try promote(2)
        #expect(gone.status == 1 && gone.errors.contains("name the data with --on"))
        // Few of them churned.
        let events = try String(contentsOfFile: "\(folder.path)/elsewhere/events.csv", encoding: .utf8).split(
            separator: "\n"
        )
        let few = events.filter { $0.hasPrefix("customer") || $0 < "C000060" }
        try folder.write("elsewhere/events.csv", few.joined(separator: "\n").utf8)
        try folder.write(
            "elsewhere/study.yaml",
            try String(contentsOfFile: "\(folder.path)/elsewhere/study.yaml", encoding: .utf8)
                .replacing("last: 2024-02-01", with: "last: 2024-04-01").utf8
        )
        let refused = try promote(2, "--on", "elsewhere/study.yaml")
        #expect(refused.status == 1 && refused.errors.contains("are needed"), "\(refused.errors)")
        #expect(try champion() == 1)
    }

    @Test func aPredictorThatKnowsTheOutcomeKeepsAChallengerOut() throws {
        var random = RandomStream(seed: 3, purpose: "rows")
        let rows = (0..<900).map { row in
            let x = random.normal()
            let y = random.bernoulli(StableFunctions.sigmoid(x)) ? 1 : 0
            return "c\(row),\(x),\(Double(y) + 0.01 * random.normal()),\(y)"
        }
        try folder.write("t.csv", (["id,x,cancelled,y"] + rows).joined(separator: "\n").utf8)
        let table = ["train", "t.csv", "--label", "y", "--id", "id", "--name", "t", "--l2", "5"]
        #expect(try run(table + ["--exclude", "cancelled"]).status == 0)
        #expect(try run(["models", "promote", "t@1"]).status == 0)
        #expect(try run(table + ["--allow-leak", "cancelled"]).status == 0)
        // Allowed then, and told so; forgotten by a version that never said it.
        let allowed = try run(["models", "promote", "t@2"])
        // Who tells all rows apart has no slope that could be judged.
        #expect(
            allowed.status == 1 && allowed.errors.contains("calibration slope has no interval"),
            "\(allowed.errors)"
        )
        #expect(!allowed.errors.contains("knows the outcome"))
        let registry = try ModelRegistry(path: "\(folder.path)/r")
        var contents = try registry.contents(ModelName("t"), version: 2)
        let record = String(decoding: try #require(contents["metrics.json"]), as: UTF8.self)
        contents["metrics.json"] = Data(record.replacing(/"allowedLeaks" : \[[^\]]*\],\s*/, with: "").utf8)
        let version = try registry.publish(
            ModelName("t"),
            contents: contents,
            origin: registry.manifest(ModelName("t"), version: 2).origin
        )
        #expect(try run(["models", "promote", "t@1", "--force"]).status == 0)
        let refused = try run(["models", "promote", "t@\(version)"])
        #expect(refused.status == 1 && refused.errors.contains("a predictor knows the outcome"), "\(refused.errors)")
    }

    @Test func whatHasNotConvergedIsNeverPromoted() throws {
        #expect(try promote(1).status == 0)
        #expect(try train("--max-iterations", "1", "--l2", "1", "--solver", "lbfgs").status == 1)
        let refused = try promote(2, "--force")
        #expect(refused.status == 1 && refused.errors.contains("notConverged"))
    }

    // MARK: What may have been seen

    /// `rows` customers whose x tells something, written as `t.csv`.
    private func writeTable(_ rows: Int) throws {
        var random = RandomStream(seed: 3, purpose: "rows")
        let lines = (0..<rows).map { row in
            let (x, z) = (random.normal(), random.normal())
            return "c\(row),\(x),\(z),\(random.bernoulli(StableFunctions.sigmoid(x)) ? 1 : 0)"
        }
        try folder.write("t.csv", (["id,x,z,y"] + lines).joined(separator: "\n").utf8)
    }

    private static let table = ["train", "t.csv", "--label", "y", "--id", "id", "--name", "t"]

    /// Rows that one of two kept back may have trained the other.
    @Test func aTableThatHasGrownIsNoEvidenceForEither() throws {
        try writeTable(600)
        #expect(try run(Self.table).status == 0 && run(["models", "promote", "t@1"]).status == 0)
        try writeTable(700)
        #expect(try run(Self.table + ["--l2", "2"]).status == 0)
        let mixed = try run(["models", "promote", "t@2"])
        #expect(
            mixed.status == 1 && mixed.errors.contains("may have learned from rows that the other kept back"),
            "\(mixed.errors)"
        )
        let compared = try run(["compare", "t@1", "t@2", "t.csv", "--draws", "50", "--format", "json"])
        #expect(
            compared.json["rowsAre"] as? String == "heldOutOfSome" && compared.errors.contains("not every model kept")
        )
        // A row more, and the table is nobody's: all rows would count, those that trained too.
        try writeTable(701)
        let grown = try run(["models", "promote", "t@2"])
        #expect(grown.status == 1 && grown.errors.contains("has changed since"), "\(grown.errors)")
        // Who names it says that its rows are new.
        #expect(try run(["models", "promote", "t@2", "--on", "t.csv"]).status == 0)
    }

    /// What a fit went on from has seen what it has seen.
    @Test func whatAParentHasSeenIsNotUnseen() throws {
        #expect(try train("--model", "sgd", "--l2", "20").status == 0)
        try editStudy { $0.replacing("last: 2024-04-01", with: "last: 2023-12-01") }
        #expect(try train("--model", "sgd", "--l2", "20", "--continue", "m@2").status == 0)
        // The child's own labels end in autumn; its parent's with the year.
        let early = try run(["evaluate", "m@3", "shop/study.yaml"])
        #expect(early.status == 65 && early.errors.contains("labels until 2024-"), "\(early.errors) \(early.output)")
        try writeTable(600)
        let sgd = Self.table + ["--model", "sgd"]
        #expect(try run(sgd).status == 0 && run(sgd + ["--continue", "t@1", "--seed", "7"]).status == 0)
        let evaluated = try run(["evaluate", "t@2", "t.csv", "--format", "json"])
        #expect(
            evaluated.json["rowsAre"] as? String == "heldOutOfSome" && evaluated.errors.contains("may have learned")
        )
        #expect(try run(sgd + ["--continue", "t@1"]).status == 0)
        let same = try run(["evaluate", "t@3", "t.csv", "--format", "json"])
        #expect(same.json["rowsAre"] as? String == "heldOut")
    }

    /// A model that predicts sixty days of silence is not worse at ninety.
    @Test func modelsOfAnotherChurnAreNotJudged() throws {
        #expect(try promote(1).status == 0)
        try editStudy { $0.replacing("horizon: 90d", with: "horizon: 60d") }
        #expect(try train("--l2", "21").status == 0)
        let refused = try promote(2)
        #expect(
            refused.status == 65 && refused.errors.contains("the model predicts \"no purchase for 90d"),
            "\(refused.errors)"
        )
        #expect(try run(["compare", "m@1", "m@2", "shop/study.yaml"]).status == 65)
        #expect(try promote(2, "--force").status == 0)
    }

    /// The row of a model that was certain and wrong.
    @Test func aLossWithoutBoundIsWorseThanAnyOther() throws {
        #expect(try promote(1).status == 0)
        try forge(1) { json in
            json["coefficients"] = (json["coefficients"] as? [Double])?.map { $0 * 1000 }
        }
        let compared = try run(["compare", "m@1", "m@2", "shop/study.yaml", "--draws", "50", "--format", "json"])
        #expect(compared.status == 0, "\(compared.errors)")
        #expect((compared.json["advice"] as? String)?.hasPrefix("Take m@1") == true, "\(compared.output)")
        let refused = try promote(2, "--format", "json")
        #expect(refused.status == 1 && refused.errors.contains("log loss is infinite"), "\(refused.errors)")
        #expect(refused.json["rows"] != nil)
        // And whoever follows such a champion is not held up by him.
        #expect(try promote(2, "--force").status == 0 && promote(1).status == 0)
    }

    @Test func aMetricThatDoesNotDecideIsRefused() throws {
        #expect(try train("--l2", "21").status == 0)
        let outcome = try run(["compare", "m@1", "m@2", "shop/study.yaml", "--by", "calibrationSlope"])
        #expect(outcome.status == 64 && outcome.errors.contains("cannot decide"), "\(outcome.errors)")
        #expect(try run(["compare", "m@1", "m@2", "shop/study.yaml", "--by", "AUC", "--draws", "20"]).status == 0)
    }

    // MARK: Importance

    /// Of two twins and noise beside a column that tells all.
    @Test func importanceIsTheLossWithoutAPredictor() throws {
        var random = RandomStream(seed: 3, purpose: "rows")
        let lines = (0..<3000).map { row in
            let (x, z) = (random.normal(), random.normal())
            let twin = 2 * x + 0.001 * random.normal()
            let group = row % 3 == 0 ? "a" : "b"
            return "c\(row),\(x),\(twin),\(z),\(group),\(random.bernoulli(StableFunctions.sigmoid(2 * x)) ? 1 : 0)"
        }
        try folder.write("t.csv", (["id,x,twin,z,g,y"] + lines).joined(separator: "\n").utf8)
        #expect(try run(Self.table).status == 0)
        let outcome = try run(["importance", "t", "t.csv", "--format", "json"])
        try #require(outcome.status == 0, "\(outcome.errors)")
        let importance = try #require(outcome.json["importance"] as? [String: Any])
        let groups = try #require(importance["groups"] as? [[String: Any]])
        #expect(groups.map { $0["predictors"] as? [String] }.contains(["x", "twin"]) && groups.count == 3)
        let first = try #require(groups.first)
        #expect(first["predictors"] as? [String] == ["x", "twin"])
        let rise = try #require(first["rise"] as? [String: Any])
        // Without what tells all, the loss is that of scores that are of others: far above the base rate's.
        #expect((rise["low"] as? Double ?? 0) > 0.3)
        let noise = groups.dropFirst().compactMap { ($0["rise"] as? [String: Any])?["value"] as? Double }
        #expect(noise.count == 2 && noise.allSatisfy { abs($0) < 0.02 })
        // Each alone, the twins share it.
        let apart = try run(["importance", "t", "t.csv", "--format", "json", "--alike", "2"])
        #expect(((apart.json["importance"] as? [String: Any])?["groups"] as? [Any])?.count == 4)
        let effects = try #require(importance["effects"] as? [[String: Any]])
        let points = try #require(effects.first { $0["predictor"] as? String == "x" }?["points"] as? [[String: Double]])
        let probabilities = points.compactMap { $0["probability"] }
        #expect(probabilities.count == 5 && probabilities == probabilities.sorted())
        #expect(try run(["importance", "t", "t.csv"]).output.contains("x stands for twin."))
        #expect(
            try run(["importance", "m@1", "shop/study.yaml", "--format", "csv"]).output.hasPrefix("group,predictor,")
        )
    }
}
