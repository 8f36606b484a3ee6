import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

@Suite struct StudyProposalTests {
    private let folder: TemporaryFolder
    private let orders = OrderTexts()

    init() throws { folder = try TemporaryFolder() }

    private func propose(
        _ names: [String],
        _ options: ProposalOptions = ProposalOptions(),
        answers: any StudyAnswering = DefaultAnswers()
    ) throws -> StudyProposal {
        var options = options
        options.folder = folder.path
        switch try StudyProposal.propose(for: names, options: options, answers: answers) {
        case .study(let study):
            let silent = study.decisions.filter(\.reason.isEmpty).map(\.setting)
            #expect(silent.isEmpty, "every setting says why")
            return study
        case .table(let table): throw DataError(.notAHistory, "was taken for a table: \(table.command)")
        }
    }

    private func proposal(
        _ text: String,
        _ options: ProposalOptions = ProposalOptions(),
        answers: any StudyAnswering = DefaultAnswers()
    ) throws -> StudyProposal {
        try propose([folder.write("orders.csv", text)], options, answers: answers)
    }

    private func value(_ setting: String, _ study: StudyProposal) -> String? {
        study.decisions.first { $0.setting == setting }?.value
    }

    private func reason(_ setting: String, _ study: StudyProposal) -> String {
        study.decisions.first { $0.setting == setting }?.reason ?? ""
    }

    /// Takes a proposal through features and training; the numbers that both classes leave.
    private func run(_ proposal: StudyProposal) throws -> (study: Study, table: FeatureTable) {
        let study = try Study(yaml: proposal.text, path: "\(folder.path)/study.yaml")
        let data = try StudyData(study: study)
        let table = try data.featureTable(plan: data.plan(), threads: 2)
        let stored = try ModelTraining.train(
            on: table,
            options: TrainingOptions(
                FittedPipeline.Specification(estimator: try LogisticRegression(l2Strength: 1)),
                threads: 2
            )
        )
        #expect(stored.model.fitted.certificate.status.isTrustworthy)
        #expect(stored.training.metrics.test != nil, "a later cutoff is left to test on")
        let allMature = table.cutoffs.allSatisfy(\.isMature)
        #expect(allMature)
        return (study, table)
    }

    @Test func aGermanExportIsReadAsItIsWritten() throws {
        let study = try propose([folder.write("umsatz.csv", orders.erp)])
        #expect(value("delimiter", study) == "\";\"")
        #expect(value("decimal", study) == "\",\"")
        #expect(value("thousands", study) == "\".\"")
        #expect(value("negative", study) == "[trailing]")
        #expect(value("encoding", study) == "windows-1252")
        #expect(value("time", study) == "{column: Belegdatum, format: \"dd.MM.yyyy HH:mm\"}")
        #expect(value("type", study) == "{column: Belegnr, startsWith: {GS: return}, otherwise: purchase}")
        #expect(value("amount", study) == "Umsatz")
        #expect(reason("customer", study).contains("zeros in front are kept"))
        let (_, table) = try run(study)
        #expect(table.customers.contains("000007"))
        let history = try StudyData(study: Study(yaml: study.text, path: "\(folder.path)/study.yaml")).history
        let total = history.index.amounts.reduce(0, +)
        #expect(abs(total - Double(orders.orders.reduce(0) { $0 + $1.cents }) / 100) < 1e-6)
    }

    @Test func linesAroundTheTableAreSkipped() throws {
        let body = orders.text(header: "customer;day;amount") {
            "\($0.customer);\($0.day);\(OrderTexts.plainMoney($0.cents))"
        }
        let study = try proposal("sep=;\nOrders of 2023\n\n\(body)Total;99\n")
        #expect(value("skipLines", study) == "2", "the reader itself skips the first line")
        #expect(value("skipFooter", study) == "1")
        #expect(study.kept == orders.orders.count)
        #expect(study.rejected == 0)
        _ = try run(study)
    }

    @Test func aFileWithoutHeaderGetsNames() throws {
        let lines = orders.orders.map {
            "\(OrderTexts.six($0.customer)) \($0.day.description.replacing("-", with: "")) \(OrderTexts.plainMoney($0.cents))"
        }
        let study = try proposal(lines.joined(separator: "\n"))
        #expect(value("delimiter", study) == "blanks")
        #expect(value("columns", study) == "[customer, time, amount]")
        #expect(value("time", study) == "{column: time, format: \"yyyyMMdd\"}")
        _ = try run(study)
    }

    // MARK: What the data cannot tell

    private func slashed(_ order: OrderTexts.Order, dayFirst: Bool) -> String {
        let (year, month, day) = order.day.components
        let parts = dayFirst ? [day, month] : [month, day]
        return
            "C\(order.customer),\(parts.map(OrderTexts.two).joined(separator: "/"))/\(year),\(OrderTexts.plainMoney(order.cents))"
    }

    @Test func theEvidenceForTheOrderOfDayAndMonthIsNamed() throws {
        let text = orders.text(header: "customer,day,amount") { slashed($0, dayFirst: true) }
        let asked = ScriptedAnswers()
        let study = try proposal(text, answers: asked)
        #expect(asked.questions.isEmpty)
        #expect(value("time", study)?.contains("dd/MM/yyyy") == true)
        #expect(reason("time", study).contains("in the first place at line"))
        #expect(reason("time", study).contains("rules out MM/dd/yyyy"))
    }

    private var ambiguousDates: String {
        let early = orders.orders.filter { $0.day.components.day <= 12 }
        return (["customer,day,amount"] + early.map { slashed($0, dayFirst: true) }).joined(separator: "\n") + "\n"
    }

    @Test(arguments: [("dmy", "dd/MM/yyyy"), ("mdy", "MM/dd/yyyy")])
    func datesThatCanBeReadBothWaysAreAskedAbout(_ answer: String, _ format: String) throws {
        let asked = ScriptedAnswers(answer)
        let study = try proposal(ambiguousDates, answers: asked)
        #expect(asked.questions.count == 1)
        #expect(asked.questions.first?.choices.map(\.answer) == ["dmy", "mdy"])
        #expect(value("time", study)?.contains(format) == true)
        #expect(reason("time", study).contains("your answer"))
    }

    @Test func nobodyGuessesTheOrderOfDayAndMonth() throws {
        let error = #expect(throws: DataError.self) { try proposal(ambiguousDates) }
        #expect(error?.code == .needsAnswer)
        #expect(error?.fix == "answer with --date-order dmy|mdy")
        var options = ProposalOptions()
        options.dateOrder = .mdy
        #expect(try value("time", proposal(ambiguousDates, options))?.contains("MM/dd/yyyy") == true)
    }

    @Test func nobodyGuessesWhatThePointInThousandsIs() throws {
        let text = orders.text(header: "kunde;tag;betrag") {
            "K\($0.customer);\($0.day);\(1 + abs($0.cents) % 9).\(100 + abs($0.cents) % 900)"
        }
        let error = #expect(throws: DataError.self) { try proposal(text) }
        #expect(error?.fix == "answer with --decimal point|comma")
        var options = ProposalOptions()
        options.decimal = .comma
        let german = try proposal(text, options)
        #expect(value("decimal", german) == "\",\"" && value("thousands", german) == "\".\"")
        options.decimal = .point
        let english = try proposal(text, options)
        #expect(value("decimal", english) == "\".\"" && value("thousands", english) == nil)
    }

    @Test func twoDecimalMarksInOneSourceAreAContradiction() throws {
        let text = orders.text(header: "customer;day;quantity;price") {
            "\($0.customer);\($0.day);1,5;\(OrderTexts.plainMoney(abs($0.cents)))"
        }
        let error = #expect(throws: DataError.self) { try proposal(text) }
        #expect(error?.code == .contradictoryFormats)
    }

    @Test func aClockWithoutOffsetAsksForTheZoneAndADayDoesNot() throws {
        let clock = orders.text(header: "customer,time,amount") {
            "C\($0.customer),\($0.day) \(OrderTexts.clock($0.minute)),\(OrderTexts.plainMoney($0.cents))"
        }
        let asked = ScriptedAnswers("Europe/Nowhere", "Europe/Berlin")
        let study = try proposal(clock, answers: asked)
        #expect(asked.questions.count == 2, "what is no zone is asked again")
        #expect(value("timezone", study) == "Europe/Berlin")
        #expect(try value("timezone", proposal(clock)) == "UTC")
        #expect(try reason("timezone", proposal(clock)).contains("assumed"))
        let unasked = ScriptedAnswers()
        _ = try proposal(orders.plain, answers: unasked)
        #expect(unasked.questions.isEmpty)
    }

    @Test func offsetsGiveTheZone() throws {
        let berlin = try #require(StudyCalendar(timeZoneName: "Europe/Berlin"))
        let text = orders.text(header: "customer,time,amount") { order in
            let midnight = berlin.start(of: order.day) / StudyCalendar.microsecondsPerSecond
            let offset = (order.day.number * 86_400 - Int(midnight)) / 3600
            return
                "C\(order.customer),\(order.day)T\(OrderTexts.clock(order.minute)):00+0\(offset):00,\(OrderTexts.plainMoney(order.cents))"
        }
        let study = try proposal(text)
        #expect(value("timezone", study) == "Europe/Berlin")
        #expect(reason("timezone", study).contains("summer and winter"))
    }

    // MARK: Meaning

    @Test func wordsForKindsOfEventsBecomeTypes() throws {
        let text = orders.text(header: "Kunde;Tag;Vorgang;Betrag") {
            "\($0.customer);\($0.day);\($0.isReturn ? "Retoure" : "Kauf");\(OrderTexts.germanMoney(abs($0.cents)))"
        }
        let study = try proposal(text)
        #expect(value("type", study) == "{column: Vorgang, equals: {Kauf: purchase, Retoure: return}}")
    }

    @Test func stagesOfOneSaleAreNotAllPurchases() throws {
        let text = orders.text(header: "customer;day;type;amount") {
            "\($0.customer);\($0.day);\($0.minute % 2 == 0 ? "order" : "invoice");\(OrderTexts.plainMoney($0.cents))"
        }
        #expect(throws: DataError.self) { try proposal(text) }
        let study = try proposal(text, answers: ScriptedAnswers("invoice"))
        let type = try #require(value("type", study))
        #expect(type.contains("invoice: purchase") && type.contains("order: order"))
    }

    @Test func rowsWithoutCustomerAreDroppedAndCounted() throws {
        let study = try proposal(orders.plain + ",2024-01-05,5.00\n,2024-01-06,5.00\n")
        #expect(value("emptyCustomer", study) == "drop")
        #expect(reason("emptyCustomer", study).hasPrefix("2 rows"))
        _ = try run(study)
    }

    @Test func copiesAcrossFilesAreDroppedAndCopiesWithinAreKept() throws {
        let lines = orders.plain.split(separator: "\n").map(String.init)
        let half = lines.count / 2
        let first = try folder.write("part-1.csv", lines[..<half].joined(separator: "\n") + "\n")
        let second = try folder.write(
            "part-2.csv",
            ([lines[0]] + lines[(half - 20)...]).joined(separator: "\n") + "\n"
        )
        let overlapping = try propose([first, second])
        #expect(value("duplicates", overlapping) == "drop")
        #expect(reason("duplicates", overlapping).contains("20 rows repeat"))
        #expect(overlapping.kept == orders.orders.count)
        let repeated = try proposal(orders.plain + lines[half] + "\n")
        #expect(value("duplicates", repeated) == "keep")
        #expect(value("duplicates", try proposal(orders.plain)) == nil, "a study without copies asks when one comes")
    }

    @Test func aPatternStaysAPattern() throws {
        let lines = orders.plain.split(separator: "\n").map(String.init)
        let half = lines.count / 2
        try folder.write("orders-1.csv", lines[..<half].joined(separator: "\n") + "\n")
        try folder.write("orders-2.csv", ([lines[0]] + lines[half...]).joined(separator: "\n") + "\n")
        let study = try propose(["\(folder.path)/orders-*.csv"])
        #expect(study.text.contains("orders-*.csv"))
        #expect(study.kept == orders.orders.count)
        _ = try run(study)
    }

    @Test func filesOfOtherColumnsAreSourcesOfTheirOwn() throws {
        let sales = try folder.write("orders.csv", orders.plain)
        let tickets = orders.orders.filter { $0.minute % 5 == 0 }.map { "C\($0.customer);\($0.day)" }
        let support = try folder.write("tickets.csv", (["customer;opened"] + tickets).joined(separator: "\n") + "\n")
        let study = try propose([sales, support])
        #expect(study.text.contains("{always: ticket}"))
        let (_, table) = try run(study)
        #expect(table.plan.featureNames.contains { $0.hasPrefix("ticket_count") })
    }

    @Test func customersComeFromTheirOwnFile() throws {
        let people = (1...60).map { "C\($0),\($0 % 3 == 0 ? "retail" : "trade"),Name \($0),2020-01-01" }
        let customers = try folder.write(
            "customers.csv",
            (["id,industry,name,since"] + people).joined(separator: "\n") + "\n"
        )
        var options = ProposalOptions()
        options.customersFile = customers
        let study = try proposal(orders.plain, options)
        #expect(value("attributes", study) == "[industry]", "names are left out")
        #expect(value("validFrom", study) == nil, "one row a customer says nothing of when it became true")
        _ = try run(study)
    }

    @Test(arguments: [(1_000, "epochMilliseconds"), (1, "epochSeconds")])
    func secondsAndMillisecondsAreToldApart(_ unit: Int, _ format: String) throws {
        let text = orders.text(header: "customer,timestamp,amount") {
            "C\($0.customer),\(($0.day.number * 86_400 + $0.minute * 60) * unit),\(OrderTexts.plainMoney($0.cents))"
        }
        let study = try proposal(text)
        #expect(value("time", study)?.contains(format) == true)
        _ = try run(study)
    }

    @Test func aColumnOfPlusAndOneOfMinusAreOneAmount() throws {
        let text = orders.text(header: "Konto;Datum;Soll;Haben") {
            let money = OrderTexts.germanMoney(abs($0.cents))
            return "D\($0.customer);\(OrderTexts.germanDay($0.day));\($0.isReturn ? ";\(money)" : "\(money);")"
        }
        let study = try proposal(text)
        #expect(value("amount", study) == "{plus: Soll, minus: Haben}")
        _ = try run(study)
    }

    @Test func unreadableRowsAreCountedAndTheRunGoesOn() throws {
        let study = try proposal(orders.plain + "C1,2024-01-05,5.00,extra\nC2,never,5.00\nC3,2024-01-07,5.00\n")
        #expect(study.rejected == 2)
        #expect(value("maxRejected", study) == "2")
        _ = try run(study)
    }

    @Test func hostileNamesStayTexts() throws {
        let text = orders.text(header: "\"customer: {x}\",\"day # 1\",\"amount\n\"\"of money\"\"\"") {
            "C\($0.customer),\($0.day),\(OrderTexts.plainMoney($0.cents))"
        }
        let study = try proposal(text)
        #expect(value("customer", study) == "\"customer: {x}\"")
        _ = try run(study)
    }

    @Test func theCommandForAFlatTableReadsItAsItIsWritten() throws {
        let rows = (1...40).map { "K\($0);\($0 % 7),50 EUR;\($0)-;\($0 % 3 == 0 ? "ja" : "nein")" }
        let text = (["Kunden 2024", "Kundennr;Umsatz;Saldo;gekündigt"] + rows).joined(separator: "\n")
        let file = try folder.write(
            "kunden.csv",
            Array(text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
        )
        let proposal = try StudyProposal.propose(for: [file], options: ProposalOptions(), answers: DefaultAnswers())
        guard case .table(let table) = proposal else {
            Issue.record("was taken for a history")
            return
        }
        let options = "--label 'gekündigt' --positive ja --id Kundennr --delimiter ';' --decimal comma --currency EUR"
        #expect(table.command.contains(options))
        #expect(table.command.contains("--negative trailing --skip-lines 1 --encoding windows-1252 --name kunden"))
    }

    @Test func aColumnThatIsNotThereIsAnError() throws {
        var options = ProposalOptions()
        options.customer = "custmer"
        let error = #expect(throws: DataError.self) { try proposal(orders.plain, options) }
        #expect(error?.code == .missingColumn)
        #expect(error?.fix?.contains("did you mean `customer`?") == true)
    }

    @Test(arguments: [
        "customer,day,amount\nC1,2024-01-01,5\nC1,2024-01-05,6\nC2,2024-01-02,4\nC2,2024-01-08,4\n",
        "customer,amount\nC1,5\nC1,6\n", "customer,day\nC1,5 Jan 2024\nC1,6 Jan 2024\n",
        "customer,day,amount\nC1,2024-01-01,5\nC2,2024-01-05,6\n", "a,b,c\n1,2,3\n",
    ])
    func refusesWhatIsNoHistory(_ text: String) throws {
        let error = #expect(throws: DataError.self) { try proposal(text) }
        #expect(error?.code == .notAHistory)
    }
}
