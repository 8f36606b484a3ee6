import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

@Suite struct SimulateTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ line: String) throws -> ChurnBinary.Outcome {
        try run(line.split(separator: " ").map(String.init))
    }

    private func run(_ arguments: [String]) throws -> ChurnBinary.Outcome {
        let (output, errors) = ("\(folder.path)/out", "\(folder.path)/err")
        let process = try ChurnBinary.start(
            arguments,
            in: folder.path,
            output: URL(fileURLWithPath: output),
            errors: URL(fileURLWithPath: errors)
        )
        process.waitUntilExit()
        return ChurnBinary.Outcome(
            status: process.terminationStatus,
            output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8)
        )
    }

    private func simulate(_ line: String) throws -> ChurnBinary.Outcome { try run("simulate -o w \(line)") }

    @Test(arguments: [
        "", "--customers 0", "--customers x", "--customers 5 --world feudal", "--customers 5 --rate ticket",
        "--customers 5 --rate cancellation=1", "--customers 5 --rate ticket=-1", "--customers 5 --rate ticket=nan",
        "--customers 5 --rate ticket=1 --rate ticket=2", "--customers 5 --churn-rate 3",
        "--customers 5 --price-rise 2023-01-01", "--customers 5 --price-rise 2023-02-30:5",
        "--customers 5 --price-rise 2030-01-01:5", "--customers 5 --campaign tomorrow", "--customers 5 --horizon 0",
        "--customers 5 --campaign 2023-01-02 --campaign 2023-01-02", "--customers 5 --drift-from 2021-12-31",
        "--customers 5 --from 2022-01-01 --until 2022-06-01", "--customers 5 --rate return=400",
    ])
    func wrongUsageIsToldBeforeAnythingIsWritten(line: String) throws {
        let outcome = try simulate(line)
        #expect(outcome.status == 64, "\(line): \(outcome.errors)")
        #expect(!outcome.errors.isEmpty && outcome.output.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/w"))
    }

    /// Names the option as it was typed, says what is wrong, and how to write it.
    @Test(arguments: [
        ("--churn-rate 5", "--churn-rate is 5.0, but must be between 0.01 and 2.0."),
        ("--horizon 0", "--horizon is 0, but must be between 1 and 366."),
        ("--rate ticket=-1", "--rate ticket is -1.0, but must be between 0.0 and 1000.0."),
        ("--from 1900-01-01", "--from is 1900-01-01, but must be between 1981-01-01 and 2095-12-31."),
        (
            "--price-rise 2030-01-01:5",
            "--price-rise is 2030-01-01, which lies outside the history. Fix: choose a day from 2022-01-01 on and before "
                + "2024-07-01."
        ),
        ("--price-rise 2023-07-01:500", "The percentage of --price-rise is 500.0, but must be between 0.1 and 100.0."),
        ("--campaign 2023-01-02 --campaign 2023-01-02", "--campaign names 2023-01-02 twice."),
        ("--drift-from 2021-12-31", "--drift-from is 2021-12-31, which lies outside the history."),
        ("--rate return=400", "--rate return cannot be 400.0 in this world"),
        ("--rate tickets=2", "there is no kind tickets to rate; did you mean ticket?"),
        ("--rate ticket", "a kind and a number are needed. Fix: write them as ticket=0.5"),
        ("--rate ticket=often", "the rate is no number. Fix: write it as 2 or 0.5"),
        ("--campaign 01.07.2023", "that is no day of the calendar. Fix: write days as 2023-07-01"),
        ("--until 2023-02-30", "that is no day of the calendar. Fix: write days as 2023-07-01"),
        ("--price-rise 2023-07-01", "a day and a percentage are needed. Fix: write them as 2023-07-01:8"),
        ("--price-rise 2023-07-01:8%", "the percentage is no number. Fix: write it as 8 or 2.5"),
    ])
    func aMessageNamesTheOptionAndTheWayToWriteIt(line: String, message: String) throws {
        let outcome = try simulate("--customers 5 \(line)")
        #expect(outcome.status == 64 && outcome.errors.contains(message), "\(line): \(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/w"))
    }

    @Test func anEmptyFolderNameIsRefused() throws {
        let outcome = try run(["simulate", "--customers", "5", "-o", ""])
        #expect(outcome.status == 64 && outcome.errors.contains("-o names no folder."), "\(outcome.errors)")
        let written = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix("csv") }
        #expect(written == [])
    }

    @Test func aFolderWithTheNameOfAFileIsRefused() throws {
        let stale = "\(folder.path)/w/contracts.csv"
        try FileManager.default.createDirectory(atPath: stale, withIntermediateDirectories: true)
        let outcome = try simulate("--customers 5 --overwrite")
        #expect(outcome.status == 73 && outcome.errors.contains("is a folder"), "\(outcome.errors)")
        #expect(FileManager.default.fileExists(atPath: stale))
    }

    /// Who is in `truth.csv`, and who churned, is what the written study says of its last cutoff.
    @Test(arguments: ["noncontractual", "contractual"], ["", "--erp-de"])
    func theTruthIsOfTheCustomersThatTheStudyFindsEligible(world: String, layout: String) throws {
        try #require(
            try simulate("--customers 500 --seed 4 --churn-rate 0.5 --world \(world) \(layout) -q").status == 0
        )
        let features = try run("features w/study.yaml -o features.csv --as-of 2024-04-01 -q")
        try #require(features.status == 0, "\(features.errors)")
        func rows(_ name: String, _ columns: [String]) throws -> [String] {
            let lines = try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8).split(separator: "\n")
            let header = lines[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            let places = try columns.map { try #require(header.firstIndex(of: $0)) }
            return lines.dropFirst().map { line in
                let cells = line.split(separator: ",", omittingEmptySubsequences: false)
                return places.map { String(cells[$0]) }.joined(separator: ",")
            }.sorted()
        }
        let truth = try rows("w/truth.csv", ["customer", "churned"])
        #expect(truth.count > 100)
        #expect(try rows("features.csv", ["customer", "label"]) == truth)
    }

    @Test func everyOptionTogetherMakesAWorldThatTrains() throws {
        let made = try simulate(
            """
            --customers 600 --seed 3 --world contractual --churn-rate 0.4 --rate ticket=2 --rate visit=10 \
            --price-rise 2023-03-01:8 --campaign 2023-06-05 --drift-from 2024-01-01 --drivers --horizon 60 \
            --from 2022-02-01 --until 2024-08-01 --format json
            """
        )
        try #require(made.status == 0, "\(made.errors)")
        #expect(made.json["cutoff"] as? String == "2024-06-01")
        let rates = made.json["yearlyEvents"] as? [String: Double] ?? [:]
        #expect(abs((rates["visit"] ?? 0) - 10) < 1.5 && rates.count == 7)
        #expect(abs((made.json["yearlyChurnRate"] as? Double ?? 0) - 0.4) < 0.12)
        let inspect = try run("inspect w/study.yaml --format json")
        #expect(inspect.status == 0 && inspect.json["rejected"] as? Int == 0)
        let train = try run("train w/study.yaml --name m --registry r --format json")
        #expect(train.status == 0, "\(train.errors)")
    }

    /// As `docs/simulation.md` shows it: the coefficients of a fit on `drivers.csv` are those of the hazard.
    @Test func trainingOnTheDriversFindsTheHazard() throws {
        try #require(try simulate("--customers 1500 --drivers --churn-rate 0.6 -q").status == 0)
        let train = try run(
            """
            train w/drivers.csv --label declined --positive 1 --id customer --exclude week --l2 0 --name hazard \
            --format json -q
            """
        )
        try #require(train.status == 0, "\(train.errors)")
        let coefficients = train.json["coefficients"] as? [[String: Any]] ?? []
        for (name, truth) in [
            ("loyalty", -0.60), ("recentComplaint", 0.90), ("recentVisit", -0.50), ("groupCrisis", 1.00),
            ("tenureYears", -0.10), ("logSize", -0.20),
        ] {
            let row = try #require(coefficients.first { $0["name"] as? String == name })
            let perUnit = try #require(row["rawValue"] as? Double)
            let scaled = try #require(row["value"] as? Double)
            // Standard errors are on the scale of the z-scored column.
            let error = try #require(row["standardError"] as? Double) * abs(perUnit / scaled)
            #expect(abs(perUnit - truth) < 3.5 * error, "\(name): \(perUnit) +- \(error)")
        }
    }

    @Test func theGermanExportHasAFileAYear() throws {
        #expect(try simulate("--customers 30 --erp-de -q").status == 0)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/w").sorted() == [
                "Bewegungen_2022.csv", "Bewegungen_2023.csv", "Bewegungen_2024.csv", "Kunden.csv", "study.yaml",
                "truth.csv",
            ]
        )
    }
}
