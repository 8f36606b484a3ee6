import ArgumentParser
import ChurnKit

struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a world of customers whose churn is known.",
        usage: "churn simulate --customers <customers> -o <dir> [options]",
        discussion: """
            Writes events.csv, customers.csv, study.yaml, and truth.csv with each customer's true churn probability at the \
            last cutoff. The same seed gives the same bytes.

            Example:
              churn simulate --customers 5000 --seed 1 -o shop
            """
    )

    @Option(help: "How many customers.")
    var customers: Int

    @Option(help: "Seed of the world.")
    var seed: UInt64 = 1

    @Option(name: .shortAndLong, help: ArgumentHelp("Folder to write to; made if needed.", valueName: "dir"))
    var output: String

    @Flag(help: "Replace a world that is in the folder already.")
    var overwrite = false

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var format: OutputOptions

    private struct Result: Encodable {
        let directory: String
        let customers: Int
        let events: Int
        let cutoff: String
        let eligible: Int
        let churnRate: Double?
    }

    func run() throws {
        let parameters = try SimulationParameters(customers: customers, seed: seed)
        let history = SimulatedWorld(parameters).generate(threads: threads.count)
        try history.write(to: output, overwrite: overwrite, threads: threads.count)
        let result = Result(
            directory: output,
            customers: history.customers.count,
            events: history.events.count,
            cutoff: parameters.lastCutoff.description,
            eligible: history.truth.count,
            churnRate: history.truth.isEmpty ? nil : history.churnRate
        )
        switch format.format {
        case .json: try ResultPrinter.json(result)
        case .csv:
            try ResultPrinter.csv(
                header: ["directory", "customers", "events", "cutoff", "eligible", "churnRate"],
                rows: [
                    [
                        .text(result.directory), .number(Double(result.customers)), .number(Double(result.events)),
                        .text(result.cutoff), .number(Double(result.eligible)), .number(result.churnRate),
                    ]
                ]
            )
            try ResultPrinter.flush()
        case .table:
            try ResultPrinter.text(
                "\(output): \(NumberText.count(result.events)) events of \(NumberText.count(result.customers)) customers."
                    + " Of \(NumberText.count(result.eligible)) who could churn at \(result.cutoff),"
                    + " \(NumberText.percent(result.churnRate)) did."
            )
        }
        format.note("Next: churn inspect \(output)/study.yaml")
    }
}
