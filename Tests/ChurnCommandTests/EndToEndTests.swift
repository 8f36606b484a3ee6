import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

@Suite struct EndToEndTests {
    private static func folderWithWorld(_ customers: Int = 300) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let made = try ChurnBinary.run(
            "simulate",
            "--customers",
            "\(customers)",
            "--seed",
            "3",
            "-o",
            "shop",
            in: folder.path
        )
        try #require(made.status == 0, "\(made.errors)")
        return folder
    }

    @Test func baselinesTakeTheirOwnFeatures() throws {
        let folder = try Self.folderWithWorld()
        func run(_ line: String) throws -> ChurnBinary.Outcome {
            try ChurnBinary.run(line.split(separator: " ").map(String.init), in: folder.path)
        }
        for kind in ["recency", "rfm", "mbgnbd"] {
            let trained = try run("train shop/study.yaml --name \(kind) --model \(kind) --format json")
            #expect(trained.status == 0, "\(trained.errors)")
            #expect(trained.json["kind"] as? String == (kind == "mbgnbd" ? "mbgnbd" : "logistic"))
            for format in ["table", "json", "csv"] {
                let shown = try run("models show \(kind) --registry shop/models --format \(format)")
                #expect(shown.status == 0 && shown.output.contains(kind == "mbgnbd" ? "alpha" : kind))
            }
            let scored = try run("score \(kind) shop/study.yaml --as-of 2024-07-01 -o \(kind).csv")
            #expect(scored.status == 0, "\(scored.errors)")
            #expect(try run("evaluate \(kind) shop/study.yaml").status == 0)
        }
        let refused = [
            ("--model bgnbd --l2 1", "--l2 does not belong to --model bgnbd"),
            ("--model bgnbd --impute zero", "--impute does not belong"), ("--model rfm --from f.arrow", "no --from"),
        ]
        for (options, words) in refused {
            let outcome = try run("train shop/study.yaml --name x \(options)")
            #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
        }
        let other = try run("train shop/study.yaml --name x --model sgd --continue mbgnbd")
        #expect(other.status == 65 && other.errors.contains("of kind mbgnbd"), "\(other.errors)")
    }

    @Test func fromNothingToScores() throws {
        let folder = try Self.folderWithWorld()
        let inspect = try ChurnBinary.run("inspect", "shop/study.yaml", "--format", "json", in: folder.path)
        #expect(inspect.status == 0)
        #expect(inspect.json["rejected"] as? Int == 0)
        #expect(try ChurnBinary.run("features", "shop/study.yaml", "-o", "f.arrow", in: folder.path).status == 0)
        let train = try ChurnBinary.run(
            "train",
            "shop/study.yaml",
            "--from",
            "f.arrow",
            "--name",
            "shop",
            "--format",
            "json",
            in: folder.path
        )
        #expect(train.status == 0, "\(train.errors)")
        let evaluate = try ChurnBinary.run("evaluate", "shop", "shop/study.yaml", "--format", "json", in: folder.path)
        let evaluated = evaluate.json["metrics"] as? [String: Any]
        let tested = (train.json["metrics"] as? [String: Any])?["test"] as? [String: Any]
        #expect(evaluated?["auc"] as? Double == tested?["auc"] as? Double)
        let promote = try ChurnBinary.run(
            "models",
            "promote",
            "shop@1",
            "--registry",
            "shop/models",
            in: folder.path
        )
        #expect(promote.output.contains("shop@champion is now version 1"))
        let score = try ChurnBinary.run(
            "score",
            "shop@champion",
            "shop/study.yaml",
            "--as-of",
            "2024-07-01",
            "-o",
            "scores.csv",
            in: folder.path
        )
        #expect(score.status == 0, "\(score.errors)")
        #expect(score.output.isEmpty, "the result is in the file")
        let scores = try FlatTable(path: "\(folder.path)/scores.csv", dialect: DelimitedDialect())
        #expect(
            scores.columnNames == [
                "customer", "asOf", "probability", "rank", "decile", "reason1", "contribution1", "reason2",
                "contribution2", "reason3", "contribution3",
            ]
        )
        #expect(try scores.numbers("rank") == (1...scores.rowCount).map(Double.init))
        let verify = try ChurnBinary.run("models", "verify", "--registry", "shop/models", in: folder.path)
        #expect(verify.status == 0 && verify.output.contains("all sound"))
    }

    @Test func modelFilesFeaturesAndScoresAreTheSameForOneAndTwoThreads() throws {
        let folder = try Self.folderWithWorld()
        var inspections: Set<String> = []
        for threads in ["1", "2"] {
            let inspection = try ChurnBinary.run(
                "inspect",
                "shop/study.yaml",
                "--threads",
                threads,
                "--format",
                "json",
                in: folder.path
            )
            inspections.insert(inspection.output)
            _ = try ChurnBinary.run(
                "features",
                "shop/study.yaml",
                "-o",
                "f\(threads).arrow",
                "--threads",
                threads,
                in: folder.path
            )
            _ = try ChurnBinary.run(
                "train",
                "shop/study.yaml",
                "--name",
                "m",
                "--threads",
                threads,
                "--registry",
                "r\(threads)",
                in: folder.path
            )
            _ = try ChurnBinary.run(
                "score",
                "m",
                "shop/study.yaml",
                "--as-of",
                "2024-07-01",
                "-o",
                "s\(threads).csv",
                "--threads",
                threads,
                "--registry",
                "r\(threads)",
                in: folder.path
            )
        }
        func bytes(_ name: String) throws -> Data {
            try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(name)"))
        }
        #expect(inspections.count == 1)
        #expect(try bytes("f1.arrow") == bytes("f2.arrow"))
        #expect(try bytes("s1.csv") == bytes("s2.csv"))
        for file in ["plan.json", "preprocessing.json", "model.json", "metrics.json", "reference.json", "card.md"] {
            #expect(try bytes("r1/m/versions/000001/\(file)") == bytes("r2/m/versions/000001/\(file)"), "\(file)")
        }
    }

    @Test func theFeaturesOfACutoffAreTheSameBitsAtTrainingAndAtScoring() throws {
        let folder = try Self.folderWithWorld()
        _ = try ChurnBinary.run("features", "shop/study.yaml", "-o", "all.arrow", in: folder.path)
        _ = try ChurnBinary.run(
            "features",
            "shop/study.yaml",
            "-o",
            "one.arrow",
            "--as-of",
            "2024-04-01",
            in: folder.path
        )
        let all = try FeatureTable(path: "\(folder.path)/all.arrow")
        let one = try FeatureTable(path: "\(folder.path)/one.arrow")
        let rows = all.rows(ofCutoffs: [all.cutoffs.count - 1])
        #expect(rows.map { all.customers[$0] } == Array(one.customers) && !rows.isEmpty)
        let isSame = one.plan.features.indices.allSatisfy { column in
            rows.enumerated().allSatisfy { all.features[$1, column].bitPattern == one.features[$0, column].bitPattern }
        }
        #expect(isSame)
    }

    @Test func killingATrainingAtAnyMomentLeavesNoHalfVersion() throws {
        let folder = try Self.folderWithWorld(150)
        try Self.killRepeatedly(
            50,
            ["train", "shop/study.yaml", "--name", "m", "--registry", "r", "-q"],
            in: folder.path
        )
        let registry = try ModelRegistry.openOrCreate(path: "\(folder.path)/r")
        let verification = try registry.verify()
        #expect(verification.findings.isEmpty, "\(verification.findings)")
        let name = try ModelName("m")
        let versions = try registry.versions(of: name)
        #expect(versions == Array(1..<1 + versions.count))
        #expect(!versions.isEmpty && versions.count < 51, "some runs must finish and some must be killed")
        for version in versions { _ = try StoredModel(contents: registry.contents(name, version: version), path: "r") }
    }

    @Test func killingAScoringAtAnyMomentLeavesNoHalfOutput() throws {
        let folder = try Self.folderWithWorld(150)
        let score = ["score", "m", "shop/study.yaml", "--as-of", "2024-07-01", "--registry", "r", "-q", "-o"]
        _ = try ChurnBinary.run("train", "shop/study.yaml", "--name", "m", "--registry", "r", in: folder.path)
        let whole = try Self.finish(score + ["whole.csv"], in: folder.path)
        #expect(whole == 0)
        let expected = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/whole.csv"))
        var finished = 0
        try Self.killRepeatedly(50, score + ["out.csv"], in: folder.path) {
            guard let written = FileManager.default.contents(atPath: "\(folder.path)/out.csv") else { return }
            #expect(written == expected)
            finished += 1
            try FileManager.default.removeItem(atPath: "\(folder.path)/out.csv")
        }
        #expect(finished < 50, "some runs must be killed before they finish")
        #expect(try Self.finish(score + ["out.csv"], in: folder.path) == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/out.csv")) == expected)
    }

    private static func finish(_ arguments: [String], in folder: String) throws -> Int32 {
        let output = URL(fileURLWithPath: "\(folder)/out.log")
        let process = try ChurnBinary.start(arguments, in: folder, output: output, errors: output)
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Starts a command again and again and kills it after delays spread over a whole run and a little more.
    private static func killRepeatedly(
        _ count: Int,
        _ arguments: [String],
        in folder: String,
        after: () throws -> Void = {}
    ) throws {
        let begin = Date()
        _ = try finish(arguments, in: folder)
        let duration = Date().timeIntervalSince(begin)
        try after()
        let output = URL(fileURLWithPath: "\(folder)/out.log")
        for run in 0..<count {
            let process = try ChurnBinary.start(arguments, in: folder, output: output, errors: output)
            Thread.sleep(forTimeInterval: duration * 1.1 * Double(run) / Double(count))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            try after()
        }
    }
}
