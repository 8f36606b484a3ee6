import ChurnTestSupport
import Foundation
import Testing

@Suite struct InitTests {
    private static func folderWithWorld() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let made = try ChurnBinary.run("simulate", "--customers", "200", "--seed", "3", "-o", "shop", in: folder.path)
        try #require(made.status == 0, "\(made.errors)")
        return folder
    }

    /// Days at most 12, so that nothing tells day from month.
    private static let ambiguous: String = {
        var lines = ["customer,when,amount"]
        for number in 0..<600 {
            let day = OrderOfDays.two(1 + number * 7 % 12)
            lines.append(
                "C\(number * 13 % 40),\(day)/\(OrderOfDays.two(1 + number / 3 % 12))/\(2022 + number / 300),\(number % 90).50"
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }()

    private enum OrderOfDays {
        static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    }

    @Test func whatInitProposesRuns() throws {
        let folder = try Self.folderWithWorld()
        let outcome = try ChurnBinary.run(
            "init",
            "shop/events.csv",
            "-o",
            "found/study.yaml",
            "--yes",
            in: folder.path
        )
        #expect(outcome.status == 73, "the folder is not there")
        let made = try ChurnBinary.run(
            "init",
            "shop/events.csv",
            "--yes",
            "--format",
            "json",
            "--timezone",
            "Europe/Berlin",
            in: folder.path
        )
        #expect(made.status == 0, "\(made.errors)")
        #expect(made.json["study"] as? String == "study.yaml")
        let inspect = try ChurnBinary.run("inspect", "study.yaml", in: folder.path)
        #expect(inspect.status == 0, "\(inspect.errors)")
        let features = try ChurnBinary.run("features", "study.yaml", "-o", "f.arrow", in: folder.path)
        #expect(features.status == 0, "\(features.errors)")
        let train = try ChurnBinary.run("train", "study.yaml", "--from", "f.arrow", "--name", "m", in: folder.path)
        #expect(train.status == 0, "\(train.errors)")
    }

    @Test func aStudyThatIsThereIsNotReplacedUnasked() throws {
        let folder = try Self.folderWithWorld()
        try folder.write("study.yaml", "mine")
        let refused = try ChurnBinary.run("init", "shop/events.csv", "--yes", in: folder.path)
        #expect(refused.status == 73 && refused.errors.contains("--overwrite"))
        #expect(try String(contentsOfFile: "\(folder.path)/study.yaml", encoding: .utf8) == "mine")
        #expect(try ChurnBinary.run("init", "shop/events.csv", "--yes", "--overwrite", in: folder.path).status == 0)
    }

    @Test func withoutATerminalNothingIsAsked() throws {
        let folder = try TemporaryFolder()
        try folder.write("orders.csv", Self.ambiguous)
        let outcome = try ChurnBinary.run("init", "orders.csv", in: folder.path)
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("--yes"))
    }

    @Test func whatCannotBeGuessedStops() throws {
        let folder = try TemporaryFolder()
        try folder.write("orders.csv", Self.ambiguous)
        let stopped = try ChurnBinary.run("init", "orders.csv", "--yes", in: folder.path)
        #expect(stopped.status == 65)
        #expect(stopped.errors.contains("INIT-001") && stopped.errors.contains("--date-order dmy|mdy"))
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(left == ["orders.csv"], "nothing half-written is left")
        let answered = try ChurnBinary.run("init", "orders.csv", "--yes", "--date-order", "mdy", in: folder.path)
        #expect(answered.status == 0, "\(answered.errors)")
    }

    @Test(arguments: ["missing.csv", "none-*.csv"])
    func missingFilesAreMissingInput(_ name: String) throws {
        let folder = try TemporaryFolder()
        #expect(try ChurnBinary.run("init", name, "--yes", in: folder.path).status == 66)
    }

    /// A real terminal, as `script` makes one: the question is shown, and the answer decides.
    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script"), "needs script of util-linux"),
        arguments: [("mdy\n", "MM/dd/yyyy"), ("\n", "dd/MM/yyyy"), ("perhaps\nmdy\n", "MM/dd/yyyy")]
    )
    func atATerminalTheUserIsAsked(_ typed: String, _ format: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("orders.csv", Self.ambiguous)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/script")
        process.arguments = ["-qec", "'\(ChurnBinary.path)' init orders.csv", "/dev/null"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(typed.utf8))
        let shown = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(shown.contains("does the day or the month come first?"))
        #expect(shown.contains("dmy/mdy [dmy] >"))
        let study = try String(contentsOfFile: "\(folder.path)/study.yaml", encoding: .utf8)
        #expect(study.contains(format))
    }
}
