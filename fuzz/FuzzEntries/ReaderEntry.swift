import ChurnHistory
import Foundation

/// What is done with one input of the reader's fuzzing: three bytes choose a `ReaderDialect`, the rest is the file.
///
/// The harness and the replay of the stored corpus both come through here. Only the module's public faces are used; every
/// one of them reads by `DelimitedReader`.
public struct ReaderEntry {
    /// Where each file is written to be read.
    private let path: String
    private let calendar: StudyCalendar
    /// By choosing bytes, because parsing a source takes longer than reading a small file.
    private var mappings: [Int: Mapping] = [:]

    private struct Mapping {
        let dialect: DelimitedDialect
        let sources: StudySources
    }

    /// - Throws: when the time zone of the fuzzing is not known on this machine.
    public init(path: String) throws(DataError) {
        self.path = path
        calendar = try StudyCalendar(StudyNode(yaml: "Europe/Berlin", file: "study.yaml"))
    }

    /// Reads the file as a table and as a history, and returns which promise was broken; `nil` when none was.
    ///
    /// Promises: errors say where, every row is accounted for, and an inspection sees what a reading sees.
    public mutating func violation(of input: [UInt8]) -> String? {
        do {
            try Data(input.dropFirst(3)).write(to: URL(fileURLWithPath: path))
            let mapping = try mapping(Array(input.prefix(3)) + [0, 0, 0])
            return tableViolation(mapping.dialect) ?? historyViolation(mapping.sources)
        } catch {
            return "the input could not be prepared: \(error)"
        }
    }

    private mutating func mapping(_ choices: [UInt8]) throws(DataError) -> Mapping {
        let key = Int(choices[0]) << 16 | Int(choices[1]) << 8 | Int(choices[2])
        if let known = mappings[key] { return known }
        // There are millions of choices: what is kept must not look like a leak.
        if mappings.count > 4096 { mappings.removeAll() }
        let choice = ReaderDialect(first: choices[0], second: choices[1], third: choices[2])
        func node(_ keys: String) throws(DataError) -> StudyNode {
            try StudyNode(yaml: "file: \"\(path)\"\n\(choice.format)\(keys)", file: "study.yaml")
        }
        // The same file as events, as attributes of customers and as contracts.
        let mapping = Mapping(
            dialect: choice.dialect,
            sources: StudySources(
                events: [try EventSource(node(choice.source), folder: "", calendar: calendar)],
                customers: [
                    try AttributeSource(
                        node("customer: customer\nvalidFrom: \(choice.time)\nattributes: [amount]\n"),
                        folder: "",
                        calendar: calendar
                    )
                ],
                contracts: [
                    try ContractSource(
                        node("customer: customer\nstart: \(choice.time)\nend: \(choice.time)\nvalue: amount\n"),
                        folder: "",
                        calendar: calendar
                    )
                ]
            )
        )
        mappings[key] = mapping
        return mapping
    }

    private func tableViolation(_ dialect: DelimitedDialect) -> String? {
        do throws(DataError) {
            let table = try FlatTable(path: path, dialect: dialect)
            for name in table.columnNames {
                guard try table.texts(name).count == table.rowCount else { return "a column lacks a row" }
            }
            _ = try table.predictors(table.columnNames)
            return nil
        } catch {
            return violation(of: error)
        }
    }

    private func historyViolation(_ sources: StudySources) -> String? {
        func history(_ options: EventHistory.Options) throws(DataError) -> EventHistory {
            try EventHistory(sources: sources, calendar: calendar, observedUntil: nil, options: options)
        }
        var kept: Int?
        do throws(DataError) {
            kept = try history(.init()).index.eventCount
        } catch {
            if let violation = violation(of: error) { return violation }
        }
        do throws(DataError) {
            let report = try history(.inspection).report
            let isBalanced = report.files.allSatisfy(\.isBalanced)
            guard isBalanced else { return "rows were lost" }
            if let kept, kept != report.kept || report.rejected > 0 { return "an inspection keeps other rows" }
            return nil
        } catch {
            if kept != nil { return "an inspection fails on a file that was read without: \(error)" }
            return violation(of: error)
        }
    }

    /// What every error about a file owes its reader: the file, and a place that can be.
    private func violation(of error: DataError) -> String? {
        guard error.file == path else { return "an error names no file: \(error)" }
        guard error.line ?? 1 >= 1, error.field ?? 1 >= 1 else { return "an error names no place: \(error)" }
        return error.kind == .badData ? nil : "an error of another kind: \(error)"
    }
}
