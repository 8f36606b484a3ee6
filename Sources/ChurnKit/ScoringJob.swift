import ChurnFeatures
import ChurnHistory
import ChurnModels
import ChurnRegistry
import ChurnScoring
import Foundation

/// A scoring as a job that runs every night: entered in the ledger, checked before it works, done once.
///
///     let job = ScoringJob(start: start, ledger: ledger, target: target.sink)
///     let result = try job.run { try ModelScoring(model, on: .study(readData(), asOf: day)) } describing: { … }
public struct ScoringJob {
    private let start: ScoringRun.Start
    private let ledger: RunLedger?
    private let target: () throws -> any ScoreSink
    private let keepRuns: CalendarPeriod?
    private let keepRejects: CalendarPeriod?

    /// - Parameters:
    ///   - start: as it is entered in the ledger.
    ///   - ledger: `nil` to leave no record.
    ///   - target: opens what takes the scores, once nobody else is writing there and before anything is read.
    ///   - retention: how long runs and files of rejected rows of this source stay.
    public init(
        start: ScoringRun.Start,
        ledger: RunLedger?,
        target: @escaping () throws -> any ScoreSink,
        retention: ScoringRules = .standard
    ) {
        self.start = start
        self.ledger = ledger
        self.target = target
        keepRuns = retention.keepRuns
        keepRejects = retention.keepRejects
    }

    /// What a job has done.
    public struct Result: Sendable {
        /// The run's number in the ledger; `nil` without one.
        public let number: Int?
        /// `nil` where an earlier run has done the same and its scores are still in their place.
        public let scores: ScoreTable?
        public let checks: [RunCheck]
        public let unseenCategories: [UnseenCategories]
        /// The earlier run that was asked for the same of the same data.
        public let earlier: ScoringRun?
        /// Whether the scores are others than the earlier run's: not the same ChurnKit, or a machine that computes otherwise.
        public let differsFromEarlier: Bool
        /// Runs that were found dead, and what they had left.
        public let deadRuns: [Int]
        public let removedLeftovers: [String]
    }

    /// An error as the ledger has it: in words without any customer.
    public struct Failure: Sendable {
        public let message: String
        public let exitCode: Int
        /// Whether somebody else is at what is needed.
        public let isBusy: Bool

        public init(message: String, exitCode: Int, isBusy: Bool) {
            self.message = message
            self.exitCode = exitCode
            self.isBusy = isBusy
        }
    }

    /// Earlier runs among which one that was asked for the same is looked for.
    private static let mostLooks = 1000

    /// Runs the job.
    /// - Parameters:
    ///   - read: reads the data that are scored.
    ///   - describing: what the ledger says of an error.
    /// - Throws: `ScoringError.busy` where another run writes to the same place, `ScoringError.refused` where a check fails, and whatever
    ///   reading, scoring and writing throw. The ledger has it then.
    public func run(
        read: () throws -> ModelScoring,
        describing: (any Error) -> Failure
    ) throws -> Result {
        let open = try ledger?.begin(start)
        var end = ScoringRun.End(.failed, at: Date(), exitCode: 0)
        let result: Result
        do {
            result = try work(number: open?.number, end: &end, read)
        } catch {
            let failure = describing(error)
            end.outcome = failure.isBusy ? .busy : .failed
            if case .refused = error as? ScoringError { end.outcome = .refused }
            if case .busy(_, let other, _) = error as? ScoringError { end.otherRun = other }
            end.message = failure.message
            end.exitCode = failure.exitCode
            // What went wrong first is what the user must hear of.
            try? note(end, of: open)
            throw error
        }
        try note(end, of: open)
        return result
    }

    private func note(_ end: ScoringRun.End, of open: RunLedger.OpenRun?) throws {
        guard let ledger, let open else { return }
        var end = end
        end.endedAt = Date().formatted(.iso8601)
        try ledger.end(open.number, end)
    }

    private func work(number: Int?, end: inout ScoringRun.End, _ read: () throws -> ModelScoring) throws -> Result {
        var deadRuns: [ScoringRun] = []
        if let ledger, let number {
            if let other = try ledger.runAtWork(on: start.destination, before: number, at: Date()) {
                throw ScoringError.busy(
                    destination: start.destination.place ?? "",
                    run: other,
                    registry: ledger.registry.path
                )
            }
            deadRuns = try ledger.closeDeadRuns(before: number, at: Date())
            // What cannot be tidied up, such as another user's, must not keep a run from its work.
            try? forgetOldRuns(ledger)
        }
        let sink = try target()
        let leftovers = removeLeftovers(of: deadRuns)
        end.removedLeftovers = leftovers.isEmpty ? nil : leftovers

        var clock = Stopwatch()
        let scoring = try read()
        var counts = scoring.source.counts
        var seconds = ScoringRun.End.Seconds()
        seconds.reading = clock.lap()
        end.dataFingerprint = scoring.source.dataFingerprint
        end.counts = counts
        end.seconds = seconds
        var checks = scoring.checksOfData()
        end.checks = checks
        try refuse(checks)

        let earlier = try earlierRun(fingerprint: scoring.source.dataFingerprint, before: number)
        if let earlier, let written = try scoresInPlace(of: earlier, sink) {
            end.outcome = .repeated
            end.otherRun = earlier.number
            end.scores = written
            return Result(
                number: number,
                scores: nil,
                checks: checks,
                unseenCategories: [],
                earlier: earlier,
                differsFromEarlier: false,
                deadRuns: deadRuns.map(\.number),
                removedLeftovers: leftovers
            )
        }

        let rows = try scoring.rows()
        checks += scoring.checks(of: rows)
        end.checks = checks
        try refuse(checks)
        let scores = try scoring.scores(rows)
        checks += try scoring.checks(of: scores, rows)
        end.checks = checks
        try refuse(checks)
        counts.customersScored = scores.count
        end.counts = counts
        seconds.scoring = clock.lap()
        end.seconds = seconds
        let written = try sink.write(scores)
        seconds.writing = clock.lap()
        end.seconds = seconds
        end.scores = written
        end.outcome = .done
        return Result(
            number: number,
            scores: scores,
            checks: checks,
            unseenCategories: rows.unseenCategories,
            earlier: earlier,
            differsFromEarlier: earlier?.end?.scores.map { $0.digest != written.digest } ?? false,
            deadRuns: deadRuns.map(\.number),
            removedLeftovers: leftovers
        )
    }

    /// Removes what dead runs have left in the folders that this run writes to. What a transaction has not committed, a database forgets.
    private func removeLeftovers(of deadRuns: [ScoringRun]) -> [String] {
        func folder(_ path: String) -> String { (path as NSString).deletingLastPathComponent }
        var names: [String] = []
        let own = [start.rejects, start.destination.kind.isFile ? start.destination.place : nil].compactMap(\.self)
        let dead = deadRuns.flatMap { [$0.start.rejects, $0.start.destination.place] }.compactMap(\.self)
        let folders = Set(own.map(folder))
        for path in Set(own + dead.filter { folders.contains(folder($0)) }).sorted() {
            names += AtomicFile.removeLeftovers(of: path)
        }
        return names
    }

    private func refuse(_ checks: [RunCheck]) throws(ScoringError) {
        let failed = checks.filter { $0.verdict == .fail }
        if !failed.isEmpty { throw .refused(failed) }
    }

    /// The newest run that was asked for the same of the same data and has written it.
    private func earlierRun(fingerprint: String, before number: Int?) throws -> ScoringRun? {
        guard let ledger, let number else { return nil }
        return try ledger.newest(1, at: Date(), mostLooks: Self.mostLooks) { run in
            run.number < number && run.end?.outcome == .done && run.end?.dataFingerprint == fingerprint
                && run.start.asksForSame(as: start)
        }.first
    }

    /// What an earlier run wrote, or what an erasure has made of it; `nil` where neither is in its place any more.
    private func scoresInPlace(of earlier: ScoringRun, _ sink: any ScoreSink) throws -> ScoringRun.End.Scores? {
        guard let ledger, let written = earlier.end?.scores else { return nil }
        if try sink.has(written) { return written }
        guard let place = try AuditLog(registry: ledger.registry).scores(ofRun: earlier.number).last?.place
        else { return nil }
        let rewritten = ScoringRun.End.Scores(
            digest: written.digest,
            mean: written.mean,
            fileDigest: place.digest,
            bytes: place.bytes
        )
        return try sink.has(rewritten) ? rewritten : nil
    }

    /// Removes runs of the same source whose time in the ledger is over, and their files of rejected rows.
    private func forgetOldRuns(_ ledger: RunLedger) throws {
        let (calendar, now) = (Calendar(identifier: .gregorian), Date())
        func isOver(_ since: Date, _ period: CalendarPeriod) -> Bool {
            let parts = DateComponents(month: period.months, day: period.days)
            return calendar.date(byAdding: parts, to: since).map { $0 < now } ?? false
        }
        func isOver(_ run: ScoringRun, _ period: CalendarPeriod) -> Bool {
            (try? Date(run.start.startedAt, strategy: .iso8601)).map { isOver($0, period) } ?? false
        }
        guard keepRuns != nil || keepRejects != nil else { return }
        let own = try ledger.newest(.max, at: Date()) { $0.start.source == start.source && $0.end != nil }
        var places: [AuditLog.Entry.Place] = []
        for run in own {
            // Only where this run writes such files itself, and no file that a later run has written anew.
            guard let keepRejects, let rejects = run.start.rejects, isOver(run, keepRejects),
                (rejects as NSString).deletingLastPathComponent
                    == start.rejects.map({ ($0 as NSString).deletingLastPathComponent })
            else { continue }
            guard RejectedRows.remove(at: rejects, where: { isOver($0, keepRejects) }) else { continue }
            var place = AuditLog.Entry.Place(.rejects, at: rejects)
            place.outcome = .erased
            places.append(place)
        }
        var removed: [Int] = []
        defer { noteRetention(of: removed, places, ledger, at: now) }
        guard let keepRuns else { return }
        for run in own where isOver(run, keepRuns) { removed += try ledger.remove([run.number]) }
    }

    private func noteRetention(of runs: [Int], _ places: [AuditLog.Entry.Place], _ ledger: RunLedger, at date: Date) {
        guard !runs.isEmpty || !places.isEmpty else { return }
        let entry = AuditLog.Entry(
            .retention,
            at: date,
            codeVersion: start.codeVersion,
            places: places,
            runs: runs.sorted()
        )
        // As with the rest of the housekeeping.
        _ = try? AuditLog(registry: ledger.registry).append(entry)
    }
}

/// Why a scoring run did not work.
public enum ScoringError: Error, Equatable, Sendable {
    /// Another run writes to the same place.
    case busy(destination: String, run: Int, registry: String)
    /// Checks that the study asked for failed.
    case refused([RunCheck])
}

extension ScoringError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .busy(let destination, let run, let registry):
            "run \(run) is writing to \(destination). Fix: wait until it has ended; `churn runs show \(run) --registry \(registry)` tells of"
                + " it"
        case .refused(let checks):
            "nothing was scored: "
                + checks.map { "\($0.text), and `\($0.name)` fails above \($0.limit)" }.joined(separator: "; ")
                + ". Fix: mend the data, or change `scoring.checks` of the study"
        }
    }
}

extension RunCheck {
    /// Above which it fails, in words.
    fileprivate var limit: String {
        guard let fail else { return "nothing" }
        switch name {
        case "freshness": return fail == 1 ? "1 day" : "\(Int(fail)) days"
        case "rejected", "unseen": return "\((fail * 1e6).rounded() / 1e4) %"
        default: return "\(fail)"
        }
    }
}

extension ScoringRun.Destination.Kind {
    /// Whether it is a file of scores, put in its place whole.
    fileprivate var isFile: Bool { self == .csv || self == .arrow }
}

/// Seconds between one look and the next.
private struct Stopwatch {
    private var last = ContinuousClock.now

    mutating func lap() -> Double {
        let now = ContinuousClock.now
        defer { last = now }
        return (now - last) / .seconds(1)
    }
}
