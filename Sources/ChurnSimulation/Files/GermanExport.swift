import ChurnHistory
import ChurnNumerics

/// A world as German enterprise software might export it, with what makes such exports hard to read.
///
/// Semicolons, Windows-1252, CRLF, umlauts in headers, decimal commas with dots as thousands marks, a minus behind the
/// number, customer numbers with leading zeros, times to the minute. Movements stand in one file a year, and the second
/// year has its columns in another order. One movement in 500 on average is exported twice, to the byte: document numbers
/// are unique otherwise.
struct GermanExport: WorldExport {
    let fileNames: [String]
    let headers: [[UInt8]]
    let study: String

    private let parameters: SimulationParameters
    private let movements: GermanMovementText
    private let driverLines: DriverText
    private let contracts: Int?
    private let campaigns: Int?
    private let drivers: Int?
    private let truth: Int
    private let firstMovements: Int

    private static let duplicatesOneIn = 500
    private static let streets = [
        "Bahnhofstraße", "Am Mühlbach", "Gewerbestraße", "Münchner Straße", "Industrieweg", "Königsallee",
        "Schützenstraße", "Hafenstraße", "Lübecker Straße", "Großer Markt",
    ].map(GermanText.bytes)

    static let customerColumns = [
        "Kundennr", "Gültig_ab", "Kunde_seit", "Rechtsform", "Branche", "Mitarbeiter", "Standorte", "Konzern", "Straße",
        "Land", "Zeitzone", "Gründungsjahr", "Jahresbudget", "Jahresumsatz", "Potenzial", "Warenwirtschaft",
        "Zahlungsart", "Betreuer",
    ]
    static let contractColumns = [
        "Kundennr", "Beginn", "Geplantes_Ende", "Ende", "Kündigung_bekannt", "Jahreswert", "Laufzeit_Monate",
        "Kündigungsfrist_Monate", "Verlängerung",
    ]

    init(_ parameters: SimulationParameters, writesDrivers: Bool) {
        func line(_ columns: [String]) -> [UInt8] {
            GermanText.bytes(columns.joined(separator: ";")) + GermanText.lineEnd
        }
        var names = ["Kunden.csv"]
        var headers = [line(GermanExport.customerColumns)]
        func add(_ name: String, _ header: [UInt8], if isWritten: Bool) -> Int? {
            guard isWritten else { return nil }
            names.append(name)
            headers.append(header)
            return names.count - 1
        }
        let driverLines = DriverText(parameters.world)
        let movements = GermanMovementText(parameters)
        contracts = add("Vertraege.csv", line(GermanExport.contractColumns), if: parameters.world == .contractual)
        campaigns = add(
            "Kampagnen.csv",
            line(["Kundennr", "Datum", "Angeschrieben"]),
            if: !parameters.campaigns.isEmpty
        )
        drivers = add("drivers.csv", Array("\(driverLines.header)\n".utf8), if: writesDrivers)
        names.append("truth.csv")
        headers.append(Array("customer,cutoff,probability,churned\n".utf8))
        truth = names.count - 1
        firstMovements = names.count
        for year in movements.years {
            names.append("Bewegungen_\(year).csv")
            headers.append(line(movements.columns(ofYear: year)))
        }
        self.fileNames = names
        self.headers = headers
        self.parameters = parameters
        self.driverLines = driverLines
        self.movements = movements
        self.study = StudyText(parameters, layout: .germanERP).text
    }

    func append(_ course: SimulatedCourse, to texts: inout [ByteText]) {
        let identifier = GermanText.identifier(of: course.customer.number)
        appendEntries(of: course.customer, identifier, to: &texts[0])
        if let contracts {
            for contract in course.contracts { append(contract, identifier, to: &texts[contracts]) }
        }
        if let campaigns {
            for (day, isTreated) in zip(parameters.campaigns, course.treatments) {
                guard let isTreated else { continue }
                texts[campaigns].append(identifier)
                texts[campaigns].append(byte: GermanText.separator)
                GermanText.append(day, to: &texts[campaigns])
                texts[campaigns].append(isTreated ? ";ja" : ";nein")
                texts[campaigns].append(GermanText.lineEnd)
            }
        }
        if let drivers { driverLines.append(course.drivers, of: identifier, to: &texts[drivers]) }
        if let row = course.truth {
            texts[truth].append(identifier)
            texts[truth].append(",\(parameters.lastCutoff),\(row.probability),\(row.churned ? 1 : 0)\n")
        }
        appendMovements(of: course, identifier, to: &texts)
    }

    private func appendMovements(of course: SimulatedCourse, _ identifier: [UInt8], to texts: inout [ByteText]) {
        var stream = RandomStream(
            seed: parameters.seed,
            purpose: "simulated duplicates",
            index: UInt64(course.customer.number)
        )
        for (position, event) in course.events.enumerated() {
            let file = firstMovements + movements.yearIndex(of: event)
            movements.append(event, number: position + 1, of: identifier, to: &texts[file])
            if stream.below(GermanExport.duplicatesOneIn) == 0 {
                movements.append(event, number: position + 1, of: identifier, to: &texts[file])
            }
        }
    }

    private func appendEntries(of customer: SimulatedCustomer, _ identifier: [UInt8], to text: inout ByteText) {
        func separate() { text.append(byte: GermanText.separator) }
        let street = GermanExport.streets[customer.number % GermanExport.streets.count]
        for entry in customer.entries {
            text.append(identifier)
            separate()
            GermanText.append(entry.validFrom, to: &text)
            separate()
            GermanText.append(customer.since, to: &text)
            text.append(";\(customer.legalForm.rawValue);\(GermanText.name(of: customer.industry));")
            GermanText.append(entry.employees, to: &text)
            text.append(";\(entry.sites);")
            if let group = customer.group {
                text.append(byte: UInt8(ascii: "K"))
                text.append(group, width: 5)
            }
            separate()
            text.append(street)
            text.append(" \(1 + customer.number % 97);\(customer.country.rawValue);\(customer.country.timeZone)")
            text.append(";\(customer.foundedYear)")
            for euros in [entry.annualBudget, entry.revenue, entry.potential] {
                separate()
                GermanText.append(cents: 100 * euros, to: &text)
            }
            text.append(";\(entry.software.rawValue);\(GermanText.name(of: entry.paymentMethod));")
            text.append(entry.salesRep, width: 3)
            text.append(GermanText.lineEnd)
        }
    }

    private func append(_ contract: SimulatedContract, _ identifier: [UInt8], to text: inout ByteText) {
        text.append(identifier)
        for day in [contract.term.start, contract.term.plannedEnd, contract.end, contract.endKnown] {
            text.append(byte: GermanText.separator)
            if let day { GermanText.append(day, to: &text) }
        }
        text.append(byte: GermanText.separator)
        GermanText.append(cents: contract.yearlyValueCents, to: &text)
        text.append(";\(contract.term.months);\(contract.noticeMonths);\(contract.renewal)")
        text.append(GermanText.lineEnd)
    }
}
