import ChurnKit
import ChurnTestSupport
import Testing

/// Columns whose names or values look like something that they are not: what becomes of them in a proposal.
@Suite struct AdversarialColumnTests {
    /// A column beside customer, day and amount, and what a proposal must make of it.
    struct Case: CustomTestStringConvertible, Sendable {
        /// The header, and what stands in a row of it.
        let header: String
        let row: @Sendable (OrderTexts.Order) -> String
        var setting = "type"
        /// The value of the setting; `nil` where it must not be set.
        var expected: String?
        /// The option that answers the question that must be asked instead.
        var question: String?

        var testDescription: String { header }
    }

    private static func money(_ order: OrderTexts.Order) -> String { OrderTexts.plainMoney(abs(order.cents)) }

    /// A text of two, by the customer.
    private static func pair(_ header: String, _ one: String, _ two: String) -> Case {
        Case(
            header: header,
            row: { "K\($0.customer),\($0.day),\($0.customer % 3 == 0 ? one : two),\(money($0))" },
            expected: "{always: purchase}"
        )
    }

    private static let manners = [
        pair("Kundennr,Belegdatum,Zahlungsart,Betrag", "Rechnung", "Lastschrift"),
        pair("customer_id,order_date,payment_type,amount", "invoice", "credit card"),
        pair("customer_id,order_date,channel,amount", "Wholesale", "Retail"),
        pair("Kundennr,Belegdatum,Versand,Betrag", "Lieferung", "Abholung"),
        pair("customer_id,order_date,order_status,amount", "ordered", "invoiced"),
        pair("customer_id,order_date,delivery,amount", "sale", "order"),
        pair("customer_id,order_date,lager,amount", "Wholesale", "Preorder"),
    ]

    private static func customer(_ header: String, _ first: Int, _ expected: String) -> Case {
        Case(
            header: header,
            row: { "M\($0.customer % first),K\($0.customer),\($0.day),\(money($0))" },
            setting: "customer",
            expected: expected
        )
    }

    private static let customers = [
        customer("Sekunden,Firma,Datum,Betrag", 50, "Firma"),
        customer("Kundenberater,Debitor,Belegdatum,Betrag", 45, "Debitor"),
        customer("Skonto,Firma,Belegdatum,Betrag", 50, "Firma"),
        customer("customer_region,client,order_date,amount", 45, "client"),
        customer("account_manager_id,company,date,amount", 45, "company"),
        customer("Kontonummer,Kundennummer,Buchungsdatum,Betrag", 45, "Kundennummer"),
        Case(
            header: "Konto,Gegenkonto,Buchungsdatum,Betrag",
            row: { "M\($0.customer % 40),K\($0.customer),\($0.day),\(money($0))" },
            setting: "customer",
            question: "--customer"
        ),
    ]

    private static let measures = [
        Case(
            header: "customer_id,order_date,sales_rep,quantity,unit_price",
            row: { "K\($0.customer),\($0.day),\(100 + $0.minute % 24),2,\(money($0))" },
            setting: "amount",
            expected: "{multiply: [quantity, unit_price]}"
        ),
        Case(
            header: "Kundennr,Belegdatum,Bewertung,Menge,Einzelpreis",
            row: { "K\($0.customer),\($0.day),\(1 + $0.minute % 5),2,\(money($0))" },
            setting: "amount",
            expected: "{multiply: [Menge, Einzelpreis]}"
        ),
        Case(
            header: "customer_id,order_date,total,quantity,unit_price",
            row: { "K\($0.customer),\($0.day),\(1 + $0.minute % 5),2,\(money($0))" },
            setting: "amount",
            expected: "{multiply: [quantity, unit_price]}"
        ),
        Case(
            header: "Kundennr,Belegdatum,Saison,Betrag",
            row: { "K\($0.customer),\($0.day),\($0.minute % 2 == 0 ? "S" : "H"),\(money($0))" },
            setting: "amount",
            expected: "Betrag"
        ),
        Case(
            header: "Kundennr,Belegdatum,S/H,Betrag",
            row: { "K\($0.customer),\($0.day),\($0.isReturn ? "H" : "S"),\(money($0))" },
            setting: "amount",
            expected: "{column: Betrag, sign: {column: S/H, negative: [\"H\"], positive: [\"S\"]}}"
        ),
        Case(
            header: "Kundennr,Belegdatum,Bundesland,Betrag",
            row: { "K\($0.customer),\($0.day),\(["BY", "BW"][$0.customer % 2]),\(money($0))" },
            setting: "attributes",
            expected: "{region: Bundesland}"
        ),
        Case(
            header: "Kundennr,Belegdatum,Währung,Betrag",
            row: { "K\($0.customer),\($0.day),\($0.minute % 9 == 0 ? "USD" : "EUR"),\(money($0))" },
            setting: "currency",
            expected: "{column: \"Währung\", base: EUR, others: drop}"
        ),
        Case(
            header: "customer,date,currency,amount",
            row: { "K\($0.customer),\($0.day),EUR,\(money($0))" },
            setting: "attributes",
            expected: nil
        ),
    ]

    private static let types = [
        Case(
            header: "customer_id,time,event_type,amount",
            row: { "K\($0.customer),\($0.day),\($0.minute % 3),\(money($0))" },
            question: "--purchase"
        ),
        Case(
            header: "customer_id,time,happening,amount",
            row: { "K\($0.customer),\($0.day),\($0.isReturn ? "refund" : "order"),\(money($0))" },
            question: "--type"
        ),
        Case(
            header: "customer_id,time,type,amount",
            row: { "K\($0.customer),\($0.day),\($0.isReturn ? "cancellation" : "purchase"),\(money($0))" },
            expected: "{column: type}"
        ),
        Case(
            header: "customer_id,time,type,amount",
            row: { "K\($0.customer),\($0.day),\($0.isReturn ? "Order cancelled" : "Order"),\(money($0))" },
            expected: "{column: type, equals: {Order: purchase, Order cancelled: return}}"
        ),
        Case(
            header: "customer_id,created_at,order_time,amount",
            row: {
                "K\($0.customer),\(1_600_000_000 + $0.customer),\($0.day.number * 86_400 + 3600),\(money($0))"
            },
            setting: "time",
            expected: "{column: order_time, format: \"epochSeconds\"}"
        ),
        Case(
            header: "customer_id,order_date,amount",
            row: { "K\($0.customer),\($0.day.description.dropFirst(2)),\(money($0))" },
            setting: "time",
            expected: "{column: order_date, format: \"yy-MM-dd\"}"
        ),
    ]

    @Test(arguments: manners + customers + measures + types)
    func isTakenForWhatItIsOrAskedAbout(_ adversary: Case) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("data.csv", OrderTexts().text(header: adversary.header, adversary.row))
        var options = ProposalOptions()
        options.folder = folder.path
        if let question = adversary.question {
            let error = #expect(throws: DataError.self) {
                try StudyProposal.propose(for: [file], options: options, answers: DefaultAnswers())
            }
            #expect(error?.code == .needsAnswer)
            #expect(error?.fix?.contains(question) == true, "\(error?.description ?? "")")
            return
        }
        guard
            case .study(let study) = try StudyProposal.propose(for: [file], options: options, answers: DefaultAnswers())
        else {
            Issue.record("was taken for a table")
            return
        }
        #expect(study.decisions.first { $0.setting == adversary.setting }?.value == adversary.expected)
    }

    @Test func anEventFarFromAllOthersIsNamed() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("data.csv", OrderTexts().plain + "C1,2087-06-01,5.00\n")
        let error = #expect(throws: DataError.self) {
            try StudyProposal.propose(for: [file], options: ProposalOptions(), answers: DefaultAnswers())
        }
        #expect(error?.value == "2087-06-01")
        #expect(error?.line == OrderTexts().orders.count + 2)
    }

    @Test func anAnswerThatTheCellsRuleOutIsAnError() throws {
        let folder = try TemporaryFolder()
        let text = OrderTexts().text(header: "customer;day;amount") {
            "K\($0.customer);\(OrderTexts.germanDay($0.day));\(OrderTexts.germanMoney($0.cents))"
        }
        let file = try folder.write("data.csv", text)
        var order = ProposalOptions()
        order.dateOrder = .mdy
        var decimal = ProposalOptions()
        decimal.decimal = .point
        for options in [order, decimal] {
            let error = #expect(throws: DataError.self) {
                try StudyProposal.propose(for: [file], options: options, answers: DefaultAnswers())
            }
            #expect(error?.code == .contradictoryFormats)
        }
    }

    @Test func aFileAmongSeveralWhoseNameSaysNothingIsAskedAbout() throws {
        let folder = try TemporaryFolder()
        let orders = try folder.write("orders.csv", OrderTexts().plain)
        let other = try folder.write(
            "misc.csv",
            OrderTexts().text(header: "customer;day") { "C\($0.customer);\($0.day)" }
        )
        var options = ProposalOptions()
        options.folder = folder.path
        let error = #expect(throws: DataError.self) {
            try StudyProposal.propose(for: [orders, other], options: options, answers: DefaultAnswers())
        }
        #expect(error?.fix == "answer with --event-type misc.csv=TYPE")
        options.eventTypes = ["misc.csv": "survey"]
        guard
            case .study(let study) = try StudyProposal.propose(
                for: [orders, other],
                options: options,
                answers: DefaultAnswers()
            )
        else {
            Issue.record("was taken for a table")
            return
        }
        #expect(study.text.contains("{always: survey}"))
    }
}
