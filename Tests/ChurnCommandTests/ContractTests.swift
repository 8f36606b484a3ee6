import ChurnTestSupport
import Foundation
import Testing

/// What other programs rely on: exit codes, JSON keys, messages, what goes where.
@Suite struct ContractTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("p.csv", "y,s\n1,0.9\n0,0.2\n1,0.6\n0,0.6\n,0.5\n")
        var rows = ["id,x,z,y"]
        for row in 0..<60 {
            rows.append("c\(row),\(Double(row * 37 % 19)),\(row % 2 == 0 ? "a" : "b"),\(row * 7 % 3 == 0 ? 1 : 0)")
        }
        try folder.write("t.csv", rows.joined(separator: "\n"))
    }

    func run(_ arguments: String...) throws -> ChurnBinary.Outcome { try launch(arguments) }

    func launch(_ arguments: [String]) throws -> ChurnBinary.Outcome {
        let output = URL(fileURLWithPath: "\(folder.path)/o.log")
        let errors = URL(fileURLWithPath: "\(folder.path)/e.log")
        let process = try ChurnBinary.start(arguments, in: folder.path, output: output, errors: errors)
        process.waitUntilExit()
        return .init(
            status: process.terminationStatus,
            output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8)
        )
    }

    // MARK: Exit codes

    @Test(arguments: [
        ("metrics p.csv --label y --score s", 0), ("metrics", 64), ("frobnicate", 64),
        ("train t.csv --name a/b --label y", 64),
        ("train t.csv --name m", 64), ("train t.csv --name m --label y --l2 -1", 64),
        ("train t.csv --name m --label y --test-share 1", 64), ("score m study.yaml", 64),
        ("train t.csv --name m --label yy", 65), ("metrics t.csv --label z --score x", 65),
        ("inspect missing.yaml", 66), ("metrics missing.csv --label y --score s", 66),
        ("models list --registry none", 66),
        ("score m t.csv --registry none", 66), ("simulate --customers 5 -o /proc/none", 73),
        ("train t.csv --name m --label x --positive 3.0 --exclude nope", 65),
    ])
    func exitCodesAreThoseOfTheDesign(line: String, code: Int32) throws {
        let outcome = try launch(line.split(separator: " ").map(String.init))
        #expect(outcome.status == code, "\(line): \(outcome.errors)")
        if code != 0 { #expect(!outcome.errors.isEmpty && outcome.output.isEmpty) }
    }

    @Test func aBadStudyHasItsOwnExitCodeAndNamesKeyLineAndFix() throws {
        try folder.write("s.yaml", "study: x\ntimezone: Europe/Berlin\nevent:\n  - file: a.csv\n")
        let outcome = try run("inspect", "s.yaml")
        #expect(outcome.status == 78)
        #expect(outcome.errors.contains("s.yaml:") && outcome.errors.contains("did you mean `events`"))
    }

    @Test func anUnknownColumnSuggestsTheNearest() throws {
        let outcome = try run("metrics", "p.csv", "--label", "y", "--score", "S1")
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("did you mean `s`") || outcome.errors.contains("the file has y, s"))
    }

    @Test func anOutputThatCannotBeWrittenIsFoundBeforeAnyWork() throws {
        _ = try run("train", "t.csv", "--name", "m", "--label", "y", "--id", "id")
        let outcome = try run("score", "m", "t.csv", "-o", "/nowhere/out.csv")
        #expect(outcome.status == 73)
        #expect(outcome.errors.contains("/nowhere/out.csv"))
    }

    @Test func separationIsAnErrorWithoutAPenaltyAndAWarningWithOne() throws {
        var rows = ["x,v,y"]
        for row in 0..<40 { rows.append("\(row),\(row * 13 % 7),\(row < 20 ? 0 : 1)") }
        try folder.write("sep.csv", rows.joined(separator: "\n"))
        let train = ["train", "sep.csv", "--name", "m", "--label", "y", "--test-share", "0", "--allow-leak", "x"]
        let bare = try launch(train + ["--l2", "0"])
        #expect(bare.status == 65)
        #expect(bare.errors.contains("\"x\"") && bare.errors.contains("--l2 1"))
        let penalised = try launch(train + ["--format", "json"])
        #expect(penalised.status == 0)
        let certificate = penalised.json["certificate"] as? [String: Any]
        #expect((certificate?["separated"] as? [String])?.contains("x") == true)
    }

    @Test func verifyFindsDamageWithExitCodeOne() throws {
        _ = try run("train", "t.csv", "--name", "m", "--label", "y", "--id", "id")
        try Data("{}".utf8).write(to: URL(fileURLWithPath: "\(folder.path)/models/m/versions/000001/model.json"))
        let outcome = try run("models", "verify")
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("model.json"))
        #expect(try run("score", "m", "t.csv").status == 65)
    }

    @Test func aRollbackWithoutAnEarlierVersionIsRefused() throws {
        _ = try run("train", "t.csv", "--name", "m", "--label", "y", "--id", "id")
        #expect(try run("models", "promote", "m@1").status == 0)
        #expect(try run("models", "rollback", "m").status == 1)
    }

    // MARK: JSON

    @Test func metricsHaveTheKeysOfTheContractAndNullWhereUndefined() throws {
        let json = try run("metrics", "p.csv", "--label", "y", "--score", "s", "--format", "json").json
        #expect(
            Set(json.keys) == [
                "rows", "positives", "skipped", "baseRate", "auc", "averagePrecision", "logLoss", "brier", "ks", "ece",
                "lift", "recall", "figures", "decisions",
            ]
        )
        #expect(json["rows"] as? Int == 4 && json["skipped"] as? Int == 1)
        #expect(json["auc"] as? Double == 0.875)
        #expect(Set((json["lift"] as? [String: Any] ?? [:]).keys) == ["5", "10", "20"])
        try folder.write("raw.csv", "y,s\n1,-3\n0,9\n")
        let raw = try run(
            "metrics",
            "raw.csv",
            "--label",
            "y",
            "--score",
            "s",
            "--lower-is-riskier",
            "--format",
            "json"
        ).json
        #expect(raw["auc"] as? Double == 1)
        #expect(raw["logLoss"] is NSNull && raw["brier"] is NSNull && raw["ece"] is NSNull)
    }

    @Test func trainingHasTheKeysOfTheContract() throws {
        let json = try run("train", "t.csv", "--name", "m", "--label", "y", "--id", "id", "--format", "json").json
        for key in [
            "model", "version", "rows", "positives", "features", "intercept", "rawIntercept", "coefficients",
            "standardErrorType", "logLikelihood", "certificate", "metrics",
        ] { #expect(json[key] != nil, "\(key)") }
        let certificate = json["certificate"] as? [String: Any] ?? [:]
        #expect(
            Set(certificate.keys) == [
                "status", "iterations", "gradientNorm", "conditionEstimate", "aliased", "dropped", "separated",
                "warnings",
            ]
        )
        let names = (json["coefficients"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
        #expect(names == ["x", "z=b"])
        #expect(json["features"] as? Int == 2 && json["standardErrorType"] as? String == "model")
        let all = try run(
            "train",
            "t.csv",
            "--name",
            "m",
            "--label",
            "y",
            "--id",
            "id",
            "--test-share",
            "0",
            "--format",
            "json"
        ).json
        #expect((all["metrics"] as? [String: Any])?["test"] is NSNull)
        #expect(all["rows"] as? Int == 60)
    }

    /// Fits every row of Telco; a missing total is zero, as in the published fits.
    private func trainTelco(_ options: String...) throws -> ChurnBinary.Outcome {
        try launch(
            ["train", SharedData.path("telco/Telco-Customer-Churn.csv"), "--name", "telco", "--format", "json"]
                + [
                    "--label", "Churn", "--positive", "Yes", "--id", "customerID", "--impute", "zero", "--test-share",
                    "0",
                ]
                + options
        )
    }

    @Test(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)))
    func telcoHasItsPublishedCoefficients() throws {
        let fits: [(l2: String, intercept: Double, values: [Double])] = [
            ("0", -1.49672638, [0.23342512, -1.64172929, 0.85496297, 0.32582483]),
            ("1", -1.49040853, [0.23325515, -1.61062233, 0.85954095, 0.29560361]),
            ("100", -1.32004834, [0.22457971, -0.93148515, 0.82851073, -0.24866604]),
        ]
        for fit in fits {
            let json = try trainTelco("--columns", "SeniorCitizen,tenure,MonthlyCharges,TotalCharges", "--l2", fit.l2)
                .json
            let intercept = try #require(json["intercept"] as? Double)
            #expect(abs(intercept - fit.intercept) < 6e-9)
            let values = (json["coefficients"] as? [[String: Any]] ?? []).compactMap { $0["value"] as? Double }
            #expect(values.count == 4)
            for (ours, published) in zip(values, fit.values) { #expect(abs(ours - published) < 6e-9) }
        }
    }

    @Test(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)))
    func telcoWithAllColumnsHasItsPublishedFigures() throws {
        let json = try trainTelco("--l2", "0").json
        let metrics = (json["metrics"] as? [String: Any])?["train"] as? [String: Any] ?? [:]
        let published: [(String, Double)] = [
            ("auc", 0.848453), ("logLoss", 0.413764), ("brier", 0.134174), ("averagePrecision", 0.660488),
            ("ks", 0.542118),
            ("ece", 0.014687),
        ]
        for (key, value) in published {
            let ours = try #require(metrics[key] as? Double)
            #expect(abs(ours - value) < 5.1e-7, "\(key)")
        }
        let lift = metrics["lift"] as? [String: Double] ?? [:]
        #expect(abs((lift["10"] ?? 0) - 2.890477) < 5.1e-7 && abs((lift["20"] ?? 0) - 2.570164) < 5.1e-7)
        let likelihood = try #require(json["logLikelihood"] as? Double)
        #expect(abs(likelihood + 2914.142155) < 5.1e-7)
        let aliased = (json["certificate"] as? [String: Any])?["aliased"] as? [String] ?? []
        #expect(aliased.count == 7 && json["features"] as? Int == 23)
        #expect(aliased.allSatisfy { $0.hasSuffix("=No internet service") || $0.hasSuffix("=No phone service") })
    }

    // MARK: Help

    @Test(arguments: [
        "", "simulate", "init", "inspect", "features", "train", "evaluate", "metrics", "score", "models", "models list",
        "models show", "models promote", "models rollback", "models verify",
    ])
    func everyHelpTextHasASummaryAnExampleAndFitsATerminal(command: String) throws {
        let outcome = try launch(command.split(separator: " ").map(String.init) + ["--help"])
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("OVERVIEW:") && outcome.output.contains("USAGE: churn"))
        if command != "models" { #expect(outcome.output.contains("Example"), "an example that runs") }
        let widest = outcome.output.split(separator: "\n").map(\.count).max() ?? 0
        #expect(widest <= 80, "\(outcome.output)")
    }

    @Test func quietSaysNothingButTheResult() throws {
        let outcome = try run("train", "t.csv", "--name", "m", "--label", "y", "--id", "id", "-q", "--format", "csv")
        #expect(outcome.errors.isEmpty && outcome.output.hasPrefix("name,value,"))
    }

    @Test func textThatASpreadsheetWouldRunIsNeutralised() throws {
        var rows = ["id,x,y"]
        for row in 0..<40 { rows.append("\(row == 0 ? "=cmd()" : "c\(row)"),\(row * 13 % 7),\(row % 2)") }
        try folder.write("f.csv", rows.joined(separator: "\n"))
        _ = try run("train", "f.csv", "--name", "m", "--label", "y", "--id", "id", "--test-share", "0")
        let scores = try run("score", "m", "f.csv", "-q").output
        #expect(scores.contains("\n'=cmd(),") && !scores.contains("\n=cmd()"))
    }

    // MARK: What reviewers found

    @Test func turningScoresRoundKeepsTheirOrderExactly() throws {
        let rows = (0..<20).map { "\($0 < 10 ? 1 : 0),\(1 + $0)e-30" }
        try folder.write("tiny.csv", (["y,s"] + rows).joined(separator: "\n"))
        let json = try run(
            "metrics",
            "tiny.csv",
            "--label",
            "y",
            "--score",
            "s",
            "--lower-is-riskier",
            "--format",
            "json"
        ).json
        #expect(json["auc"] as? Double == 1)
        #expect(json["brier"] as? Double == 0.5)
    }

    /// Scaled by a deviation below 1, the value is no double any more.
    @Test func aScoreThatIsNoNumberIsNeverWritten() throws {
        let rows = (0..<40).map { "c\($0),\(Double($0 * 13 % 7) / 100),\($0 % 2)" }
        try folder.write("small.csv", (["id,x,y"] + rows).joined(separator: "\n"))
        try folder.write("huge.csv", "id,x\na,1e308\nb,0.02\n")
        #expect(try run("train", "small.csv", "--name", "m", "--label", "y", "--id", "id").status == 0)
        let outcome = try run("score", "m", "huge.csv", "-o", "s.csv")
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("row 1, column \"x\" is 1e+308; every predictor must be small enough"))
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/s.csv"))
    }

    @Test func moreEventTypesThanThereCanBeAreAnErrorAndNoCrash() throws {
        let rows = (0..<400).map { "c,2024-01-01,type\($0)" }
        try folder.write("types.csv", (["customer,time,kind"] + rows).joined(separator: "\n"))
        try folder.write(
            "types.yaml",
            """
            study: types
            timezone: UTC
            events: [{file: types.csv, customer: customer, time: time, type: kind, duplicates: keep}]
            churn: {definition: inactivity, of: [type1], horizon: 30d}
            observations: {first: 2024-01-02}
            """
        )
        let outcome = try run("inspect", "types.yaml", "--format", "json")
        #expect(outcome.status == 65)
        #expect(outcome.json["rejected"] as? Int == 145 && outcome.json["kept"] as? Int == 255)
    }

    @Test func inspectTellsTheReasonWhenEveryRowIsRejected() throws {
        try folder.write("bad.csv", "customer;time;amount\na;31.12.2024;1,5\nb;30.12.2024;2,5\n")
        try folder.write(
            "bad.yaml",
            """
            study: bad
            timezone: UTC
            events:
              - file: bad.csv
                format: {delimiter: ";"}
                customer: customer
                time: time
                type: {always: purchase}
                amount: amount
            churn: {definition: inactivity, of: [purchase], horizon: 30d}
            observations: {first: 2024-01-02}
            """
        )
        let outcome = try run("inspect", "bad.yaml")
        #expect(outcome.status == 65)
        #expect(outcome.output.contains("CSV-014") && outcome.output.contains("decimal"))
    }

    @Test func anOutputThatIsNoPlainFileIsRefused() throws {
        _ = try run("train", "t.csv", "--name", "m", "--label", "y", "--id", "id")
        mkfifo("\(folder.path)/pipe.csv", 0o600)
        #expect(try run("score", "m", "t.csv", "-o", "pipe.csv").status == 73)
        let target = try folder.write("target.csv", "old")
        try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/link.csv", withDestinationPath: target)
        #expect(try run("score", "m", "t.csv", "-o", "link.csv").status == 0)
        #expect(try String(contentsOfFile: target, encoding: .utf8).hasPrefix("customer,"))
    }

    @Test func aPromotionNamesItsVersionAndARollbackDoesNot() throws {
        _ = try run("train", "t.csv", "--name", "m", "--label", "y", "--id", "id")
        #expect(try run("models", "promote", "m").status == 64)
        #expect(try run("models", "promote", "m@1", "--alias", "7").status == 64)
        #expect(try run("models", "rollback", "m@1").status == 64)
    }

    @Test func numbersWithDecimalCommasAreNotTakenForCategories() throws {
        let rows = (0..<30).map { "\($0);\($0),5;\($0 % 2)" }
        try folder.write("de.csv", (["id;preis;y"] + rows).joined(separator: "\n"))
        let outcome = try run("train", "de.csv", "--name", "m", "--label", "y", "--id", "id", "--delimiter", ";")
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("\"preis\"") && outcome.errors.contains("--decimal comma"))
        #expect(
            try run(
                "train",
                "de.csv",
                "--name",
                "m",
                "--label",
                "y",
                "--id",
                "id",
                "--delimiter",
                ";",
                "--decimal",
                "comma"
            ).status == 0
        )
    }

    @Test func aModelIsNotScoredOnAStudyOfAnotherZone() throws {
        _ = try run("simulate", "--customers", "120", "--seed", "4", "-o", "w")
        #expect(try run("train", "w/study.yaml", "--name", "m", "--registry", "r", "-q").status == 0)
        let study = try String(contentsOfFile: "\(folder.path)/w/study.yaml", encoding: .utf8)
        try folder.write("w/tokyo.yaml", study.replacingOccurrences(of: "Europe/Berlin", with: "Asia/Tokyo"))
        let outcome = try run("score", "m", "w/tokyo.yaml", "--as-of", "2024-04-01", "--registry", "r")
        #expect(outcome.status == 78)
        #expect(outcome.errors.contains("Europe/Berlin") && outcome.errors.contains("Asia/Tokyo"))
    }

    @Test func rowsOfOneCustomerStandOnOneSideOfTheSplit() throws {
        var rows = ["id,x,y"]
        for row in 0..<300 { rows.append("c\(row / 5),\(row * 37 % 19),\((row / 5) % 2)") }
        try folder.write("panel.csv", rows.joined(separator: "\n"))
        let json = try run("train", "panel.csv", "--name", "m", "--label", "y", "--id", "id", "--format", "json").json
        #expect((json["testRows"] as? Int).map { $0 % 5 } == 0)
        #expect(json["standardErrorType"] as? String == "clustered")
    }

    @Test func separationIsSeenBesideAHugeValueAndWithUnequalWeights() throws {
        var rows = ["x,w,y"]
        for row in 0..<40 {
            rows.append(
                "\(row % 2 == 0 ? 1 + row % 3 : -1 - row % 3),\(row == 0 ? 1 : 1_000_000_000),\(row % 2 == 0 ? 1 : 0)"
            )
        }
        rows.append("30000000,1,1")
        try folder.write("h.csv", rows.joined(separator: "\n"))
        for extra in [["--exclude", "w"], ["--weight", "w"]] {
            let outcome = try launch(
                [
                    "train", "h.csv", "--name", "m", "--label", "y", "--l2", "0", "--test-share", "0", "--allow-leak",
                    "x",
                ]
                    + extra
            )
            #expect(outcome.status == 65)
            #expect(outcome.errors.contains("\"x\" tells the classes apart"))
        }
    }

    @Test func aBlankIdIsAnErrorWithItsLine() throws {
        try folder.write("b.csv", "id,x,y\na,1,0\n,2,1\nc,3,1\nd,2,0\n")
        let outcome = try run("train", "b.csv", "--name", "m", "--label", "y", "--id", "id")
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("CSV-016 b.csv:3:1"))
    }

    @Test func inspectGoesOnAfterAFileWithoutRows() throws {
        try folder.write("e1.csv", "customer,time\n")
        try folder.write("e2.csv", "customer,time\na,2024-01-01\n")
        try folder.write(
            "e.yaml",
            """
            study: e
            timezone: UTC
            events: [{file: "e?.csv", customer: customer, time: time, type: {always: purchase}}]
            churn: {definition: inactivity, of: [purchase], horizon: 30d}
            observations: {first: 2024-01-02}
            """
        )
        let outcome = try run("inspect", "e.yaml", "--format", "json")
        #expect(outcome.status == 65)
        #expect(outcome.json["kept"] as? Int == 1)
        #expect((outcome.json["fileFaults"] as? [String])?.first?.contains("e1.csv") == true)
    }
}
