import ChurnEvaluation
import ChurnFeatures
import ChurnHistory
import ChurnModels
import ChurnNumerics
import ChurnRegistry

/// Why a customer has the score that he has: what raises and lowers it against the average of the customers who are scored beside him,
/// what it would be if parts of his behaviour were like the median customer's, and who was most like him and left or stayed.
public struct Explanation: Sendable, Encodable {
    /// A predictor and what it says of the customer.
    public struct Fact: Sendable, Encodable {
        public let predictor: String
        /// In plain words; the name itself for a flat table.
        public let words: String
        /// Such as `days`; `nil` where it is not known.
        public let unit: String?
        /// `nil` for a category, a missing number, and what is made of several predictors.
        public let value: Double?
        /// A category; `nil` for a number.
        public let text: String?
        /// Why the value means nothing; `nil` where it does.
        public let placeholder: Placeholder?
        /// Of the customers who are scored beside him and have one that means something; `nil` for a category.
        public let mean: Double?
        public let median: Double?
        /// To the log-odds, against the average of the customers who are scored.
        public let contribution: Double
    }

    /// Why a number stands for something that is not there.
    public enum Placeholder: String, Sendable, Encodable {
        /// There was no such event yet.
        case never
        /// There was one only, so that there is no gap between two.
        case onlyOnce
    }

    /// Predictors that tell of the same thing.
    public struct Group: Sendable, Encodable {
        public let name: String
        /// The sum of the facts' contributions.
        public let contribution: Double
        /// Whether what a company does can change it.
        public let isWithinReach: Bool
        /// Strongest first.
        public let facts: [Fact]
    }

    /// What the score would be if groups of predictors were as the median customer's are.
    public struct Alternative: Sendable, Encodable {
        public let groups: [String]
        public let probability: Double
    }

    /// Another customer at an earlier cutoff, whose outcome is known.
    public struct Neighbour: Sendable, Encodable {
        public let customer: String
        public let cutoff: String
        public let churned: Bool
        /// By the same model then.
        public let probability: Double
        /// Between the contributions of all predictors.
        public let distance: Double
    }

    /// What became of the customers who were most alike.
    public struct Alike: Sendable, Encodable {
        public let cutoff: String
        public let customers: Int
        public let churned: Int
        /// How many the model expected, by their probabilities then.
        public let expected: Double
    }

    public let customer: String
    /// `nil` for a flat table.
    public let asOf: String?
    /// What the model predicts, in words; `nil` for a flat table, and of versions trained before it was kept.
    public let churn: String?
    public let probability: Double
    /// The mean of the probabilities of all customers who are scored.
    public let averageProbability: Double
    /// Before a calibration; the sum of `averageLogOdds`, `offset` and all contributions.
    public let logOdds: Double
    /// The mean of the log-odds of all customers who are scored, without offsets.
    public let averageLogOdds: Double
    public let offset: Double
    /// From 1 for the highest probability.
    public let rank: Int
    public let customers: Int
    /// Rows of a flat table that have his id; the first one is explained.
    public let rowsOfCustomer: Int
    /// From which probability on a customer is among the tenth with the highest.
    public let topTenthFrom: Double
    /// Strongest first.
    public let groups: [Group]
    /// Groups within reach that raise the score and without which it would be lower, each alone, then the first two, three and so on
    /// together, until he is out of the top tenth.
    public let alternatives: [Alternative]
    /// `nil` for a flat table, and where nobody's outcome was known by then.
    public let alike: Alike?
    /// Of those most alike, closest first: who left, and who stayed.
    public let alikeWhoLeft: [Neighbour]
    public let alikeWhoStayed: [Neighbour]

    private static let mostNeighbours = 3
    private static let mostAlternatives = 4
    /// How much lower a score must be to be worth a line.
    private static let leastAlternative = 0.02
    private static let mostAlike = 50
    /// Contributions of so many rows at once.
    private static let tile = 4096

    /// Explains a score.
    /// - Parameters:
    ///   - customer: his id.
    ///   - source: where he is scored; the row number is the customer of a flat table without ids.
    ///   - levers: columns of a flat table that a company can change; of a study the features say.
    /// - Throws: `unknownCustomer` where he is not among those who are scored.
    public init(
        of customer: String,
        by model: StoredModel,
        on source: ModelScoring.Source,
        levers: Set<String> = [],
        threads: Int
    ) throws {
        let rows = try ModelScoring(model, on: source, threads: threads).rows()
        let own = rows.customers.indices.filter { rows.customers[$0].utf8.elementsEqual(customer.utf8) }
        guard let row = own.first else {
            throw WorkflowError.unknownCustomer(asOf: source.asOf, customers: rows.customers.count)
        }
        let fitted = model.model.fitted
        let logOdds = try fitted.linearPredictor(rows.predictors, offsets: rows.offsets, threads: threads)
        let probabilities = logOdds.map(model.model.probability(ofLogOdds:))
        let alone = rows.predictors.selecting(rows: [row])
        let contributions = try fitted.contributions(alone, threads: threads)
        let means = try Self.meanContributions(rows.predictors, fitted, threads: threads)
        if let unknown = levers.sorted().first(where: { !rows.predictors.columnNames.contains($0) }) {
            throw WorkflowError.unknownPredictor(
                unknown,
                nearest: NearestName.of(unknown, among: rows.predictors.columnNames)
            )
        }
        let profile = try Profile(model, rows.predictors, source, levers: levers, threads: threads)

        self.customer = customer
        asOf = source.asOf
        churn = model.training.churn
        probability = probabilities[row]
        averageLogOdds = means.reduce(fitted.intercept, +)
        averageProbability = probabilities.reduce(0, +) / Double(probabilities.count)
        offset = rows.offsets?[row] ?? 0
        self.logOdds = logOdds[row]
        customers = rows.customers.count
        rowsOfCustomer = own.count
        rank = 1 + logOdds.count { $0 > logOdds[row] }
        let place = max(1, Int((Double(customers) / 10).rounded(.up)))
        topTenthFrom = probabilities.sorted(by: >)[place - 1]
        let groups = profile.groups(row: row, contributions: means.indices.map { contributions[0, $0] - means[$0] })
        self.groups = groups

        // What would be, were some of it as with the median customer.
        func probabilityIf(_ names: [String]) throws -> Double {
            let changed = try profile.row(alone, atMedianOf: Set(names))
            return try model.model.probabilities(changed, offsets: rows.offsets.map { [$0[row]] }, threads: 1)[0]
        }
        var alternatives: [Alternative] = []
        for group in groups where group.isWithinReach && group.contribution > 0 {
            // Nobody can be made to have bought twice.
            if group.facts.allSatisfy({ $0.placeholder != nil || $0.contribution == 0 }) { continue }
            let found = try probabilityIf([group.name])
            if found > probability - Self.leastAlternative { continue }
            alternatives.append(Alternative(groups: [group.name], probability: found))
            if alternatives.count == Self.mostAlternatives { break }
        }
        let reachable = alternatives.flatMap(\.groups)
        for count in stride(from: 2, through: reachable.count, by: 1) {
            if let last = alternatives.last, last.groups.count > 1, last.probability < topTenthFrom { break }
            let names = Array(reachable.prefix(count))
            alternatives.append(Alternative(groups: names, probability: try probabilityIf(names)))
        }
        self.alternatives = alternatives
        let neighbours = try Self.neighbours(of: customer, contributions, model, source, threads: threads)
        let closest = neighbours.prefix(min(Self.mostAlike, neighbours.count / 4))
        alike = closest.first.map {
            Alike(
                cutoff: $0.cutoff,
                customers: closest.count,
                churned: closest.count(where: \.churned),
                expected: closest.reduce(0) { $0 + $1.probability }
            )
        }
        alikeWhoLeft = Array(closest.filter(\.churned).prefix(Self.mostNeighbours))
        alikeWhoStayed = Array(closest.filter { !$0.churned }.prefix(Self.mostNeighbours))
    }

    /// The mean contribution of each predictor over rows.
    private static func meanContributions(
        _ predictors: PredictorTable,
        _ fitted: any FittedModel,
        threads: Int
    ) throws -> [Double] {
        var sums = [Double](repeating: 0, count: fitted.predictorNames.count)
        for first in stride(from: 0, to: predictors.rowCount, by: tile) {
            let rows = Array(first..<min(predictors.rowCount, first + tile))
            let contributions = try fitted.contributions(predictors.selecting(rows: rows), threads: threads)
            for column in sums.indices {
                sums[column] += rows.indices.reduce(0) { $0 + contributions[$1, column] }
            }
        }
        return sums.map { $0 / Double(predictors.rowCount) }
    }

    /// Customers of the latest cutoff whose outcomes were known by now, closest first; nobody for a flat table.
    private static func neighbours(
        of customer: String,
        _ contributions: Matrix,
        _ model: StoredModel,
        _ source: ModelScoring.Source,
        threads: Int
    ) throws -> [Neighbour] {
        let (predictors, customers, labels): (PredictorTable, [String], [Bool])
        let cutoff: String
        switch source {
        case .table: return []
        case .study(let data, let day):
            let now = data.study.calendar.start(of: day)
            guard let known = data.cutoffs.last(where: { $0.isMature && $0.labelEnd <= now }) else { return [] }
            let table = try data.featureTable(plan: model.featurePlan, cutoffs: [known], threads: threads)
            predictors = table.predictors(rows: Array(0..<table.rowCount))
            customers = Array(table.customers)
            labels = table.labels.map { $0 == 1 }
            cutoff = known.day.description
        }
        let fitted = model.model.fitted
        let theirs = try fitted.contributions(predictors, threads: threads)
        let probabilities = try model.model.probabilities(predictors, threads: threads)
        var distances = [Double](repeating: 0, count: customers.count)
        for column in 0..<theirs.columnCount {
            let own = contributions[0, column]
            for row in distances.indices {
                let difference = theirs[row, column] - own
                distances[row] += difference * difference
            }
        }
        return distances.indices.filter { !customers[$0].utf8.elementsEqual(customer.utf8) }
            .sorted { (distances[$0], $0) < (distances[$1], $1) }
            .map { row in
                Neighbour(
                    customer: customers[row],
                    cutoff: cutoff,
                    churned: labels[row],
                    probability: probabilities[row],
                    distance: distances[row].squareRoot()
                )
            }
    }
}

/// What a model's predictors mean, how they belong together, and where the median customer stands.
private struct Profile {
    private let model: StoredModel
    private let predictors: PredictorTable
    private let levers: Set<String>
    private let means: [Double?]
    private let medians: [Double?]
    private let features: [String: FeaturePlan.Feature]
    /// By event types: how many of their events each row had before its cutoff.
    private let counts: [[String]: [Double]]

    init(
        _ model: StoredModel,
        _ predictors: PredictorTable,
        _ source: ModelScoring.Source,
        levers: Set<String>,
        threads: Int
    ) throws {
        self.levers = levers
        self.model = model
        self.predictors = predictors
        var features: [String: FeaturePlan.Feature] = [:]
        var counts: [[String]: [Double]] = [:]
        if case .features(let plan) = model.source, case .study(let data, let day) = source {
            for feature in plan.features { features[feature.name] = feature }
            counts = try Self.counts(of: plan, data, day, threads: threads)
        }
        self.features = features
        self.counts = counts
        let middles: [(mean: Double, median: Double)?] = predictors.columns.map { column in
            guard case .numeric(let values) = column.values else { return nil }
            let all = values.array
            let known = all.indices.filter { row in
                !all[row].isNaN && Self.placeholder(features[column.name], row: row, counts) == nil
            }.map { all[$0] }.sorted()
            guard !known.isEmpty else { return nil }
            let median = (known[(known.count - 1) / 2] + known[known.count / 2]) / 2
            return (known.reduce(0, +) / Double(known.count), median)
        }
        means = middles.map { $0?.mean }
        medians = middles.map { $0?.median }
    }

    /// How many events of the types whose gaps and last days features tell of.
    private static func counts(
        of plan: FeaturePlan,
        _ data: StudyData,
        _ day: CalendarDay,
        threads: Int
    ) throws -> [[String]: [Double]] {
        var types: [[String]] = []
        for feature in plan.features where feature.primitive.leastEvents > 0 && !types.contains(feature.eventTypes) {
            types.append(feature.eventTypes)
        }
        if types.isEmpty { return [:] }
        let counting = try FeaturePlan(
            features: types.enumerated().map {
                .init(name: "\($0)", primitive: .count, eventTypes: $1, window: .all)
            },
            timeZoneName: plan.timeZoneName
        )
        let table = try data.featureTable(
            plan: counting,
            cutoffs: [data.scoringCutoff(asOf: day)],
            threads: threads
        )
        return Dictionary(uniqueKeysWithValues: types.enumerated().map { ($1, table.features.columns[$0].array) })
    }

    private static func placeholder(
        _ feature: FeaturePlan.Feature?,
        row: Int,
        _ counts: [[String]: [Double]]
    ) -> Explanation.Placeholder? {
        guard let feature, feature.primitive.leastEvents > 0, let count = counts[feature.eventTypes]?[row],
            count < feature.primitive.leastEvents
        else { return nil }
        return count == 0 ? .never : .onlyOnce
    }

    private func group(of predictor: String) -> (name: String, isWithinReach: Bool) {
        guard let feature = features[predictor] else { return (predictor, levers.contains(predictor)) }
        let topic = feature.primitive.topic
        // How much is told of each kind of event.
        let types = topic == .volume ? feature.eventTypes.joined(separator: ", ") : ""
        return (types.isEmpty ? topic.rawValue : "\(topic.rawValue): \(types)", topic.isWithinReach)
    }

    func groups(row: Int, contributions: [Double]) -> [Explanation.Group] {
        var names: [String] = []
        var facts: [String: [Explanation.Fact]] = [:]
        var reach: [String: Bool] = [:]
        for (number, predictor) in model.model.fitted.predictorNames.enumerated() {
            let (name, isWithinReach) = group(of: predictor)
            if facts[name] == nil { names.append(name) }
            facts[name, default: []].append(fact(predictor, row: row, contributions[number]))
            reach[name] = isWithinReach
        }
        return names.map { name in
            let own = facts[name] ?? []
            return Explanation.Group(
                name: name,
                contribution: own.reduce(0) { $0 + $1.contribution },
                isWithinReach: reach[name] ?? false,
                facts: own.sorted { abs($0.contribution) > abs($1.contribution) }
            )
        }.sorted { abs($0.contribution) > abs($1.contribution) }
    }

    private func fact(_ predictor: String, row: Int, _ contribution: Double) -> Explanation.Fact {
        let feature = features[predictor]
        var (value, text): (Double?, String?) = (nil, nil)
        var (mean, median): (Double?, Double?) = (nil, nil)
        if let column = predictors.columns.firstIndex(where: { $0.name == predictor }) {
            switch predictors.columns[column].values {
            case .numeric(let values):
                value = values[row].isNaN ? nil : values[row]
                (mean, median) = (means[column], medians[column])
            case .categorical(let codes, let levels): text = codes[row] < 0 ? nil : levels[Int(codes[row])]
            }
        }
        return Explanation.Fact(
            predictor: predictor,
            words: feature?.sentence ?? predictor,
            unit: feature?.primitive.definition.unit,
            value: value,
            text: text,
            placeholder: Self.placeholder(feature, row: row, counts),
            mean: mean,
            median: median,
            contribution: contribution
        )
    }

    /// A row with the predictors of some groups as the median customer's are; categories stay.
    func row(_ own: PredictorTable, atMedianOf groups: Set<String>) throws -> PredictorTable {
        let columns = own.columns.enumerated().map { number, column in
            guard groups.contains(group(of: column.name).name), case .numeric = column.values,
                let median = medians[number]
            else { return column }
            return PredictorColumn(name: column.name, values: .numeric([median]))
        }
        return try PredictorTable(rowCount: 1, columns: columns)
    }
}

/// What features tell of, in words for people who know customers and not models.
private enum Topic: String {
    case silence = "how long ago"
    case rhythm = "against the own rhythm"
    case volume = "how often and how much"
    case trend = "more or less than before"
    case mix = "of which kinds"
    case tenure = "how long a customer"
    case calendar = "when"
    case lapse = "purchase pattern"
    case contract = "contract"
    case attributes = "who it is"
    case companyGroup = "group of companies"

    var isWithinReach: Bool {
        switch self {
        case .silence, .rhythm, .volume, .trend, .mix, .lapse: true
        case .tenure, .calendar, .contract, .attributes, .companyGroup: false
        }
    }
}

extension Primitive {
    /// With fewer events the feature has a stand-in; 0 where it never has.
    fileprivate var leastEvents: Double {
        switch self {
        case .sinceLast, .sinceLastOverGap: 1
        case .gapMean, .gapDeviation, .recencyOverGapMean, .gapMedian, .gapVariation, .outOfRhythm, .daysOverdue: 2
        default: 0
        }
    }

    fileprivate var topic: Topic {
        switch self {
        case .sinceLast, .recency, .recencyScore: .silence
        case .sinceLastOverGap, .gapMean, .gapDeviation, .recencyOverGapMean, .gapMedian, .gapVariation, .outOfRhythm,
            .daysOverdue:
            .rhythm
        case .count, .activeDays, .frequencyScore, .sum, .mean, .minimum, .maximum, .deviation, .last, .quantity,
            .monetaryScore:
            .volume
        case .trend, .amountTrend, .versusBefore, .versusYear, .amountVersusBefore, .amountVersusYear: .trend
        case .share, .ratio, .distinct: .mix
        case .tenure: .tenure
        case .weekdayShare, .dayPartShare, .monthShare: .calendar
        case .aliveProbability, .expectedPurchases, .expectedValue: .lapse
        case .contractPlannedEnd, .contractOpenEnded, .contractAge, .contractTenure, .contractValue, .contractRenewals,
            .contractValueChanges, .contractNotice, .contractsInForce:
            .contract
        case .attributeNumber, .attributeValue, .attributeMissing, .companyAge, .attributeChanges, .attributeChangeAge:
            .attributes
        case .groupMembers, .groupActiveMembers, .groupCount, .groupSum, .groupShare, .groupRecency: .companyGroup
        }
    }
}
