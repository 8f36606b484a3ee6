import ArgumentParser
import ChurnKit
import Foundation

/// A year of nightly scoring in simulated worlds, some of which change in June: what monitoring says on each day.
@main
struct MonitoringYear: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "monitoring-year")

    @Option(help: "Worlds of each kind.") var seeds = 20
    @Option(help: "The first seed.") var firstSeed: UInt64 = 1
    @Option(help: "Customers of a world.") var customers = 3000
    @Option(help: "How many times as often customers do anything from 1 June on.") var activity = 0.5
    @Option(help: "Folder for a file of each world and day.") var output: String?
    @Option(help: "SVG file of the first two worlds.") var chart: String?
    @Option var threads = Parallel.availableThreads

    func run() throws {
        var summary = ["| seed | no drift: alarms | first | drift: before June | first from June | realised |", "|---|---|---|---|---|---|"]
        var (falseYears, early, inTime, seen) = (0, 0, 0, 0)
        for seed in firstSeed..<(firstSeed + UInt64(seeds)) {
            let quiet = try SimulatedYear(seed: seed, customers: customers, activity: nil, threads: threads)
            let drifting = try SimulatedYear(seed: seed, customers: customers, activity: activity, threads: threads)
            let before = drifting.alarms.filter { $0 < SimulatedYear.drift }
            let after = drifting.alarms.first { $0 >= SimulatedYear.drift }
            if !quiet.alarms.isEmpty { falseYears += 1 }
            if !before.isEmpty { early += 1 }
            if let after, after.number - SimulatedYear.drift.number <= 21 { inTime += 1 }
            if drifting.lossIsSeen { seen += 1 }
            summary.append(
                "| \(seed) | \(quiet.alarms.count) | \(quiet.alarms.first?.description ?? "") | \(before.count) |"
                    + " \(after.map { "\($0), day \($0.number - SimulatedYear.drift.number)" } ?? "never") | \(drifting.lossWords) |"
            )
            FileHandle.standardError.write(Data((summary.last ?? "").utf8 + [0x0A]))
            if let chart, seed == firstSeed {
                try Data(YearChart(quiet: quiet, drifting: drifting).svg.utf8).write(to: URL(fileURLWithPath: chart))
            }
            if let output {
                for (name, year) in [("quiet", quiet), ("drift", drifting)] {
                    try Data(year.csv.utf8).write(to: URL(fileURLWithPath: "\(output)/\(name)-\(seed).csv"))
                }
            }
        }
        summary.append("")
        summary.append(
            "Alarms in \(falseYears) of \(seeds) years without a drift, and in \(early) before it; within three weeks of the drift in"
                + " \(inTime) of \(seeds); the backtest shows the loss in \(seen)."
        )
        print(summary.joined(separator: "\n"))
    }
}
