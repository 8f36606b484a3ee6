import ChurnFeatures
import ChurnHistory
import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnSimulation

@Suite struct WorldFilesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static func parameters(
        _ customers: Int,
        seed: UInt64 = 42,
        world: WorldKind = .noncontractual
    ) throws -> SimulationParameters {
        let day = try #require(CalendarDay("2023-03-06"))
        return try SimulationParameters(
            customers: customers,
            seed: seed,
            world: world,
            priceRises: [PriceRise(day: day, percent: 10)],
            campaigns: [day + 200]
        )
    }

    private func write(
        _ customers: Int,
        seed: UInt64 = 42,
        world: WorldKind = .noncontractual,
        to name: String = "world",
        options: ExportOptions = ExportOptions(),
        threads: Int = 2
    ) throws -> String {
        let directory = "\(folder.path)/\(name)"
        try SimulatedWorld(Self.parameters(customers, seed: seed, world: world))
            .write(to: directory, options: options, threads: threads)
        return directory
    }

    private func bytes(_ name: String, in directory: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: directory).appendingPathComponent(name))
    }

    private func names(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    private func rows(_ name: String, in directory: String) throws -> [[Substring]] {
        let text = try bytes(name, in: directory)
        #expect(text.last == UInt8(ascii: "\n"))
        return String(decoding: text, as: UTF8.self).split(separator: "\n")
            .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    }

    @Test(arguments: [ExportOptions.Layout.plain, .germanERP])
    func sameSeedSameBytesAtAnyNumberOfThreads(layout: ExportOptions.Layout) throws {
        let options = ExportOptions(layout: layout, writesDrivers: true)
        // More blocks than one batch of one thread takes.
        let customers = SimulatedWorld.blockSize * 4 + 1
        let one = try write(customers, world: .contractual, to: "1", options: options, threads: 1)
        for threads in [2, 3] {
            let other = try write(customers, world: .contractual, to: "\(threads)", options: options, threads: threads)
            #expect(try names(in: one) == names(in: other))
            for name in try names(in: one) { #expect(try bytes(name, in: one) == bytes(name, in: other)) }
        }
    }

    @Test(arguments: [
        (
            "events.csv",
            [
                "customer,time,type,amount,quantity,product",
                "C000001,2024-01-24 13:16:38,purchase,226.72,16,P091",
                "C000001,2024-01-29 13:28:35,purchase,103.32,4,P032",
                "C000001,2024-02-19 09:43:49,purchase,256.22,23,P077",
            ]
        ),
        (
            "customers.csv",
            [
                "customer,validFrom,since,industry,employees,legalForm,parent,sites,country,timeZone,foundedYear,"
                    + "annualBudget,revenue,potential,software,paymentMethod,salesRep",
                "C000001,2024-01-24,2024-01-24,retail,53,GmbH,,2,DE,Europe/Berlin,1999,31800,4261200,12200,odoo,"
                    + "prepayment,R16",
            ]
        ),
        ("truth.csv", ["customer,cutoff,probability,churned", "C000001,2024-04-01,0.1800925718772544,0"]),
    ])
    func theFirstLinesAreTheSameOnEveryMachine(file: String, lines: [String]) throws {
        let rows = try rows(file, in: write(50)).prefix(lines.count)
        #expect(rows.map { $0.joined(separator: ",") } == lines)
    }

    @Test func everyCellSaysWhatTheEventSays() throws {
        let directory = try write(40)
        let history = try SimulatedWorld(Self.parameters(40)).generate(threads: 1)
        let rows = try rows("events.csv", in: directory).dropFirst()
        #expect(rows.count == history.events.count)
        for (cells, event) in zip(rows, history.events) {
            let digits = String(event.customer)
            let second = Int(event.second) % 86_400
            let time = [second / 3600, second / 60 % 60, second % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
            #expect(cells.count == 6)
            #expect(cells[0] == "C" + String(repeating: "0", count: 6 - digits.count) + digits)
            #expect(cells[1] == "\(history.parameters.firstDay + event.day) \(time.joined(separator: ":"))")
            #expect(cells[2] == event.kind.name)
            #expect(cells[4] == (event.quantity > 0 ? "\(event.quantity)" : ""))
            if event.product < 0 {
                #expect(cells[3] == "" && cells[5] == "")
            } else {
                #expect(cells[3].suffix(3).first == ".")
                #expect(Int32(cells[3].replacingOccurrences(of: ".", with: "")) == event.cents)
                #expect(cells[5].count == 4 && Int16(cells[5].dropFirst()) == event.product + 1)
            }
        }
    }

    /// The definition again, from the text of the files alone: eligible in 180 days before, churned in 90 days from.
    @Test func truthFollowsFromTheEventsFile() throws {
        let directory = try write(300)
        var eligible = Set<Substring>()
        var stayed = Set<Substring>()
        for cells in try rows("events.csv", in: directory).dropFirst() where cells[2] == "purchase" {
            let day = cells[1].prefix(10)
            if day >= "2023-10-04", day < "2024-04-01" { eligible.insert(cells[0]) }
            if day >= "2024-04-01", day < "2024-06-30" { stayed.insert(cells[0]) }
        }
        let truth = try rows("truth.csv", in: directory).dropFirst()
        #expect(truth.map { $0[0] } == eligible.sorted())
        for row in truth {
            let probability = try #require(Double(row[2]))
            #expect(row[1] == "2024-04-01" && (0...1).contains(probability))
            #expect(row[3] == (stayed.contains(row[0]) ? "0" : "1"))
        }
    }

    @Test func truthOfAContractualWorldFollowsFromItsNotices() throws {
        let directory = try write(400, world: .contractual)
        var eligible = Set<Substring>()
        var churned = Set<Substring>()
        for cells in try rows("events.csv", in: directory).dropFirst() {
            let day = cells[1].prefix(10)
            if cells[2] == "purchase", day >= "2023-10-04", day < "2024-04-01" { eligible.insert(cells[0]) }
            if cells[2] == "cancellation", day < "2024-04-01" { eligible.remove(cells[0]) }
            if cells[2] == "cancellation", day >= "2024-04-01", day < "2024-06-30" { churned.insert(cells[0]) }
        }
        let truth = try rows("truth.csv", in: directory).dropFirst()
        #expect(truth.map { $0[0] } == eligible.sorted())
        let lost = truth.filter { $0[3] == "1" }.map { $0[0] }
        #expect(Set(lost) == churned.intersection(eligible) && !lost.isEmpty)
    }

    @Test(arguments: WorldKind.allCases)
    func theStudyIsValidAndReadsEveryEvent(world: WorldKind) throws {
        let directory = try write(40, world: world)
        let study = try Study(path: "\(directory)/study.yaml")
        let history = try EventHistory(
            sources: study.sources,
            calendar: study.calendar,
            observedUntil: study.observedUntilInstant
        )
        let simulated = try SimulatedWorld(Self.parameters(40, world: world)).generate(threads: 1)
        #expect(history.report.kept == simulated.events.count && history.report.rows == simulated.events.count)
        #expect(study.churn.kind == (world == .contractual ? .event : .inactivity))
        #expect(study.observations.first.description == "2023-01-01")
        #expect(study.observations.last == simulated.parameters.lastCutoff)
    }

    @Test func onlyWhatTheWorldHasIsWritten() throws {
        let parameters = try SimulationParameters(customers: 5, seed: 1)
        let directory = "\(folder.path)/bare"
        let summary = try SimulatedWorld(parameters).write(to: directory, threads: 1)
        #expect(summary.files == ["customers.csv", "truth.csv", "events.csv", "study.yaml"])
        #expect(try names(in: directory) == summary.files.sorted())
        let full = try write(5, world: .contractual, options: ExportOptions(writesDrivers: true))
        #expect(
            try names(in: full) == [
                "campaigns.csv", "contracts.csv", "customers.csv", "drivers.csv", "events.csv", "study.yaml",
                "truth.csv",
            ]
        )
    }

    @Test func theSummaryCountsWhatTheFilesHold() throws {
        let directory = "\(folder.path)/world"
        let world = try SimulatedWorld(Self.parameters(600))
        let summary = try world.write(to: directory, threads: 2)
        let truth = try rows("truth.csv", in: directory).dropFirst()
        #expect(try rows("events.csv", in: directory).count == summary.events + 1)
        #expect(summary.customers == 600 && summary.eligible == truth.count)
        #expect(summary.churned == truth.count { $0[3] == "1" })
        let tally = world.generate(threads: 1).tally
        #expect(summary.tally.churnRate == tally.churnRate)
        for kind in EventKind.allCases { #expect(summary.tally.count(of: kind) == tally.count(of: kind)) }
    }

    @Test func refusesToReplaceAWorldUnlessAllowedTo() throws {
        let directory = try write(5)
        let before = try bytes("events.csv", in: directory)
        let error = #expect(throws: DataError.self) { try write(6, seed: 1) }
        #expect(
            error?.description == "OUT-001 \(directory)/customers.csv: exists already. "
                + "Fix: choose another folder, or replace the files with --overwrite"
        )
        #expect(try bytes("events.csv", in: directory) == before)
        _ = try write(6, seed: 1, options: ExportOptions(overwrites: true))
        #expect(try bytes("events.csv", in: directory) != before)
    }

    /// A pattern in the study would read last year's movements with this year's.
    @Test func filesOfAnEarlierWorldGoWithItAndOthersStay() throws {
        let directory = try write(5, world: .contractual, options: ExportOptions(writesDrivers: true))
        try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(directory)/notes.txt"))
        try Data("old".utf8).write(to: URL(fileURLWithPath: "\(directory)/Bewegungen_1999.csv"))
        try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(directory)/Bewegungen_alt.csv"))
        _ = try write(5, options: ExportOptions(overwrites: true))
        #expect(
            try names(in: directory) == [
                "Bewegungen_alt.csv", "campaigns.csv", "customers.csv", "events.csv", "notes.txt", "study.yaml",
                "truth.csv",
            ]
        )
    }

    /// A folder is never an earlier world's file, whatever its name; nothing in it may go.
    @Test(arguments: [false, true])
    func refusesAFolderWithTheNameOfAStaleFileAndKeepsWhatIsInIt(overwrites: Bool) throws {
        let directory = try write(5)
        let before = try bytes("events.csv", in: directory)
        let stale = "\(directory)/Bewegungen_2020.csv"
        try FileManager.default.createDirectory(atPath: stale, withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(stale)/letter.txt"))
        let error = #expect(throws: DataError.self) {
            try write(6, seed: 1, options: ExportOptions(overwrites: overwrites))
        }
        #expect(
            error?.description == "OUT-001 \(stale): has the name of a world's file, but is a folder. "
                + "Fix: move it away, or choose another folder"
        )
        #expect(try names(in: stale) == ["letter.txt"])
        #expect(try bytes("events.csv", in: directory) == before)
    }

    @Test func refusesALinkWithTheNameOfAStaleFile() throws {
        let directory = try write(5)
        let target = try folder.write("mine", "mine")
        let link = "\(directory)/contracts.csv"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        let error = #expect(throws: DataError.self) { try write(5, options: ExportOptions(overwrites: true)) }
        #expect(error?.code == .cannotWrite && error?.file == link)
        #expect(try Data(contentsOf: URL(fileURLWithPath: target)) == Data("mine".utf8))
    }

    @Test func refusesADirectoryThatHoldsFilesOfAWorldOnly() throws {
        let directory = "\(folder.path)/world"
        for name in ["events.csv", "Bewegungen_2020.csv"] {
            try? FileManager.default.removeItem(atPath: directory)
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
            let error = #expect(throws: DataError.self) { try write(5) }
            #expect(error?.code == .cannotWrite && error?.file == "\(directory)/\(name)")
            #expect(try names(in: directory) == [name])
        }
    }

    @Test func createsMissingDirectoriesAbove() throws {
        let directory = try write(5, to: "a/b/c/")
        #expect(try !bytes("study.yaml", in: directory).isEmpty)
    }

    @Test func namesTheFileThatCannotBeWrittenAndLeavesNothing() throws {
        let directory = "\(folder.path)/world"
        // A directory where the study's file must go.
        try FileManager.default.createDirectory(
            atPath: "\(directory)/study.yaml/x",
            withIntermediateDirectories: true
        )
        let error = #expect(throws: DataError.self) { try write(5, options: ExportOptions(overwrites: true)) }
        #expect(error?.code == .cannotWrite && error?.file == "\(directory)/study.yaml")
        #expect(try names(in: directory) == ["study.yaml"])
    }

    @Test func refusesADirectoryThatIsAFile() throws {
        let file = try folder.write("world", "mine")
        let error = #expect(throws: DataError.self) { try write(5) }
        #expect(error?.code == .cannotWrite && error?.file == file)
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data("mine".utf8))
    }
}
