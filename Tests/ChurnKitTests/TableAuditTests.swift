import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

/// Tables of features with blank labels, repeated rows, unknown ids and labels that nobody can know.
@Suite struct TableAuditTests {
    private let world: AuditWorld
    private let path: String

    /// A table with the right count of purchases, and one column that tells the label.
    init() throws {
        let world = try AuditWorld()
        try world.writeEvents()
        path = try world.table([("lost", { world.churned($0, $1) ? "2" : "1" })])
        self.world = world
    }

    /// The table's rows below its header, as cells: customer, cutoff, label and `lost`.
    private func rows() throws -> [[Substring]] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").dropFirst().map {
            $0.split(separator: ",")
        }
    }

    private func audit(_ rows: [String], header: String = "customer,cutoff,label,x") throws -> [AuditFinding] {
        let path = try world.folder.write("changed.csv", ([header] + rows).joined(separator: "\n") + "\n")
        return try world.audit(world.study(), table: path).findings
    }

    @Test func aBlankLabelColumnDoesNotHideATellingColumn() throws {
        let found = try audit(rows().map { "\($0[0]),\($0[1]),,\($0[3])" }, header: "customer,cutoff,label,lost")
        #expect(found.map(\.kind) == [.predictsAlone])
        // Nor do labels of one class alone.
        let churned = try audit(
            rows().map { "\($0[0]),\($0[1]),\($0[2] == "1" ? "1" : ""),\($0[3])" },
            header: "customer,cutoff,label,lost"
        )
        #expect(churned.contains { $0.kind == .predictsAlone && $0.subject == "lost" })
    }

    /// Anybody's model makes such columns: of a study without the family they are predictors like others.
    @Test func columnsOfAnothersPurchaseModelAreNotCompared() throws {
        let path = try world.folder.write(
            "changed.csv",
            "customer,cutoff,label,p_alive,expected_value,expected_purchases_30d\n"
                + rows().enumerated().map { "\($1[0]),\($1[1]),\($1[2]),0.\(10 + $0 % 80),\($0 % 7),\($0 % 3)\n" }
                .joined()
        )
        let audit = try world.audit(world.study(), table: path)
        #expect(audit.findings.isEmpty && audit.table?.comparedColumns == [])
    }

    /// A category that was encoded from the labels of the training rows, in a table whose other labels are blank.
    @Test func whatRepeatsTheLabelsThatATableHasIsFoundBesideOthers() throws {
        func region(_ row: [Substring]) -> Int {
            (Int(row[0].dropFirst()) ?? 0) % AuditWorld.regionCount
        }
        let last = world.cutoffs[9]
        func isLabelled(_ row: [Substring]) -> Bool { row[1] < "\(last)" }
        let rows = try rows()
        let rates = (0..<AuditWorld.regionCount).map { number in
            let those = rows.filter { region($0) == number && isLabelled($0) }
            return Double(those.count { $0[2] == "1" }) / Double(those.count)
        }
        let found = try audit(
            rows.map { "\($0[0]),\($0[1]),\(isLabelled($0) ? $0[2] : ""),\(rates[region($0)])" },
            header: "customer,cutoff,label,rate"
        )
        #expect(found.map(\.kind) == [.repeatsChurnRate])
    }

    @Test func aRowThatStandsASecondTimeWithoutItsLabelIsNotMissing() throws {
        let rows = try rows()
        let again = rows.filter { $0[2] == "1" }.map { "\($0[0]),\($0[1]),,0" }
        let found = try audit(rows.map { "\($0[0]),\($0[1]),\($0[2]),0" } + again)
        #expect(found.map(\.kind) == [.repeatedRows])
    }

    @Test func oneUnknownIdDoesNotHideThatRowsWereChosenByTheirLabels() throws {
        let chosen = try rows().enumerated().filter { $0.offset % 2 == 0 || $0.element[2] == "1" }.map(\.element)
        let found = try audit(chosen.map { "\($0[0]),\($0[1]),\($0[2]),0" } + ["NOBODY,\(world.cutoffs[3]),0,0"])
        #expect(found.map(\.kind) == [.notEligible, .selectedByLabel])
    }

    @Test func aColumnThatWasNotComparedIsNotSaidToBeWhatWasKnown() throws {
        let header = "customer,cutoff,label,purchase_count_30d"
        let unknown = try audit(rows().map { "X\($0[0]),\($0[1]),\($0[2]),\($0[3])" }, header: header)
        let text = unknown.first { $0.kind == .predictsAlone }?.text
        #expect(text?.contains("after the outcome") == true && text?.contains("known at the cutoff") == false)
    }

    @Test func labelsThatNobodyCanKnowAreNotCalledSwapped() throws {
        let cutoff = CalendarDay(number: AuditWorld.end.number - 20)
        let eligible = (0..<AuditWorld.customerCount).filter { world.isEligible($0, cutoff) }
        let found = try audit(eligible.map { "C\($0),\(cutoff),0,0" })
        let end = CalendarDay(number: cutoff.number + AuditWorld.horizon)
        #expect(found.map(\.kind) == [.labelDiffers] && found[0].count == eligible.count)
        #expect(found[0].text.contains("those at \(cutoff) are not known before \(end)"))
        #expect(!found[0].text.contains("--positive"))
    }

    @Test func labelsAreCalledSwappedWhereManyOfBothKindsAllDiffer() throws {
        let rows = try rows()
        func swapped(_ row: [Substring]) -> String { "\(row[0]),\(row[1]),\(row[2] == "1" ? 0 : 1),0" }
        let all = try audit(rows.map(swapped))
        #expect(all.first?.kind == .labelDiffers && all.first?.text.contains("`--positive`") == true)
        let few = try audit(rows.prefix(3).map(swapped))
        #expect(few.first?.kind == .labelDiffers && few.first?.text.contains("`--positive`") == false)
    }

    @Test func aPartOfASplitIsNamedOnceHoweverManyItReachesInto() throws {
        let rows = try rows().map { "\($0[0]),\($0[1]),0,\($0[1])" }
        let path = try world.folder.write("months.csv", "customer,cutoff,x,month\n" + rows.joined(separator: "\n"))
        let study = try world.study(
            churn: "{definition: inactivity, of: [purchase], horizon: 75d, activeWithin: 90d}"
        )
        let found = try world.audit(study, table: path, split: "month").findings
        let (months, kinds) = (world.cutoffs, Set(found.map(\.kind)))
        #expect(kinds == [.overlappingWindows] && found.map(\.subject) == months.dropLast().map(\.description))
        #expect(found[0].text.contains("into the time of \(months[1]), which"))
        #expect(found[0].text.contains("and into the time of \(months[2])."))
    }
}
