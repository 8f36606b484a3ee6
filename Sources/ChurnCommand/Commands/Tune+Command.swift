import ArgumentParser
import ChurnKit

extension Tune {
    func identity(_ data: String, studyHash: String?, features: String) -> TuningLedger.Identity {
        TuningLedger.Identity(
            settings: ownArguments,
            dataFingerprint: data,
            studyHash: studyHash,
            featuresHash: String(StableHash.fnv1a(features.utf8), radix: 16),
            codeVersion: ChurnKitVersion.current
        )
    }

    func openLedger(_ identity: TuningLedger.Identity, _ source: DataSource) throws -> TuningLedger {
        if noLedger { return TuningLedger() }
        // Other settings, another file: their trials are no use to each other.
        let path = ledger ?? "\(Self.stem(self.source)).\(choice.model.rawValue)-\(identity.digest).tuning.json"
        var inputs = [self.source]
        if case .study(let study) = source { inputs = study.inputFiles }
        try AtomicFile.refuse(path, among: inputs)
        let opened = try TuningLedger(path: path, identity: identity)
        format.note(
            opened.trials.isEmpty
                ? "Trials are kept in \(path)."
                : "\(path) has \(opened.trials.count) trials, which are not made again."
        )
        return opened
    }

    /// The source's path without its endings.
    static func stem(_ path: String) -> String {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? path
        guard let dot = name.dropFirst().firstIndex(of: ".") else { return path }
        return String(path.dropLast(name.distance(from: dot, to: name.endIndex)))
    }

    /// Options with a value of which trials do not depend, or that are told apart otherwise.
    static let free = [
        "--ledger", "--trials", "--time-budget", "--threads", "--format", "--draws", "--rule", "--registry",
        "--outer-folds", "--memory", "--rejects", "--from",
    ]
    /// The same without a value.
    static let freeFlags = ["--quiet", "-q", "--no-ledger", "--no-index", "--verify"]
    /// Options that churn train has not.
    static let ofSearch = [
        "--strategy", "--search", "--by", "--folds", "--customer-value", "--offer-cost", "--contact-cost",
        "--acceptance",
    ]

    /// What was asked for, as far as trials depend on it.
    var ownArguments: [String] { Self.arguments(without: Self.free, flags: Self.freeFlags, source) }

    static func arguments(without options: [String], flags: [String], _ source: String) -> [String] {
        var kept: [String] = []
        var rest = CommandLine.arguments.dropFirst()[...]
        var isCommand = true
        while let argument = rest.popFirst() {
            if isCommand, argument == "tune" {
                isCommand = false
            } else if options.contains(argument) {
                rest = rest.dropFirst()
            } else if !options.contains(where: { argument.hasPrefix($0 + "=") }), !flags.contains(argument),
                argument != source
            {
                kept.append(argument)
            }
        }
        return kept
    }

    /// The command that trains the chosen model.
    func trainingCommand(_ chosen: Configuration) -> String {
        var dropped =
            Self.free.filter { !["--registry", "--memory", "--rejects", "--from"].contains($0) } + Self.ofSearch
        if strategy == .path { dropped.append("--alpha") }
        var words = ["churn", "train", source]
        words += Self.arguments(without: dropped, flags: ["--quiet", "-q", "--no-ledger"], source)
        for option in SearchableOption.all {
            if let value = chosen.values[option.name] { words += ["--\(option.name)", value] }
        }
        if strategy == .path { words += ["--alpha", "\(choice.fit.alpha ?? 1)"] }
        return words.map(Self.quoted).joined(separator: " ") + " --name NAME"
    }

    static func quoted(_ word: String) -> String {
        let plain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-_./=:,+@%".utf8.contains(byte)
            }
        }
        return plain && !word.isEmpty
            ? word : "'\(word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
    }

    /// What the study should say for the chosen features; `nil` where they were not searched.
    static func studyLines(_ chosen: Configuration) -> String? {
        let lines = featureSettings.compactMap { name in
            chosen.values[name].map { "\(name): [\($0.split(separator: "+").joined(separator: ", "))]" }
        }
        return lines.isEmpty ? nil : "features: {\(lines.joined(separator: ", "))}"
    }
}
