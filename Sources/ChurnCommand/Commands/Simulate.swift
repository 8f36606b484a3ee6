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

    @Option(name: .customLong("from"), help: "First day of the history.", transform: Simulate.day)
    var firstDay = SimulationParameters.defaultFirstDay

    @Option(name: .customLong("until"), help: "The day after the last one.", transform: Simulate.day)
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
        ),
        transform: EventRateArgument.init
    )
    var rates: [EventRateArgument] = []

    @Option(help: "Customers lost a customer and year, such as 0.2.")
    var churnRate: Double?

    @Option(
        name: .customLong("price-rise"),
        help: ArgumentHelp(
            "Prices rise by a percentage from a day on, such as 2023-07-01:8; repeatable.",
            valueName: "day:percent"
        ),
        transform: Simulate.priceRise
    )
    var priceRises: [PriceRise] = []

    @Option(
        name: .customLong("campaign"),
        help: ArgumentHelp("A campaign that treats a random half of the customers; repeatable.", valueName: "day"),
        transform: Simulate.day
    )
    var campaigns: [CalendarDay] = []

    @Option(
        help: ArgumentHelp("Some coefficients of the hazard change on this day.", valueName: "day"),
        transform: Simulate.day
    )
    var driftFrom: CalendarDay?

    @Option(
        help: ArgumentHelp(
            "From the day of the drift on, customers do everything this many times as often, 0.05 to 20 (default: 1).",
            valueName: "factor"
        )
    )
    var driftActivity: Double?

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
        if output.isEmpty {
            throw ValidationError("-o names no folder. Fix: name one, such as -o shop, or -o . for this one.")
        }
        if driftActivity != nil, driftFrom == nil { throw ValidationError("--drift-activity needs --drift-from.") }
        _ = try parameters()
    }

    private func parameters() throws -> SimulationParameters {
        try named {
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
                driftFrom: driftFrom,
                driftActivity: driftActivity ?? 1
            )
        }
    }

    /// Tells what cannot be simulated in the words of the command line.
    private func named<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as SimulationError {
            throw ValidationError(error.message(naming: \.option))
        }
    }

    func run() throws {
        let parameters = try parameters()
        let world = try named { try SimulatedWorld(parameters, threads: threads.count) }
        let summary = try world.write(
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

extension SimulationParameter {
    /// The option that sets the parameter.
    fileprivate var option: String {
        switch self {
        case .customers: "--customers"
        case .horizonDays: "--horizon"
        // No option sets it.
        case .activeWithinDays: description
        case .firstDay: "--from"
        case .observedUntil: "--until"
        case .historyDays: "The number of days from --from to --until"
        case .rate(let kind): "--rate \(kind.name)"
        case .churnRate: "--churn-rate"
        case .priceRises: "--price-rise"
        case .percentOfPriceRise: "The percentage of --price-rise"
        case .campaigns: "--campaign"
        case .driftFrom: "--drift-from"
        case .driftActivity: "--drift-activity"
        }
    }
}

extension Simulate {
    @Sendable private static func day(_ text: String) throws -> CalendarDay {
        guard let day = CalendarDay(text) else {
            throw ValidationError("that is no day of the calendar. Fix: write days as 2023-07-01")
        }
        return day
    }

    /// Reads `2023-07-01:8`.
    @Sendable private static func priceRise(_ text: String) throws -> PriceRise {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw ValidationError("a day and a percentage are needed. Fix: write them as 2023-07-01:8")
        }
        guard let percent = Double(parts[1]) else {
            throw ValidationError("the percentage is no number. Fix: write it as 8 or 2.5")
        }
        return try PriceRise(day: day(String(parts[0])), percent: percent)
    }
}

/// `ticket=0.5`: so many events of a kind a customer and year.
struct EventRateArgument {
    let kind: EventKind
    let rate: Double

    @Sendable init(_ text: String) throws {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else {
            throw ValidationError("a kind and a number are needed. Fix: write them as ticket=0.5")
        }
        let names = EventKind.rated.map(\.name)
        guard let kind = EventKind(name: parts[0]), EventKind.rated.contains(kind) else {
            let suggestion = NearestName.of(parts[0], among: names).map { "did you mean \($0)? " } ?? ""
            throw ValidationError(
                "there is no kind \(parts[0]) to rate; \(suggestion)the kinds are \(names.joined(separator: ", "))"
            )
        }
        guard let rate = Double(parts[1]) else {
            throw ValidationError("the rate is no number. Fix: write it as 2 or 0.5")
        }
        self.kind = kind
        self.rate = rate
    }
}
