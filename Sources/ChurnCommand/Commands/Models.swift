import ArgumentParser
import ChurnKit
import Foundation

struct Models: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look after the registry: list, show, promote, rollback, verify.",
        subcommands: [List.self, Show.self, Promote.self, Rollback.self, Verify.self]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the versions in the registry.",
            usage: "churn models list [options]",
            discussion: """
                Example:
                  churn models list
                """
        )

        @OptionGroup var registry: RegistryOptions
        @OptionGroup var format: OutputOptions

        private struct Row: Encodable {
            let model: String
            let version: Int
            let aliases: [String]
            let createdAt: String
            let createdBy: String
            let source: String
        }

        func run() throws {
            let registry = try ModelRegistry(path: registry.path())
            var rows: [Row] = []
            for name in registry.models() {
                let aliases = try registry.aliasHistory(of: name).current
                for version in registry.versions(of: name) {
                    let origin = try? registry.manifest(name, version: version).origin
                    if origin == nil {
                        format.notes.warn("\(name)@\(version) is damaged; `churn models verify` tells more.")
                    }
                    rows.append(
                        Row(
                            model: name.text,
                            version: version,
                            aliases: aliases.filter { $0.version == version }.map(\.alias),
                            createdAt: origin?.createdAt ?? "damaged",
                            createdBy: origin?.createdBy ?? "",
                            source: origin?.source ?? ""
                        )
                    )
                }
            }
            switch format.format {
            case .json: try ResultPrinter.json(rows)
            case .csv:
                try ResultPrinter.csv(
                    header: ["model", "version", "aliases", "createdAt", "createdBy", "source"],
                    rows: rows.map {
                        [
                            .text($0.model), .number(Double($0.version)), .text($0.aliases.joined(separator: " ")),
                            .text($0.createdAt), .text($0.createdBy), .text($0.source),
                        ]
                    }
                )
                try ResultPrinter.flush()
            case .table:
                var table = TextTable(headers: ["model", "version", "aliases", "created", "source"])
                for row in rows {
                    table.append([
                        row.model, "\(row.version)", row.aliases.joined(separator: " "), row.createdAt, row.source,
                    ])
                }
                try ResultPrinter.text(rows.isEmpty ? "\(registry.path) has no models." : table.text)
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a version: where it comes from, how it fits, what it is made of.",
            usage: "churn models show <model> [options]",
            discussion: """
                Example:
                  churn models show shop@champion
                """
        )

        @Argument(help: "The model: NAME, NAME@VERSION or NAME@ALIAS.")
        var model: String

        @OptionGroup var registry: RegistryOptions
        @OptionGroup var format: OutputOptions

        private struct Result: Encodable {
            let result: TrainingResult
            let manifest: ModelManifest
            let aliases: [String]
            let history: [AliasHistory.Entry]
        }

        func run() throws {
            let registry = try ModelRegistry(path: registry.path())
            let chosen = try ChosenModel(model, registry: registry)
            let history = try registry.aliasHistory(of: chosen.name)
            let aliases = history.current.filter { $0.version == chosen.version }.map(\.alias)
            let manifest = try registry.manifest(chosen.name, version: chosen.version)
            let result = TrainingResult(name: chosen.name.text, version: chosen.version, stored: chosen.stored)
            switch format.format {
            case .json:
                try ResultPrinter.json(
                    Result(result: result, manifest: manifest, aliases: aliases, history: history.entries)
                )
            case .csv:
                try result.print(.csv)
            case .table:
                let origin = manifest.origin
                try ResultPrinter.text(
                    "made \(origin.createdAt) by \(origin.createdBy) with ChurnKit \(origin.codeVersion) from"
                        + " \(origin.source)" + (aliases.isEmpty ? "" : "\naliases: \(aliases.joined(separator: ", "))")
                )
                try result.print(.table)
                for entry in history.entries {
                    try ResultPrinter.text(
                        "\(entry.at) \(entry.action.rawValue) \(entry.alias): \(entry.previous.map(String.init) ?? "-") ->"
                            + " \(entry.version) by \(entry.by)" + (entry.reason.map { ": \($0)" } ?? "")
                    )
                }
            }
        }
    }

    struct Promote: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Point an alias at a version.",
            usage: "churn models promote <model> [options]",
            discussion: """
                A version whose fit did not converge is refused, with exit code 1.

                Example:
                  churn models promote shop@7
                """
        )

        @Argument(help: "The version: NAME@VERSION or NAME@ALIAS.")
        var model: String

        @OptionGroup var move: AliasOptions
        @OptionGroup var registry: RegistryOptions
        @OptionGroup var format: OutputOptions

        func validate() throws {
            if !model.contains("@") {
                throw ValidationError("Say which version: \(model)@VERSION or \(model)@ALIAS.")
            }
        }

        func run() throws {
            let registry = try ModelRegistry(path: registry.path())
            let alias = try AliasName(move.alias)
            let reference = try ModelReference(model)
            let version = try registry.resolve(reference)
            let previous = try registry.promote(
                reference.name,
                version: version,
                alias: alias,
                reason: move.reason,
                at: Date()
            )
            try AliasMove(model: reference.name, alias: alias, version: version, previous: previous)
                .print(format.format)
        }
    }

    struct Rollback: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Point an alias back at the version before.",
            usage: "churn models rollback <model> [options]",
            discussion: """
                Example:
                  churn models rollback shop
                """
        )

        @Argument(help: "The model: NAME.")
        var model: String

        @OptionGroup var move: AliasOptions
        @OptionGroup var registry: RegistryOptions
        @OptionGroup var format: OutputOptions

        func validate() throws {
            if model.contains("@") {
                throw ValidationError("A rollback takes the model's NAME; which alias goes back, --alias says.")
            }
        }

        func run() throws {
            let registry = try ModelRegistry(path: registry.path())
            let name = try ModelName(model)
            let alias = try AliasName(move.alias)
            _ = try registry.resolve(ModelReference(name: name, selector: .alias(alias)))
            let previous = try registry.aliasHistory(of: name).version(of: alias.text)
            let version = try registry.rollBack(name, alias: alias, reason: move.reason, at: Date())
            try AliasMove(model: name, alias: alias, version: version, previous: previous).print(format.format)
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check every digest, history and name in the registry.",
            usage: "churn models verify [options]",
            discussion: """
                Exit code 1 when something is not as it should be.

                Example:
                  churn models verify
                """
        )

        @OptionGroup var registry: RegistryOptions
        @OptionGroup var format: OutputOptions

        func run() throws {
            let result = try ModelRegistry(path: registry.path()).verify()
            switch format.format {
            case .json: try ResultPrinter.json(result)
            case .csv:
                try ResultPrinter.csv(
                    header: ["path", "problem"],
                    rows: result.findings.map { [.text($0.path), .text($0.problem)] }
                )
                try ResultPrinter.flush()
            case .table:
                var lines = result.findings.map { "\($0.path): \($0.problem)" }
                lines.append(
                    "\(result.models) models, \(result.versions) versions, \(result.files) files checked:"
                        + " \(result.findings.isEmpty ? "all sound" : "\(result.findings.count) findings")"
                )
                if result.leftovers > 0 {
                    lines.append("\(result.leftovers) leftovers of unfinished work in .staging: no damage")
                }
                try ResultPrinter.text(lines.joined(separator: "\n"))
            }
            if !result.findings.isEmpty { throw CommandExit.checkFailed }
        }
    }
}

/// Which alias is moved, and why.
struct AliasOptions: ParsableArguments {
    @Option(help: "The alias to move.")
    var alias = AliasName.champion.text

    @Option(help: "Why; kept in the history.")
    var reason: String?
}

/// What a promotion or a rollback did.
private struct AliasMove: Encodable {
    let model: String
    let alias: String
    let version: Int
    let previous: Int?

    init(model: ModelName, alias: AliasName, version: Int, previous: Int?) {
        self.model = model.text
        self.alias = alias.text
        self.version = version
        self.previous = previous
    }

    func print(_ format: OutputFormat) throws {
        switch format {
        case .json: try ResultPrinter.json(self)
        case .csv:
            try ResultPrinter.csv(
                header: ["model", "alias", "version", "previous"],
                rows: [[.text(model), .text(alias), .number(Double(version)), .number(previous.map(Double.init))]]
            )
            try ResultPrinter.flush()
        case .table:
            try ResultPrinter.text(
                previous == version
                    ? "\(model)@\(alias) was version \(version) already"
                    : "\(model)@\(alias) is now version \(version)" + (previous.map { " (was \($0))" } ?? "")
            )
        }
    }
}
