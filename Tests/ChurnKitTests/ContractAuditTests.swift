import ChurnKit
import Testing

/// Columns of contracts that were filled in after the fact, and honest ones that look like it.
@Suite struct ContractAuditTests {
    private let world: AuditWorld

    init() throws {
        world = try AuditWorld()
        try world.writeEvents()
    }

    /// What the columns of a contract say.
    private struct Contract {
        var end: Int?
        var planned: Int?
        var known: Int?
    }

    /// The columns for which there is a finding, where each customer has a contract.
    /// - Parameter contract: of a customer by the day on which the contract began; days are counted from 1970 on.
    private func suspects(
        _ keys: String = "plannedEnd: planned",
        _ contract: (_ customer: Int, _ start: Int) -> Contract
    ) throws -> [String] {
        var text = "id,from,to,planned,known\n"
        func cell(_ day: Int?) -> String { day.map { "\(CalendarDay(number: $0))" } ?? "" }
        for customer in 0..<AuditWorld.customerCount {
            // From 20 to 976 days old.
            let start = end - 20 - 4 * customer
            let columns = contract(customer, start)
            text += "C\(customer),\(cell(start)),\(cell(columns.end)),\(cell(columns.planned)),\(cell(columns.known))\n"
        }
        try world.folder.write("contracts.csv", text)
        let study = try world.study(
            more: "contracts: [{file: contracts.csv, customer: id, start: from, end: to, \(keys)}]"
        )
        return try world.audit(study).findings.filter { $0.kind == .contractEndKnownEarly }.map(\.subject)
    }

    private let end = AuditWorld.end.number

    /// The anniversary, in years, on which a customer leaves whose contract began then; `nil` for one who stays.
    private func leaving(_ customer: Int, _ start: Int) -> Int? {
        let years = customer % 4 + 1
        return years < 3 && start + 365 * years <= end ? start + 365 * years : nil
    }

    // MARK: Planned ends

    @Test func plannedEndsThatWereFilledInOnAnniversariesAreFound() throws {
        let found = try suspects { customer, start in
            let day = leaving(customer, start)
            return Contract(end: day, planned: day)
        }
        #expect(found == ["plannedEnd"])
    }

    @Test func plannedEndsThatAreFilledInUnderNoticeAreFound() throws {
        let found = try suspects { customer, start in
            let day = leaving(customer, start - 30).map { $0 + 30 }
            return Contract(end: day, planned: day)
        }
        #expect(found == ["plannedEnd"])
    }

    @Test func trialsOfAFewDaysAreNoCommonTerms() throws {
        let found = try suspects { customer, start in
            let day = customer % 2 == 0 ? nil : start + 2 + customer / 2 % 12
            return Contract(end: day, planned: day)
        }
        #expect(found == ["plannedEnd"])
    }

    @Test(arguments: [[365], [365, 730], [30, 91, 182, 365], [30, 91, 182, 365, 730]])
    func termsBesideContractsWithoutOneAreNone(terms: [Int]) throws {
        let found = try suspects { customer, start in
            let day = customer % 2 == 0 ? nil : start + terms[customer / 2 % terms.count]
            return Contract(end: day, planned: day)
        }
        #expect(found == [])
    }

    @Test func termsThatWereGivenUpAreNone() throws {
        let found = try suspects { _, start in
            let day = end - start > 400 ? start + 365 : nil
            return Contract(end: day, planned: day)
        }
        #expect(found == [])
    }

    // MARK: When ends were known

    @Test func endsThatWereFilledInWherePlannedOnesAreRolledForwardAreFound() throws {
        let found = try suspects("plannedEnd: planned, endKnown: known") { customer, start in
            if let day = leaving(customer, start) { return Contract(end: day, planned: day, known: start) }
            return Contract(planned: start + ((end - start) / 365 + 1) * 365)
        }
        #expect(found == ["endKnown"])
    }

    @Test func termsOfSeveralLengthsThatCannotBeRenewedAreNotRolledForward() throws {
        let found = try suspects("plannedEnd: planned, endKnown: known") { customer, start in
            let day = start + [182, 365, 730][customer % 3]
            return day <= end ? Contract(end: day, planned: day, known: start) : Contract(planned: day)
        }
        #expect(found == [])
    }

    /// Terms of a year that run on unless somebody gives notice, some of them for an end to come.
    @Test func someEndsToComeUnderNoticeDoNotExcuseThoseThatWereFilledIn() throws {
        func suspects(noticeDays: Int) throws -> [String] {
            try self.suspects("plannedEnd: planned, endKnown: known") { customer, start in
                let day = start + 365
                return customer % 3 == 0 && day <= end + noticeDays
                    ? Contract(end: day, planned: day, known: start) : Contract(planned: day)
            }
        }
        #expect(try suspects(noticeDays: 90) == ["endKnown"])
        // Where all ends to come are known as well, they are agreed at the start.
        #expect(try suspects(noticeDays: 365) == [])
    }
}
