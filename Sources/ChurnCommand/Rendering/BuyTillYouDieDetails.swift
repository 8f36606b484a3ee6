import ChurnKit

/// Parameters of a buy-till-you-die model.
struct BuyTillYouDieDetails: ModelDetails {
    struct Parameter: Encodable {
        let name: String
        /// With times in days.
        let value: Double
        /// Of its logarithm.
        let relativeError: Double
    }

    let parameters: [Parameter]
    let customers: Int
    let horizonDays: Double
    let logLikelihood: Double
    private let words: String
    private let iterations: Int

    private enum CodingKeys: String, CodingKey { case parameters, customers, horizonDays, logLikelihood }

    init(_ model: FittedBuyTillYouDie) {
        parameters = zip(model.parameterNames, zip(model.fit.parameters, model.fit.relativeErrors)).map {
            Parameter(name: $0, value: $1.0, relativeError: $1.1)
        }
        customers = model.customers
        horizonDays = model.horizon
        logLikelihood = model.fit.logLikelihood
        words = model.words
        iterations = model.fit.iterations
    }

    var size: String { "\(NumberText.count(customers)) customers" }
    var title: String {
        "\(words): the probability of no purchase within \(NumberText.significant(horizonDays)) days, from a customer's days"
            + " with a purchase, the last and the first of them"
    }

    var table: String {
        var table = TextTable(headers: ["parameter", "value", "relative error"])
        for parameter in parameters {
            table.append([
                parameter.name, NumberText.significant(parameter.value), NumberText.percent(parameter.relativeError),
            ])
        }
        return table.text
    }

    var remarks: [String] { ["times in days; labels have no part in this fit, only in the calibration"] }

    var end: String { "\(iterations) iterations, log-likelihood \(NumberText.decimals(logLikelihood, 6))" }

    var csv: (header: [String], rows: [[ResultPrinter.Cell]]) {
        (
            ["name", "value", "relativeError"],
            parameters.map { [.text($0.name), .number($0.value), .number($0.relativeError)] }
        )
    }
}
