/// The study file that belongs to a simulated world.
struct StudyText {
    let text: String

    init(_ parameters: SimulationParameters) {
        let people = parameters.customers == 1 ? "1 customer" : "\(parameters.customers) customers"
        let horizon = "\(parameters.horizonDays)d"
        text = """
            # A simulated world of \(people), seed \(parameters.seed). Nobody in it exists.
            # truth.csv holds each eligible customer's true churn probability on \(parameters.lastCutoff).
            study: simulated
            timezone: Europe/Berlin
            observedUntil: \(parameters.observedUntil)        # the first day that the data cannot know
            maxRejected: 0                   # one bad row and nothing runs
            events:
              - file: events.csv
                format: {delimiter: ",", decimal: ".", encoding: utf-8, null: [""]}  # tickets and visits have no amount
                customer: customer
                duplicates: keep             # equal rows are separate events
                time: {column: time, format: "yyyy-MM-dd HH:mm:ss"}
                type: {column: type}         # purchase, return, ticket or visit
                amount: amount               # EUR; returns are negative
                quantity: quantity
                attributes: {product: product}
            # Churn: no purchase in the \(parameters.horizonDays) days from the cutoff, of those who purchased in the \
            \(parameters.activeWithinDays) days before it.
            churn: {definition: inactivity, of: [purchase], horizon: \(horizon), lead: 0d, \
            activeWithin: \(parameters.activeWithinDays)d}
            observations: {first: \(parameters.firstCutoff), last: \(parameters.lastCutoff), every: 1mo}
            features: {windows: [7d, 30d, 90d, 180d, 365d, all]}
            validation: {scheme: rollingOrigin, folds: 3, embargo: 0d, primaryMetric: logLoss}
            registry: models

            """
    }
}
