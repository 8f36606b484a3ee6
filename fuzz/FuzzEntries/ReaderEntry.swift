import ChurnHistory
import Foundation

/// What is done with one input of the reader's fuzzing: two bytes choose a `ReaderDialect`, the rest is the file.
///
/// The harness and the replay of the stored corpus both come through here. Only the module's public faces are used; every
/// one of them reads by `DelimitedReader`.
public struct ReaderEntry {
    /// Where each file is written to be read.
    private let path: String
    private let calendar: StudyCalendar
    /// By choosing bytes, because parsing a source takes longer than reading a small file.
    private var mappings: [UInt16: (dialect: DelimitedDialect, source: EventSource)] = [:]

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
            try Data(input.dropFirst(2)).write(to: URL(fileURLWithPath: path))
            let mapping = try mapping(input.first ?? 0, input.count > 1 ? input[1] : 0)
            return tableViolation(mapping.dialect) ?? historyViolation(mapping.source)
        } catch {
            return "the input could not be prepared: \(error)"
        }
    }

    private mutating func mapping(
        _ first: UInt8,
        _ second: UInt8
    ) throws(DataError) -> (dialect: DelimitedDialect, source: EventSource) {
        let key = UInt16(first) << 8 | UInt16(second)
        if let known = mappings[key] { return known }
        let choice = ReaderDialect(first: first, second: second)
        let node = try StudyNode(yaml: "file: \"\(path)\"\n\(choice.source)", file: "study.yaml")
        let mapping = (choice.dialect, try EventSource(node, folder: "", calendar: calendar))
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

    private func historyViolation(_ source: EventSource) -> String? {
        func history(_ options: EventHistory.Options) throws(DataError) -> EventHistory {
            try EventHistory(sources: [source], calendar: calendar, observedUntil: nil, options: options)
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
