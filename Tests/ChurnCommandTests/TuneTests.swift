import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

/// Tuning as a user runs it.
@Suite struct TuneTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try SimulatedWorld(SimulationParameters(customers: 600, seed: 8)).write(to: "\(folder.path)/shop", threads: 2)
    }

    private func tune(_ arguments: String...) throws -> ChurnBinary.Outcome { try tune(arguments) }

    private func tune(_ arguments: [String]) throws -> ChurnBinary.Outcome {
        try ChurnBinary.run(["tune", "shop/study.yaml", "--draws", "50"] + arguments, in: folder.path)
    }

    private func trials(_ json: [String: Any], _ search: Int = 0) -> [[String: Any]] {
        let searches = json["searches"] as? [[String: Any]] ?? []
        return searches.indices.contains(search) ? searches[search]["trials"] as? [[String: Any]] ?? [] : []
    }

    private func ledgerTrials(_ name: String) -> Int {
        let json =
            (try? JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(name)"))))
        return ((json as? [String: Any])?["trials"] as? [Any])?.count ?? 0
    }

    /// Killed again and again, wherever it is.
    @Test func aTuningThatWasKilledEndsAsAnUndisturbedOne() throws {
        let arguments = ["--model", "boosted", "--rounds", "60", "--trials", "12", "--format", "json", "-q"]
        let undisturbed = try tune(arguments + ["--ledger", "a.json"])
        try #require(undisturbed.status == 0, "\(undisturbed.errors)")
        #expect(trials(undisturbed.json).count == 12 && ledgerTrials("a.json") == 12)
        var killed = 0
        for wanted in [1, 4, 8] {
            let process = try ChurnBinary.start(
                ["tune", "shop/study.yaml", "--draws", "50"] + arguments + ["--ledger", "b.json"],
                in: folder.path,
                output: URL(fileURLWithPath: "\(folder.path)/out"),
                errors: URL(fileURLWithPath: "\(folder.path)/err")
            )
            while process.isRunning, ledgerTrials("b.json") < wanted { usleep(500) }
            if process.isRunning { killed += 1 }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        #expect(killed > 0)
        let resumed = try tune(arguments + ["--ledger", "b.json"])
        #expect(resumed.status == 0 && resumed.output == undisturbed.output, "\(resumed.errors)")
        // Nothing is made twice, and more can be added.
        let more = try tune([
            "--model", "boosted", "--rounds", "60", "--trials", "14", "--format", "json", "--ledger", "b.json",
        ])
        #expect(more.errors.contains("b.json has 12 trials") && ledgerTrials("b.json") == 14)
        let first = try #require(trials(more.json).first?["configuration"] as? [String: String])
        #expect(first == trials(undisturbed.json).first?["configuration"] as? [String: String])
    }

    /// The last cutoff's outcomes have no part in the search.
    @Test func theSearchDoesNotSeeWhatItIsTestedOn() throws {
        let honest = try tune("--trials", "4", "--format", "json", "--no-ledger")
        try #require(honest.status == 0, "\(honest.errors)")
        #expect((honest.json["searches"] as? [[String: Any]])?.first?["tested"] as? String == "2024-04-01")
        // Half of what happened after the last mature cutoff is gone: other labels there, and the same ones before.
        let path = "\(folder.path)/shop/events.csv"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let lines = text.split(separator: "\n")
        let time = try #require(lines[0].split(separator: ",").firstIndex(of: "time"))
        let kept = lines.enumerated().filter { number, line in
            number == 0 || number % 2 == 0 || number == lines.count - 1
                || line.split(separator: ",", omittingEmptySubsequences: false)[time] < "2024-04-01"
        }
        try folder.write("shop/events.csv", kept.map(\.element).joined(separator: "\n").utf8)
        let other = try tune("--trials", "4", "--format", "json", "--no-ledger")
        try #require(other.status == 0, "\(other.errors)")
        #expect(other.json["churned"] as? Int != honest.json["churned"] as? Int)
        let values = [honest, other].map { outcome in trials(outcome.json).compactMap { $0["value"] as? Double } }
        #expect(values[0].count == 4 && values[0] == values[1])
    }

    @Test func aPathIsGoneThroughAndItsPrintedPenaltyIsTheOneThatTrains() throws {
        let outcome = try tune("--strategy", "path", "--alpha", "0.5", "--trials", "20", "--format", "json")
        try #require(outcome.status == 0, "\(outcome.errors)")
        let lambdas = trials(outcome.json).compactMap {
            ($0["configuration"] as? [String: String])?["lambda"].flatMap { Double($0) }
        }
        #expect(lambdas.count == 20 && lambdas == lambdas.sorted(by: >))
        #expect(outcome.json["rule"] as? String == "oneStandardError")
        let values = trials(outcome.json).map { $0["value"] as? Double ?? .infinity }
        let best = try #require(values.indices.min { values[$0] < values[$1] })
        let error = try #require(trials(outcome.json)[best]["standardError"] as? Double)
        let chosen = try #require((outcome.json["chosen"] as? [String: String])?["lambda"].flatMap { Double($0) })
        // The strongest that is as good.
        let first = try #require(values.firstIndex { $0 <= values[best] + error })
        #expect(chosen == lambdas[first] && first < best)
        // The command that is printed makes the very model that was tested.
        let command = try #require(outcome.json["command"] as? String)
        let lambda = (trials(outcome.json)[first]["configuration"] as? [String: String])?["lambda"] ?? ""
        #expect(command == "churn train shop/study.yaml --lambda \(lambda) --alpha 0.5 --name NAME")
        let words = command.split(separator: " ").dropFirst().map(String.init)
        let trained = try ChurnBinary.run(words + ["--registry", "r", "--format", "json"], in: folder.path)
        try #require(trained.status == 0, "\(trained.errors)")
        let test = try #require((trained.json["metrics"] as? [String: Any])?["test"] as? [String: Any])
        let told = try #require((outcome.json["tuned"] as? [String: [String: Any]])?["logLoss"]?["value"] as? Double)
        #expect(abs((test["logLoss"] as? Double ?? 0) - told) < 1e-7)
    }

    @Test func windowsAndFamiliesAreSearchedToo() throws {
        let choices = [
            "--search", "windows=30d+90d,90d+365d+all", "--search", "families=counts+recencies,counts+recencies+rhythm",
        ]
        let outcome = try tune(choices + ["--trials", "10", "--format", "json"])
        try #require(outcome.status == 0, "\(outcome.errors)")
        #expect(trials(outcome.json).count == 4)
        #expect(Set(trials(outcome.json).compactMap { $0["value"] as? Double }).count == 4)
        #expect((outcome.json["features"] as? String)?.hasPrefix("features: {windows: [") == true)
        #expect(try tune("--search", "windows=30d,nonsense").status == 64)
        #expect(try tune("--search", "families=counts,nonsense").status == 64)
    }

    @Test func ledgersOfOtherTrialsAreRefused() throws {
        #expect(try tune("--trials", "2", "--ledger", "l.json", "-q").status == 0)
        let other = try tune("--trials", "2", "--ledger", "l.json", "-q", "--impute", "zero")
        #expect(other.status == 65 && other.errors.contains("of other settings"), "\(other.errors)")
        // What trials do not depend on.
        let alone = try tune("--trials", "3", "--ledger", "l.json", "--threads", "1", "--format", "json")
        let together = try tune("--trials", "3", "--no-ledger", "--threads", "2", "--format", "json")
        #expect(alone.status == 0 && alone.errors.contains("has 2 trials") && alone.output == together.output)
        try folder.write("l.json", "{\"trials\":".utf8)
        let damaged = try tune("--trials", "2", "--ledger", "l.json", "-q")
        #expect(damaged.status == 65 && damaged.errors.contains("no ledger of a tuning"))
        #expect(try tune("--trials", "2", "--ledger", "shop/events.csv", "-q").status == 73)
    }

    @Test(arguments: [
        ["--search", "nonsense=1:2"], ["--search", "l2"], ["--search", "l2=3:1"], ["--search", "l2=0:1"],
        ["--search", "l2=1:2", "--l2", "3"], ["--search", "l2=1:2", "--search", "l2=1:3"],
        ["--strategy", "path", "--l2", "1"],
        ["--strategy", "path", "--model", "boosted"], ["--rule", "oneStandardError", "--model", "boosted"],
        ["--model", "bgnbd"], ["--by", "calibrationSlope"], ["--time-budget", "10"], ["--trials", "0"],
        ["--search", "max-depth=2:4"], ["--no-ledger", "--ledger", "x.json"], ["--outer-folds", "0"],
        ["--model", "boosted", "--search", "max-depth=2:99"], ["--search", "impute=mean,nonsense"],
        ["--model", "boosted", "--search", "row-share=0.5:3", "--search", "max-depth=2:3"],
        ["--strategy", "path", "--tolerance", "1e-6"], ["--strategy", "path", "--by", "expectedMaximumProfit"],
    ])
    func whatMakesNoSenseIsToldBeforeAnythingIsRead(arguments: [String]) throws {
        let outcome = try tune(arguments)
        #expect(outcome.status == 64, "\(arguments): \(outcome.status) \(outcome.errors)")
    }

    /// Many on few customers, the best on all.
    @Test func halvingEndsOnAllCustomersWithTheBestOfTheRoundsBefore() throws {
        let outcome = try tune("--strategy", "halving", "--trials", "12", "--format", "json")
        try #require(outcome.status == 0, "\(outcome.errors)")
        func round(_ divisor: Double) -> [[String: Any]] {
            trials(outcome.json).filter { trial in
                let share = trial["share"] as? Double ?? 0
                return abs(share * divisor - 1) < 1e-12
            }
        }
        func configuration(_ trial: [String: Any]) -> [String: String] {
            trial["configuration"] as? [String: String] ?? [:]
        }
        func value(_ trial: [String: Any]) -> Double { trial["value"] as? Double ?? 9 }
        let sizes = [round(9).count, round(3).count, round(1).count]
        #expect(sizes == [12, 4, 2])
        let second = round(3).sorted { first, other in value(first) < value(other) }
        let best = Set(second.prefix(2).map(configuration))
        let last = Set(round(1).map(configuration))
        #expect(last == best)
        let chosen = try #require(outcome.json["chosen"] as? [String: String])
        #expect(last.contains(chosen))
        // On all customers a trial is what it is at random, too.
        let all = try tune("--trials", "12", "--format", "json")
        let same = try #require(trials(all.json).first { configuration($0) == chosen })
        let halved = try #require(round(1).first { configuration($0) == chosen })
        let (left, right) = (value(same), value(halved))
        #expect(left == right)
    }

    /// Each cutoff that is kept back has a search of its own, of what was known before it.
    @Test func everyOuterFoldHasASearchOfItsOwn() throws {
        let outcome = try tune("--trials", "3", "--outer-folds", "2", "--format", "json")
        try #require(outcome.status == 0, "\(outcome.errors)")
        let searches = try #require(outcome.json["searches"] as? [[String: Any]])
        #expect(searches.map { $0["tested"] as? String } == ["2024-03-01", "2024-04-01"])
        for search in searches {
            let tested = search["tested"] as? String ?? ""
            let inner = search["innerFolds"] as? [String] ?? []
            #expect(inner.count == 3 && inner.allSatisfy { $0 < tested })
        }
        let one = try tune("--trials", "3", "--format", "json")
        let alone = trials(one.json).compactMap { $0["value"] as? Double }
        let nested = trials(outcome.json, 1).compactMap { $0["value"] as? Double }
        #expect(alone.count == 3 && alone == nested)
    }

    /// A window of the latest cutoffs is one for inner folds, too, among all that is known.
    @Test func aSlidingWindowLeavesInnerFoldsTheirs() throws {
        let path = "\(folder.path)/shop/study.yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try folder.write(
            "shop/study.yaml",
            text.replacing("scheme: rollingOrigin", with: "scheme: slidingWindow, window: 2").utf8
        )
        let outcome = try tune("--trials", "2", "--format", "json")
        #expect(outcome.status == 0 && trials(outcome.json).count == 2, "\(outcome.errors)")
    }

    /// One row that a model is certain of and wrong makes a loss infinite; the trials are kept all the same.
    @Test func anInfiniteLossIsATrialWithoutAValue() throws {
        var random = RandomStream(seed: 3, purpose: "rows")
        let lines = (0..<300).map { row in
            let x = row == 7 ? 1e6 : random.normal()
            return "c\(row),\(x),\(row != 7 && random.bernoulli(StableFunctions.sigmoid(2 * x)) ? 1 : 0)"
        }
        try folder.write("t.csv", (["id,x,y"] + lines).joined(separator: "\n").utf8)
        let outcome = try ChurnBinary.run(
            [
                "tune", "t.csv", "--label", "y", "--id", "id", "--search", "l2=0,100000", "--draws", "20", "--format",
                "json",
                "--ledger", "t.json",
            ],
            in: folder.path
        )
        #expect(outcome.status == 0 || outcome.errors.contains("no trial ended"), "\(outcome.errors)")
        #expect(ledgerTrials("t.json") == 2)
    }

    @Test func aBudgetOfTimeEndsTheSearch() throws {
        let outcome = try tune("--trials", "5000", "--time-budget", "0.001s", "--format", "json")
        #expect(outcome.status == 0 && outcome.errors.contains("the time was over"), "\(outcome.errors)")
        let search = try #require((outcome.json["searches"] as? [[String: Any]])?.first)
        #expect(search["complete"] as? Bool == false && trials(outcome.json).count < 50)
    }

    @Test func aStudyWithTooFewCutoffsIsToldSo() throws {
        let path = "\(folder.path)/shop/study.yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let edited = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasPrefix("observations:")
                ? "observations: {first: 2024-01-01, last: 2024-04-01, every: 3mo}" : String(line)
        }
        try folder.write("shop/study.yaml", edited.joined(separator: "\n").utf8)
        let outcome = try tune("--trials", "2")
        #expect(outcome.status == 65 && outcome.errors.contains("cannot be split once more"), "\(outcome.errors)")
    }
}
