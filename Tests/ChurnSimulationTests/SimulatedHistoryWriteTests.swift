import ChurnHistory
import Foundation
import Testing

@testable import ChurnSimulation

@Suite final class SimulatedHistoryWriteTests {
    private let root = FileManager.default.temporaryDirectory.appendingPathComponent("world-\(UUID().uuidString)")

    deinit {
        try? FileManager.default.removeItem(at: root)
    }

    private func write(
        _ customers: Int,
        seed: UInt64 = 42,
        to name: String = "world",
        overwrite: Bool = false,
        threads: Int = 2
    ) throws -> String {
        let directory = root.appendingPathComponent(name).path
        let parameters = try SimulationParameters(customers: customers, seed: seed)
        try SimulatedWorld(parameters).generate(threads: threads)
            .write(to: directory, overwrite: overwrite, threads: threads)
        return directory
    }

    private func bytes(_ name: String, in directory: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: directory).appendingPathComponent(name))
    }

    private func lines(_ name: String, in directory: String) throws -> [Substring] {
        let text = try bytes(name, in: directory)
        #expect(text.last == UInt8(ascii: "\n"))
        return String(decoding: text, as: UTF8.self).split(separator: "\n")
    }

    @Test func sameSeedSameBytesAtAnyNumberOfThreads() throws {
        let one = try write(900, to: "one", threads: 1)
        let two = try write(900, to: "two", threads: 2)
        let other = try write(900, seed: 43, to: "other")
        for name in SimulatedHistory.fileNames {
            #expect(try bytes(name, in: one) == bytes(name, in: two))
            #expect(try bytes(name, in: one) != bytes(name, in: other))
        }
    }

    @Test func theFirstLinesAreTheSameOnEveryMachine() throws {
        let directory = try write(50)
        #expect(
            try lines("events.csv", in: directory).prefix(4) == [
                "customer,time,type,amount,quantity,product",
                "C000039,2022-01-01 09:39:58,visit,,,",
                "C000015,2022-01-03 09:16:27,visit,,,",
                "C000007,2022-01-03 12:00:20,purchase,390.04,14,P107",
            ]
        )
        #expect(
            try lines("customers.csv", in: directory).prefix(2) == [
                "id,since,industry,employees,country,paymentMethod",
                "C000001,2024-01-24,healthcare,53,CH,invoice",
            ]
        )
        #expect(
            try lines("truth.csv", in: directory).prefix(2) == [
                "customer,cutoff,probability,churned",
                "C000001,2024-04-01,0.0388675997699942,0",
            ]
        )
    }

    @Test func everyCellSaysWhatTheEventSays() throws {
        let directory = try write(40)
        let history = SimulatedWorld(try SimulationParameters(customers: 40, seed: 42)).generate(threads: 1)
        let rows = try lines("events.csv", in: directory).dropFirst()
        #expect(rows.count == history.events.count)
        for (row, event) in zip(rows, history.events) {
            let cells = row.split(separator: ",", omittingEmptySubsequences: false)
            #expect(cells.count == 6)
            #expect(cells[0] == history.customers[Int(event.customer) - 1].identifier)
            let second = Int(event.second) % 86_400
            let time = [second / 3600, second / 60 % 60, second % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
            #expect(cells[1] == "\(history.parameters.firstDay + event.day) \(time.joined(separator: ":"))")
            #expect(cells[2] == "\(event.kind)")
            if event.product < 0 {
                #expect(cells[3...] == ["", "", ""])
            } else {
                #expect(cells[3].suffix(3).first == ".")
                #expect(Int32(cells[3].replacingOccurrences(of: ".", with: "")) == event.cents)
                #expect(Int32(cells[4]) == event.quantity)
                #expect(
                    cells[5].count == 4 && cells[5].first == "P" && Int16(cells[5].dropFirst()) == event.product + 1
                )
            }
        }
    }

    /// The definition again, from the text of the files alone: eligible in 180 days before, churned in 90 days from.
    @Test func truthFollowsFromTheEventsFile() throws {
        let directory = try write(300)
        var eligible = Set<Substring>()
        var stayed = Set<Substring>()
        for row in try lines("events.csv", in: directory).dropFirst() {
            let cells = row.split(separator: ",")
            guard cells[2] == "purchase" else { continue }
            let day = cells[1].prefix(10)
            if day >= "2023-10-04", day < "2024-04-01" { eligible.insert(cells[0]) }
            if day >= "2024-04-01", day < "2024-06-30" { stayed.insert(cells[0]) }
        }
        let rows = try lines("truth.csv", in: directory).dropFirst().map { $0.split(separator: ",") }
        #expect(rows.map { $0[0] } == eligible.sorted())
        for row in rows {
            #expect(row[1] == "2024-04-01")
            let probability = try #require(Double(row[2]))
            #expect((0...1).contains(probability))
            #expect(row[3] == (stayed.contains(row[0]) ? "0" : "1"))
        }
    }

    @Test func theStudySaysWhatTheWorldIs() throws {
        let study = String(decoding: try bytes("study.yaml", in: write(3)), as: UTF8.self)
        for line in [
            "study: simulated\n", "timezone: Europe/Berlin\n", "observedUntil: 2024-07-01 ",
            "  - file: events.csv\n", "null: [\"\"]}", "    duplicates: keep ",
            "churn: {definition: inactivity, of: [purchase], horizon: 90d, lead: 0d, activeWithin: 180d}\n",
            "observations: {first: 2023-01-01, last: 2024-04-01, every: 1mo}\n",
            "features: {windows: [7d, 30d, 90d, 180d, 365d, all]}\n", "registry: models\n",
        ] { #expect(study.contains(line), "\(line)") }
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
        _ = try write(6, seed: 1, overwrite: true)
        #expect(try bytes("events.csv", in: directory) != before)
    }

    @Test func refusesADirectoryThatHoldsEventsOnly() throws {
        let directory = root.appendingPathComponent("world").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(directory)/events.csv"))
        let error = #expect(throws: DataError.self) { try write(5) }
        #expect(error?.code == .cannotWrite && error?.file == "\(directory)/events.csv")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["events.csv"])
    }

    @Test func anExistingDirectoryAndItsOtherFilesStay() throws {
        let directory = root.appendingPathComponent("world").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(directory)/notes.txt"))
        _ = try write(5)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        #expect(names.sorted() == ["customers.csv", "events.csv", "notes.txt", "study.yaml", "truth.csv"])
    }

    @Test func createsMissingDirectoriesAbove() throws {
        let directory = try write(5, to: "a/b/c/")
        #expect(try !bytes("study.yaml", in: directory).isEmpty)
    }

    @Test func namesTheFileThatCannotBeWrittenAndLeavesNothing() throws {
        let directory = root.appendingPathComponent("world").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        // A directory where the study's file must go.
        try FileManager.default.createDirectory(
            atPath: "\(directory)/study.yaml/x",
            withIntermediateDirectories: true
        )
        let error = #expect(throws: DataError.self) { try write(5, overwrite: true) }
        #expect(error?.code == .cannotWrite && error?.file == "\(directory)/study.yaml")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["study.yaml"])
    }

    @Test func refusesADirectoryThatIsAFile() throws {
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        let file = root.appendingPathComponent("world")
        try Data("mine".utf8).write(to: file)
        let error = #expect(throws: DataError.self) { try write(5) }
        #expect(error?.code == .cannotWrite && error?.file == file.path)
        #expect(try Data(contentsOf: file) == Data("mine".utf8))
    }

    /// Two equal events in one second are two events, and nothing of the world is rejected.
    @Test func theStudyReadsEveryEventOfTheWorld() throws {
        let world = SimulatedWorld(try SimulationParameters(customers: 30, seed: 42)).generate(threads: 1)
        let history = SimulatedHistory(
            parameters: world.parameters,
            customers: world.customers,
            events: world.events + world.events.suffix(1),
            truth: world.truth
        )
        let directory = root.path
        try history.write(to: directory, threads: 1)
        let path = "\(directory)/study.yaml"
        let study = try StudyNode(yaml: String(contentsOfFile: path, encoding: .utf8), file: path)
        let calendar = try StudyCalendar(study.required("timezone", example: ""))
        let read = try EventHistory(
            sources: StudySources(
                events: study.required("events", example: "").elements().map {
                    try EventSource($0, folder: directory, calendar: calendar)
                }
            ),
            calendar: calendar,
            observedUntil: calendar.start(of: study.required("observedUntil", example: "").day())
        )
        #expect(read.report.kept == history.events.count && read.report.rows == history.events.count)
    }
}
