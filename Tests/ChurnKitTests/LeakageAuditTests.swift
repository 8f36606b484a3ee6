import ChurnKit
import ChurnTestSupport
import Testing

/// Leaks that are planted into a history without any, and that the audit must find.
@Suite struct LeakageAuditTests {
    private let world: AuditWorld

    init() throws {
        world = try AuditWorld()
        try world.writeEvents()
    }

    private func lines(_ audit: LeakageAudit) -> String { audit.findings.map(\.description).joined(separator: "\n") }

    private func kinds(_ audit: LeakageAudit) -> [AuditFinding.Kind] { audit.findings.map(\.kind) }

    // MARK: Nothing where nothing is

    @Test func aHistoryWithoutLeaksHasNoFinding() throws {
        let audit = try world.audit(world.study())
        #expect(audit.findings.isEmpty, "\(lines(audit))")
        #expect(audit.cutoffs == 17 && audit.examples > 2000 && audit.features > 15)
        #expect(audit.comparedValues == audit.examples * audit.features)
    }

    @Test func rightFeaturesOfAnotherProgramHaveNoFinding() throws {
        let path = try world.table([
            ("purchase_count_30d", { "\(self.count($0, $1, from: -30, to: 0))" }),
            // A window that the study does not compute.
            ("purchase_count_60d", { "\(self.count($0, $1, from: -60, to: 0))" }),
            (
                "fold",
                { _, cutoff in
                    cutoff < self.world.cutoffs[8] ? "train" : cutoff < self.world.cutoffs[10] ? "gap" : "test"
                }
            ),
        ])
        let audit = try world.audit(world.study(), table: path, split: "fold")
        // The gap's own labels reach into the test: it is there to be left out.
        let rest = audit.findings.filter {
            $0.kind != .overlappingWindows || $0.subject == "train" && $0.text.contains("time of test")
        }
        #expect(rest.isEmpty, "\(lines(audit))")
    }

    @Test(
        .enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)),
        arguments: [
            "cdnow", "completejourney", "online-retail",
        ]
    ) func theStudiesOfPublicDataHaveNoFinding(name: String) throws {
        let study = try Study(path: "\(SharedData.packageFolder)/datasets/\(name)/study.yaml")
        let audit = try LeakageAudit(study: study, threads: 2)
        #expect(audit.findings.isEmpty, "\(lines(audit))")
        #expect(audit.comparedValues > 300_000)
    }

    @Test func aSimulatedWorldHasNoFinding() throws {
        let folder = try TemporaryFolder()
        try SimulatedWorld(SimulationParameters(customers: 600, seed: 2)).write(to: folder.path, threads: 2)
        let audit = try LeakageAudit(study: Study(path: "\(folder.path)/study.yaml"), threads: 2)
        #expect(audit.findings.isEmpty, "\(lines(audit))")
    }

    @Test func findingsAreTheSameForAnyNumberOfThreads() throws {
        let customers = try world.customers([("size", { "\($0 % 3)" })], keys: "")
        let study = try world.study(more: customers)
        #expect(try world.audit(study, threads: 1).findings == world.audit(study, threads: 3).findings)
    }

    // MARK: Ten leaks

    @Test func anAttributeAsOfTodayIsFound() throws {
        let without = try world.customers([("employees", { "\($0 % 7)" })], keys: "")
        let audit = try world.audit(world.study(more: without))
        #expect(kinds(audit) == [.attributeWithoutDate] && audit.findings[0].subject == "employees")
        // Dating today's values by the day on which the customer came is no better.
        let dated = try world.customers([("employees", { "\($0 % 7)" })], keys: ", validFrom: since")
        let second = try world.audit(world.study(more: dated))
        #expect(kinds(second) == [.attributeOfToday] && second.findings[0].subject == "employees")
        let constant = try world.customers([("country", { "\($0 % 7)" })], keys: ", constant: [country]")
        #expect(try world.audit(world.study(more: constant)).findings.isEmpty)
    }

    @Test func anEventAtTheCutoffIsFound() throws {
        let path = try world.table([
            (
                "purchase_count_30d",
                { customer, cutoff in
                    let atCutoff = self.world.purchases(of: customer).count { $0.day == cutoff && $0.second == 0 }
                    return "\(self.count(customer, cutoff, from: -30, to: 0) + atCutoff)"
                }
            )
        ])
        let audit = try world.audit(world.study(), table: path)
        #expect(kinds(audit) == [.notKnownAtCutoff] && audit.findings[0].subject == "purchase_count_30d")
        // Few rows have one: this is no test of a table that is wrong everywhere.
        #expect((1...60).contains(audit.findings[0].count))
    }

    @Test func aShiftedTimeZoneIsFoundInATableAndInTheEvents() throws {
        // Days by UTC: what happens in the night counts for the day before.
        let path = try world.table([
            (
                "purchase_count_30d",
                { customer, cutoff in
                    let days = self.world.purchases(of: customer).map { $0.day.number - ($0.second < 3600 ? 1 : 0) }
                    return "\(days.count { $0 < cutoff.number && $0 >= cutoff.number - 30 })"
                }
            )
        ])
        #expect(try kinds(world.audit(world.study(), table: path)) == [.notKnownAtCutoff])
        // Events written by a clock in UTC: one hour behind in winter and two in summer.
        try world.writeEvents { day in
            let summer = [(19_078, 19_295), (19_442, 19_659)].contains { day.number >= $0.0 && day.number < $0.1 }
            return summer ? 2 : 1
        }
        let audit = try world.audit(world.study())
        #expect(kinds(audit).contains(.shiftedTimeZone), "\(lines(audit))")
        #expect(
            audit.findings.contains {
                $0.kind == .shiftedTimeZone && $0.subject == "purchase" && $0.text.contains("earlier")
            }
        )
    }

    @Test func aLabelColumnAmongTheFeaturesIsFound() throws {
        let path = try world.table([("lost", { self.world.churned($0, $1) ? "2" : "1" })])
        let audit = try world.audit(world.study(), table: path)
        #expect(kinds(audit) == [.predictsAlone] && audit.findings[0].subject == "lost")
    }

    @Test func aStatusWrittenAfterTheChurnIsFound() throws {
        let last = try #require(world.cutoffs.last)
        let customers = try world.customers(
            [("status", { self.world.churned($0, last) ? "inactive" : "active" })],
            keys: ", validFrom: since"
        )
        let audit = try world.audit(world.study(more: customers))
        let found = try #require(audit.findings.first { $0.kind == .predictsAlone }, "\(lines(audit))")
        #expect(found.subject.hasPrefix("customer_status=") && found.text.contains(" at \(last)"))
        // A field that is overwritten is the same whenever it is read.
        #expect(found.text.contains("after the outcome") && !found.text.contains("no leak"))
    }

    @Test func aDuplicatedFileIsFoundAndSoAreFilesThatOverlap() throws {
        try world.writeEvents("copy.csv")
        let audit = try world.audit(world.study(files: "[events.csv, copy.csv]"))
        let found = audit.findings.filter { $0.kind == .repeatedRows }
        #expect(found.map(\.count) == [world.events.count] && found[0].subject.hasSuffix("copy.csv"))
        let dropped = try world.audit(world.study(files: "[events.csv, copy.csv]", duplicates: "drop"))
        #expect(dropped.findings.isEmpty, "\(lines(dropped))")
        // Another export that has the last part again.
        let lines = try String(contentsOfFile: "\(world.folder.path)/events.csv", encoding: .utf8).split(
            separator: "\n"
        )
        try world.folder.write("later.csv", ([lines[0]] + lines.suffix(500)).joined(separator: "\n") + "\n")
        let overlap = try world.audit(world.study(files: "[events.csv, later.csv]"))
        #expect(overlap.findings.first { $0.kind == .repeatedRows }?.count == 500)
        let both = try world.audit(world.study(files: "[events.csv, copy.csv, later.csv]"))
        let names = both.findings.filter { $0.kind == .repeatedRows }.map { $0.subject.split(separator: "/").last }
        #expect(names == ["copy.csv", "later.csv"])
        for day in 1...5 {
            try world.folder.write("day\(day).csv", "\(lines[0])\n\(lines[100 * day])\n\(lines[100 * day + 1])\n")
        }
        let many = try world.audit(
            world.study(files: "[events.csv, day1.csv, day2.csv, day3.csv, day4.csv, day5.csv]")
        )
        let subject = many.findings.first { $0.kind == .repeatedRows }?.subject
        #expect(subject?.contains("events.csv") == false && subject?.hasSuffix("day3.csv and 2 more") == true)
    }

    @Test func whatOneSourceDropsIsNoOverlapOfAnother() throws {
        let lines = try String(contentsOfFile: "\(world.folder.path)/events.csv", encoding: .utf8).split(
            separator: "\n"
        )
        func write(_ name: String, _ rows: ArraySlice<Substring>) throws {
            try world.folder.write(name, ([lines[0]] + rows).joined(separator: "\n") + "\n")
        }
        let visits = """
            - file: [visits.csv, later visits.csv]
                format: {delimiter: ";", decimal: ","}
                customer: customer
                duplicates: keep
                time: {column: time, format: "dd.MM.yyyy HH:mm:ss"}
                type: {always: visit}
            """
        func repeated() throws -> [Int] {
            let study = try world.study(
                files: "[events.csv, later.csv]",
                duplicates: "drop",
                moreEvents: "  " + visits
            )
            return try world.audit(study).findings.filter { $0.kind == .repeatedRows }.map(\.count)
        }
        try write("later.csv", lines.suffix(500))
        try write("visits.csv", lines.suffix(600).prefix(300))
        try write("later visits.csv", lines.suffix(300))
        #expect(try repeated() == [])
        try write("later visits.csv", lines.suffix(302))
        #expect(try repeated() == [2])
    }

    @Test func overlappingWindowsAreFoundOrRefused() throws {
        let test = world.cutoffs[10]
        let path = try world.table([("fold", { $1 < test ? "train" : "test" })])
        let audit = try world.audit(world.study(), table: path, split: "fold")
        #expect(kinds(audit) == [.overlappingWindows] && audit.findings[0].subject == "train")
        #expect(audit.findings[0].text.contains("\(world.cutoffs[9])"))
        // A label window that begins before the cutoff is refused when the study is read.
        #expect { try world.study(lead: "-7d") } throws: { ($0 as? DataError)?.kind == .badStudy }
        // And one in a table is found by its labels.
        let late = try world.folder.write(
            "late.csv",
            "customer,cutoff,label,x\n"
                + (0..<AuditWorld.customerCount).filter { world.isEligible($0, test) }.map { customer in
                    let before = CalendarDay(number: test.number - 20)
                    return "C\(customer),\(test),\(world.churned(customer, before) ? 1 : 0),0\n"
                }.joined()
        )
        #expect(try kinds(world.audit(world.study(), table: late)) == [.labelDiffers])
    }

    @Test func anAggregateOverTheWholeFileIsFound() throws {
        let customers = try world.customers(
            [("lifetime", { "\(self.world.purchases(of: $0).count)" })],
            keys: ", constant: [lifetime]"
        )
        let audit = try world.audit(world.study(more: customers))
        #expect(kinds(audit).contains(.wholeHistoryTotal), "\(lines(audit))")
        let revenue = try world.table([
            (
                "revenue",
                { customer, _ in
                    "\(self.world.events.filter { $0.customer == customer }.reduce(0) { $0 + $1.amount })"
                }
            ),
            ("purchase_count_90d", { customer, _ in "\(self.world.purchases(of: customer).count)" }),
        ])
        let second = try world.audit(world.study(), table: revenue)
        #expect(kinds(second) == [.notKnownAtCutoff, .wholeHistoryTotal], "\(lines(second))")
        #expect(second.findings.map(\.subject) == ["purchase_count_90d", "revenue"])
    }

    @Test(arguments: ["endKnown: signed", "plannedEnd: to", "endKnown: signed, plannedEnd: term"])
    func aContractEndKnownTooEarlyIsFound(keys: String) throws {
        var text = "id,from,to,notice,signed,term\n"
        for customer in 0..<AuditWorld.customerCount {
            let first = world.firstDay(of: customer)
            let end = CalendarDay(number: first.number + 100 + customer * 3)
            let isOver = end < AuditWorld.end && customer % 4 != 0
            let notice = CalendarDay(number: end.number - 30)
            let cells = isOver ? "\(end),\(notice),\(first)" : ",,"
            text += "C\(customer),\(first),\(cells),\(end)\n"
        }
        try world.folder.write("contracts.csv", text)
        func study(_ keys: String) throws -> Study {
            try world.study(more: "contracts: [{file: contracts.csv, customer: id, start: from, end: to, \(keys)}]")
        }
        let audit = try world.audit(study(keys))
        #expect(kinds(audit) == [.contractEndKnownEarly] && audit.findings[0].subject == keys.prefix { $0 != ":" })
        for keys in ["endKnown: notice", "endKnown: notice, plannedEnd: term"] {
            let right = try world.audit(study(keys))
            #expect(right.findings.isEmpty, "\(lines(right))")
        }
    }

    /// Terms of one year that ended on plan, beside contracts without a term that run on; and terms that cannot be renewed.
    @Test func termsThatEndedOnPlanAreNone() throws {
        var old = "id,from,to,planned,signed\n"
        var fixed = old
        for customer in 0..<AuditWorld.customerCount {
            let first = world.firstDay(of: customer)
            let end = CalendarDay(number: first.number + (customer % 3 == 0 ? 182 : 365))
            old += customer % 2 == 0 ? "C\(customer),\(first),\(end),\(end),\n" : "C\(customer),\(first),,,\n"
            let isOver = end < AuditWorld.end
            fixed += "C\(customer),\(first),\(isOver ? "\(end)" : ""),\(end),\(isOver ? "\(first)" : "")\n"
        }
        for (text, keys) in [(old, "plannedEnd: planned"), (fixed, "plannedEnd: planned, endKnown: signed")] {
            try world.folder.write("contracts.csv", text)
            let study = try world.study(
                more: "contracts: [{file: contracts.csv, customer: id, start: from, end: to, \(keys)}]"
            )
            let audit = try world.audit(study)
            #expect(!kinds(audit).contains(.contractEndKnownEarly), "\(lines(audit))")
        }
    }

    @Test func aTargetEncodedCategoryIsFound() throws {
        func region(_ customer: Int) -> Int { customer % AuditWorld.regionCount }
        var rows = [Int: Int]()
        var churned = [Int: Int]()
        for cutoff in world.cutoffs {
            for customer in 0..<AuditWorld.customerCount where world.isEligible(customer, cutoff) {
                rows[region(customer), default: 0] += 1
                if world.churned(customer, cutoff) { churned[region(customer), default: 0] += 1 }
            }
        }
        func rate(_ customer: Int) -> String {
            "\(Double(churned[region(customer)] ?? 0) / Double(rows[region(customer)] ?? 1))"
        }
        let path = try world.table([("region_rate", { customer, _ in rate(customer) })])
        let audit = try world.audit(world.study(), table: path)
        #expect(kinds(audit) == [.repeatsChurnRate] && audit.findings[0].subject == "region_rate", "\(lines(audit))")
        // The same among the customers' attributes.
        let customers = try world.customers([("regionRate", rate)], keys: ", constant: [regionRate]")
        let second = try world.audit(world.study(more: customers))
        #expect(kinds(second) == [.repeatsChurnRate] && second.findings[0].subject == "customer_regionRate")
    }

    // MARK: More of them

    @Test func customersOnBothSidesOfASplitAreFound() throws {
        let path = try world.table([("fold", { $0 % 2 == $1.number % 2 ? "train" : "test" })])
        let audit = try world.audit(world.study(), table: path, split: "fold")
        #expect(kinds(audit) == [.customerOnBothSides])
        let byCustomer = try world.table([("fold", { customer, _ in customer % 2 == 0 ? "train" : "test" })])
        #expect(try world.audit(world.study(), table: byCustomer, split: "fold").findings.isEmpty)
    }

    @Test func aConstantThatChangesAndAWindowBeforeTheDataAreFound() throws {
        try world.folder.write("customers.csv", "id,since,size\nC1,2022-01-05,1\nC1,2023-01-05,2\nC2,2022-01-01,1\n")
        let study = try world.study(
            more:
                "customers: [{file: customers.csv, customer: id, validFrom: since, attributes: [size], constant: [size]}]"
        )
        #expect(try kinds(world.audit(study)) == [.constantChanges])
        let early = try String(contentsOfFile: "\(world.folder.path)/events.csv", encoding: .utf8)
        try world.folder.write(
            "events.csv",
            early.split(separator: "\n").filter {
                !$0.contains(".2022 ") || $0.contains(".06.2022") || !$0.contains(".0")
            }
            .joined(separator: "\n") + "\n"
        )
        #expect(try kinds(world.audit(world.study())).contains(.windowBeforeData))
    }

    @Test func comparisonsReachFurtherBackThanTheirWindows() throws {
        let study = try world.study(features: "{windows: [90d], families: [trend]}")
        let subjects = try world.audit(study).findings.map { "\($0.kind) \($0.subject)" }
        #expect(subjects == ["windowBeforeData vs_year_90d"])
        // Six of the thirty days of a year ago lie before the data.
        let late = try world.study(
            features: "{windows: [30d], families: [trend]}",
            first: CalendarDay(number: 18_993 + 30 + 365 - 6)
        )
        #expect(try world.audit(late).findings.map(\.subject) == ["vs_year_30d"])
    }

    @Test func anEndThatBecameKnownLaterIsFoundInWhoIsAnExample() throws {
        var text = "id,from,to,notice\n"
        for customer in 0..<AuditWorld.customerCount {
            let first = world.firstDay(of: customer)
            let end = CalendarDay(number: first.number + 150 + customer * 2)
            let isOver = end.number + 60 < AuditWorld.end.number
            text += "C\(customer),\(first)," + (isOver ? "\(end),\(CalendarDay(number: end.number + 60))" : ",") + "\n"
        }
        try world.folder.write("contracts.csv", text)
        func study(_ keys: String) throws -> Study {
            try world.study(
                churn: "{definition: contractEnd, horizon: 45d}",
                more: "contracts: [{file: contracts.csv, customer: id, start: from, end: to\(keys)}]"
            )
        }
        #expect(try kinds(world.audit(study(", endKnown: notice"))).contains(.exampleKnowsFuture))
        let punctual = try world.audit(study(""))
        #expect(!kinds(punctual).contains(.exampleKnowsFuture), "\(lines(punctual))")
    }

    @Test func columnsThatCannotBeComparedAndCustomersWhoAreUnknownAreSaid() throws {
        let path = try world.table([
            ("purchase_count_30d", { "\(self.count($0, $1, from: -30, to: 0))" + ($0 == 3 ? " pieces" : "") }),
            ("Purchase_Count_30d", { "\(self.count($0, $1, from: -30, to: 0))" }),
        ])
        let audit = try world.audit(world.study(), table: path)
        #expect(kinds(audit) == [.notKnownAtCutoff] && audit.findings[0].text.contains("no finite numbers"))
        #expect(audit.table?.comparedColumns == ["purchase_count_30d"])
        #expect(audit.table?.otherColumns == ["Purchase_Count_30d"])
        let text = try String(contentsOfFile: path, encoding: .utf8).replacingOccurrences(of: "\nC", with: "\nc")
        let lower = try world.folder.write("lower.csv", text)
        let second = try world.audit(world.study(), table: lower)
        #expect(second.findings.contains { $0.kind == .notEligible && $0.text.contains("do not have") })
    }

    @Test func aTableWithoutLabelsIsSearchedWithTheStudys() throws {
        let path = try world.table([("lost", { self.world.churned($0, $1) ? "2" : "1" })])
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let bare = try world.folder.write(
            "bare.csv",
            lines.map { line in
                let cells = line.split(separator: ",")
                return "\(cells[0]),\(cells[1]),\(cells[3])"
            }.joined(separator: "\n")
        )
        let audit = try world.audit(world.study(), table: bare)
        #expect(kinds(audit) == [.predictsAlone] && audit.table?.comparedLabels == 0)
        // Half of those who stayed are left out.
        let chosen = try world.folder.write(
            "chosen.csv",
            lines.enumerated().filter { number, line in
                number % 2 == 0 || number == 0 || line.split(separator: ",")[2] == "1"
            }.map { $0.element.split(separator: ",").prefix(3).joined(separator: ",") + ",0" }.joined(separator: "\n")
        )
        #expect(try kinds(world.audit(world.study(), table: chosen)) == [.selectedByLabel])
        // The same rows, present without their labels.
        let blank = try world.folder.write(
            "blank.csv",
            lines.enumerated().map { number, line in
                let cells = line.split(separator: ",")
                let label = number % 2 == 0 || number == 0 || cells[2] == "1" ? cells[2] : ""
                return "\(cells[0]),\(cells[1]),\(label),0"
            }.joined(separator: "\n")
        )
        #expect(try kinds(world.audit(world.study(), table: blank)) == [.selectedByLabel])
    }

    @Test func rowsInNoPartOfASplitAreNoPart() throws {
        let cutoffs = world.cutoffs
        let path = try world.table([
            ("fold", { _, cutoff in cutoff < cutoffs[8] ? "train" : cutoff < cutoffs[10] ? "" : "test" })
        ])
        #expect(try world.audit(world.study(), table: path, split: "fold").findings.isEmpty)
    }

    @Test func aNumberThatAllHaveIsNoTotal() throws {
        let customers = try world.customers([("active", { _ in "1" })], keys: ", constant: [active]")
        #expect(try world.audit(world.study(more: customers)).findings.isEmpty)
    }

    @Test func idsAreComparedByTheirBytes() throws {
        var text = "customer;time;type;amount\n"
        for day in 0..<360 {
            let date = CalendarDay(number: 19_000 + day * 2).components
            let name = day % 3 == 0 ? "Jos\u{E9}" : day % 3 == 1 ? "Jose\u{301}" : "Ann\(day % 40)"
            text +=
                "\(name);\(date.day < 10 ? "0" : "")\(date.day).\(date.month < 10 ? "0" : "")\(date.month).\(date.year)"
            text += " 12:00:00;purchase;\(day)\n"
        }
        try world.folder.write("events.csv", text)
        let study = try world.study()
        let data = try StudyData(study: study)
        let path = "\(world.folder.path)/own.arrow"
        _ = try data.write(data.featureSweep(plan: data.plan(), threads: 2), to: AtomicFile(path: path))
        let audit = try world.audit(study, table: path)
        // Such a small and regular world tells its labels; what matters is that no row is taken for another's.
        #expect(Set(kinds(audit)) == [.predictsAlone, .similarCustomerIds], "\(lines(audit))")
        #expect(audit.findings.first { $0.kind == .predictsAlone }?.text.contains("it is no leak if") == true)
    }

    @Test func aFlatTableIsAuditedByItsColumns() throws {
        var text = "id,status,usage,churned\n"
        for customer in 0..<400 {
            let churned = customer % 5 == 0
            text += "c\(customer % 390),\(churned ? "closed" : "open"),\(customer * 7 % 31),\(churned ? "yes" : "no")\n"
        }
        let path = try world.folder.write("flat.csv", text)
        let columns = AuditedTable.Columns(customer: "id", label: "churned", positive: "yes")
        let table = try FlatTable(path: path, dialect: DelimitedDialect())
        let audit = LeakageAudit(table: try AuditedTable(table, columns: columns), threads: 2)
        #expect(kinds(audit) == [.predictsAlone, .repeatedRows])
        #expect(audit.findings.map(\.count) == [400, 10] && audit.findings[0].subject == "status")
        #expect(audit.ignoring([.repeatedRows, .predictsAlone]).ignored == 2)
    }

    @Test func aFieldThatOnlyThoseHaveWhoLeftIsToldPlainly() throws {
        let rows = (0..<400).map { "c\($0),\($0 % 5 == 0 ? "2024-01-0\(1 + $0 % 9)" : ""),\($0 % 5 == 0 ? 1 : 0)\n" }
        let path = try world.folder.write("flat.csv", "id,left,churned\n" + rows.joined())
        let table = try FlatTable(path: path, dialect: DelimitedDialect())
        let columns = AuditedTable.Columns(customer: "id", label: "churned")
        let audit = LeakageAudit(table: try AuditedTable(table, columns: columns), threads: 1)
        #expect(kinds(audit) == [.predictsAlone] && audit.findings[0].text.contains("who has something in it churns"))
    }

    /// Purchases with `cutoff + from <= day < cutoff + to`; each is a transaction.
    private func count(_ customer: Int, _ cutoff: CalendarDay, from: Int, to: Int) -> Int {
        world.purchases(of: customer).count { (cutoff.number + from..<cutoff.number + to).contains($0.day.number) }
    }
}
