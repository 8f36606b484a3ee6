import ChurnHistory

/// A world as comma-separated UTF-8: `customers.csv`, `events.csv`, `truth.csv` and, where there is such a thing,
/// `contracts.csv`, `campaigns.csv` and `drivers.csv`.
struct PlainExport: WorldExport {
    let fileNames: [String]
    let headers: [[UInt8]]
    let study: String

    private let parameters: SimulationParameters
    private let lines: EventText
    private let driverLines: DriverText
    private let contracts: Int?
    private let campaigns: Int?
    private let drivers: Int?
    private let truth: Int
    private let events: Int

    static let customerColumns = [
        "customer", "validFrom", "since", "industry", "employees", "legalForm", "parent", "sites", "country",
        "timeZone",
        "foundedYear", "annualBudget", "revenue", "potential", "software", "paymentMethod", "salesRep",
    ]
    static let contractColumns = [
        "customer", "start", "plannedEnd", "end", "endKnown", "value", "termMonths", "noticeMonths", "renewal",
    ]

    init(_ parameters: SimulationParameters, writesDrivers: Bool) {
        var names = ["customers.csv"]
        var headers = [PlainExport.customerColumns.joined(separator: ",")]
        func add(_ name: String, _ header: String, if isWritten: Bool = true) -> Int? {
            guard isWritten else { return nil }
            names.append(name)
            headers.append(header)
            return names.count - 1
        }
        let driverLines = DriverText(parameters.world)
        contracts = add(
            "contracts.csv",
            PlainExport.contractColumns.joined(separator: ","),
            if: parameters.world == .contractual
        )
        campaigns = add("campaigns.csv", "customer,date,treated", if: !parameters.campaigns.isEmpty)
        drivers = add("drivers.csv", driverLines.header, if: writesDrivers)
        names += ["truth.csv", "events.csv"]
        headers += ["customer,cutoff,probability,churned", EventText.header]
        self.truth = names.count - 2
        self.events = names.count - 1
        self.fileNames = names
        self.headers = headers.map { Array("\($0)\n".utf8) }
        self.parameters = parameters
        self.lines = EventText(parameters)
        self.driverLines = driverLines
        self.study = StudyText(parameters, layout: .plain).text
    }

    func append(_ course: SimulatedCourse, to texts: inout [ByteText]) {
        let identifier = PlainExport.identifier(of: course.customer.number)
        appendEntries(of: course.customer, identifier, to: &texts[0])
        if let contracts {
            for contract in course.contracts { append(contract, identifier, to: &texts[contracts]) }
        }
        if let campaigns {
            for (day, isTreated) in zip(parameters.campaigns, course.treatments) {
                guard let isTreated else { continue }
                texts[campaigns].append(identifier)
                texts[campaigns].append(byte: UInt8(ascii: ","))
                texts[campaigns].append(day)
                texts[campaigns].append(isTreated ? ",1\n" : ",0\n")
            }
        }
        if let drivers { driverLines.append(course.drivers, of: identifier, to: &texts[drivers]) }
        if let row = course.truth {
            texts[truth].append(identifier)
            texts[truth].append(",\(parameters.lastCutoff),\(row.probability),\(row.churned ? 1 : 0)\n")
        }
        for event in course.events { lines.append(event, of: identifier, to: &texts[events]) }
    }

    /// `C000017` for customer 17; longer from a million on.
    static func identifier(of number: Int) -> [UInt8] {
        var text = ByteText()
        text.append(byte: UInt8(ascii: "C"))
        text.append(number, width: 6)
        return text.bytes
    }

    private func appendEntries(of customer: SimulatedCustomer, _ identifier: [UInt8], to text: inout ByteText) {
        for entry in customer.entries {
            text.append(identifier)
            text.append(",\(entry.validFrom),\(customer.since),\(customer.industry.rawValue),\(entry.employees)")
            text.append(",\(customer.legalForm.rawValue),")
            if let group = customer.group {
                text.append(byte: UInt8(ascii: "G"))
                text.append(group, width: 5)
            }
            text.append(",\(entry.sites),\(customer.country.rawValue),\(customer.country.timeZone)")
            text.append(",\(customer.foundedYear),\(entry.annualBudget),\(entry.revenue),\(entry.potential)")
            text.append(",\(entry.software.rawValue),\(entry.paymentMethod.rawValue),R")
            text.append(entry.salesRep, width: 2)
            text.append(byte: UInt8(ascii: "\n"))
        }
    }

    private func append(_ contract: SimulatedContract, _ identifier: [UInt8], to text: inout ByteText) {
        text.append(identifier)
        text.append(",\(contract.term.start),\(contract.term.plannedEnd)")
        for day in [contract.end, contract.endKnown] {
            text.append(byte: UInt8(ascii: ","))
            if let day { text.append(day) }
        }
        text.append(byte: UInt8(ascii: ","))
        text.append(cents: contract.yearlyValueCents)
        text.append(",\(contract.term.months),\(contract.noticeMonths),\(contract.renewal)\n")
    }
}
