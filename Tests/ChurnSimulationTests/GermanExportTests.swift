import ChurnFeatures
import ChurnHistory
import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnSimulation

@Suite struct GermanExportTests {
    private let folder: TemporaryFolder
    private let world: SimulatedWorld

    init() throws {
        folder = try TemporaryFolder()
        world = try SimulatedWorld(
            SimulationParameters(
                customers: 120,
                seed: 4,
                world: .contractual,
                campaigns: [#require(CalendarDay("2023-04-03"))]
            )
        )
        try world.write(to: folder.path, options: ExportOptions(layout: .germanERP), threads: 2)
    }

    /// The lines of a file, each checked to end in CRLF, as text.
    private func lines(_ name: String) throws -> [[String]] {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(name)"))
        let text = try #require(String(data: data, encoding: .windowsCP1252))
        // Every umlaut is one byte: as UTF-8 the file would be longer than its text.
        #expect(text.unicodeScalars.count == data.count)
        #expect(String(data: data, encoding: .utf8) == nil, "\(name) has umlauts, and they are not UTF-8")
        var lines = text.components(separatedBy: "\r\n")
        #expect(lines.removeLast().isEmpty)
        let hasStrayEnds = lines.contains { $0.contains("\n") || $0.contains("\r") }
        #expect(!hasStrayEnds)
        return lines.map { $0.components(separatedBy: ";") }
    }

    private static func cents(_ cell: String) -> Int? {
        let digits = cell.replacingOccurrences(of: ".", with: "").replacingOccurrences(of: ",", with: "")
        return digits.hasSuffix("-") ? Int(digits.dropLast()).map { -$0 } : Int(digits)
    }

    private struct Movement: Hashable {
        let customer: Int
        let minute: String
        let kind: String
        let article: Int?
        let quantity: Int?
        let cents: Int?
    }

    @Test func movementsParseBackToTheEvents() throws {
        var movements: [String: Movement] = [:]
        var copies = 0
        for year in [2022, 2023, 2024] {
            let rows = try lines("Bewegungen_\(year).csv")
            let columns = rows[0]
            #expect((columns[0] == "Belegnr") == (year == 2023), "only the second year is arranged otherwise")
            for row in rows.dropFirst() {
                #expect(row.count == columns.count)
                let cells = Dictionary(uniqueKeysWithValues: zip(columns, row))
                let cell = { (name: String) -> String in cells[name] ?? "?" }
                let date = cell("Belegdatum")
                #expect(date.count == 16 && date.dropFirst(6).prefix(4) == "\(year)")
                #expect(cell("Kundennr").count == 7)
                #expect(cell("Währung") == (cell("Betrag").isEmpty ? "" : "EUR"))
                let movement = Movement(
                    customer: Int(cell("Kundennr")) ?? 0,
                    minute: date,
                    kind: cell("Belegart"),
                    article: Int(cell("Artikelnr")),
                    quantity: Int(cell("Stückzahl").replacingOccurrences(of: ".", with: "")),
                    cents: Self.cents(cell("Betrag"))
                )
                if let known = movements.updateValue(movement, forKey: cell("Belegnr")) {
                    copies += 1
                    #expect(known == movement, "an equal number is an equal row")
                }
            }
        }
        let events = world.generate(threads: 1).events
        #expect(movements.count == events.count)
        // One in 500, within five standard deviations.
        let expected = Double(events.count) / 500
        #expect(abs(Double(copies) - expected) < 5 * expected.squareRoot() && copies > 0)
        var counts: [Movement: Int] = [:]
        for movement in movements.values { counts[movement, default: 0] += 1 }
        for event in events { counts[movement(event), default: 0] -= 1 }
        let unmatched = counts.values.count { $0 != 0 }
        #expect(unmatched == 0)
    }

    private func movement(_ event: SimulatedEvent) -> Movement {
        let (year, month, day) = (world.parameters.firstDay + event.day).components
        let minute = Int(event.second) % 86_400 / 60
        return Movement(
            customer: Int(event.customer),
            minute: String(format: "%02d.%02d.%04d %02d:%02d", day, month, year, minute / 60, minute % 60),
            kind: GermanText.name(of: event.kind),
            article: event.product >= 0 ? Int(event.product) + 1 : nil,
            quantity: event.quantity > 0 ? Int(event.quantity) : nil,
            cents: event.product >= 0 ? Int(event.cents) : nil
        )
    }

    @Test(arguments: [
        (0, "0,00"), (7, "0,07"), (99_999, "999,99"), (123_450, "1.234,50"), (-1_250, "12,50-"),
        (100_000_000_005, "1.000.000.000,05"), (-100_000, "1.000,00-"),
    ])
    func amountsAreWrittenTheGermanWay(cents: Int, text: String) {
        var bytes = ByteText()
        GermanText.append(cents: cents, to: &bytes)
        #expect(String(decoding: bytes.bytes, as: UTF8.self) == text)
    }

    @Test func customersAndContractsAreThoseOfThePlainExport() throws {
        let plain = "\(folder.path)/plain"
        try world.write(to: plain, threads: 1)
        func plainRows(_ name: String) throws -> [[Substring]] {
            try String(contentsOfFile: "\(plain)/\(name)", encoding: .utf8).split(separator: "\n").dropFirst()
                .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        }
        func german(_ day: Substring) -> String { day.split(separator: "-").reversed().joined(separator: ".") }
        let customers = try lines("Kunden.csv").dropFirst()
        let entries = try plainRows("customers.csv")
        #expect(customers.count == entries.count)
        for (row, entry) in zip(customers, entries) {
            #expect(row.count == GermanExport.customerColumns.count)
            #expect(Int(row[0]) == Int(entry[0].dropFirst()) && row[1] == german(entry[1]))
            #expect(row[5].replacingOccurrences(of: ".", with: "") == entry[4])
            #expect(Self.cents(row[13]) == Int(entry[12]).map { $0 * 100 })
        }
        let contracts = try lines("Vertraege.csv").dropFirst()
        let terms = try plainRows("contracts.csv")
        #expect(contracts.count == terms.count)
        for (row, term) in zip(contracts, terms) {
            #expect(row[1..<5].map { $0 } == term[1..<5].map(german))
            #expect(Self.cents(row[5]) == Self.cents(String(term[5])))
        }
    }

    @Test func theStudyReadsEveryMovementOnce() throws {
        let study = try Study(path: "\(folder.path)/study.yaml")
        let history = try EventHistory(
            sources: study.sources,
            calendar: study.calendar,
            observedUntil: study.observedUntilInstant
        )
        let events = world.generate(threads: 1).events
        #expect(history.report.kept == events.count && history.report.droppedDuplicates > 0)
        let returned = history.index.types.indices.filter {
            history.index.typeNames[Int(history.index.types[$0])] == "return"
        }
        #expect(!returned.isEmpty && returned.count { history.index.amounts[$0] < 0 } == returned.count)
    }
}
