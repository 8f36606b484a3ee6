import ChurnFeatures
import ChurnHistory
import ChurnNumerics

/// A table of features compared with what its study says was known at each cutoff.
struct TableAudit {
    private(set) var findings: [AuditFinding] = []

    /// - Parameter table: with customers and cutoffs.
    init(_ table: AuditedTable, study: Study, history: EventHistory, threads: Int) throws {
        guard let customers = table.customers, let cutoffs = table.cutoffs else { return }
        let index = history.index
        let named = try FeaturePlan.known(table.predictors.columnNames, study: study, index: index)
        // Who is an example is asked even where no column stands for a feature.
        let plan = try named ?? FeaturePlan(study: study, index: index)
        let names = named?.featureNames ?? []
        let columns = names.map { name in
            Column(name, table.predictors.columns.first { $0.name == name }?.values, tolerance: table.tolerance)
        }
        var comparison = Comparison(columns: columns)
        for (day, rows) in Dictionary(grouping: cutoffs.indices, by: { cutoffs[$0] }).sorted(by: { $0.key < $1.key }) {
            let cutoff = try study.cutoff(asOf: day, observedUntil: history.observedUntil)
            let known = try KnownExamples(
                study: study,
                index: index,
                plan: plan,
                cutoff: cutoff,
                threads: threads
            )
            comparison.compare(rows.map { ($0, customers[$0], table.labels?[$0]) }, with: known, cutoff, index)
        }
        findings += comparison.findings(table.path)
        findings += Self.totals(table, customers, cutoffs, study, index, known: Set(names))
        findings += table.findingsOfPredictors(threads: threads)
        findings += table.findingsOfRepetitions()
        findings += table.findingsOfSplit { day in
            let cutoff = Cutoff(
                day: day,
                churn: study.churn,
                calendar: study.calendar,
                observedUntil: history.observedUntil
            )
            return study.calendar.day(of: cutoff.labelEnd)
        }
    }

    /// Columns that stand for no feature of the study, where they are totals over all data.
    private static func totals(
        _ table: AuditedTable,
        _ customers: [String],
        _ cutoffs: [CalendarDay],
        _ study: Study,
        _ index: EventIndex,
        known: Set<String>
    ) -> [AuditFinding] {
        let totals = WholeHistoryTotals(index)
        let numbers = Dictionary(index.customers.enumerated().map { ($1, $0) }) { first, _ in first }
        return table.predictors.columns.filter { !known.contains($0.name) }.compactMap { column in
            guard case .numeric(let values) = column.values else { return nil }
            let claims = values.indices.compactMap { row -> WholeHistoryTotals.Claim? in
                guard let customer = numbers[customers[row]], !values[row].isNaN else { return nil }
                return .init(customer: customer, instant: study.calendar.start(of: cutoffs[row]), value: values[row])
            }
            return totals.finding(column.name, claims)
        }
    }

    /// A column of the table that stands for a feature of the study.
    private struct Column {
        let name: String
        /// By row of the table; `nil` where the table has texts.
        let values: [Double]?
        private let tolerance: Double

        init(_ name: String, _ values: PredictorColumn.Values?, tolerance: Double) {
            self.name = name
            self.tolerance = tolerance
            if case .numeric(let numbers) = values { self.values = numbers } else { self.values = nil }
        }

        func isEqual(_ value: Double, _ known: Double) -> Bool {
            value.bitPattern == known.bitPattern
                || (value - known).magnitude <= tolerance * max(value.magnitude, known.magnitude)
        }
    }

    /// What differs, by column, over all cutoffs.
    private struct Comparison {
        private struct Difference {
            var rows = 0
            var first = ""
        }

        private let columns: [Column]
        private var differences: [Difference]
        private var labels = Difference()
        private var strangers = Difference()
        private var rows = 0

        init(columns: [Column]) {
            self.columns = columns
            differences = Array(repeating: Difference(), count: columns.count)
        }

        mutating func compare(
            _ rows: [(row: Int, customer: String, label: Bool??)],
            with known: KnownExamples,
            _ cutoff: Cutoff,
            _ index: EventIndex
        ) {
            let numbers = Dictionary(
                known.customers.enumerated().map { (index.customers[Int($1)], $0) }
            ) { first, _ in first }
            for (row, customer, label) in rows {
                self.rows += 1
                guard let example = numbers[customer] else {
                    Self.note(&strangers) { "\(customer) at \(cutoff.day)" }
                    continue
                }
                for (column, place) in columns.enumerated() {
                    guard let value = place.values?[row] else { continue }
                    let knownValue = known.features[example, column]
                    guard !place.isEqual(value, knownValue) else { continue }
                    Self.note(&differences[column]) {
                        "customer \(customer) at \(cutoff.day) has \(value) in it, and \(knownValue) was known"
                    }
                }
                let knownLabel: Bool? = known.labels[example] < 0 ? nil : known.labels[example] == 1
                if case .some(.some(let label)) = label, label != knownLabel {
                    Self.note(&labels) {
                        "customer \(customer) at \(cutoff.day) has \(label ? 1 : 0), and the study says"
                            + " \(knownLabel.map { $0 ? "1" : "0" } ?? "that nobody knows yet")"
                    }
                }
            }
        }

        private static func note(_ difference: inout Difference, _ text: () -> String) {
            if difference.rows == 0 { difference.first = text() }
            difference.rows += 1
        }

        func findings(_ path: String) -> [AuditFinding] {
            var findings = zip(columns, differences).filter { $1.rows > 0 }.map { column, difference in
                AuditFinding(
                    .notKnownAtCutoff,
                    column.name,
                    "in \(difference.rows) of \(rows) rows of \(path) it is not what was known at the cutoff: \(difference.first)."
                        + " Look at events at the cutoff itself, at the time zone and at the ends of windows.",
                    count: difference.rows
                )
            }
            if labels.rows > 0 {
                findings.append(
                    AuditFinding(
                        .labelDiffers,
                        FeatureTable.labelColumn,
                        "\(labels.rows) labels of \(path) are not the study's: \(labels.first). Look at where the label window"
                            + " begins and ends.",
                        count: labels.rows
                    )
                )
            }
            if strangers.rows > 0 {
                findings.append(
                    AuditFinding(
                        .notEligible,
                        path,
                        "\(strangers.rows) rows are of customers who could not churn at the cutoff by what was known then, such"
                            + " as \(strangers.first).",
                        count: strangers.rows
                    )
                )
            }
            return findings
        }
    }
}
