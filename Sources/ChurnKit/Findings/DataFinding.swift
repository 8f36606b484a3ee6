import ChurnFeatures
import ChurnHistory
import ChurnNumerics

/// Something about a study's data that is no error, but that whoever trains on them should know.
public struct DataFinding: Sendable, Equatable, Encodable {
    /// What kind of finding; the JSON's `kind`.
    public enum Kind: String, Sendable, Encodable, CaseIterable {
        case similarCustomerIds, absurdAmounts, customersWithoutEvents, customersWithoutAttributes
        case attributesWithoutDate, windowsBeforeData, gapInTime, levelShift, typeShareShift
        case impossibleRhythm, heavyCustomer, duplicatesAcrossFiles, immatureCutoffs, stragglingEvents
        case severalCurrencies, unknownGroups
    }

    public let kind: Kind
    /// One or two sentences with the figures in them.
    public let text: String
    /// How many rows, customers, days or cutoffs it concerns.
    public let count: Int
    /// The first few of them.
    public let examples: [String]

    init(_ kind: Kind, _ text: String, count: Int, examples: [String] = []) {
        self.kind = kind
        self.text = text
        self.count = count
        self.examples = Array(examples.prefix(Self.examplesKept))
    }

    static let examplesKept = 5
}

extension DataFinding {
    /// All findings of a history, in the order of `Kind`.
    static func all(study: Study, history: EventHistory, cutoffs: [Cutoff]) -> [DataFinding] {
        let index = history.index
        let report = history.report
        var findings: [DataFinding] = []
        findings += SimilarCustomerIds.findings(index)
        findings += AbsurdAmounts.findings(index)
        findings += severalCurrencies(index)
        if let count = report.customersWithoutEvents, count > 0 {
            findings.append(
                DataFinding(
                    .customersWithoutEvents,
                    "\(count) customers of the customers file have no events: they are kept, and cannot churn.",
                    count: count
                )
            )
        }
        if let count = report.eventCustomersWithoutAttributes, count > 0 {
            findings.append(
                DataFinding(
                    .customersWithoutAttributes,
                    "\(count) customers have events but no row in a customers file: their attributes are missing.",
                    count: count
                )
            )
        }
        findings += attributesWithoutDate(study, index, cutoffs)
        findings += windowsBeforeData(study, index, cutoffs)
        let days = DailyCounts(index)
        findings += StragglingEvents.findings(index, calendar: study.calendar)
        findings += days.gaps()
        findings += WeeklyLevels(days).findings(typeNames: index.typeNames)
        findings += CustomerRhythms.findings(index)
        findings += HeavyCustomers.findings(index)
        if report.duplicatesAcrossFiles > 0 {
            findings.append(
                DataFinding(
                    .duplicatesAcrossFiles,
                    "\(report.duplicatesAcrossFiles) rows repeat a row of an earlier file: the files overlap.",
                    count: report.duplicatesAcrossFiles
                )
            )
        }
        findings += unknownGroups(study, index)
        let immature = cutoffs.filter { !$0.isMature }
        if !immature.isEmpty {
            findings.append(
                DataFinding(
                    .immatureCutoffs,
                    "\(immature.count) of \(cutoffs.count) cutoffs have a label window that ends after the data:"
                        + " they neither train nor evaluate.",
                    count: immature.count,
                    examples: immature.map(\.day.description)
                )
            )
        }
        return findings
    }

    /// An attribute that names currencies beside amounts that nobody converts.
    private static func severalCurrencies(_ index: EventIndex) -> [DataFinding] {
        index.attributes.compactMap { attribute in
            let used = Set(attribute.codes).subtracting([-1]).map { attribute.values[Int($0)] }.sorted()
            let isCurrency = used.allSatisfy { $0.utf8.count == 3 && $0.utf8.allSatisfy { (0x41...0x5A).contains($0) } }
            let name = attribute.name.lowercased()
            guard used.count > 1, isCurrency, name.contains("curr") || name.contains("währ") || name.contains("waehr")
            else { return nil }
            return DataFinding(
                .severalCurrencies,
                "Amounts are in \(used.count) currencies, by the attribute \(attribute.name), and are added as if they were"
                    + " one: set `currency` in the source.",
                count: used.count,
                examples: used
            )
        }
    }

    /// Groups of `horizonBy` that nobody belongs to: most often misspelt, and then their customers have the other horizon.
    private static func unknownGroups(_ study: Study, _ index: EventIndex) -> [DataFinding] {
        let unknown = study.churn.unknownAttributeValues(in: index).filter { $0.place == .horizon }
        guard let first = unknown.first else { return [] }
        return [
            DataFinding(
                .unknownGroups,
                "`horizonBy` names \(unknown.count) values of \(first.attribute) that no customer has: correct them, or take them"
                    + " out.",
                count: unknown.count,
                examples: unknown.map { value in
                    let nearest = NearestName.of(value.value, among: value.known).map { ", like \($0)" } ?? ""
                    return "\(value.value)\(nearest)"
                }
            )
        ]
    }

    private static func attributesWithoutDate(
        _ study: Study,
        _ index: EventIndex,
        _ cutoffs: [Cutoff]
    ) -> [DataFinding] {
        guard cutoffs.count > 1 else { return [] }
        let names = zip(study.sources.customers, index.attributeHistories).flatMap { source, history in
            history.attributes.map(\.name).filter { !source.isDated($0) }
        }
        guard !names.isEmpty else { return [] }
        return [
            DataFinding(
                .attributesWithoutDate,
                "\(names.count) attributes have no `validFrom`: at \(cutoffs.count) cutoffs they say what is known today,"
                    + " which may leak the future.",
                count: names.count,
                examples: names
            )
        ]
    }

    private static func windowsBeforeData(_ study: Study, _ index: EventIndex, _ cutoffs: [Cutoff]) -> [DataFinding] {
        guard let first = index.timeRange.map({ study.calendar.day(of: $0.lowerBound) }) else { return [] }
        return study.windows.compactMap { window in
            guard let length = window.length else { return nil }
            let early = cutoffs.filter { $0.day.subtracting(length) < first }
            guard !early.isEmpty else { return nil }
            return DataFinding(
                .windowsBeforeData,
                "The window \(window.name) reaches before the data's first day, \(first), at \(early.count) of"
                    + " \(cutoffs.count) cutoffs: its counts are too low there.",
                count: early.count,
                examples: early.map(\.day.description)
            )
        }
    }
}
