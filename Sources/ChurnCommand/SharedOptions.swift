import ArgumentParser
import ChurnKit
import Foundation

/// How results are printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, csv
}

/// Whether to speak of anything but the result.
struct NoteOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Say nothing but the result and warnings.")
    var quiet = false

    /// Tells something that is not part of the result.
    func note(_ text: String) {
        if !quiet { StandardError.write(text) }
    }

    /// Tells something that the user must know, quiet or not.
    func warn(_ text: String) { StandardError.write("Warning: \(text)") }

    func warn(_ unseen: [UnseenCategories]) {
        for column in unseen {
            let rows = column.rows == 1 ? "1 row has" : "\(column.rows) rows have"
            warn("\(rows) a category of \"\(column.column)\" that training did not know.")
        }
    }

    /// Tells of a model that cannot vouch for its coefficients.
    func warn(of chosen: ChosenModel) {
        guard !chosen.stored.model.fitted.certificate.status.isTrustworthy else { return }
        warn("the fit of \(chosen.name)@\(chosen.version) has not converged; its scores mean little.")
    }
}

struct OutputOptions: ParsableArguments {
    @Option(help: "How to print the result.")
    var format = OutputFormat.table

    @OptionGroup var notes: NoteOptions

    func note(_ text: String) { notes.note(text) }
}

struct ThreadOptions: ParsableArguments {
    @Option(help: "Threads to use (default: one a processor). Results do not depend on it.")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be 1 to 1024.") }
    }

    var count: Int { threads ?? Parallel.availableThreads }
}

struct RegistryOptions: ParsableArguments {
    @Option(help: "The model registry (default: that of the study given, else $CHURN_REGISTRY, else ./models).")
    var registry: String?

    /// The registry's path.
    func path(study: Study? = nil) -> String {
        if let registry { return registry }
        if let named = study?.registry { return named }
        return Self.defaultPath
    }

    /// What is used where neither an option nor a study names a registry.
    private static var defaultPath: String {
        let named = ProcessInfo.processInfo.environment["CHURN_REGISTRY"] ?? ""
        return named.isEmpty ? "models" : named
    }

    /// What must be typed for a later command to use the registry at `path`; empty where it is found without.
    static func option(for path: String) -> String {
        path == defaultPath ? "" : " --registry \(path)"
    }
}

/// How a flat table is written.
struct DialectOptions: ParsableArguments {
    enum DecimalMark: String, ExpressibleByArgument, CaseIterable {
        case point, comma
    }

    @Option(help: "Delimiter of a flat table: ',', ';', tab, '|' or blanks.")
    var delimiter = ","

    @Option(
        help: "Decimal mark of a flat table. With comma, dots are thousands marks unless --thousands says otherwise."
    )
    var decimal: DecimalMark?

    @Option(help: "Thousands mark of a flat table: '.', ',', ' ' or an apostrophe.")
    var thousands: String?

    @Option(help: "A currency beside numbers, such as EUR; can be given more than once.")
    var currency: [String] = []

    @Option(help: "A way of writing negative numbers beside a leading minus: trailing or parentheses.")
    var negative: [NumberFormat.NegativeStyle] = []

    @Option(help: "A text that means that there is no value, such as NA; can be given more than once.")
    var null: [String] = []

    @Option(help: "Lines of a flat table before its header.")
    var skipLines = 0

    @Option(help: "Rows at the end of a flat table that do not belong to it.")
    var skipFooter = 0

    @Option(help: "Encoding of a flat table (default: utf-8).")
    var encoding: DelimitedDialect.Encoding?

    /// An option that was given.
    private var given: String? {
        let options: [(String, Bool)] = [
            ("--delimiter", delimiter != ","), ("--decimal", decimal != nil), ("--thousands", thousands != nil),
            ("--currency", !currency.isEmpty), ("--negative", !negative.isEmpty), ("--null", !null.isEmpty),
            ("--skip-lines", skipLines != 0), ("--skip-footer", skipFooter != 0), ("--encoding", encoding != nil),
        ]
        return options.first { $0.1 }?.0
    }

    /// How a table is read, in words that are the same where it is read the same way.
    var settings: String {
        let words: [String] = [
            "delimiter \(delimiter)", "decimal \(decimal?.rawValue ?? "")", "thousands \(thousands ?? "")",
            "currency \(currency.sorted())", "negative \(negative.map(\.rawValue).sorted())", "null \(null.sorted())",
            "skip \(skipLines) \(skipFooter)", "encoding \(encoding?.rawValue ?? "")",
        ]
        return words.joined(separator: ", ")
    }

    /// Fails where an option was given for a study, which describes its files itself.
    func validate(for source: String) throws {
        if let given, DataSource.isStudy(source) {
            throw ValidationError("\(given) belongs to flat tables; a study describes its files in `format`.")
        }
    }

    func validate() throws {
        guard DelimitedDialect.Delimiter(name: delimiter) != nil else {
            throw ValidationError("--delimiter must be ',', ';', tab, '|' or blanks.")
        }
        if decimal == .comma, delimiter == "," {
            throw ValidationError("--decimal comma needs another --delimiter, such as ';'.")
        }
        if let thousands {
            guard [".", ",", " ", "'"].contains(thousands) else {
                throw ValidationError("--thousands must be '.', ',', ' ' or an apostrophe.")
            }
            if thousands == (decimal == .comma ? "," : ".") {
                throw ValidationError("--thousands must differ from the decimal mark.")
            }
        }
        if let text = currency.first(where: { !NumberFormat.isCurrency($0) }) {
            throw ValidationError("--currency \(text) is not the sign of a currency, such as EUR.")
        }
        if skipLines < 0 { throw ValidationError("--skip-lines must not be negative.") }
        if !(0...DelimitedDialect.maximumFooter).contains(skipFooter) {
            throw ValidationError("--skip-footer must be 0 to \(DelimitedDialect.maximumFooter).")
        }
    }

    var dialect: DelimitedDialect {
        var dialect = DelimitedDialect()
        if let value = DelimitedDialect.Delimiter(name: delimiter) { dialect.delimiter = value }
        dialect.numbers = NumberFormat(
            decimalMark: UInt8(ascii: decimal == .comma ? "," : "."),
            thousandsMark: thousands?.utf8.first ?? (decimal == .comma ? UInt8(ascii: ".") : nil),
            currencies: currency,
            negativeStyles: Set(negative)
        )
        dialect.decimalIsDecided = decimal != nil || thousands != nil
        dialect.decidedEncoding = encoding
        dialect.nullTexts = null
        dialect.skipLines = skipLines
        dialect.skipFooter = skipFooter
        return dialect
    }
}

extension NumberFormat.NegativeStyle: ExpressibleByArgument {}

extension DelimitedDialect.Encoding: ExpressibleByArgument {}

extension CalendarDay: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

/// Where the rows of a study that are put aside go.
struct RejectsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write the rejected rows of a study to this CSV file, with their reasons.",
            valueName: "file"
        )
    )
    var rejects: String?

    /// The file, made at once, so that a place that cannot be written is found before any work is done.
    /// - Parameter others: what the command reads, and what else it writes.
    func file(beside others: [String]) throws -> RejectedRows? {
        guard let rejects else { return nil }
        try AtomicFile.refuse(rejects, among: others)
        return try RejectedRows(path: rejects)
    }

    /// Fails for a source without rows that could be rejected.
    func validate(for source: String) throws {
        if rejects != nil, !DataSource.isStudy(source) {
            throw ValidationError("--rejects belongs to studies: a flat table with a bad row is refused.")
        }
    }
}

/// How much memory the events may take up.
struct MemoryOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Memory that reading the events may take up, such as 512MB or 1GB (64MB at least); the rest goes to temporary files in $TMPDIR. \
            Events of sources without `duplicates: keep` stay in memory, some 60 MB a million rows, because repeated \
            rows are looked for among them. `train` leaves features in a file, too, and holds 20 (sgd) to 70 bytes \
            (logistic) a row beside what the solver needs; boosted trees hold all features.
            """,
            valueName: "size"
        ),
        transform: MemorySize.init
    )
    var memory: MemorySize?

    /// Of the memory, what features may take up while they are read from a file; the rest is for what there is of each row.
    var forFeatures: Int? { memory.map { $0.bytes / 8 } }
}

/// A number of bytes as people write it: `512MB`, `1GB`, `1.5GiB`.
struct MemorySize {
    let bytes: Int

    private static let units: [(name: String, bytes: Double)] = [
        ("KIB", 1024), ("MIB", 1_048_576), ("GIB", 1_073_741_824), ("TIB", 1_099_511_627_776),
        ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1),
    ]

    /// - Throws: `ValidationError` for what is no size, or less than 64 MB.
    init(_ argument: String) throws {
        let text = argument.uppercased()
        guard let unit = Self.units.first(where: { text.hasSuffix($0.name) }),
            let number = Double(text.dropLast(unit.name.count).filter { $0 != " " }), number.isFinite,
            number > 0, number * unit.bytes < 1e15
        else { throw ValidationError("\(argument) is no size; write 512MB or 1GB.") }
        guard number * unit.bytes >= Self.least else {
            throw ValidationError("\(argument) is too little to work in; 64MB is the least.")
        }
        bytes = Int(number * unit.bytes)
    }

    private static let least = 64e6
}

/// Whether a kept index is used in place of the sources.
struct IndexOptions: ParsableArguments {
    @Flag(help: "Read the study's sources even where a kept index is current.")
    var noIndex = false

    @Flag(help: "Use a kept index only if the sources' content is the same, not only their size, time and inode.")
    var verify = false

    func validate() throws {
        if noIndex, verify { throw ValidationError("--verify belongs to an index, which --no-index leaves aside.") }
    }

    var use: StudyData.IndexUse { noIndex ? .never : verify ? .ifVerified : .ifCurrent }
}

/// What a command is given to work on: a study, or a flat table.
enum DataSource {
    case study(Study)
    case table(FlatTable)

    /// A name that ends like YAML is a study, everything else a table.
    init(path: String, dialect: DelimitedDialect) throws {
        if Self.isStudy(path) {
            self = .study(try Study(path: path))
        } else {
            self = .table(try FlatTable(path: path, dialect: dialect))
        }
    }

    static func isStudy(_ path: String) -> Bool { path.hasSuffix(".yaml") || path.hasSuffix(".yml") }
}

extension StudyData {
    /// Reads a study's data and states what became of its rows.
    /// - Parameters:
    ///   - output: what the command writes besides.
    ///   - identifiesData: whether anything will be written that says which data it comes from.
    init(
        study: Study,
        rejects: RejectsOptions,
        index: IndexOptions,
        memory: MemoryOptions,
        threads: ThreadOptions,
        output: String? = nil,
        identifiesData: Bool = true,
        telling notes: NoteOptions
    ) throws {
        let written = output.map { [$0] } ?? []
        try self.init(
            study: study,
            rejects: rejects.file(beside: study.inputFiles + written),
            index: index.use,
            memory: memory.memory?.bytes,
            identifiesData: identifiesData,
            threads: threads.count
        )
        notes.note("\(study.name): \(history.report)")
        switch origin {
        case .sources: break
        case .keptIndex(let path): notes.note("From the kept index \(path), which is current.")
        case .sourcesInPlaceOfIndex(let path, let reason):
            notes.warn("\(path) was not used: \(reason). Fix: churn index \(study.path)")
        }
        if cutoffsBehindData > 0 {
            let end = study.calendar.day(of: history.observedUntil)
            notes.warn(
                "\(cutoffsBehindData) cutoffs lie behind the data, which end at \(end), and are left out."
            )
        }
    }
}
