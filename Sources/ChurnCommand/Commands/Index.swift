import ArgumentParser
import ChurnKit

struct Index: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keep the event index of a study on disk.",
        usage: "churn index <study> [options]",
        discussion: """
            Reads the study's sources and writes their index beside the study, as shop.churnindex for shop.yaml. Other \
            commands use it in place of the sources while it is current: while the study says the same of its sources, and \
            their files have the same size, time and inode. --check tells whether it is (exit code 1 where it is not), \
            --verify compares the files' content, too. The index holds what customers did: only its owner may read it.

            Examples:
              churn index shop/study.yaml
              churn index shop/study.yaml --check --verify
            """
    )

    @Argument(help: "The study file.")
    var study: String

    @Flag(help: "Write nothing; tell whether the kept index is current.")
    var check = false

    @Flag(help: "With --check: compare the content of the sources, too.")
    var verify = false

    @OptionGroup var rejects: RejectsOptions
    @OptionGroup var memory: MemoryOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var format: OutputOptions

    func validate() throws {
        if verify, !check { throw ValidationError("--verify belongs to --check.") }
        if check, rejects.rejects != nil { throw ValidationError("--check reads no rows that could be rejected.") }
    }

    private struct Result: Encodable {
        let index: String
        let isCurrent: Bool
        /// `null` where there is no current index.
        let events: Int?
        let customers: Int?
        let bytes: Int?

        init(path: String, _ history: EventHistory?) {
            index = path
            isCurrent = history != nil
            events = history?.index.eventCount
            customers = history?.index.customers.count
            bytes = history == nil ? nil : FileIdentity(path: path)?.size
        }
    }

    func run() throws {
        let study = try Study(path: study)
        let path = KeptIndex.path(ofStudy: study.path)
        guard check else {
            try AtomicFile.refuse(path, among: study.inputFiles)
            let kept = try study.keepIndex(
                rejects: rejects.file(beside: study.inputFiles + [path]),
                memory: memory.memory?.bytes,
                threads: threads.count
            )
            format.note("\(study.name): \(kept.history.report)")
            return try print(Result(path: kept.path, kept.history))
        }
        switch study.keptIndex(verifies: verify, threads: threads.count) {
        case .current(let history):
            try print(Result(path: path, history))
        case .notCurrent(let reason):
            try print(Result(path: path, nil))
            StandardError.write("churn: \(path) is not current: \(reason). Fix: churn index \(study.path)")
            throw CommandExit.checkFailed
        case .none:
            try print(Result(path: path, nil))
            StandardError.write("churn: there is no \(path). Fix: churn index \(study.path)")
            throw CommandExit.checkFailed
        }
    }

    private func print(_ result: Result) throws {
        switch format.format {
        case .json: try ResultPrinter.json(result)
        case .csv:
            try ResultPrinter.csv(
                header: ["index", "isCurrent", "events", "customers", "bytes"],
                rows: [
                    [
                        .text(result.index), .text("\(result.isCurrent)"), .number(result.events.map(Double.init)),
                        .number(result.customers.map(Double.init)),
                        .number(result.bytes.map(Double.init)),
                    ]
                ]
            )
            try ResultPrinter.flush()
        case .table:
            guard let events = result.events, let customers = result.customers, let bytes = result.bytes else { return }
            try ResultPrinter.text(
                "\(result.index)\(check ? " is current" : ""): \(NumberText.count(events)) events of \(NumberText.count(customers)) customers,"
                    + " \(NumberText.count(bytes)) bytes."
            )
        }
    }
}
