import ArgumentParser
import ChurnKit

struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a world of customers whose churn is known.",
        usage: "churn simulate --customers <customers> -o <dir> [options]",
        discussion: """
            Writes events.csv, customers.csv, study.yaml, and truth.csv with each customer's true churn probability at the \
            last cutoff. A contractual world has contracts.csv too, one with campaigns campaigns.csv. The same seed gives \
            the same bytes.

            Example:
              churn simulate --customers 5000 --seed 1 -o shop
              churn simulate --customers 5000 -o telecom --world contractual \\
                --churn-rate 0.15 --rate ticket=2 --price-rise 2023-07-01:8 \\
                --campaign 2023-10-02 --drivers
            """
    )

    @Option(help: "How many customers.")
    var customers: Int

    @Option(help: "Seed of the world.")
    var seed: UInt64 = 1

    @Option(name: .shortAndLong, help: ArgumentHelp("Folder to write to; made if needed.", valueName: "dir"))
    var output: String

    @Option(name: .customLong("from"), help: "First day of the history.")
    var firstDay = SimulationParameters.defaultFirstDay

    @Option(name: .customLong("until"), help: "The day after the last one.")
    var observedUntil = SimulationParameters.defaultObservedUntil

    @Option(help: "Days after a cutoff in which churn counts.")
    var horizon = 90

    @Option(help: "Whether customers have contracts: noncontractual or contractual.")
    var world = WorldKind.noncontractual

    @Option(
        name: .customLong("rate"),
        help: ArgumentHelp(
            "Events of a kind a customer and year, such as ticket=0.5; repeatable. Kinds: purchase, return, complaint, "
                + "ticket, emailOpen, emailClick, visit.",
            valueName: "kind=number"
        )
    )
    var rates: [EventRateArgument] = []

    @Option(help: "Customers lost a customer and year, such as 0.2.")
    var churnRate: Double?

    @Option(
        name: .customLong("price-rise"),
        help: ArgumentHelp(
            "Prices rise by a percentage from a day on, such as 2023-07-01:8; repeatable.",
            valueName: "day:percent"
        )
    )
    var priceRises: [PriceRise] = []

    @Option(
        name: .customLong("campaign"),
        help: ArgumentHelp("A campaign that treats a random half of the customers; repeatable.", valueName: "day")
    )
    var campaigns: [CalendarDay] = []

    @Option(help: ArgumentHelp("Some coefficients of the hazard change on this day.", valueName: "day"))
    var driftFrom: CalendarDay?

    @Flag(help: "Write the files as German enterprise software exports them.")
    var erpDe = false

    @Flag(help: "Write drivers.csv: what drove the hazard in each week.")
    var drivers = false

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
        let yearlyChurnRate: Double
        let yearlyEvents: [String: Double]
    }

    func validate() throws {
        for kind in EventKind.rated where rates.count(where: { $0.kind == kind }) > 1 {
            throw ValidationError("--rate names \(kind.name) twice.")
        }
    }

    private func parameters() throws -> SimulationParameters {
        try SimulationParameters(
            customers: customers,
            seed: seed,
            firstDay: firstDay,
            observedUntil: observedUntil,
            horizonDays: horizon,
            world: world,
            rates: Dictionary(rates.map { ($0.kind, $0.rate) }) { first, _ in first },
            churnRate: churnRate,
            priceRises: priceRises,
            campaigns: campaigns,
            driftFrom: driftFrom
        )
    }

    func run() throws {
        let parameters = try parameters()
        let summary = try SimulatedWorld(parameters, threads: threads.count).write(
            to: output,
            options: ExportOptions(
                layout: erpDe ? .germanERP : .plain,
                writesDrivers: drivers,
                overwrites: overwrite
            ),
            threads: threads.count
        )
        let kinds = EventKind.rated.map { ($0.name, summary.tally.rate(of: $0)) }
        try printResult(
            Result(
                directory: output,
                customers: summary.customers,
                events: summary.events,
                cutoff: parameters.lastCutoff.description,
                eligible: summary.eligible,
                churnRate: summary.churnShare,
                yearlyChurnRate: summary.tally.churnRate,
                yearlyEvents: Dictionary(uniqueKeysWithValues: kinds)
            )
        )
        format.note("Next: churn inspect \(output)/study.yaml")
    }

    private func printResult(_ result: Result) throws {
        switch format.format {
        case .json: try ResultPrinter.json(result)
        case .csv:
            try ResultPrinter.csv(
                header: ["directory", "customers", "events", "cutoff", "eligible", "churnRate", "yearlyChurnRate"],
                rows: [
                    [
                        .text(result.directory), .number(Double(result.customers)), .number(Double(result.events)),
                        .text(result.cutoff), .number(Double(result.eligible)), .number(result.churnRate),
                        .number(result.yearlyChurnRate),
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
    }
}

extension WorldKind: ExpressibleByArgument {}

extension PriceRise: ExpressibleByArgument {
    /// Reads `2023-07-01:8`.
    public init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let day = CalendarDay(String(parts[0])), let percent = Double(parts[1]) else {
            return nil
        }
        self.init(day: day, percent: percent)
    }
}

/// `ticket=0.5`: so many events of a kind a customer and year.
struct EventRateArgument: ExpressibleByArgument {
    let kind: EventKind
    let rate: Double

    init?(argument: String) {
        let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = EventKind(name: String(parts[0])), EventKind.rated.contains(kind),
            let rate = Double(parts[1])
        else { return nil }
        self.kind = kind
        self.rate = rate
    }
}
