/// The study file that belongs to a simulated world.
struct StudyText {
    let text: String

    init(_ parameters: SimulationParameters, layout: ExportOptions.Layout) {
        let parts =
            StudyText.head(parameters) + StudyText.events(layout) + StudyText.books(parameters, layout)
            + StudyText.tail(parameters)
        text = parts.map { "\($0)\n" }.joined()
    }

    private static func head(_ parameters: SimulationParameters) -> [String] {
        let people = parameters.customers == 1 ? "1 customer" : "\(parameters.customers) customers"
        return [
            "# A simulated world of \(people), seed \(parameters.seed). Nobody in it exists.",
            "# truth.csv holds each eligible customer's true churn probability on \(parameters.lastCutoff).",
            "study: simulated",
            "timezone: Europe/Berlin",
            "observedUntil: \(parameters.observedUntil)        # the first day that the data cannot know",
            "maxRejected: 0                   # one bad row and nothing runs",
        ]
    }

    private static func events(_ layout: ExportOptions.Layout) -> [String] {
        switch layout {
        case .plain:
            return [
                "events:",
                "  - file: events.csv",
                #"    format: {delimiter: ",", decimal: ".", encoding: utf-8, null: [""]}  # contacts have no amount"#,
                "    customer: customer",
                "    duplicates: keep             # equal rows are separate events",
                #"    time: {column: time, format: "yyyy-MM-dd HH:mm:ss"}"#,
                "    type: {column: type}         # purchase, return, complaint, ticket, emailOpen, emailClick, visit, …",
                "    amount: amount               # EUR; returns are negative",
                "    quantity: quantity           # units; minutes of a visit",
                "    attributes: {product: product}",
            ]
        case .germanERP:
            let types = EventKind.allCases.map { "\(GermanText.name(of: $0)): \($0.name)" }
            return [
                "events:",
                "  - file: Bewegungen_*.csv",
                "    format: \(germanFormat(isSigned: true))",
                "    customer: Kundennr",
                "    duplicates: drop             # document numbers are unique: an equal row was exported twice",
                #"    time: {column: Belegdatum, format: "dd.MM.yyyy HH:mm"}"#,
                "    type:",
                "      column: Belegart",
                "      equals: {\(types.joined(separator: ", "))}",
                "    amount: Betrag               # EUR; returns are negative, with the minus behind the number",
                "    quantity: Stückzahl          # units; minutes of a visit",
                "    group: Belegnr",
                "    attributes: {product: Artikelnr}",
            ]
        }
    }

    /// - Parameter isSigned: whether the format says where a minus stands.
    private static func germanFormat(isSigned: Bool) -> String {
        let negative = isSigned ? "negative: trailing, " : ""
        return #"{delimiter: ";", decimal: ",", thousands: ".", encoding: windows-1252, \#(negative)null: [""]}"#
    }

    /// Where customers and contracts are.
    private static func books(_ parameters: SimulationParameters, _ layout: ExportOptions.Layout) -> [String] {
        let isContractual = parameters.world == .contractual
        switch layout {
        case .plain:
            let attributes = PlainExport.customerColumns.dropFirst(3).joined(separator: ", ")
            let customers = [
                "customers:                       # what the books say of a customer, from validFrom on",
                "  - file: customers.csv",
                "    customer: customer",
                "    validFrom: validFrom",
                "    attributes: [\(attributes)]",
            ]
            let contracts = [
                "contracts:                       # value in EUR a year",
                "  - {file: contracts.csv, customer: customer, start: start, plannedEnd: plannedEnd, end: end, "
                    + "endKnown: endKnown, value: value}",
            ]
            return customers + (isContractual ? contracts : [])
        case .germanERP:
            let attributes = GermanExport.customerColumns.dropFirst(3).joined(separator: ", ")
            func day(_ column: String) -> String { #"{column: \#(column), format: "dd.MM.yyyy"}"# }
            let customers = [
                "customers:                       # what the books say of a customer, from Gültig_ab on",
                "  - file: Kunden.csv",
                "    format: \(germanFormat(isSigned: false))",
                "    customer: Kundennr",
                "    validFrom: \(day("Gültig_ab"))",
                "    attributes: [\(attributes)]",
            ]
            let contracts = [
                "contracts:",
                "  - file: Vertraege.csv",
                "    format: \(germanFormat(isSigned: false))",
                "    customer: Kundennr",
                "    start: \(day("Beginn"))",
                "    plannedEnd: \(day("Geplantes_Ende"))",
                "    end: \(day("Ende"))",
                "    endKnown: \(day("Kündigung_bekannt"))",
                "    value: Jahreswert            # EUR a year",
            ]
            return customers + (isContractual ? contracts : [])
        }
    }

    private static func tail(_ parameters: SimulationParameters) -> [String] {
        let active = parameters.activeWithinDays
        let window = "horizon: \(parameters.horizonDays)d, lead: 0d, activeWithin: \(active)d"
        let churn =
            switch parameters.world {
            case .noncontractual:
                [
                    "# Churn: no purchase in the \(parameters.horizonDays) days from the cutoff, of those who purchased in "
                        + "the \(active) days before it.",
                    "churn: {definition: inactivity, of: [purchase], \(window)}",
                ]
            case .contractual:
                [
                    "# Churn: notice in the \(parameters.horizonDays) days from the cutoff, of those who purchased in the "
                        + "\(active) days before it",
                    "# and have given none; who has given notice purchases nothing more.",
                    "churn: {definition: event, of: [cancellation], active: [purchase], \(window)}",
                ]
            }
        return churn + [
            "observations: {first: \(parameters.firstCutoff), last: \(parameters.lastCutoff), every: 1mo}",
            "features: {windows: [7d, 30d, 90d, 180d, 365d, all]}",
            "validation: {scheme: rollingOrigin, folds: 3, embargo: 0d, primaryMetric: logLoss}",
            "registry: models",
        ]
    }
}
