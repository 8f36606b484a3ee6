import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

/// A world in which customers do a third of what they did from 1 May 2024 on, and one in which they do not.
@Suite struct MonitorTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for (name, drift) in [("quiet", nil), ("drift", CalendarDay("2024-05-01"))] {
            try SimulatedWorld(
                SimulationParameters(customers: 900, seed: 5, driftFrom: drift, driftActivity: drift == nil ? 1 : 0.33)
            ).write(to: "\(folder.path)/\(name)", threads: 2)
            let outcome = try run(name, ["train", "study.yaml", "--name", "m"])
            try #require(outcome.status == 0, "\(outcome.errors)")
        }
    }

    private func run(_ world: String, _ arguments: [String]) throws -> ChurnBinary.Outcome {
        try ChurnBinary.run(arguments + ["--registry", "r"], in: "\(folder.path)/\(world)")
    }

    private func monitor(_ world: String, _ day: String, _ options: String...) throws -> ChurnBinary.Outcome {
        try run(world, ["monitor", "m", "study.yaml", "--as-of", day] + options)
    }

    @Test func aChangedWorldIsToldAndAnUnchangedOneIsNot() throws {
        for day in ["2024-04-20", "2024-06-20"] {
            let quiet = try monitor("quiet", day)
            #expect(quiet.status == 0 && quiet.output.contains("Nothing speaks for training again."), "\(quiet.output)")
        }
        #expect(try monitor("drift", "2024-04-20").status == 0)
        let moved = try monitor("drift", "2024-06-20")
        #expect(moved.status == 1 && moved.output.contains("predictors of the model have moved"), "\(moved.output)")
        // Nobody's label is known since: there is nothing to learn from yet.
        #expect(moved.output.contains("Look for the cause") && !moved.output.contains("Train again"))
        let json = try monitor("drift", "2024-06-20", "--format", "json").json
        #expect(json["hasAlarm"] as? Bool == true && json["suggestsTraining"] as? Bool == false)
        let csv = try monitor("drift", "2024-06-20", "--format", "csv")
        #expect(csv.status == 1 && csv.output.hasPrefix("name,stabilityIndex,threshold"))
        #expect(csv.output.split(separator: "\n").count > 20)
        // Who looks away sees nothing.
        #expect(try monitor("drift", "2024-06-20", "--level", "50").status == 0)
    }

    @Test func whatBecameOfThoseScoredIsTold() throws {
        #expect(try monitor("quiet", "2024-06-20").output.contains("no scoring run"))
        for day in ["2024-02-01", "2024-02-03", "2024-03-01", "2024-06-01"] {
            #expect(try run("quiet", ["score", "m", "study.yaml", "--as-of", day, "-o", "s.csv", "-q"]).status == 0)
        }
        let json = try monitor("quiet", "2024-06-20", "--format", "json").json
        let backtest = (json["monitoring"] as? [String: Any])?["backtest"] as? [String: Any]
        let outcomes = try #require(backtest?["outcomes"] as? [[String: Any]])
        // Of days that are close together the newer; of one whose label window is open none.
        #expect(outcomes.map { $0["asOf"] as? String } == ["2024-02-03", "2024-03-01"])
        #expect(backtest?["immature"] as? Int == 1)
        #expect(outcomes.map { $0["isReproduced"] as? Bool } == [true, true])
        let evaluated = try run("quiet", ["evaluate", "m", "study.yaml", "--format", "json"]).json
        #expect((evaluated["metrics"] as? [String: Any])?["auc"] is Double)
        for outcome in outcomes {
            let (churned, expected) = (
                try #require(outcome["churned"] as? Int), try #require(outcome["expected"] as? Double)
            )
            #expect(abs(Double(churned) - expected) < 0.35 * Double(churned))
            #expect(try #require(outcome["auc"] as? Double) > 0.7)
        }
        let table = try monitor("quiet", "2024-06-20")
        #expect(table.output.contains("2024-03-01") && table.output.contains("In the test at training"))
    }

    @Test func aRunWhoseDataChangedSinceIsNotItsScores() throws {
        #expect(
            try run("quiet", ["score", "m", "study.yaml", "--as-of", "2024-02-01", "-o", "s.csv", "-q"]).status == 0
        )
        let path = "\(folder.path)/quiet/events.csv"
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        // A late correction: every hundredth event never happened.
        let kept = lines.enumerated().filter { $0.offset == 0 || $0.offset % 100 != 7 }.map(\.element)
        try folder.write("quiet/events.csv", kept.joined(separator: "\n").utf8)
        let outcome = try monitor("quiet", "2024-06-20")
        #expect(outcome.output.contains("the data have changed since"), "\(outcome.output)\(outcome.errors)")
    }

    @Test func monitoringNeedsAStudyAndALevel() throws {
        #expect(try run("quiet", ["monitor", "m", "events.csv", "--as-of", "2024-06-20"]).status == 64)
        #expect(try monitor("quiet", "2024-06-20", "--level", "0").status == 64)
        #expect(try monitor("quiet", "2031-06-20").status == 65)
    }
}
