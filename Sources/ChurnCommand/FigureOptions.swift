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

    @OptionGroup var sampling: DrawOptions

    @Option(
        help: ArgumentHelp(
            "Campaign: also print what contacting so many customers with the highest scores brings.",
            valueName: "contacts"
        )
    )
    var budget: Int?

    @OptionGroup(title: "Campaign") var campaign: CampaignOptions

    func validate() throws {
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
        let bootstrap = try CustomerBootstrap(
            [ranked],
            draws: sampling.draws,
            seed: 1,
            economics: economics,
            threads: threads
        )
        return bootstrap.estimates(ofModel: 0)
    }

    /// The decisions that the figures are for.
    func decisions(_ predictions: Predictions) throws -> CampaignDecisions {
        try CampaignDecisions(predictions, campaign.economics, contacts: budget)
    }
}

/// Whom a retention campaign should contact, and what that brings.
struct CampaignDecisions: Encodable {
    /// The largest profit of a customer of all, and the share who are contacted then; `nil` unless both classes are there.
    let maximumProfit: Double?
    let contactedShare: Double?
    /// The probability from which on a contact is worth it; `nil` where none is.
    let worthFrom: Double?
    /// What contacting so many customers with the highest scores brings.
    let contacts: Int?
    let profitOfContacts: Double?
    private let economics: RetentionEconomics

    init(_ predictions: Predictions, _ economics: RetentionEconomics, contacts asked: Int?) {
        self.economics = economics
        let profit = RetentionProfit(of: predictions, economics: economics)
        // No contact at all costs nothing, not less than nothing.
        maximumProfit = profit.map { max(0, $0.maximumProfit) }
        contactedShare = profit?.maximumProfitShare
        worthFrom = economics.threshold <= 1 ? economics.threshold : nil
        contacts = asked.map { predictions.weights == nil ? min($0, predictions.count) : $0 }
        profitOfContacts = contacts.map {
            RetentionProfit.total(contacting: Double($0), of: predictions, economics: economics)
        }
    }

    var lines: [String] {
        var lines: [String] = []
        if let maximumProfit, let contactedShare {
            lines.append(
                contactedShare > 0
                    ? "A campaign brings most, \(NumberText.significant(maximumProfit)) a customer of all, where"
                        + " \(NumberText.percent(contactedShare)) are contacted"
                        + (worthFrom.map {
                            "; a contact is worth it from a probability of \(NumberText.percent($0)) on."
                        } ?? ".")
                    : "No campaign of these costs brings anything."
            )
        }
        if let contacts, let profitOfContacts {
            lines.append("\(NumberText.count(contacts)) contacts bring \(NumberText.significant(profitOfContacts)).")
        }
        if !lines.isEmpty {
            lines.append(
                "Costs: \(NumberText.significant(economics.customerValue)) a customer who is kept, \(NumberText.significant(economics.offerCost)) an offer"
                    + " taken (by \(NumberText.percent(economics.acceptance.mean)) of churners, and by all others who are asked),"
                    + " \(NumberText.significant(economics.contactCost)) a contact."
            )
        }
        return lines.map { WrappedText.wrap($0) }
    }

    private enum CodingKeys: String, CodingKey {
        case maximumProfit, contactedShare, worthFrom, contacts, profitOfContacts
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
