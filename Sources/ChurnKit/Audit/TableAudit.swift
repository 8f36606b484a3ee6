import ChurnFeatures
import ChurnHistory
import ChurnNumerics

/// A table of features compared with what its study says was known at each cutoff.
struct TableAudit {
    private(set) var findings: [AuditFinding] = []
    private(set) var extent: LeakageAudit.TableExtent

    /// - Parameter table: with customers and cutoffs.
    /// - Throws: `missingColumn` for a table without.
    init(_ table: AuditedTable, study: Study, history: EventHistory, threads: Int) throws {
        let labelled = table.labels?.count { $0 != nil } ?? 0
        guard let customers = table.customers, let cutoffs = table.cutoffs else {
            throw DataError(
                .missingColumn,
                "does not say which customer and cutoff each row is of",
                file: table.path,
                fix: "name the columns `\(FeatureTable.customerColumn)` and `\(FeatureTable.cutoffColumn)`"
            )
        }
        let index = history.index
        // By bytes: to texts, ids that differ in Unicode form are equal.
        let numbers = Dictionary(index.customers.enumerated().map { (Array($1.utf8), Int32($0)) }) { first, _ in first }
        let ofRows = customers.map { numbers[Array($0.utf8)] }
        func cutoff(_ day: CalendarDay) -> Cutoff {
            Cutoff(day: day, churn: study.churn, calendar: study.calendar, observedUntil: history.observedUntil)
        }
        let named = try FeaturePlan.known(table.predictors.columnNames, study: study, index: index)
        // Who is an example is asked even where no column stands for a feature.
        let plan = try named ?? FeaturePlan.least(study: study, index: index)
        let names = named?.featureNames ?? []
        let columns = names.map { name in
            Column(name, table.predictors.columns.first { $0.name == name }?.values, tolerance: table.tolerance)
        }
        extent = .init(
            rows: customers.count,
            comparedColumns: names,
            otherColumns: table.predictors.columnNames.filter { !names.contains($0) },
            comparedLabels: labelled
        )
        var comparison = Comparison(
            columns: columns,
            rowCount: customers.count,
            customerCount: index.customers.count,
            hasLabels: table.labels != nil
        )
        for (day, rows) in Dictionary(grouping: cutoffs.indices, by: { cutoffs[$0] }).sorted(by: { $0.key < $1.key }) {
            let cutoff = cutoff(day)
            guard cutoff.instant <= history.observedUntil else {
                findings.append(
                    AuditFinding(
                        .notKnownAtCutoff,
                        FeatureTable.cutoffColumn,
                        "\(rows.count) rows of \(table.path) are at \(day), behind \(study.calendar.day(of: history.observedUntil)),"
                            + " where the data end: nobody knows their features.",
                        count: rows.count
                    )
                )
                continue
            }
            let known = try KnownExamples(
                FeatureSweep(
                    study: study,
                    index: index,
                    plan: plan,
                    cutoffs: [cutoff],
                    purchaseModel: BuyTillYouDieFeatures(),
                    threads: threads
                ),
                at: cutoff
            )
            comparison.compare(
                rows.map { .init(row: $0, name: customers[$0], number: ofRows[$0], label: table.labels?[$0] ?? nil) },
                with: known,
                cutoff,
                labelsKnownFrom: study.calendar.day(of: cutoff.labelEnd)
            )
        }
        findings += comparison.findings(table.path)
        findings += Self.totals(table, ofRows, cutoffs, study, index, known: Set(names), threads: threads)
        findings += table.labelled(by: comparison.labelsOfRows)
            .findingsOfPredictors(
                computed: .init(
                    names: comparison.equalColumns,
                    ofEvents: named?.featuresOfEvents ?? [],
                    rows: comparison.comparedRows
                ),
                threads: threads
            )
        findings += table.findingsOfRepetitions()
        findings += table.findingsOfSplit { study.calendar.day(of: cutoff($0).labelEnd) }
    }

    /// Columns that stand for no feature of the study, where they are totals over all data.
    private static func totals(
        _ table: AuditedTable,
        _ ofRows: [Int32?],
        _ cutoffs: [CalendarDay],
        _ study: Study,
        _ index: EventIndex,
        known: Set<String>,
        threads: Int
    ) -> [AuditFinding] {
        let isKnown = ofRows.map { $0 != nil }
        let rows = zip(ofRows, cutoffs).compactMap { customer, day in
            customer.map { WholeHistoryTotals.Row(customer: Int($0), instant: study.calendar.start(of: day)) }
        }
        let columns = table.predictors.columns.compactMap { column -> WholeHistoryTotals.Claims? in
            guard !known.contains(column.name), case .numeric(let values) = column.values else { return nil }
            return .init(name: column.name, values: zip(values, isKnown).filter(\.1).map(\.0))
        }
        return WholeHistoryTotals(index, threads: threads).findings(rows, columns)
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
            if case .numeric(let numbers) = values { self.values = numbers.array } else { self.values = nil }
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
        private let hasLabels: Bool
        private var differences: [Difference]
        private var labels = Difference()
        /// Labels that the table and the study have.
        private var comparedLabels = 0
        private var comparedChurned = 0
        /// Labels at cutoffs that are not mature, and those of customers who left before the label window.
        private var earlyLabels = Difference()
        private var labelsOfLeft = Difference()
        private var strangers = Difference()
        private var unknown = Difference()
        private var rows = 0
        /// Rows of examples: all others cannot be compared.
        private(set) var comparedRows = 0
        /// By row of the table, what the study knows.
        private(set) var labelsOfRows: [Bool?]
        private var selection: LabelSelection

        init(columns: [Column], rowCount: Int, customerCount: Int, hasLabels: Bool) {
            self.hasLabels = hasLabels
            selection = LabelSelection(customerCount: customerCount)
            labelsOfRows = Array(repeating: nil, count: rowCount)
            self.columns = columns
            differences = Array(repeating: Difference(), count: columns.count)
        }

        /// A row of the table: its customer with his number in the index, where the data have him, and its label.
        struct Row {
            let row: Int
            let name: String
            let number: Int32?
            let label: Bool?
        }

        /// - Parameter rows: of one cutoff.
        mutating func compare(
            _ rows: [Row],
            with known: KnownExamples,
            _ cutoff: Cutoff,
            labelsKnownFrom: CalendarDay
        ) {
            let examples = Dictionary(known.customers.enumerated().map { ($1, $0) }) { first, _ in first }
            var isPresent = [Bool](repeating: false, count: known.customers.count)
            defer { selection.add(customers: known.customers, labels: known.labels, isPresent: isPresent) }
            for entry in rows {
                let (row, customer) = (entry.row, entry.name)
                self.rows += 1
                guard let number = entry.number else {
                    Self.note(&unknown) { customer }
                    continue
                }
                guard let example = examples[number] else {
                    Self.note(&strangers) { "\(customer) at \(cutoff.day)" }
                    continue
                }
                comparedRows += 1
                // Without its label a program that trains leaves the row out.
                if !hasLabels || entry.label != nil { isPresent[example] = true }
                for (column, place) in columns.enumerated() {
                    guard let value = place.values?[row] else { continue }
                    let knownValue = known.features[example, column]
                    guard !place.isEqual(value, knownValue) else { continue }
                    Self.note(&differences[column]) {
                        "customer \(customer) at \(cutoff.day) \(value.isNaN ? "has nothing" : "has \(value)") in it, and"
                            + " \(knownValue) was known"
                    }
                }
                let knownLabel: Bool? = known.labels[example] < 0 ? nil : known.labels[example] == 1
                labelsOfRows[row] = knownLabel
                guard let label = entry.label else { continue }
                guard let knownLabel else {
                    if cutoff.isMature {
                        Self.note(&labelsOfLeft) { "\(customer) at \(cutoff.day)" }
                    } else {
                        Self.note(&earlyLabels) { "those at \(cutoff.day) are not known before \(labelsKnownFrom)" }
                    }
                    continue
                }
                comparedLabels += 1
                if knownLabel { comparedChurned += 1 }
                if label != knownLabel {
                    Self.note(&labels) {
                        "customer \(customer) at \(cutoff.day) has \(label ? 1 : 0), and the study says \(knownLabel ? 1 : 0)"
                    }
                }
            }
        }

        /// Where the table lacks examples, and they are of another kind by their labels than all at their cutoffs.
        private var findingOfSelection: AuditFinding? {
            guard selection.standardErrors(unknownRows: unknown.rows) > LabelSelection.mostStandardErrors else {
                return nil
            }
            func percent(_ count: Double) -> String {
                "\((count / Double(selection.missing) * 1000).rounded() / 10) %"
            }
            return AuditFinding(
                .selectedByLabel,
                FeatureTable.labelColumn,
                "\(selection.missing) of \(selection.examples) examples that the study has at these cutoffs are not in the table,"
                    + " or without a label; of them \(percent(Double(selection.missingChurned))) churned, of all at the same"
                    + " cutoffs \(percent(selection.expectedChurned)): if they were not chosen by what was known at the cutoff,"
                    + " they were by what came later. Take all who were eligible at the cutoff, or say in the study who is"
                    + " (`activeWithin`).",
                count: selection.missing
            )
        }

        /// Columns that are what was known in every row that could be compared.
        var equalColumns: Set<String> {
            Set(zip(columns, differences).filter { $0.values != nil && $1.rows == 0 }.map(\.0.name))
        }

        private static func note(_ difference: inout Difference, _ text: () -> String) {
            if difference.rows == 0 { difference.first = text() }
            difference.rows += 1
        }

        func findings(_ path: String) -> [AuditFinding] {
            var findings = columns.filter { $0.values == nil }.map { column in
                AuditFinding(
                    .notKnownAtCutoff,
                    column.name,
                    "it is named like a feature and has cells in \(path) that are no finite numbers, so that nothing can be"
                        + " compared. Write numbers, or say which text stands for nothing (`--null NaN`).",
                    count: rows
                )
            }
            findings += zip(columns, differences).filter { $1.rows > 0 }.map { column, difference in
                AuditFinding(
                    .notKnownAtCutoff,
                    column.name,
                    "in \(difference.rows) of \(rows) rows of \(path) it is not what was known at the cutoff: \(difference.first)."
                        + " Look at events at the cutoff itself, at the time zone, at the ends of windows, at what stands for"
                        + " nothing (0 for counts and sums), and at rounding (five digits are compared).",
                    count: difference.rows
                )
            }
            findings += findingsOfLabels(path)
            if let findingOfSelection { findings.append(findingOfSelection) }
            if unknown.rows > 0 {
                findings.append(
                    AuditFinding(
                        .notEligible,
                        FeatureTable.customerColumn,
                        "\(unknown.rows) rows of \(path) are of customers that the data do not have, such as \(unknown.first):"
                            + " nothing of them can be compared. Look at how ids are written.",
                        count: unknown.rows
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

        /// Labels of which fewer prove nothing where all of them differ.
        private static let leastLabels = 20

        private func findingsOfLabels(_ path: String) -> [AuditFinding] {
            var findings: [AuditFinding] = []
            func add(_ difference: Difference, _ text: String) {
                if difference.rows == 0 { return }
                findings.append(
                    AuditFinding(.labelDiffers, FeatureTable.labelColumn, text, count: difference.rows)
                )
            }
            let areSwapped =
                labels.rows == comparedLabels && comparedLabels >= Self.leastLabels && comparedChurned > 0
                && comparedChurned < comparedLabels
            add(
                labels,
                "\(labels.rows) labels of \(path) are not the study's: \(labels.first). "
                    + (areSwapped
                        ? "All differ: name the label that means churn with `--positive`."
                        : "Look at where the label window begins and ends.")
            )
            add(
                earlyLabels,
                "\(earlyLabels.rows) labels of \(path) are of label windows that end behind the data: \(earlyLabels.first). Leave"
                    + " them empty."
            )
            add(
                labelsOfLeft,
                "\(labelsOfLeft.rows) labels of \(path) are of customers who left before the label window began, such as"
                    + " \(labelsOfLeft.first): the study has none for them. Leave these rows out."
            )
            return findings
        }
    }
}
