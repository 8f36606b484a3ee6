import ArgumentParser
import ChurnKit
import Foundation

/// Versions that come and go.
extension Models {
    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a version to one file.",
            usage: "churn models export <model> -o <file> [options]",
            discussion: """
                The file is a tar archive, compressed with zstd, with the version's manifest. Equal versions give equal files.

                Example:
                  churn models export shop@champion -o shop.tar.zst
                """
        )

        @Argument(help: "The model: NAME, NAME@VERSION or NAME@ALIAS.")
        var model: String

        @Option(name: .shortAndLong, help: ArgumentHelp("File to write, *.tar.zst.", valueName: "file"))
        var output: String

        @OptionGroup var registry: RegistryOptions
        @OptionGroup var notes: NoteOptions

        func validate() throws {
            if !output.hasSuffix(".tar.zst") { throw ValidationError("-o writes an archive: name the file *.tar.zst.") }
        }

        func run() throws {
            let file = try AtomicFile(path: output)
            let registry = try ModelRegistry(path: registry.path())
            let reference = try ModelReference(model)
            let version = try registry.resolve(reference)
            let bundle = try registry.bundle(reference.name, version: version)
            try file.write([UInt8](bundle))
            try file.commit()
            notes.note("\(reference.name)@\(version): \(NumberText.count(bundle.count)) bytes written to \(output).")
        }
    }

    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Publish an exported version as a new one.",
            usage: "churn models import <file> --name <name> [options]",
            discussion: """
                All of the file is checked before anything is written: names, sizes, digests, and whether the model loads. Import \
                files from people you would take a model from: a model's numbers cannot be checked.

                Example:
                  churn models import shop.tar.zst --name shop
                """
        )

        @Argument(help: "The file that `churn models export` wrote.")
        var file: String

        @Option(help: "The model's name in this registry.")
        var name: String

        @OptionGroup var registry: RegistryOptions
        @OptionGroup var format: OutputOptions

        func run() throws {
            let name = try ModelName(name)
            let bundle = try ModelRegistry.readBundle(file)
            let registry = try ModelRegistry.openOrCreate(path: registry.path())
            let version = try registry.publish(name, bundle: bundle, path: file)
            try NamedVersion(model: name.text, version: version)
                .print(format.format, inWords: "\(file) is \(name)@\(version) now")
        }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a version; its number stays taken.",
            usage: "churn models delete <model> [options]",
            discussion: """
                A version that an alias points at, or that a rollback would go back to, is kept, with exit code 1.

                Example:
                  churn models delete shop@7 --reason "trained on the wrong file"
                """
        )

        @Argument(help: "The version: NAME@VERSION.")
        var model: String

        @Option(help: "Why; kept in the history.")
        var reason: String?

        @OptionGroup var registry: RegistryOptions
        @OptionGroup var format: OutputOptions

        func validate() throws {
            guard case .version = (try? ModelReference(model))?.selector else {
                throw ValidationError("Say which version by its number: NAME@VERSION.")
            }
        }

        func run() throws {
            let registry = try ModelRegistry(path: registry.path())
            let reference = try ModelReference(model)
            let version = try registry.resolve(reference)
            try registry.delete(reference.name, versions: [version], reason: reason, at: Date())
            try NamedVersion(model: reference.name.text, version: version)
                .print(format.format, inWords: "\(reference.name)@\(version) is deleted")
        }
    }

    struct Collect: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "gc",
            abstract: "Find versions that nobody needs any more, and delete them.",
            usage: "churn models gc [--delete] [options]",
            discussion: """
                Without --delete nothing is changed. Kept are the newest versions of each model, those younger than --grace, those \
                that an alias points at, and those that a rollback would go back to. What killed processes left is removed, too.

                Example:
                  churn models gc --grace 90d --keep 3
                  churn models gc --grace 90d --keep 3 --delete
                """
        )

        @Flag(help: "Delete what was found.")
        var delete = false

        @Option(help: ArgumentHelp("Age below which everything is kept.", valueName: "days"))
        var grace: GracePeriod = .init(days: 30)

        @Option(help: "Newest versions of each model that are kept.")
        var keep = 1

        @OptionGroup var registry: RegistryOptions
        @OptionGroup var format: OutputOptions

        private struct Result: Encodable {
            let deletes: Bool
            let versions: [ModelRegistry.Garbage.Version]
            let unfinished: [ModelRegistry.Garbage.Version]
            let leftovers: [String]
        }

        func validate() throws {
            if keep < 1 { throw ValidationError("--keep must be at least 1.") }
        }

        func run() throws {
            let registry = try ModelRegistry(path: registry.path())
            let date = Date()
            let found = try registry.garbage(grace: Double(grace.days) * 86_400, keep: keep, at: date)
            let garbage = delete ? try registry.remove(found, reason: "gc", at: date) : found
            let versions = garbage.versions + garbage.unfinished
            switch format.format {
            case .json:
                try ResultPrinter.json(
                    Result(
                        deletes: delete,
                        versions: garbage.versions,
                        unfinished: garbage.unfinished,
                        leftovers: garbage.leftovers
                    )
                )
            case .csv:
                try ResultPrinter.csv(
                    header: ["model", "version", "bytes"],
                    rows: versions.map { [.text($0.model), .number(Double($0.version)), .number(Double($0.bytes))] }
                )
                try ResultPrinter.flush()
            case .table:
                var table = TextTable(headers: ["model", "version", "bytes"])
                for version in versions {
                    table.append([version.model, "\(version.version)", NumberText.count(version.bytes)])
                }
                if !versions.isEmpty { try ResultPrinter.text(table.text) }
                let bytes = NumberText.count(versions.reduce(0) { $0 + $1.bytes })
                let what =
                    "versions: \(versions.count) with \(bytes) bytes; leftovers of killed processes: \(garbage.leftovers.count)"
                let isNothing = versions.isEmpty && garbage.leftovers.isEmpty
                try ResultPrinter.text(
                    isNothing ? "nothing can go" : delete ? "deleted \(what)" : "can go with --delete: \(what)"
                )
            }
        }
    }
}

/// The version that something was done with.
private struct NamedVersion: Encodable {
    let model: String
    let version: Int

    func print(_ format: OutputFormat, inWords words: String) throws {
        switch format {
        case .json: try ResultPrinter.json(self)
        case .csv:
            try ResultPrinter.csv(header: ["model", "version"], rows: [[.text(model), .number(Double(version))]])
            try ResultPrinter.flush()
        case .table: try ResultPrinter.text(words)
        }
    }
}

/// A number of days, with or without the `d` that windows have.
struct GracePeriod: ExpressibleByArgument {
    let days: Int

    init(days: Int) { self.days = days }

    init?(argument: String) {
        guard let days = Int(argument.hasSuffix("d") ? argument.dropLast() : argument[...]), (0...36_500).contains(days)
        else { return nil }
        self.days = days
    }

    var defaultValueDescription: String { "\(days)d" }
}
