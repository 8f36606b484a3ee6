import ChurnHistory
import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnKit

/// Oddities planted into a plain history, and what the inspection says of them.
@Suite struct DataFindingTests {
    private let folder: TemporaryFolder
    /// Each of 40 customers buys every Monday to Saturday of 2023 that is his turn: ten purchases a day.
    private static let days = (0..<364).map { CalendarDay(number: 19_359 + $0) }.filter { ($0.number + 3) % 7 != 6 }

    private struct Row {
        var customer: String
        var day: CalendarDay
        var second = 43_200
        var type = "purchase"
        var amount = 10.0
    }

    init() throws { folder = try TemporaryFolder() }

    private static var plain: [Row] {
        days.enumerated().flatMap { position, day in
            (0..<10).map { turn in
                let number = (position * 10 + turn) % 40
                return Row(
                    customer: "C\(number)",
                    day: day,
                    second: 30_000 + (position * 7919 + turn * 104_729) % 30_000,
                    type: turn == 0 ? "ticket" : "purchase",
                    amount: 10 + Double(turn)
                )
            }
        }
    }

    private func inspect(
        _ rows: [Row],
        study extra: String = "",
        sourceKeys: String = "",
        windows: String = "[30d]"
    ) throws -> StudyInspection {
        var text = "customer,time,type,amount\n"
        for row in rows {
            func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
            let clock = "\(two(row.second / 3600)):\(two(row.second / 60 % 60)):\(two(row.second % 60))"
            text += "\"\(row.customer)\",\(row.day) \(clock),\(row.type),\(row.amount)\n"
        }
        try folder.write("events.csv", text)
        try folder.write(
            "study.yaml",
            """
            study: planted
            timezone: UTC
            events:
              - {file: events.csv, customer: customer, time: time, type: type, amount: amount, duplicates: keep\(sourceKeys)}
            churn: {definition: inactivity, of: [purchase], horizon: 30d}
            observations: {first: 2023-06-01, last: 2023-11-01, every: 1mo}
            features: {windows: \(windows)}
            \(extra)
            """
        )
        return try StudyInspection(study: Study(path: "\(folder.path)/study.yaml"))
    }

    private func finding(_ kind: DataFinding.Kind, in rows: [Row]) throws -> DataFinding? {
        try inspect(rows).findings.first { $0.kind == kind }
    }

    @Test func aPlainHistoryHasNoFindings() throws {
        let findings = try inspect(Self.plain).findings
        #expect(findings.isEmpty, "\(findings.map(\.text))")
    }

    @Test func idsOfOneCustomerInSeveralFormsAreFound() throws {
        var rows = Self.plain
        rows[3].customer = "c 5"
        rows[4].customer = "Mu\u{308}ller"
        rows[5].customer = "M\u{FC}ller"
        let finding = try #require(try finding(.similarCustomerIds, in: rows))
        #expect(finding.count == 4)
        #expect(finding.examples.contains("\"C5\" and \"c 5\""))
    }

    @Test func amountsBeyondBeliefAreFound() throws {
        var rows = Self.plain
        rows[13].amount = 99_999
        rows[27].amount = -88_888
        rows[33].amount = 9_000
        let finding = try #require(try finding(.absurdAmounts, in: rows))
        #expect(finding.count == 2)
        #expect(
            finding.examples == [
                "99999.0 of customer \(rows[13].customer)", "-88888.0 of customer \(rows[27].customer)",
            ]
        )
    }

    @Test func aMissingWeekIsAGapAndASundayIsNone() throws {
        let first = try #require(CalendarDay("2023-05-08"))
        let week = first.number..<first.number + 7
        let finding = try #require(try finding(.gapInTime, in: Self.plain.filter { !week.contains($0.day.number) }))
        // From the Sunday before the week to the one at its end.
        #expect(finding.count == 8 && finding.examples == ["2023-05-07 to 2023-05-14, some 60 events expected"])
    }

    @Test func aSuddenChangeOfLevelIsFoundWhereItIs() throws {
        let change = try #require(CalendarDay("2023-07-03"))
        let rows = Self.plain.enumerated().filter { $1.day < change || $0 % 2 == 0 }.map(\.element)
        let finding = try #require(try finding(.levelShift, in: rows))
        #expect(finding.count == 1 && finding.examples == ["from 2023-07-03: 60 events a week before, 30 after"])
    }

    @Test func aSuddenChangeOfATypesShareIsFound() throws {
        let change = try #require(CalendarDay("2023-07-03"))
        let rows = Self.plain.map { row in
            var row = row
            if row.day >= change, row.type == "ticket" { row.type = "purchase" }
            return row
        }
        let findings = try inspect(rows).findings.filter { $0.kind == .typeShareShift }
        #expect(
            findings.map(\.examples) == [
                ["from 2023-07-03: 90 % before, 100 % after"], ["from 2023-07-03: 10 % before, 0 % after"],
            ]
        )
    }

    @Test func customersNoHumanCouldBeAreFound() throws {
        var rows = Self.plain
        for number in 0..<25 {
            rows.append(Row(customer: "C7", day: Self.days[50], second: 50_000, amount: Double(number + 5)))
        }
        for hour in 0..<30 {
            rows.append(Row(customer: "robot", day: CalendarDay(number: 19_400 + hour), second: 3600))
        }
        let findings = try inspect(rows).findings.filter { $0.kind == .impossibleRhythm }
        #expect(findings.map(\.examples) == [["C7: 25 at once"], ["robot"]])
    }

    @Test func aCustomerWithATwentiethOfAllEventsIsFound() throws {
        var rows = Self.plain
        for number in 0..<20 { rows.append(Row(customer: "D\(number)", day: Self.days[number])) }
        #expect(try finding(.heavyCustomer, in: rows) == nil)
        for position in rows.indices where position % 15 == 0 { rows[position].customer = "0" }
        let finding = try #require(try finding(.heavyCustomer, in: rows))
        #expect(finding.count == 1 && finding.examples[0].hasPrefix("0: "))
    }

    @Test func eventsFarFromAllOthersAreFoundOnTheirSide() throws {
        var rows = Self.plain
        rows[7].day = CalendarDay(number: rows[7].day.number + 64 * 365)
        rows[9].day = CalendarDay(number: rows[9].day.number - 400)
        let findings = try inspect(rows).findings.filter { $0.kind == .stragglingEvents }
        #expect(findings.map(\.count) == [1, 1])
        #expect(findings[0].text.contains("before all others") && findings[1].text.contains("after all others"))
        #expect(findings[1].examples[0].hasSuffix("customer \(rows[7].customer)"))
    }

    @Test func currenciesThatNobodyConvertsAreFound() throws {
        var rows = Self.plain
        for position in rows.indices { rows[position].type = position % 3 == 0 ? "USD" : "EUR" }
        let inspection = try inspect(rows, sourceKeys: ", attributes: {currency: type}")
        let finding = try #require(inspection.findings.first { $0.kind == .severalCurrencies })
        #expect(finding.examples == ["EUR", "USD"])
    }

    @Test func windowsThatReachBeforeTheDataAreFoundAtTheirCutoffs() throws {
        let findings = try inspect(Self.plain, windows: "[30d, 180d]").findings
        #expect(findings.map(\.kind) == [.windowsBeforeData])
        #expect(findings[0].examples == ["2023-06-01"] && findings[0].text.contains("180d"))
    }

    @Test func immatureCutoffsAreFound() throws {
        var rows = Self.plain
        rows.removeAll { $0.day >= CalendarDay("2023-11-15") ?? $0.day }
        #expect(try finding(.immatureCutoffs, in: rows)?.examples == ["2023-11-01"])
    }

    @Test func customersOnOneSideOnlyAndAttributesWithoutADateAreFound() throws {
        try folder.write("customers.csv", "id,industry\n" + (1..<45).map { "C\($0),retail\n" }.joined())
        let study = "customers: [{file: customers.csv, customer: id, attributes: [industry]}]"
        let inspection = try inspect(Self.plain, study: study)
        #expect(
            inspection.findings.map(\.kind) == [
                .customersWithoutEvents, .customersWithoutAttributes, .attributesWithoutDate,
            ]
        )
        #expect(inspection.findings.map(\.count) == [5, 1, 1])
        #expect(inspection.customers == 45)
        let present = inspection.coverage.filter(\.isPresent)
        #expect(present.map(\.kind) == ["firmographics", "support"])
        #expect(present.map(\.foundAs) == [["industry"], ["ticket"]])
    }

    /// Counted by hand and published with the data: see their card.
    @Test(.enabled(if: SharedData.isAvailable, "the shared data are not here"))
    func theOdditiesOfOnlineRetailHaveTheirRightCounts() throws {
        let study = try Study(path: "\(SharedData.packageFolder)/datasets/online-retail/study.yaml")
        let inspection = try StudyInspection(study: study)
        #expect(inspection.rows == 541_909 && inspection.droppedWithoutCustomer == 135_080)
        #expect(inspection.duplicateRows == 5_268)
        #expect(inspection.types.map(\.type) == ["purchase", "return"] && inspection.types.map(\.rows)[1] == 9_288)
        let quantity = inspection.numericColumns.first { $0.column == "Quantity" }
        let price = inspection.numericColumns.first { $0.column == "UnitPrice" }
        #expect(quantity?.negative == ["purchase": 1_336, "return": 9_288])
        #expect(price?.negative == ["purchase": 2])
        let absurd = inspection.findings.filter { $0.kind == .absurdAmounts }
        #expect(absurd.map(\.examples).allSatisfy { $0[0].hasSuffix("168469.6 of customer 16446") })
        let gaps = inspection.findings.first { $0.kind == .gapInTime }
        #expect(gaps?.examples.first?.hasPrefix("2010-12-24 to 2011-01-03") == true)
    }
}
