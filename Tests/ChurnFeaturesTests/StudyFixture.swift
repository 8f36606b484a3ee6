import ChurnFeatures
import ChurnHistory
import ChurnTestSupport
import Foundation

/// A small study over events that a test writes down.
struct StudyFixture {
    let folder: TemporaryFolder
    let study: Study
    let history: EventHistory

    /// - Parameters:
    ///   - events: lines of `customer,time,type,amount,order`.
    ///   - churn, observations, windows, features: as in a study file; `windows` counts only without `features`.
    ///   - columns: the header, where the lines have more than these.
    ///   - groups: lines of `customer,since,parent`, the group of companies; `groupKeys` are the entry's keys.
    ///   - contracts: lines of `customer,start,end`.
    ///   - type, amount: keys of the source; `nil` where it has no amounts.
    init(
        events: [String],
        churn: String = "{definition: inactivity, of: [purchase], horizon: 30d}",
        observations: String = "{first: 2024-03-01, last: 2024-03-01}",
        windows: String = "[7d, 30d, all]",
        timeZone: String = "Europe/Berlin",
        observedUntil: String? = "2025-01-01",
        source: String = "",
        columns: String = "customer,time,type,amount,order",
        features: String? = nil,
        groups: [String]? = nil,
        groupKeys: String = "validFrom: since, attributes: [parent], group: parent",
        contracts: [String]? = nil,
        type: String = "type",
        amount: String? = "amount"
    ) throws {
        folder = try TemporaryFolder()
        try folder.write("events.csv", ([columns] + events).joined(separator: "\n") + "\n")
        var books: [String] = []
        if let groups {
            try folder.write("groups.csv", (["customer,since,parent"] + groups).joined(separator: "\n") + "\n")
            books.append("customers: [{file: groups.csv, customer: customer, \(groupKeys)}]")
        }
        if let contracts {
            try folder.write("contracts.csv", (["customer,start,end"] + contracts).joined(separator: "\n") + "\n")
            books.append("contracts: [{file: contracts.csv, customer: customer, start: start, end: end}]")
        }
        let yaml = """
            study: fixture
            timezone: \(timeZone)
            \(observedUntil.map { "observedUntil: \($0)" } ?? "")
            events:
              - file: events.csv
                format: {null: [""]}
                customer: customer
                duplicates: keep
                time: {column: time, format: iso8601}
                type: \(type)
                \(amount.map { "amount: \($0)" } ?? "")
                \(source)
            \(books.joined(separator: "\n"))
            churn: \(churn)
            observations: \(observations)
            features: \(features ?? "{windows: \(windows)}")
            """
        study = try Study(yaml: yaml, path: "\(folder.path)/study.yaml")
        history = try EventHistory(
            sources: study.sources,
            calendar: study.calendar,
            observedUntil: study.observedUntilInstant
        )
    }

    var cutoffs: [Cutoff] { study.cutoffs(observedUntil: history.observedUntil) }

    func plan() throws -> FeaturePlan { try FeaturePlan(study: study, index: history.index) }

    func table(cutoffs: [Cutoff]? = nil, plan: FeaturePlan? = nil, threads: Int = 1) throws -> FeatureTable {
        try FeatureSweep(
            study: study,
            index: history.index,
            plan: plan ?? self.plan(),
            cutoffs: cutoffs ?? self.cutoffs,
            threads: threads
        ).table(dataFingerprint: history.dataFingerprint)
    }
}

extension FeatureTable {
    /// The value of a feature in a row.
    func value(_ feature: String, row: Int = 0) -> Double {
        plan.featureNames.firstIndex(of: feature).map { features[row, $0] } ?? .nan
    }
}
