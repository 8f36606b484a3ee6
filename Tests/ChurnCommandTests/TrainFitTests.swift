import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

/// The fit's options of `churn train`, as a user gives them.
@Suite struct TrainFitTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        var random = RandomStream(seed: 6, purpose: "rows")
        var lines = ["id,tenure,amount,plan,exposure,y"]
        for row in 0..<400 {
            let tenure = Double(row % 40)
            let amount = random.normal()
            let odds = 0.08 * (tenure - 20) * (tenure - 20) / 10 - 1 + amount
            let plan = ["a", "b", "c"][row % 3]
            let label = random.bernoulli(StableFunctions.sigmoid(odds)) ? 1 : 0
            lines.append("c\(row),\(tenure),\(amount),\(plan),\(row % 2 == 0 ? 0.5 : -0.25),\(label)")
        }
        try folder.write("t.csv", lines.joined(separator: "\n"))
        let separated = (0..<60).map { "c\($0),\($0 % 7),\($0 < 30 ? 1 : 0),\($0 < 30 || $0 % 5 == 0 ? 1 : 0)" }
        try folder.write("s.csv", (["id,x,flag,y"] + separated).joined(separator: "\n"))
    }

    private func train(_ options: String, table: String = "t.csv") throws -> ChurnBinary.Outcome {
        let line = "train \(table) --name m --label y --id id --test-share 0 --format json \(options)"
        return try ChurnBinary.run(line.split(separator: " ").map(String.init), in: folder.path)
    }

    private func coefficients(_ options: String) throws -> [String: Double] {
        let outcome = try train(options)
        try #require(outcome.status == 0, "\(options): \(outcome.errors)")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        let list = try #require(json["coefficients"] as? [[String: Any]])
        return Dictionary(
            uniqueKeysWithValues: try list.map {
                (try #require($0["name"] as? String), try #require($0["value"] as? Double))
            }
        )
    }

    @Test func thePenaltyCanBeWrittenAsPeersWriteIt() throws {
        let plain = try coefficients("--l2 4 --l1 6")
        for options in ["--c 0.1 --l1-ratio 0.6", "--lambda 0.025 --alpha 0.6"] {
            for (name, value) in try coefficients(options) {
                #expect(abs(value - (plain[name] ?? .nan)) <= 1e-9, "\(options)")
            }
        }
        for solver in ["newton", "lbfgs", "coordinateDescent"] {
            for (name, value) in try coefficients("--l2 2 --solver \(solver)") {
                #expect(abs(value - (try coefficients("--c 0.5")[name] ?? .nan)) <= 1e-8, "\(solver)")
            }
        }
    }

    @Test(arguments: [
        ("--l2 1 --c 1", "in one way"), ("--l1-ratio 0.5", "--l1-ratio belongs to --c"),
        ("--alpha 0.5", "--alpha belongs to --lambda"), ("--c 0", "--c is 0;"), ("--lambda 1 --alpha 2", "alpha is 2;"),
        ("--l1 1 --solver newton", "coordinateDescent"), ("--firth --l2 1", "Firth"),
        ("--class-weight 1:x", "--class-weight must be"), ("--penalty-factor tenure", "--penalty-factor tenure"),
        ("--tolerance 0", "tolerance is 0;"), ("--max-iterations 0", "--max-iterations is 0;"),
        ("--firth --penalty-factor tenure=0", "--firth is a penalty"), ("--l2 0 --penalise-intercept", "nothing for"),
        ("--spline tenure=4 --spline tenure=5", "twice"), ("--spline tenure", "--spline tenure"),
        ("--interaction tenure", "must name two columns"), ("--l2 -1", "l2 is -1;"),
        ("--lambda 1e308", "1e+100"),
        ("--lambda -0.5", "lambda is -0.5;"), ("--c 1e-300", "from 1e-100"), ("--offset y", "--label and --offset"),
        ("--categorical y", "no predictor"),
        ("--model sgd --solver newton", "--solver belongs to --model logistic"),
        ("--model sgd --max-iterations 5", "--max-iterations belongs to --model logistic"),
        ("--epochs 5", "--epochs belongs to --model sgd"), ("--continue m", "--continue belongs to --model sgd"),
        ("--model sgd --learning-rate 0", "--learning-rate is 0;"), ("--model sgd --batch 0", "--batch is 0;"),
        ("--model sgd --held-out 0.7", "--held-out is 0.7;"), ("--model sgd --epochs -1", "--epochs is -1;"),
        ("--model sgd --method svrg --patience 2", "--patience does not go with --method svrg"),
        ("--model sgd --method adam --momentum 0.5", "--momentum belongs to"),
        ("--model sgd --continue m --impute zero", "--continue keeps the model's predictors and preprocessing"),
        ("--model sgd --tolerance 1e-6", "--tolerance belongs to"),
        ("--model recency", "takes its features from a study"), ("--model bgnbd --l2 1", "takes its features"),
        ("--model rfm --epochs 5", "takes its features"), ("--calibrate magic", "isotonic"),
    ])
    func optionsThatDoNotFitAreAMatterOfUsage(options: String, words: String) throws {
        let outcome = try train(options)
        #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
    }

    @Test(arguments: [
        ("--penalty-factor tenur=0", "no predictor \"tenur\". Did you mean \"tenure\"?"),
        ("--spline amoun=4", "no predictor \"amoun\". Did you mean \"amount\"?"),
        ("--spline plan=4", "is a category"), ("--offset plan", "plan"),
    ])
    func namesOfNothingAreBadData(options: String, words: String) throws {
        let outcome = try train(options)
        #expect(outcome.status == 65 && outcome.errors.contains(words), "\(outcome.errors)")
    }

    @Test func whatHasNotConvergedIsSaidAndCannotBePromoted() throws {
        let outcome = try train("--max-iterations 1 --solver newton")
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("\"notConverged\"") && outcome.errors.contains("--max-iterations"))
        let promoted = try ChurnBinary.run("models", "promote", "m@1", in: folder.path)
        #expect(promoted.status == 1)
    }

    @Test(arguments: ["platt", "isotonic", "beta"]) func calibrationIsKeptAndApplied(method: String) throws {
        let outcome = try train("--calibrate \(method)")
        #expect(outcome.status == 0 && outcome.output.contains("\"method\" : \"\(method)\""), "\(outcome.errors)")
        let shown = try ChurnBinary.run("models", "show", "m", in: folder.path)
        #expect(shown.status == 0 && shown.output.contains("calibrated (\(method == "platt" ? "Platt" : method))"))
        func mean(_ model: String) throws -> Double {
            let scores = try ChurnBinary.run("score", model, "t.csv", "--format", "json", in: folder.path)
            let rows = try #require(
                try JSONSerialization.jsonObject(with: Data(scores.output.utf8)) as? [[String: Any]]
            )
            return rows.reduce(0) { $0 + ($1["probability"] as? Double ?? .nan) } / Double(rows.count)
        }
        let before = try coefficients("")
        #expect(before == (try coefficients("--calibrate none")))
        #expect(try mean("m@1") != mean("m@2") && abs(mean("m@1") - mean("m@2")) < 0.03)
    }

    @Test func descentEndsAtTheOptimumOrByHeldOutRows() throws {
        let exact = try coefficients("")
        let reduced = try coefficients("--model sgd --method svrg")
        let isNear = exact.allSatisfy { abs($0.value - (reduced[$0.key] ?? .infinity)) <= 1e-6 }
        #expect(isNear && reduced.count == exact.count)
        let stopped = try train("--model sgd")
        #expect(stopped.status == 0 && stopped.output.contains("\"stoppedEarly\""), "\(stopped.errors)")
        #expect(stopped.output.contains("held-out rows") && stopped.output.contains("\"descent\" : \"momentum\""))
        let promoted = try ChurnBinary.run("models", "promote", "m@3", in: folder.path)
        #expect(promoted.status == 0, "\(promoted.errors)")
    }

    @Test func anUpdateNamesItsParentAndKeepsItsPreprocessing() throws {
        #expect(try train("--model sgd --method svrg").status == 0)
        let update = try train("--model sgd --method svrg --continue m")
        #expect(update.status == 0 && update.output.contains("\"parent\" : \"m@1\""), "\(update.errors)")
        #expect(update.output.contains("\"iterations\" : 0"))
        let files = try ["1", "2"].map {
            try Data(contentsOf: URL(filePath: "\(folder.path)/models/m/versions/00000\($0)/preprocessing.json"))
        }
        #expect(files[0] == files[1])
        let unknown = try train("--model sgd --continue other")
        #expect(unknown.status == 66 && unknown.errors.contains("other"), "\(unknown.errors)")
    }

    @Test func aParentThatMayHaveSeenTheTestIsWarnedOf() throws {
        #expect(try train("").status == 0)
        let line = "train t.csv --name m --label y --id id --model sgd --continue m"
        // The second has the split of the first, but its parent's parent had not.
        for _ in 1...2 {
            let update = try ChurnBinary.run(line.split(separator: " ").map(String.init), in: folder.path)
            #expect(update.status == 0 && update.errors.contains("m@1 may have been trained on rows of this test"))
        }
    }

    @Test func anUpdateTakesItsColumnsFromTheModelAndCanBeLoaded() throws {
        #expect(try train("--exclude exposure").status == 0)
        // Another order, and a column more.
        let text = try String(contentsOf: URL(filePath: "\(folder.path)/t.csv"), encoding: .utf8)
        let lines = text.split(separator: "\n").enumerated().map { number, line in
            (number == 0 ? "more," : "\(number % 7),") + line.split(separator: ",").reversed().joined(separator: ",")
        }
        try folder.write("other.csv", lines.joined(separator: "\n") + "\n")
        let line = "train other.csv --name m --model sgd --continue m --test-share 0"
        let update = try ChurnBinary.run(line.split(separator: " ").map(String.init), in: folder.path)
        #expect(update.status == 0, "\(update.errors)")
        let scores = try ChurnBinary.run("score", "m@2", "other.csv", "-o", "s.csv", in: folder.path)
        #expect(scores.status == 0, "\(scores.errors)")
        let contrary = try ChurnBinary.run(
            (line + " --label y --positive 0").split(separator: " ").map(String.init),
            in: folder.path
        )
        #expect(contrary.status == 64 && contrary.errors.contains("--positive"), "\(contrary.errors)")
    }

    @Test func aModelOfTheBaseRateSaysSo() throws {
        let outcome = try train("--exclude tenure,amount,plan,exposure")
        #expect(outcome.status == 0 && outcome.errors.contains("no column is left"), "\(outcome.errors)")
    }

    @Test func columnsOfNumbersCanBeNames() throws {
        #expect(try coefficients("--categorical tenure").keys.contains("tenure=7.0"))
        let unknown = try train("--categorical tenur")
        #expect(unknown.status == 65 && unknown.errors.contains("`tenure`"), "\(unknown.errors)")
    }

    /// 2,000 products, of which the even ones churn: nobody else tells it.
    @Test func textsOfVeryManyKindsAreHashed() throws {
        let rows = (0..<8000).map { row in
            "c\(row),product \(row * 7919 % 2000),\(row * 31 % 17),\((row * 7919 % 2000) % 2 == 0 || row % 9 == 0 ? 1 : 0)"
        }
        try folder.write("products.csv", (["id,product,x,y"] + rows).joined(separator: "\n"))
        let refused = try train("--l2 1", table: "products.csv")
        #expect(refused.status == 65 && refused.errors.contains("--hash-bits 6"))
        func logLikelihood(_ options: String) throws -> Double {
            let outcome = try train("--l2 1 --solver lbfgs \(options)", table: "products.csv")
            try #require(outcome.status == 0, "\(outcome.errors)")
            let json = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
            return try #require(json["logLikelihood"] as? Double)
        }
        let without = try logLikelihood("--exclude product")
        let few = try logLikelihood("--hash-bits 4")
        let many = try logLikelihood("--hash-bits 10")
        #expect(without < few && few < many && many > 0.8 * without)
        #expect(try train("--l2 1 --hash-bits 4", table: "products.csv").errors.contains("in 16 of 16 buckets"))
        #expect(try train("--l2 1 --hash-bits 12", table: "products.csv").errors.contains("Nothing was hashed"))
        for bits in ["0", "13"] {
            #expect(try train("--hash-bits \(bits)", table: "products.csv").errors.contains("from 1 to 12"))
        }
        #expect(try train("--model boosted --hash-bits 4", table: "products.csv").status == 64)
    }

    @Test func categoriesThatTrainingDidNotKnowAreCountedInAnEvaluation() throws {
        #expect(try train("").status == 0)
        try folder.write("n.csv", "id,tenure,amount,plan,exposure,y\nc1,3,0.5,z,0,1\nc2,4,0.1,a,0,0\n")
        let outcome = try ChurnBinary.run("evaluate", "m", "n.csv", in: folder.path)
        #expect(
            outcome.status == 0 && outcome.errors.contains("1 row has a category of \"plan\""),
            "\(outcome.errors)"
        )
    }

    @Test func theInterceptHasAnErrorToo() throws {
        let line = "train t.csv --name m --label y --id id --format csv"
        let outcome = try ChurnBinary.run(line.split(separator: " ").map(String.init), in: folder.path)
        let fields = outcome.output.split(separator: "\n").dropFirst().first?.split(separator: ",") ?? []
        try #require(fields.count == 9 && fields[0] == "(intercept)", "\(outcome.output)")
        let numbers = fields.dropFirst().compactMap { Double($0) }
        #expect(numbers.count == 8 && numbers[2] > 0)
        // Columns are value, raw value, error, z.
        #expect(abs(numbers[3] - numbers[0] / numbers[2]) <= 1e-9)
        let weighted = try train("--class-weight 1000:1")
        let json = try JSONSerialization.jsonObject(with: Data(weighted.output.utf8)) as? [String: Any]
        // The intercept that was put right is not the one whose error is known.
        let intercept = try #require(json?["interceptCoefficient"] as? [String: Any])
        #expect(intercept["value"] is Double && intercept["standardError"] == nil && intercept["zValue"] == nil)
    }

    @Test func aMarkOfDecimalsIsTakenOverByTheModel() throws {
        #expect(try train("").status == 0)
        try folder.write("n.csv", "id,tenure,amount,plan,exposure\nc1,3.125,1.234,a,0\nc2,4.500,2.345,a,0\n")
        let scored = try ChurnBinary.run("score", "m", "n.csv", in: folder.path)
        #expect(scored.status == 0, "\(scored.errors)")
    }

    @Test func aFitThatHasNotConvergedIsNotPraised() throws {
        let outcome = try train("--max-iterations 1 --solver newton")
        #expect(outcome.errors.contains("cannot be promoted") && !outcome.errors.contains("Next: churn models promote"))
        let scored = try ChurnBinary.run("score", "m", "t.csv", in: folder.path)
        #expect(scored.status == 0 && scored.errors.contains("has not converged"))
    }

    @Test func tooFewCustomersHaveNoErrors() throws {
        let line = "train t.csv --name m --label y --id plan --test-share 0 --format json --columns tenure,amount"
        let outcome = try ChurnBinary.run(line.split(separator: " ").map(String.init), in: folder.path)
        #expect(outcome.status == 0 && outcome.errors.contains("3 customers only"), "\(outcome.errors)")
        let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
        let inference = try #require(json?["inference"] as? [String: Any])
        #expect((inference["standardErrors"] as? [Double])?.isEmpty == true && inference["globalTest"] == nil)
    }

    @Test func separationNamesThePredictorAndTwoWaysOut() throws {
        let refused = try train("--l2 0", table: "s.csv")
        #expect(refused.status == 65)
        #expect(refused.errors.contains("\"flag\" tells the classes apart") && refused.errors.contains("--firth"))
        let firth = try train("--firth", table: "s.csv")
        #expect(firth.status == 0, "\(firth.errors)")
    }

    @Test func termsAreTrainedStoredAndScored() throws {
        let names = try coefficients("--spline tenure=4 --interaction amount:plan").keys.sorted()
        #expect(
            names == [
                "amount", "amount:plan=b", "amount:plan=c", "exposure", "plan=b", "plan=c", "tenure", "tenure'",
                "tenure''",
            ]
        )
        let scored = try ChurnBinary.run("score", "m", "t.csv", "--format", "csv", in: folder.path)
        #expect(scored.status == 0 && scored.output.split(separator: "\n").count == 401, "\(scored.errors)")
        #expect(scored.output.contains("amount:plan"))
    }

    @Test func anOffsetIsNeededInScoringToo() throws {
        #expect(try train("--offset exposure --exclude plan").status == 0)
        let scored = try ChurnBinary.run("score", "m", "t.csv", "--format", "csv", in: folder.path)
        #expect(scored.status == 0, "\(scored.errors)")
        try folder.write("n.csv", "id,tenure,amount\nc1,3,0.5\n")
        let missing = try ChurnBinary.run("score", "m", "n.csv", in: folder.path)
        #expect(missing.status == 65 && missing.errors.contains("exposure"))
    }

    @Test func aStudysTermsAreInItsModel() throws {
        _ = try ChurnBinary.run("simulate", "--customers", "300", "--seed", "5", "-o", "shop", in: folder.path)
        let path = "\(folder.path)/shop/study.yaml"
        let study = try String(contentsOfFile: path, encoding: .utf8)
        try folder.write(
            "shop/study.yaml",
            study + "\nterms:\n  - spline: {feature: recency}\n  - interaction: [recency, tenure]\n"
        )
        let outcome = try ChurnBinary.run("train", path, "--name", "m", "--format", "json", in: folder.path)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("\"recency''\"") && outcome.output.contains("\"recency:tenure\""))
        let score = try ChurnBinary.run("score", "m", path, "--as-of", "2024-07-01", "-o", "s.csv", in: folder.path)
        #expect(score.status == 0, "\(score.errors)")
        let flat = try ChurnBinary.run("train", path, "--name", "m", "--delimiter", ";", in: folder.path)
        #expect(flat.status == 64 && flat.errors.contains("--delimiter belongs to flat tables"), "\(flat.errors)")
        for (terms, words) in [
            ("- spline: {feature: recency, knots: 9}", "use 3 to 7"), ("- interaction: [recency]", "two different"),
            ("- bend: recency", "spline"), ("- {}", "one term"),
            ("- interaction: [a, b]\n  - interaction: [b, a]", "the second one"), ("5", "one term"),
            ("- interaction: [recency, tenur]", "Did you mean \"tenure\"?"),
        ] {
            try folder.write("shop/study.yaml", study + "\nterms:\n  \(terms)\n")
            let refused = try ChurnBinary.run("train", path, "--name", "m", in: folder.path)
            #expect(refused.status == 78 && refused.errors.contains(words), "\(refused.errors)")
        }
    }
}
