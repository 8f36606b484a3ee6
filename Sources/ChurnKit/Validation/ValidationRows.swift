import ChurnEvaluation
import ChurnFeatures
import ChurnHistory
import ChurnModels
import ChurnNumerics
import ChurnRegistry

/// Rows with labels, of a study or of a flat table, and how they are dealt into folds.
public struct ValidationRows: Sendable {
    /// How rows are dealt, which decides how figures are put together.
    public enum Scheme: String, Sendable, Encodable {
        /// Later cutoffs by models of earlier ones.
        case overTime
        /// The same, each customer by models that did not see him.
        case overTimeUnseen
        /// At random, each customer with all of his rows.
        case random
    }

    /// Rows that train a model, and rows that it is tested on.
    public struct Fold: Sendable {
        /// The test cutoff, or the number of the fold.
        public let name: String
        /// One, or of unseen customers one a group: each tests what the others train.
        public let parts: [Part]
        /// As indices into the table's cutoffs, ascending; empty for a flat table.
        public let trainingCutoffs: [Int]
        public let purgedCutoffs: [Int]
        /// Those whose labels are known at the test cutoff: the training cutoffs, and those that a window leaves out.
        let knownCutoffs: [Int]

        /// Row numbers, ascending.
        public struct Part: Sendable {
            public let train: [Int]
            public let test: [Int]
        }
    }

    private enum Dealing: Sendable {
        case overTime(TimeDealing)
        case random(RandomDealing)
    }

    private let dealing: Dealing

    /// A study's features, each of the last mature cutoffs to be tested by models of earlier ones.
    /// - Parameters:
    ///   - rules: how many cutoffs, and which train.
    ///   - calendar: of the embargo's days.
    ///   - unseen: groups of customers, each tested by models of the others; `nil` to test customers whom training knew.
    ///   - seed: of the groups.
    public init(
        _ table: FeatureTable,
        rules: ValidationRules,
        calendar: StudyCalendar,
        unseen: Int? = nil,
        seed: UInt64
    ) {
        dealing = .overTime(TimeDealing(table, rules: rules, calendar: calendar, groups: unseen, seed: seed))
    }

    /// A flat table's rows with a label, its customers to be dealt into folds.
    /// - Parameters:
    ///   - count: folds, at least 2.
    ///   - repetitions: how often the customers are dealt anew; positive.
    ///   - isShuffled: whether they are dealt at random by the seed, and not as they come.
    ///   - options: say how columns are read.
    public init(
        _ table: FlatTable,
        plan: StoredModel.TablePlan,
        folds count: Int,
        repetitions: Int = 1,
        isShuffled: Bool = true,
        options: TrainingOptions
    ) throws {
        let labelled = try LabelledTable(table, plan: plan, options: options)
        let known = labelled.labelledRows
        dealing = try .random(
            RandomDealing(
                rows: labelled.rows(known),
                names: known.map { row in labelled.ids?[row] ?? "\(row + 1)" },
                count: count,
                repetitions: repetitions,
                isShuffled: isShuffled,
                seed: options.seed,
                threads: options.threads
            )
        )
    }

    /// Any rows, their customers to be dealt into folds.
    /// - Parameters:
    ///   - count: folds, at least 2.
    ///   - repetitions: how often the customers are dealt anew; positive.
    ///   - threads: positive.
    /// - Throws: `tooFewForFolds` where a class has too few customers.
    public init(
        _ rows: TrainingRows,
        folds count: Int,
        repetitions: Int = 1,
        seed: UInt64,
        threads: Int
    ) throws(ModelError) {
        dealing = try .random(
            RandomDealing(
                rows: rows,
                names: nil,
                count: count,
                repetitions: repetitions,
                isShuffled: true,
                seed: seed,
                threads: threads
            )
        )
    }

    public var scheme: Scheme {
        switch dealing {
        case .overTime(let time): time.groups == nil ? .overTime : .overTimeUnseen
        case .random: .random
        }
    }

    /// Of random folds, how many the customers are dealt into; else 1.
    var foldCount: Int {
        guard case .random(let random) = dealing else { return 1 }
        return random.count
    }

    /// - Throws: `noTrainingCutoff` where no cutoff can be tested, `tooFewForFolds` where a class has too few customers.
    public func folds() throws -> [Fold] {
        switch dealing {
        case .overTime(let time): try time.folds(over: Array(time.cutoffs.indices), count: time.rules.folds)
        case .random(let random): try random.folds(of: Array(random.rows.labels.indices), random.repetitions)
        }
    }

    /// The folds of what trains in a fold, for choices that its tested rows must not see.
    /// - Throws: as `folds`.
    public func folds(within fold: Fold) throws -> [Fold] {
        switch dealing {
        case .overTime(let time): try time.folds(over: fold.knownCutoffs, count: time.rules.folds)
        case .random(let random): try random.folds(of: fold.parts[0].train, 1)
        }
    }

    /// Folds whose tested rows are kept from a search: the last cutoffs, whatever the study's rules say of their number, or the first of
    /// the random folds.
    func outerFolds(_ count: Int) throws -> [Fold] {
        switch dealing {
        case .overTime(let time): try time.folds(over: Array(time.cutoffs.indices), count: count)
        case .random: try Array(folds().prefix(count))
        }
    }

    /// The days of some cutoffs.
    func days(_ codes: [Int]) -> [String] {
        guard case .overTime(let time) = dealing else { return [] }
        return codes.map { time.table.cutoffs[$0].day.description }
    }

    // MARK: Rows

    /// Stops where a predictor that nobody allowed tells the label almost perfectly among the training rows of the last fold.
    func refuseLeaks(in folds: [Fold], _ options: TrainingOptions) throws {
        guard let part = folds.last?.parts.first else { return }
        let rows = selecting(part.train, threads: options.threads)
        // Enough for what is almost perfect.
        try ModelTraining.refuseLeaks(rows.table, labels: rows.labels, mostOfEach: 1 << 12, options)
    }

    /// One a row.
    func labels(of chosen: [Int]) -> [Bool] {
        switch dealing {
        case .overTime(let time): chosen.map { time.table.labels[$0] == 1 }
        case .random(let random): chosen.map { random.rows.labels[$0] }
        }
    }

    /// One a row; `nil` for all 1.
    func weights(of chosen: [Int]) -> [Double]? {
        guard case .random(let random) = dealing, let weights = random.rows.weights else { return nil }
        return chosen.map { weights[$0] }
    }

    /// Some rows, for a fit or a test.
    func selecting(_ chosen: [Int], threads: Int) -> TrainingRows {
        switch dealing {
        case .overTime(let time): time.table.trainingRows(chosen, threads: threads)
        case .random(let random): random.rows.selecting(rows: chosen, threads: threads)
        }
    }

    /// The customer of a row, from 0.
    func customer(ofRow row: Int) -> UInt32 {
        switch dealing {
        case .overTime(let time): UInt32(bitPattern: time.table.customers.codes[row])
        case .random(let random): UInt32(bitPattern: random.customers[row])
        }
    }

    /// The customer's id, or the number of the row in its table, from 1.
    func name(ofRow row: Int) -> String {
        switch dealing {
        case .overTime(let time): time.table.customers[row]
        case .random(let random): random.name(ofRow: row)
        }
    }

    /// The day; `nil` for a flat table.
    func cutoff(ofRow row: Int) -> String? {
        guard case .overTime(let time) = dealing else { return nil }
        return time.table.cutoffs[Int(time.table.cutoffCodes[row])].day.description
    }

    /// The rows of a share of the customers: the same customers in each call, and those of a smaller share among those of a larger one.
    /// - Returns: all rows where the share has one class only.
    func thinned(_ chosen: [Int], share: Double) -> [Int] {
        if share >= 1 { return chosen }
        let some = rows(chosen, ofShare: share)
        let churned = labels(of: some).count { $0 }
        return churned > 0 && churned < some.count ? some : chosen
    }

    private func rows(_ chosen: [Int], ofShare share: Double) -> [Int] {
        let bound = UInt64(share * 0x1p53)
        switch dealing {
        case .overTime(let time):
            let isIn = time.customerHashes(salt: 1).map { $0 >> 11 < bound }
            return chosen.filter { isIn[Int(time.table.customers.codes[$0])] }
        case .random(let random):
            let salt = StableHash.mix(random.seed &+ 1)
            return chosen.filter { StableHash.mix(UInt64(customer(ofRow: $0)) ^ salt) >> 11 < bound }
        }
    }
}

/// A study's cutoffs, dealt in time.
private struct TimeDealing: Sendable {
    let table: FeatureTable
    let rules: ValidationRules
    /// With the embargo behind their label windows.
    let cutoffs: [TimeSplit.Cutoff]
    let groups: Int?
    let seed: UInt64

    init(_ table: FeatureTable, rules: ValidationRules, calendar: StudyCalendar, groups: Int?, seed: UInt64) {
        self.table = table
        self.rules = rules
        self.groups = groups
        self.seed = seed
        cutoffs = table.cutoffs.map { cutoff in
            let end = calendar.day(of: cutoff.labelEnd).adding(rules.embargo)
            return TimeSplit.Cutoff(
                instant: cutoff.instant,
                labelEnd: rules.embargo.isZero ? cutoff.labelEnd : calendar.start(of: end),
                isMature: cutoff.isMature
            )
        }
    }

    func folds(over codes: [Int], count: Int) throws -> [ValidationRows.Fold] {
        let group = groups.map { count in customerHashes(salt: 0).map { Int($0 % UInt64(count)) } }
        return try TimeFolds(
            cutoffs: codes.map { cutoffs[$0] },
            count: count,
            window: rules.window.map { .rolling($0) } ?? .expanding
        ).folds.map { fold in
            let training = fold.train.map { codes[$0] }
            let train = table.rows(ofCutoffs: Set(training))
            let test = table.rows(ofCutoffs: [codes[fold.test]])
            var parts = [ValidationRows.Fold.Part(train: train, test: test)]
            if let group, let groups {
                parts = (0..<groups).map { one in
                    ValidationRows.Fold.Part(
                        train: train.filter { group[Int(table.customers.codes[$0])] != one },
                        test: test.filter { group[Int(table.customers.codes[$0])] == one }
                    )
                }.filter { !$0.test.isEmpty }
            }
            return ValidationRows.Fold(
                name: table.cutoffs[codes[fold.test]].day.description,
                parts: parts,
                trainingCutoffs: training,
                purgedCutoffs: fold.purged.map { codes[$0] },
                knownCutoffs: codes.filter {
                    cutoffs[$0].isMature && cutoffs[$0].labelEnd <= cutoffs[codes[fold.test]].instant
                }
            )
        }
    }

    /// A number for each customer by his id, the same at every cutoff.
    func customerHashes(salt: UInt64) -> [UInt64] {
        (0..<table.customers.names.count).map { code in
            StableHash.mix(StableHash.fnv1a(table.customers.names[code].utf8) ^ StableHash.mix(seed &+ salt))
        }
    }
}

/// A flat table's customers, dealt at random.
private struct RandomDealing: Sendable {
    /// Fold by fold as they are dealt first, so that what trains is a few long runs, which need no copies.
    let rows: TrainingRows
    let customers: [Int32]
    let names: [String]?
    let count: Int
    let repetitions: Int
    let isShuffled: Bool
    let seed: UInt64
    /// By row, its number in the table that was given.
    private let original: [Int]
    /// By fold of the first repetition, its rows.
    private let runs: [Range<Int>]

    init(
        rows given: TrainingRows,
        names: [String]?,
        count: Int,
        repetitions: Int,
        isShuffled: Bool,
        seed: UInt64,
        threads: Int
    ) throws(ModelError) {
        self.names = names
        self.count = count
        self.repetitions = repetitions
        self.isShuffled = isShuffled
        self.seed = seed
        let dealt = try CustomerFolds(
            labels: given.labels,
            clusters: given.clusters,
            count: count,
            order: Self.order(isShuffled, seed, repetition: 0)
        )
        var (original, runs) = ([Int](), [Range<Int>]())
        original.reserveCapacity(given.labels.count)
        for fold in 0..<count {
            let first = original.count
            original += dealt.rows(of: fold)
            runs.append(first..<original.count)
        }
        (self.original, self.runs) = (original, runs)
        rows = given.selecting(rows: original, threads: threads)
        customers = rows.clusters ?? original.map { Int32(truncatingIfNeeded: $0) }
    }

    private static func order(_ isShuffled: Bool, _ seed: UInt64, repetition: Int) -> CustomerFolds.Order {
        isShuffled ? .shuffled(seed: seed, repetition: repetition) : .asTheyCome
    }

    /// The customer's id, or the number of the row in its table, from 1.
    func name(ofRow row: Int) -> String { names?[original[row]] ?? "\(original[row] + 1)" }

    func folds(of chosen: [Int], _ repetitions: Int) throws(ModelError) -> [ValidationRows.Fold] {
        var folds: [ValidationRows.Fold] = []
        for repetition in 0..<repetitions {
            let name = repetitions == 1 ? "" : " of repetition \(repetition + 1)"
            for (fold, part) in try parts(of: chosen, repetition).enumerated() {
                folds.append(
                    ValidationRows.Fold(
                        name: "\(fold + 1)" + name,
                        parts: [part],
                        trainingCutoffs: [],
                        purgedCutoffs: [],
                        knownCutoffs: []
                    )
                )
            }
        }
        return folds
    }

    /// By fold, what trains and what tests.
    private func parts(of chosen: [Int], _ repetition: Int) throws(ModelError) -> [ValidationRows.Fold.Part] {
        if repetition == 0, chosen.count == rows.labels.count {
            return runs.map { run in
                let after = run.upperBound..<rows.labels.count
                return .init(train: Array(0..<run.lowerBound) + Array(after), test: Array(run))
            }
        }
        // Dealt by their order in the table that was given.
        let ordered = chosen.sorted { original[$0] < original[$1] }
        let dealt = try CustomerFolds(
            labels: ordered.map { rows.labels[$0] },
            clusters: ordered.map { customers[$0] },
            count: count,
            order: Self.order(isShuffled, seed, repetition: repetition)
        )
        return (0..<count).map { fold in
            .init(
                train: dealt.rows(outside: fold).map { ordered[$0] }.sorted(),
                test: dealt.rows(of: fold).map { ordered[$0] }.sorted()
            )
        }
    }
}
