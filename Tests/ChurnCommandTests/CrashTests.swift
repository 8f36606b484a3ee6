import ChurnKit
import ChurnTestSupport
import Foundation
import Synchronization
import Testing

/// The command killed at calls of the system and at random, on disks that fail, and by the dozen at once.
///
/// `script/crash` runs them long: `CHURN_KILLS` random kills (300), `CHURN_PUBLISHES` versions of each of 32 processes (10), and
/// `CHURN_RERUNS` scorings that are killed and run again (40).
@Suite(.serialized) struct CrashTests {
    /// What is done to a registry that has three versions of a model, of which the third is champion and the second was.
    enum Operation: String, CaseIterable {
        case train, trainNew, promote, rollBack, delete, collect, score

        var arguments: [String] {
            let fit = [
                "train", "rows.csv", "--label", "y", "--id", "id", "--test-share", "0", "--format", "json", "-q",
            ]
            switch self {
            case .train: return fit + ["--name", "m"]
            case .trainNew: return fit + ["--name", "new"]
            case .promote: return ["models", "promote", "m@1", "--force"]
            case .rollBack: return ["models", "rollback", "m"]
            case .delete: return ["models", "delete", "m@1"]
            case .collect: return ["models", "gc", "--grace", "0", "--delete"]
            case .score: return ["score", "m@1", "rows.csv", "-o", "crash-scores.csv", "-q"]
            }
        }
    }

    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        var random = RandomStream(seed: 8, purpose: "rows")
        let rows = (0..<60).map { row -> String in
            let x = random.normal()
            return "c\(row),\(x),\(random.bernoulli(StableFunctions.sigmoid(x)) ? 1 : 0)"
        }
        try FileManager.default.createDirectory(atPath: "\(folder.path)/template", withIntermediateDirectories: true)
        try folder.write("template/rows.csv", (["id,x,y"] + rows).joined(separator: "\n"))
        for version in 1...3 {
            let outcome = try run(Operation.train.arguments, in: "template")
            try #require(outcome.status == 0, "\(outcome.errors)")
            if version > 1 {
                #expect(try run(["models", "promote", "m@\(version)", "--force"], in: "template").status == 0)
            }
        }
    }

    private func run(
        _ arguments: [String],
        in name: String,
        environment: [String: String] = [:]
    ) throws -> ChurnBinary.Outcome {
        let registry = arguments.first == "models" || arguments.first == "train" || arguments.first == "score"
        return try ChurnBinary.run(
            arguments + (registry ? ["--registry", "crash-r"] : []),
            in: "\(folder.path)/\(name)",
            environment: environment
        )
    }

    private func copy(_ name: String) throws {
        try FileManager.default.copyItem(atPath: "\(folder.path)/template", toPath: "\(folder.path)/\(name)")
    }

    private func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)") }

    // MARK: Calls

    private static let faults = ChurnBinary.path.replacing(/churn$/, with: "libCallFaults.so")
    private static let canFault = FileManager.default.fileExists(atPath: faults)

    /// - Parameters:
    ///   - call: that fails; `nil` to count alone.
    ///   - error: 0 to kill.
    private func faulty(_ call: Int?, error: Int32 = 0, onwards: Bool = false) -> [String: String] {
        var environment = ["LD_PRELOAD": Self.faults, "CALL_FAULT_REPORT": "\(folder.path)/calls"]
        // The registry's files and the score's, whole or partial.
        environment["CALL_FAULT_PATHS"] = "crash-"
        if let call { environment["CALL_FAULT_NUMBER"] = "\(call)" }
        environment["CALL_FAULT_ERROR"] = "\(error)"
        if onwards { environment["CALL_FAULT_ONWARDS"] = "1" }
        return environment
    }

    /// What a user can see: models with their versions and aliases, and the scores.
    private func sight(_ name: String) throws -> [String] {
        let registry = try ModelRegistry.openOrCreate(path: "\(folder.path)/\(name)/crash-r")
        var lines: [String] = []
        for model in try registry.models() {
            let history = try registry.history(of: model)
            let versions = try registry.versions(of: model).filter { !history.deletedVersions.contains($0) }
            lines.append("\(model) \(versions) \(history.aliases.sorted { $0.key < $1.key })")
        }
        if let scores = FileManager.default.contents(atPath: "\(folder.path)/\(name)/crash-scores.csv") {
            lines.append(String(decoding: scores, as: UTF8.self))
        }
        return lines
    }

    private func expectSound(_ name: String, _ comment: String) throws {
        let findings = try ModelRegistry.openOrCreate(path: "\(folder.path)/\(name)/crash-r").verify().findings
        #expect(findings.isEmpty, "\(comment): \(findings)")
    }

    private struct Course {
        let before: [String]
        let after: [String]
        let calls: Int
    }

    /// What an operation does where nothing fails.
    private func course(_ operation: Operation) throws -> Course {
        try copy("whole")
        let before = try sight("whole")
        #expect(try run(operation.arguments, in: "whole", environment: faulty(nil)).status == 0)
        let report = try String(contentsOfFile: "\(folder.path)/calls", encoding: .utf8)
        let calls = try #require(Int(report.trimmingCharacters(in: .whitespacesAndNewlines)))
        let course = Course(before: before, after: try sight("whole"), calls: calls)
        try remove("whole")
        #expect(course.before != course.after && calls > 5)
        return course
    }

    @Test(.enabled(if: canFault), arguments: Operation.allCases)
    func killedAtAnyCallItLeavesTheOldOrTheNew(operation: Operation) throws {
        let course = try course(operation)
        for call in 0..<course.calls {
            try copy("killed")
            #expect(try run(operation.arguments, in: "killed", environment: faulty(call)).status == SIGKILL)
            let state = try sight("killed")
            #expect(state == course.before || state == course.after, "call \(call): \(state)")
            try expectSound("killed", "call \(call)")
            // The next run finishes what this one began, and clears up.
            if state == course.before {
                #expect(try run(operation.arguments, in: "killed").status == 0)
                #expect(try sight("killed") == course.after)
            }
            #expect(try run(["models", "gc", "--grace", "0", "--keep", "9", "--delete"], in: "killed").status == 0)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/killed/crash-r/.staging").isEmpty
            )
            try remove("killed")
        }
    }

    /// In a short run not every error meets every operation; the registry's own tests let them all meet.
    private static let meetings: [(Operation, Int32)] = Operation.allCases.enumerated().flatMap { number, operation in
        let errors = [ENOSPC, EIO, EACCES, EINTR]
        return (setting("CHURN_KILLS", 300) > 300 ? errors : [errors[number % 4]]).map { (operation, $0) }
    }

    @Test(.enabled(if: canFault), arguments: meetings)
    func aCallThatFailsIsToldAndLeavesNothingPartial(operation: Operation, error: Int32) throws {
        let course = try course(operation)
        var told = 0
        for call in 0..<course.calls {
            for onwards in [false, true] {
                try copy("failed")
                let environment = faulty(call, error: error, onwards: onwards)
                let outcome = try run(operation.arguments, in: "failed", environment: environment)
                let comment = "call \(call), \(onwards ? "and all after it" : "alone"): \(outcome.errors)"
                #expect([0, 73, 74].contains(outcome.status), "\(outcome.status), \(comment)")
                if outcome.status != 0 {
                    told += 1
                    #expect(!outcome.errors.isEmpty && !outcome.errors.contains("defect"), "\(comment)")
                }
                let state = try sight("failed")
                #expect(state == course.before || state == course.after, "\(comment): \(state)")
                if outcome.status == 0 { #expect(state == course.after, "\(comment)") }
                try expectSound("failed", comment)
                try remove("failed")
            }
        }
        #expect(told > course.calls)
    }

    /// A disk that is really full.
    @Test func onAFullDiskNothingIsLost() throws {
        let place = "\(folder.path)/small"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        guard try shell("mount -t tmpfs -o size=200k tmpfs \(place)") == 0 else {
            print("onAFullDiskNothingIsLost: skipped, since no tmpfs can be mounted here")
            return
        }
        defer { _ = try? shell("umount \(place)") }
        _ = try shell("cp -r \(folder.path)/template/rows.csv \(place)/")
        var published = 0
        var status: Int32 = 0
        while status == 0, published < 100 {
            status = try run(Operation.train.arguments, in: "small").status
            if status == 0 { published += 1 }
        }
        #expect(status == 74 && (1..<100).contains(published))
        let registry = try ModelRegistry(path: "\(place)/crash-r")
        #expect(try registry.versions(of: ModelName("m")) == Array(1...published))
        #expect(try registry.verify().findings.isEmpty)
        // The last failure freed what it had taken.
        #expect(try shell("cat /dev/zero > \(place)/filler") != 0)
        #expect(try run(Operation.score.arguments, in: "small").status == 74)
        #expect(try !sight("small").contains { $0.contains("probability") })
    }

    private func shell(_ command: String) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    // MARK: Many at once

    private static func setting(_ name: String, _ standard: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? standard
    }

    /// What the processes of a storm were told.
    private struct Acknowledged {
        var versions: [Int] = []
        var moves = 0
        var kills = 0
        var runs = 0
    }

    /// Trainers, promoters, collectors and scorers at once, each killed at a random moment.
    @Test func killedAtRandomTheyDamageNothingAndLoseNothing() throws {
        let kills = Self.setting("CHURN_KILLS", 300)
        try copy("storm")
        let whole = try run(Operation.score.arguments, in: "storm")
        #expect(whole.status == 0)
        let expected = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/storm/crash-scores.csv"))
        let place = "\(folder.path)/storm"
        let told = Mutex(Acknowledged())
        _ = Parallel.map(6, threads: 6) { worker in
            var random = RandomStream(seed: 3, purpose: "kills", index: UInt64(worker))
            while told.withLock({ $0.kills }) < kills {
                var arguments: [String]
                switch random.below(8) {
                case 0...3: arguments = Operation.train.arguments
                case 4: arguments = ["models", "promote", "m@\(1 + random.below(20))", "--force"]
                case 5: arguments = Operation.rollBack.arguments
                case 6: arguments = ["models", "gc", "--grace", "0", "--keep", "8", "--delete"]
                default:
                    arguments = Operation.score.arguments.map {
                        $0 == "crash-scores.csv" ? "crash-scores\(worker).csv" : $0
                    }
                }
                // The champion's forerunner may be deleted.
                if arguments.first == "score" { arguments[1] = "m@2" }
                let output = URL(fileURLWithPath: "\(place)/\(worker).out")
                guard
                    let process = try? ChurnBinary.start(
                        arguments + ["--registry", "crash-r"],
                        in: place,
                        output: output,
                        errors: URL(fileURLWithPath: "\(place)/\(worker).err")
                    )
                else { continue }
                Thread.sleep(forTimeInterval: random.uniform() * 0.25)
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
                let isDone = process.terminationReason == .exit && process.terminationStatus == 0
                let json = (try? Data(contentsOf: output)).flatMap { try? JSONSerialization.jsonObject(with: $0) }
                told.withLock { told in
                    told.runs += 1
                    if process.terminationReason == .uncaughtSignal { told.kills += 1 }
                    guard isDone else { return }
                    if arguments[0] == "train", let version = (json as? [String: Any])?["version"] as? Int {
                        told.versions.append(version)
                    }
                    if ["promote", "rollback"].contains(arguments[1]) { told.moves += 1 }
                }
            }
        }
        let acknowledged = told.withLock { $0 }
        let registry = try ModelRegistry(path: "\(place)/crash-r")
        let model = try ModelName("m")
        let verification = try registry.verify()
        #expect(verification.findings.isEmpty, "\(verification.findings)")
        let history = try registry.history(of: model)
        let there = Set(try registry.versions(of: model)).union(history.deletedVersions)
        #expect(
            Set(acknowledged.versions).isSubset(of: there),
            "\(Set(acknowledged.versions).subtracting(there)) are lost"
        )
        #expect(Set(acknowledged.versions).count == acknowledged.versions.count, "a number was given twice")
        for worker in 0..<6 {
            guard let scores = FileManager.default.contents(atPath: "\(place)/crash-scores\(worker).csv") else {
                continue
            }
            #expect(scores == expected)
        }
        #expect(acknowledged.kills >= kills && acknowledged.versions.count > 10)
        let deleted = history.deletedVersions.count
        print(
            "\(acknowledged.kills) of \(acknowledged.runs) processes killed: \(acknowledged.versions.count) versions acknowledged,"
                + " \(deleted) deleted, \(acknowledged.moves) aliases moved, \(verification.leftovers) leftovers, no damage"
        )
    }

    @Test func ofManyPublishersEachGetsItsOwnNumberWithoutGaps() throws {
        let publishes = Self.setting("CHURN_PUBLISHES", 10)
        try copy("crowd")
        let numbers = Parallel.map(32, threads: 32) { _ in
            (0..<publishes).compactMap { _ in
                try? run(Operation.train.arguments, in: "crowd").json["version"] as? Int
            }
        }
        #expect(numbers.flatMap(\.self).sorted() == Array(4...3 + 32 * publishes))
        let registry = try ModelRegistry(path: "\(folder.path)/crowd/crash-r")
        #expect(try registry.versions(of: ModelName("m")) == Array(1...3 + 32 * publishes))
        try expectSound("crowd", "crowd")
    }

    /// Of 32 processes that move an alias from where they saw it, one does and all others are told.
    @Test func ofRacingPromotersEveryLoserIsTold() throws {
        try copy("race")
        for (from, to) in [(3, 1), (1, 2), (2, 3)] {
            let outcomes = Parallel.map(32, threads: 32) { _ in
                (try? run(["models", "promote", "m@\(to)", "--force", "--expected", "\(from)"], in: "race").status)
                    ?? -1
            }
            #expect(outcomes.count { $0 == 0 } == 1 && outcomes.count { $0 == 75 } == 31, "\(outcomes)")
        }
        let history = try ModelRegistry(path: "\(folder.path)/race/crash-r").history(of: ModelName("m"))
        #expect(history.entries.compactMap(\.version) == [2, 3, 1, 2, 3])
    }
}
