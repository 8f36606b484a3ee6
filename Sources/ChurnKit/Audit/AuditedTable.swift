import ChurnEvaluation
import ChurnFeatures
import ChurnHistory
import ChurnNumerics
import Foundation

/// A table of predictors of any origin, with what its rows stand for: what an audit looks at.
public struct AuditedTable: Sendable {
    /// What a CSV's columns are, where they are no predictors.
    public struct Columns: Sendable {
        public var customer: String?
        public var cutoff: String?
        public var label: String?
        /// The label that means churn; 1 and true where `nil`.
        public var positive: String?
        /// The column that says to which part of a split a row belongs; to none where it is empty.
        public var split: String?
        /// Columns that are left out.
        public var excluded: [String]

        public init(
            customer: String? = nil,
            cutoff: String? = nil,
            label: String? = nil,
            positive: String? = nil,
            split: String? = nil,
            excluded: [String] = []
        ) {
            self.customer = customer
            self.cutoff = cutoff
            self.label = label
            self.positive = positive
            self.split = split
            self.excluded = excluded
        }
    }

    /// For messages.
    public let path: String
    public let predictors: PredictorTable
    /// By row; `nil` where the table does not say.
    public let customers: [String]?
    public let cutoffs: [CalendarDay]?
    public let split: [String]?
    /// By row: whether the customer churned, `nil` where nobody knows; `nil` where the table has no labels.
    public private(set) var labels: [Bool?]?
    /// Rows that had a label before those of a study were taken for the others; empty where none were.
    private var rowsOfOwnLabels: [Int] = []
    /// How far two numbers may lie apart, in relation to them, and still be the same: 0 where the table has all bits; programs
    /// write single precision, or five digits, whose last one is off by half.
    let tolerance: Double

    /// A feature table that `churn features` wrote.
    public init(_ table: FeatureTable, path: String, isSplitByCutoff: Bool = false) {
        self.path = path
        predictors = table.predictors(rows: Array(0..<table.rowCount))
        customers = Array(table.customers)
        cutoffs = table.cutoffCodes.map { table.cutoffs[Int($0)].day }
        split = isSplitByCutoff ? table.cutoffCodes.map { table.cutoffs[Int($0)].day.description } : nil
        labels = table.labels.map { $0 < 0 ? nil : $0 == 1 }
        tolerance = 0
    }

    /// A table that some other program wrote as CSV.
    public init(_ table: FlatTable, columns: Columns) throws(DataError) {
        path = table.path
        for name in columns.excluded { _ = try table.position(of: name) }
        let special =
            [columns.customer, columns.cutoff, columns.label, columns.split].compactMap(\.self) + columns.excluded
        predictors = try table.predictors(table.columnNames.filter { !special.contains($0) })
        customers = try columns.customer.map { (name) throws(DataError) in try table.ids(name) }
        cutoffs = try columns.cutoff.map { (name) throws(DataError) in try Self.days(table, name) }
        labels = try columns.label.map { (name) throws(DataError) in
            try table.labels(name, positive: columns.positive)
        }
        split = try columns.split.map { (name) throws(DataError) in try table.texts(name) }
        tolerance = 5.001e-5
    }

    /// Reads a table of features for a study: one of ours, Arrow or CSV, or any delimited file with the columns `customer` and
    /// `cutoff`.
    /// - Parameters:
    ///   - dialect: of a file that is not ours.
    ///   - columns: `customer` and `cutoff` where they say nothing; `label` where the file has such a column.
    public init(path: String, dialect: DelimitedDialect, columns given: Columns = Columns()) throws {
        let ending = (path as NSString).pathExtension.lowercased()
        let isArrow = ["arrow", "feather"].contains(ending)
        if isArrow || (FeatureTable.hasMetadata(besideCSV: path) && given.split == nil) {
            let table = try FeatureTable(path: path)
            let hasSplit = given.split == nil || given.split == FeatureTable.cutoffColumn
            guard hasSplit, given.label == nil || given.label == FeatureTable.labelColumn else {
                throw DataError(
                    .missingColumn,
                    "is not a column of a feature table but one of its features, or none",
                    file: path,
                    column: hasSplit ? given.label : given.split,
                    fix: "its split can be `cutoff`, its label is `label`"
                )
            }
            self.init(table, path: path, isSplitByCutoff: given.split != nil)
            return
        }
        let table = try FlatTable(path: path, dialect: dialect)
        var columns = given
        columns.customer = given.customer ?? FeatureTable.customerColumn
        columns.cutoff = given.cutoff ?? FeatureTable.cutoffColumn
        if given.label == nil, table.columnNames.contains(FeatureTable.labelColumn) {
            columns.label = FeatureTable.labelColumn
        }
        try self.init(table, columns: columns)
    }

    private static func days(_ table: FlatTable, _ name: String) throws(DataError) -> [CalendarDay] {
        var days: [String: CalendarDay] = [:]
        var result: [CalendarDay] = []
        for text in try table.texts(name) {
            if let known = days[text] {
                result.append(known)
                continue
            }
            guard let day = Self.day(text) else {
                throw DataError(
                    .notATime,
                    "is not a date",
                    file: table.path,
                    column: name,
                    value: text,
                    fix: "write cutoffs as 2024-12-31"
                )
            }
            days[text] = day
            result.append(day)
        }
        return result
    }

    /// A day, or its first instant as other programs write it: `2024-12-31T00:00:00.000`.
    private static func day(_ text: String) -> CalendarDay? {
        let isMidnight = text.dropFirst(10).allSatisfy { " T0:.Z".contains($0) }
        return isMidnight ? CalendarDay(String(text.prefix(10))) : nil
    }

    /// Whether there are enough labels of both classes to look for what tells them.
    var hasLabels: Bool {
        let known = (labels ?? []).compactMap(\.self)
        let churned = known.count { $0 }
        return min(churned, known.count - churned) >= LeakingPredictor.leastRows
    }

    /// The same with the labels of a study in the rows in which the table has none.
    func labelled(by study: [Bool?]) -> AuditedTable {
        var table = self
        guard let own = labels else {
            table.labels = study
            return table
        }
        let all = zip(own, study).map { $0 ?? $1 }
        if all != own { table.rowsOfOwnLabels = own.indices.filter { own[$0] != nil } }
        table.labels = all
        return table
    }

    // MARK: Findings

    /// Predictors that are known to be what the sources say of the time before the cutoff.
    struct Computed {
        var names: Set<String> = []
        /// Features that tell what customers did.
        var ofEvents: Set<String> = []
        /// In how many rows that was found.
        var rows = 0
    }

    /// What can be said of a predictor that tells the label almost perfectly.
    private func advice(_ name: String, _ computed: Computed) -> String {
        let suspicion = ", as if it had been written down after the outcome. "
        guard computed.names.contains(name), computed.rows > 0 else { return suspicion + "Leave it out, or date it." }
        let isWhole = computed.rows == predictors.rowCount
        let extent = isWhole ? "" : " in \(computed.rows) of \(predictors.rowCount) rows"
        // A field that is overwritten in its source is the same whatever is computed from it.
        guard computed.ofEvents.contains(name) else {
            return suspicion + "That it was the same from what was known at the cutoff\(extent) proves nothing of an"
                + " attribute: check that its source's dates are those of its values, or leave it out."
        }
        guard isWhole else {
            return ". It was what was known at the cutoff\(extent); the others could not be compared. Look at these, or"
                + " leave it out."
        }
        return ". It was the same from what was known at the cutoff, so it is no leak if the dates of its events,"
            + " contracts and attributes are true, a planned end among them, and what is `constant` never changed."
    }

    /// Predictors that tell the label too well, over all rows and at each cutoff: what a field says today tells most at the last.
    func findingsOfPredictors(computed: Computed = Computed(), threads: Int) -> [AuditFinding] {
        guard let labels else { return [] }
        // What customers did is no echo of labels.
        let noEchoes =
            2 * computed.rows > predictors.rowCount ? computed.names.intersection(computed.ofEvents) : []
        let known = labels.indices.filter { labels[$0] != nil }
        var groups: [(place: String, rows: [Int])] = [("", known)]
        // What was computed from these labels alone follows them best.
        if !rowsOfOwnLabels.isEmpty { groups.append((" where the table has labels", rowsOfOwnLabels)) }
        if let cutoffs {
            let ofDay = Dictionary(grouping: known) { cutoffs[$0] }
            if ofDay.count > 1 {
                for (day, rows) in ofDay.sorted(by: { $0.key < $1.key }) { groups.append((" at \(day)", rows)) }
            }
        }
        let numbers = customers.map(ModelTraining.clusterCodes)
        var leaks: [String: (leak: LeakingPredictor, place: String, rows: Int)] = [:]
        var echoes: [String: (echo: ChurnRateEcho, place: String)] = [:]
        for (place, rows) in groups {
            let part = predictors.selecting(rows: rows)
            let partLabels = rows.map { labels[$0] == true }
            for leak in LeakingPredictor.find(in: part, labels: partLabels, threads: threads) {
                let strength = (leak.auc - 0.5).magnitude
                if let other = leaks[leak.name], (other.leak.auc - 0.5).magnitude >= strength { continue }
                leaks[leak.name] = (leak, place, rows.count)
            }
            let ofRows = numbers.map { numbers in rows.map { numbers[$0] } }
            for echo in ChurnRateEcho.find(in: part, labels: partLabels, customers: ofRows, threads: threads)
            where echoes[echo.name] == nil && !noEchoes.contains(echo.name) {
                echoes[echo.name] = (echo, place)
            }
        }
        return predictors.columnNames.flatMap { name in
            [
                leaks[name].map { leak, place, rows in
                    let level = leak.level.map { $0.isEmpty ? " (being empty)" : " (its value \($0))" } ?? ""
                    let low =
                        switch leak.level {
                        case nil: ", small values churn"
                        case "": ", who has something in it churns"
                        default: ", who does not have it churns"
                        }
                    let auc = "\((leak.auc * 10_000).rounded() / 10_000)" + (leak.auc < 0.5 ? low : "")
                    return AuditFinding(
                        .predictsAlone,
                        name,
                        "alone\(level) it tells the label almost perfectly\(place), AUC \(auc)\(advice(name, computed))",
                        count: rows
                    )
                },
                echoes[name].map { echo, place in
                    AuditFinding(
                        .repeatsChurnRate,
                        name,
                        "\(echo.groups) of its values follow the churn rates of the \(echo.rows) rows that have them\(place) more"
                            + " closely than chance allows: it was computed from the labels. Encode it from the labels of"
                            + " training rows alone; where it was, leave the training rows out of the table.",
                        count: echo.rows
                    )
                },
            ].compactMap(\.self)
        }
    }

    /// Customers on both sides of a split, and rows whose labels reach into the test's time.
    /// - Parameter labelEnd: the day behind the longest label window of a cutoff; `nil` without a study.
    func findingsOfSplit(labelEnd: ((CalendarDay) -> CalendarDay)? = nil) -> [AuditFinding] {
        guard let split else { return [] }
        var findings: [AuditFinding] = []
        let members = split.indices.filter { !split[$0].isEmpty }
        let parts = Set(members.map { split[$0] }).sorted()
        let isInTime = isSplitInTime(split, members)
        if let customers, !isInTime {
            let numbers = ModelTraining.clusterCodes(customers)
            var partOf: [Int32: String] = [:]
            var distinct = Set<Int32>()
            var firstOnBoth: String?
            for row in members {
                let customer = numbers[row]
                let first = partOf[customer] ?? split[row]
                partOf[customer] = first
                if first != split[row] {
                    distinct.insert(customer)
                    firstOnBoth = firstOnBoth ?? customers[row]
                }
            }
            if let first = firstOnBoth {
                findings.append(
                    AuditFinding(
                        .customerOnBothSides,
                        parts.joined(separator: ", "),
                        "\(distinct.count) customers, such as \(first), have rows in several parts of the split, which is not"
                            + " one in time: the test knows customers that training saw. Split by customer, or in time.",
                        count: distinct.count
                    )
                )
            }
        }
        if isInTime, let cutoffs, let labelEnd {
            let first = Dictionary(grouping: members) { split[$0] }.mapValues { rows in
                rows.map { cutoffs[$0] }.min() ?? cutoffs[0]
            }
            let inOrder = first.sorted { $0.value < $1.value }
            for (number, (part, _)) in inOrder.enumerated() {
                let later = inOrder.dropFirst(number + 1)
                guard let next = later.first else { break }
                let reaching = members.filter { split[$0] == part && labelEnd(cutoffs[$0]) > next.value }
                guard let row = reaching.max(by: { cutoffs[$0] < cutoffs[$1] }) else { continue }
                let end = labelEnd(cutoffs[row])
                let others = later.dropFirst().filter { $0.value < end }.map(\.key)
                findings.append(
                    AuditFinding(
                        .overlappingWindows,
                        part,
                        "the labels of \(reaching.count) of its rows, such as those at \(cutoffs[row]), look up to \(end), into the"
                            + " time of \(next.key), which begins at \(next.value)"
                            + (others.isEmpty ? "" : ", and into the time of \(others.joined(separator: ", "))")
                            + ". Leave a label window between them.",
                        count: reaching.count
                    )
                )
            }
        }
        return findings
    }

    /// Whether the parts of a split follow each other in time.
    private func isSplitInTime(_ split: [String], _ members: [Int]) -> Bool {
        guard let cutoffs else { return false }
        let ranges = Dictionary(grouping: members) { split[$0] }.values.map { rows in
            let days = rows.map { cutoffs[$0] }
            return (first: days.min() ?? cutoffs[0], last: days.max() ?? cutoffs[0])
        }.sorted { $0.first < $1.first }
        return ranges.count > 1 && zip(ranges, ranges.dropFirst()).allSatisfy { $0.last < $1.first }
    }

    /// Rows that stand twice in a table: for the same customer, and cutoff where there are some.
    func findingsOfRepetitions() -> [AuditFinding] {
        guard let customers else { return [] }
        struct Key: Hashable {
            let customer: Int32
            let day: Int
        }
        let numbers = ModelTraining.clusterCodes(customers)
        var seen = Set<Key>()
        let repeated = customers.indices.filter { row in
            !seen.insert(Key(customer: numbers[row], day: cutoffs.map { $0[row].number } ?? 0)).inserted
        }
        guard let first = repeated.first else { return [] }
        return [
            AuditFinding(
                .repeatedRows,
                path,
                "\(repeated.count) rows are of a customer\(cutoffs == nil ? "" : " and cutoff") that an earlier row has, such as"
                    + " \(customers[first]). Keep one of them, or split by customer.",
                count: repeated.count
            )
        ]
    }
}
