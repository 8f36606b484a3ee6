import ChurnFeatures
import ChurnHistory
import ChurnNumerics
import Foundation

/// A study file proposed for a history of events that nobody has described yet.
///
/// Everything in it is written down with its reason, so that later runs need not guess. The proposal has been read once
/// with the reader that runs use: its counts are those that `churn inspect` will tell.
public struct StudyProposal: Sendable {
    /// A setting that was chosen.
    public struct Decision: Sendable, Equatable, Encodable {
        public let setting: String
        public let value: String
        public let reason: String
    }

    /// The study file.
    public let text: String
    public let decisions: [Decision]
    public let rows: Int
    public let kept: Int
    public let rejected: Int
    public let customers: Int

    let name: String

    /// Looks at files and proposes a study for them, or the command that needs none.
    /// - Parameter names: paths, folders or patterns.
    /// - Throws: `needsAnswer` for what nobody answers, `notAHistory` for what is neither a history nor a labelled
    ///   table, `contradictoryFormats`, and what reading throws.
    public static func propose(
        for names: [String],
        options: ProposalOptions,
        answers: any StudyAnswering
    ) throws(DataError) -> DataProposal {
        let groups = try FileGroup.groups(
            of: try EventFiles(names),
            folder: options.folder,
            without: options.customersFile
        )
        var tables: [(group: FileGroup, table: TableProfile)] = []
        for group in groups {
            tables.append(
                (group, try TableProfile(files: group.files, layout: group.layout, encoding: group.encoding))
            )
        }
        let typeColumn = options.typeColumn == "none" ? nil : options.typeColumn
        for (option, column) in [
            ("--customer", options.customer), ("--time", options.time), ("--type", typeColumn),
        ] {
            guard let column, tables.allSatisfy({ $0.table.column(column) == nil }) else { continue }
            let names = tables.flatMap(\.table.layout.columnNames)
            let suggestion = NearestName.of(column, among: names).map { "did you mean `\($0)`? " } ?? ""
            throw DataError(
                .missingColumn,
                "is not a column of the files, though \(option) names it",
                column: column,
                fix: "\(suggestion)there are \(names.prefix(20).joined(separator: ", "))"
            )
        }
        if tables.count == 1, let flat = FlatTableProposal.certain(tables[0].table) { return .table(flat) }
        var sources: [SourceProposal] = []
        var contracts: [ContractProposal] = []
        for (group, table) in tables {
            let namedAnswers: any StudyAnswering =
                tables.count > 1 ? NamingAnswers(file: group.files[0], answers: answers) : answers
            if tables.count > 1, let contract = try ContractProposal(table, fileNames: group.names) {
                contracts.append(contract)
                continue
            }
            if options.time.flatMap({ table.column($0) }) == nil, Self.describesCustomers(table) {
                throw Self.notAHistory(table, "only columns that say from when a row is true")
            }
            let source = try SourceProposal(
                table,
                fileNames: group.names,
                sourceFile: tables.count > 1 ? group.files[0] : nil,
                options: options,
                answers: namedAnswers
            )
            guard let source else {
                if tables.count == 1, let flat = FlatTableProposal(table, reason: Self.lack(table)) {
                    return .table(flat)
                }
                let chosen = options.customer.map { " in \($0), which --customer names" } ?? ""
                throw Self.notAHistory(table, lack(table) + chosen)
            }
            sources.append(source)
        }
        if sources.isEmpty { throw Self.notAHistory(tables[0].table, "no events beside contracts") }
        return .study(try StudyProposal(sources, contracts, options: options, answers: answers))
    }

    /// Whether the only times of a table are those from which its rows are true: attributes of customers.
    private static func describesCustomers(_ table: TableProfile) -> Bool {
        let times = table.columns.filter { !$0.times.best.isEmpty }
        return !times.isEmpty
            && times.allSatisfy { column in
                let meaning = ColumnMeaning(column.name)
                return meaning.time < 0 && (meaning.holds(["valid", "gueltig"]) || meaning.holds(["since", "seit"]))
            }
    }

    /// What a table lacks to be a history.
    private static func lack(_ table: TableProfile) -> String {
        guard table.columns.allSatisfy({ $0.times.best.isEmpty }), NumericTime.find(table.columns, named: nil) == nil
        else { return "no customer comes twice" }
        // A column that is called so but is not read: the format is not known, or there are several.
        guard let column = table.columns.first(where: { ColumnMeaning($0.name).namesTime && $0.numbers.others > 0 }),
            let example = column.times.candidates.first?.firstMisfit ?? column.numbers.firstOther
        else { return "no column holds times" }
        return
            "no column holds times that are known here; \(column.name) has \"\(example.text)\" at line \(example.line)"
    }

    private static func notAHistory(_ table: TableProfile, _ lack: String) -> DataError {
        DataError(
            .notAHistory,
            "is no history of events: \(lack) (columns \(table.layout.columnNames.prefix(12).joined(separator: ", ")))",
            file: table.files.first,
            fix: "give one row an event, with a customer who can come again and a time;"
                + " a table that describes customers goes with --customers beside the events"
        )
    }

    private init(
        _ sources: [SourceProposal],
        _ contracts: [ContractProposal],
        options: ProposalOptions,
        answers: any StudyAnswering
    ) throws(DataError) {
        let zone = try ZoneProposal(
            offsets: sources.flatMap(\.time.offsets),
            hasClock: sources.contains { $0.time.hasClock },
            options: options,
            answers: answers
        )
        name = FlatTableProposal.modelName(sources[0].table.files[0])
        let draft = [CommentedLine("events:")] + sources.flatMap { $0.lines(mergesSameDay: nil) }
        let history = try Self.read(draft, zone.calendar, folder: options.folder)
        let purchaseTypes = Set(sources.flatMap(\.typeRule.purchaseTypes)).sorted()
        let end = zone.calendar.day(of: history.observedUntil)
        try OutlyingTime.check(history.index, sources, zone.calendar)
        if purchaseTypes.isEmpty {
            throw DataError(
                .needsAnswer,
                "no source has purchases: \(history.index.typeNames.joined(separator: ", ")) are its kinds of events",
                fix: "say which one customers come for with --purchase TYPE"
            )
        }
        let rhythm = PurchaseRhythm(history.index, purchaseTypes: purchaseTypes, end: end)
        let plan = try SchedulePlan(rhythm, file: sources[0].table.files[0])

        var lines = Self.opening(name, sources, history, zone.calendar)
        lines.append(.pair(0, "study", YAMLText.scalar(name), "by the name of the file"))
        lines.append(.pair(0, "timezone", YAMLText.scalar(zone.calendar.timeZoneName), zone.reason))
        lines.append(
            CommentedLine(
                "",
                "observedUntil: \(end), the midnight after the last event, is what holds without this key; set it where the data stop on another day"
            )
        )
        lines.append(Self.maximumRejected(history.report))
        lines.append(CommentedLine("events:"))
        for source in sources {
            var index = history.index
            // Rows of other sources are not this one's.
            if sources.count > 1, case .perhapsSameDay = source.merging {
                let own = [CommentedLine("events:")] + source.lines(mergesSameDay: nil)
                index = try Self.read(own, zone.calendar, folder: options.folder).index
            }
            lines += source.lines(mergesSameDay: Self.sameDay(source, index))
        }
        if let file = options.customersFile {
            lines += try CustomersProposal(
                path: file,
                fileName: FileGroup.name(of: file, from: options.folder),
                eventCustomer: sources[0].roles.customer.column,
                options: options,
                answers: NamingAnswers(file: file, answers: answers)
            ).lines
        }
        if !contracts.isEmpty { lines.append(CommentedLine("contracts:")) }
        for contract in contracts { lines += contract.lines }
        lines += plan.lines(purchaseTypes: purchaseTypes)
        lines.append(CommentedLine("registry: models", "models are kept beside this file"))

        text = CommentedLine.text(lines)
        // What was only counted above must not stop a run, and what is dropped here is counted so.
        let path = options.folder.isEmpty ? "study.yaml" : "\(options.folder)/study.yaml"
        let data = try StudyData(study: Study(yaml: text, path: path))
        let report = data.history.report
        if options.customersFile != nil, let strangers = report.eventCustomersWithoutAttributes,
            strangers == data.history.index.customers.count - (report.customersWithoutEvents ?? 0)
        {
            throw DataError(
                .notAHistory,
                "has none of the customers of the events: their ids are written differently, or are others",
                file: options.customersFile,
                fix: "give the file that belongs to the events, or leave --customers out"
            )
        }
        decisions = lines.compactMap { line in
            line.decision.map { Decision(setting: $0.setting, value: $0.value, reason: line.comment ?? "") }
        }
        rows = history.report.rows
        kept = history.report.kept
        rejected = history.report.rejected
        customers = history.index.customers.count
    }

    /// Reads the proposed sources as a run would.
    private static func read(
        _ draft: [CommentedLine],
        _ calendar: StudyCalendar,
        folder: String
    ) throws(DataError) -> EventHistory {
        let root = try StudyNode(yaml: CommentedLine.text(draft), file: "the proposed study")
        var sources: [EventSource] = []
        for node in try root.required("events", example: "[]").elements() {
            sources.append(try EventSource(node, folder: folder, calendar: calendar))
        }
        let history = try EventHistory(
            sources: StudySources(events: sources),
            calendar: calendar,
            observedUntil: nil,
            options: .inspection
        )
        let report = history.report
        if let fault = report.fileFaults.first ?? report.questions.first { throw fault }
        // A reading that loses many rows has not understood them.
        guard report.kept > 0, report.rejected * 20 <= report.rows else {
            let most = report.rejections.max { $0.rows < $1.rows }
            throw DataError(
                .notAHistory,
                "cannot be read as a history: \(report.rejected) of \(report.rows) rows are rejected"
                    + (most?.examples.first.map { ", such as: \($0)" } ?? ""),
                file: sources.first?.files.first,
                fix: "mend the rows, or write the study by hand"
            )
        }
        return history
    }

    private static func opening(
        _ name: String,
        _ sources: [SourceProposal],
        _ history: EventHistory,
        _ calendar: StudyCalendar
    ) -> [CommentedLine] {
        let range = history.index.timeRange
        let first = range.map { calendar.day(of: $0.lowerBound).description } ?? ""
        let last = range.map { calendar.day(of: $0.upperBound).description } ?? ""
        return [
            CommentedLine(
                "",
                "Proposed by `churn init` for \(history.report.rows) rows: \(history.index.customers.count) customers, \(first) to \(last)."
            ),
            CommentedLine(
                "",
                "Every line says why. Change what is wrong; `churn inspect` tells what the data then say."
            ),
        ]
    }

    private static func maximumRejected(_ report: ReadingReport) -> CommentedLine {
        guard report.rejected > 0 else { return .pair(0, "maxRejected", "0", "every row can be read") }
        let reasons = report.rejections.map { "\($0.rows) \($0.code.rawValue), \($0.problem)" }
        return .pair(
            0,
            "maxRejected",
            "\(report.rejected)",
            "rows that cannot be read: \(reasons.joined(separator: "; ")). Mend them and set 0"
        )
    }

    /// Whether rows of one day are to be one purchase, where times have no clock and no column joins rows.
    private static func sameDay(_ source: SourceProposal, _ index: EventIndex) -> (Bool, reason: String)? {
        guard case .perhapsSameDay = source.merging else { return nil }
        var repeats = 0
        let days = index.days()
        for customer in index.customers.indices {
            let rows = index.rows(ofCustomer: customer)
            for row in rows.dropFirst() where days[row] == days[row - 1] { repeats += 1 }
        }
        guard repeats > 0 else { return nil }
        return (
            true,
            "\(repeats) rows are of the same customer and day as another, and no clock tells them apart: one purchase"
        )
    }
}

/// What is proposed for some files.
public enum DataProposal: Sendable {
    case study(StudyProposal)
    /// A table with a label, which needs no study.
    case table(FlatTableProposal)
}
