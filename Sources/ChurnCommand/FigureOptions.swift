import ArgumentParser
import ChurnKit

/// What a retention campaign costs and brings.
struct CampaignOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: "Campaign: what a customer is worth who stays.")
    var customerValue = RetentionEconomics.standard.customerValue

    @Option(parsing: .unconditional, help: "Campaign: what the offer costs where it is taken.")
    var offerCost = RetentionEconomics.standard.offerCost

    @Option(parsing: .unconditional, help: "Campaign: what a contact costs.")
    var contactCost = RetentionEconomics.standard.contactCost

    @Option(
        help: ArgumentHelp(
            "Campaign: how probable it is that a churner takes the offer, as a beta distribution.",
            valueName: "alpha,beta"
        )
    )
    var acceptance = "6,14"

    func validate() throws {
        for (option, value) in [
            ("--customer-value", customerValue), ("--offer-cost", offerCost), ("--contact-cost", contactCost),
        ] where !(value >= 0 && value <= 1e12) {
            throw ValidationError("\(option) must be from 0 to 1e12.")
        }
        if customerValue == 0 { throw ValidationError("--customer-value must be above 0.") }
        _ = try distribution
    }

    private var distribution: BetaDistribution {
        get throws {
            let parts = acceptance.split(separator: ",").map { Double($0) ?? .nan }
            guard parts.count == 2, parts.allSatisfy({ $0 > 0 && $0 <= 1e6 }) else {
                throw ValidationError("--acceptance \(acceptance) must be two positive numbers, such as 6,14.")
            }
            return BetaDistribution(alpha: parts[0], beta: parts[1])
        }
    }

    var economics: RetentionEconomics {
        get throws {
            RetentionEconomics(
                customerValue: customerValue,
                offerCost: offerCost,
                contactCost: contactCost,
                acceptance: try distribution
            )
        }
    }
}

/// Every figure of predictions, with intervals where they are asked for.
struct FigureOptions: ParsableArguments {
    @Flag(help: "Every figure with its interval of 95 %.")
    var intervals = false

    @Option(help: "Samples of customers for the intervals.")
    var draws = CustomerBootstrap.standardDraws

    @Option(
        help: ArgumentHelp(
            "Campaign: also print what contacting so many customers with the highest scores brings.",
            valueName: "contacts"
        )
    )
    var budget: Int?

    @OptionGroup(title: "Campaign") var campaign: CampaignOptions

    func validate() throws {
        if !(1...100_000).contains(draws) { throw ValidationError("--draws must be from 1 to 100000.") }
        if let budget, budget < 0 { throw ValidationError("--budget must not be negative.") }
    }

    /// Every metric that is defined.
    func estimates(_ predictions: Predictions, threads: Int) throws -> [(metric: Metric, estimate: MetricEstimate)] {
        let ranked = RankedPredictions(predictions)
        let economics = try campaign.economics
        guard intervals else {
            let values = MetricValues(of: ranked, economics: economics)
            return Metric.allCases.compactMap { metric in values[metric].map { (metric, MetricEstimate(value: $0)) } }
        }
        let bootstrap = try CustomerBootstrap([ranked], draws: draws, seed: 1, economics: economics, threads: threads)
        return bootstrap.estimates(ofModel: 0)
    }

    /// The decisions that the figures are for, in words.
    func decisions(_ predictions: Predictions) throws -> [String] {
        let economics = try campaign.economics
        var lines: [String] = []
        if let profit = RetentionProfit(of: predictions, economics: economics) {
            lines.append(
                "A campaign brings most, \(NumberText.significant(profit.maximumProfit)) a customer, where"
                    + " \(NumberText.percent(profit.maximumProfitShare)) are contacted"
                    + (economics.threshold <= 1
                        ? "; a contact is worth it from a probability of \(NumberText.percent(economics.threshold)) on."
                        : ".")
            )
        }
        if let budget {
            let total = RetentionProfit.total(contacting: Double(budget), of: predictions, economics: economics)
            lines.append("\(NumberText.count(budget)) contacts bring \(NumberText.significant(total)).")
        }
        return lines
    }
}

/// Figures as JSON has them: by name, each with its interval where there is one.
struct FigureRows: Encodable {
    let figures: [String: MetricEstimate]

    init(_ estimates: [(metric: Metric, estimate: MetricEstimate)]) {
        figures = Dictionary(
            uniqueKeysWithValues: estimates.filter { $0.estimate.value.isFinite }.map {
                ($0.metric.rawValue, $0.estimate)
            }
        )
    }

    func encode(to encoder: any Encoder) throws { try figures.encode(to: encoder) }
}
