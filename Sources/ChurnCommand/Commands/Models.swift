import ArgumentParser
import ChurnKit
import Foundation

struct Models: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look after the registry: list, show, promote, rollback, export, import, delete, gc, verify.",
        subcommands: [
            List.self, Show.self, Promote.self, Rollback.self, Export.self, Import.self, Delete.self, Collect.self,
            Verify.self,
        ]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the models and their newest versions.",
            usage: "churn models list [<model>] [options]",
            discussion: """
                Example:
                  churn models list
                  churn models list shop --limit 0
                """
        )

        @Argument(help: "A model's NAME (default: all).")
        var model: String?

        @Option(help: "Newest versions of each model that are listed; 0 for all.")
        var limit = 20

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

        func validate() throws {
            if limit < 0 { throw ValidationError("--limit must be at least 0.") }
        }

        func run() throws {
            let registry = try ModelRegistry(path: registry.path())
            var rows: [Row] = []
            for name in try model.map({ [try ModelName($0)] }) ?? registry.models() {
                let aliases = try registry.aliases(of: name)
                let versions = try registry.versions(ofExisting: name)
                let listed = limit == 0 ? versions : versions.suffix(limit)
                if listed.count < versions.count {
                    format.notes.note(
                        "\(name): the newest \(listed.count) of \(NumberText.count(versions.count)) versions; --limit 0 lists all."
                    )
                }
                for version in listed {
                    let origin = try? registry.manifest(name, version: version).origin
                    if origin == nil {
                        format.notes.warn("\(name)@\(version) is damaged; `churn models verify` tells more.")
                    }
                    rows.append(
                        Row(
                            model: name.text,
                            version: version,
                            aliases: aliases.keys.sorted().filter { aliases[$0] == version },
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

        @Option(help: "Newest entries of the model's history that are shown; 0 for all.")
        var limit = 20

        @OptionGroup var registry: RegistryOptions
        @OptionGroup var format: OutputOptions

        func validate() throws {
            if limit < 0 { throw ValidationError("--limit must be at least 0.") }
        }

        private struct Result: Encodable {
            let result: TrainingResult
            let manifest: ModelManifest
            let aliases: [String]
            let history: [ModelHistory.Entry]
        }

        func run() throws {
            let registry = try ModelRegistry(path: registry.path())
            let chosen = try ChosenModel(model, registry: registry)
            let history = try registry.newestHistory(of: chosen.name, limit: limit == 0 ? .max : limit)
            let pointing = try history.last?.aliases ?? registry.aliases(of: chosen.name)
            let aliases = pointing.keys.sorted().filter { pointing[$0] == chosen.version }
            let manifest = try registry.manifest(chosen.name, version: chosen.version)
            let result = TrainingResult(name: chosen.name.text, version: chosen.version, stored: chosen.stored)
            switch format.format {
            case .json:
                try ResultPrinter.json(
                    Result(result: result, manifest: manifest, aliases: aliases, history: history)
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
                for entry in history { try ResultPrinter.text(Self.line(entry)) }
            }
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
            let previous = try registry.aliases(of: name)[alias.text]
            let version = try registry.rollBack(name, alias: alias, reason: move.reason, at: Date())
            try AliasMove(model: name, alias: alias, version: version, previous: previous).print(format.format)
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check every digest, history and name in the registry.",
            usage: "churn models verify [--repair] [options]",
            discussion: """
                Exit code 1 when something is not as it should be. A repair moves what is damaged or foreign to the registry's \
                folder .aside and leaves a note in its place; it removes nothing.

                Example:
                  churn models verify
                """
        )

        @Flag(help: "Move aside what is damaged or foreign.")
        var repair = false

        @OptionGroup var registry: RegistryOptions
        @OptionGroup var format: OutputOptions

        func run() throws {
            let result = try ModelRegistry(path: registry.path()).verify(repairs: repair)
            switch format.format {
            case .json: try ResultPrinter.json(result)
            case .csv:
                try ResultPrinter.csv(
                    header: ["path", "problem", "repair"],
                    rows: result.findings.map { [.text($0.path), .text($0.problem), .text($0.repair ?? "")] }
                )
                try ResultPrinter.flush()
            case .table:
                var lines = result.findings.map { "\($0.path): \($0.problem)" + ($0.repair.map { "; \($0)" } ?? "") }
                lines.append(
                    "\(result.models) models, \(result.versions) versions, \(result.files) files checked:"
                        + " \(result.summary)"
                )
                if result.leftovers > 0 {
                    lines.append(
                        "\(result.leftovers) leftovers of unfinished work: no damage; `churn models gc` removes them"
                    )
                }
                try ResultPrinter.text(lines.joined(separator: "\n"))
            }
            if !result.isSound { throw CommandExit.checkFailed }
        }
    }
}

extension ModelRegistry.Verification {
    fileprivate var summary: String {
        if findings.isEmpty { return "all sound" }
        let repaired = findings.count { $0.repair != nil }
        return repaired == 0 ? "\(findings.count) findings" : "\(findings.count) findings, \(repaired) repaired"
    }
}

extension Models.Show {
    /// An entry of the history in a line.
    private static func line(_ entry: ModelHistory.Entry) -> String {
        let what =
            switch entry.action {
            case .promote, .rollback:
                "\(entry.alias ?? ""): \(entry.previous.map(String.init) ?? "-") -> \(entry.version.map(String.init) ?? "-")"
            case .delete: "version \(entry.version.map(String.init) ?? "-")"
            case .repair: "of a damaged entry"
            }
        return "\(entry.at) \(entry.action.rawValue) \(what) by \(entry.by)" + (entry.reason.map { ": \($0)" } ?? "")
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
struct AliasMove: Encodable {
    let model: String
    let alias: String
    let version: Int
    let previous: Int?
    /// What a challenger was asked; absent where nobody was.
    var gate: PromotionGate?

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
