import ChurnHistory
import Crypto
import Foundation

/// A study file: where the data are, what churn means, and which cutoffs, windows and registry a run uses.
public struct Study: Sendable {
    /// Which cutoffs a study looks at: `first`, then every `every` until `last`, both included.
    public struct Observations: Sendable, Equatable {
        public let first: CalendarDay
        public let last: CalendarDay
        public let every: CalendarPeriod
    }

    public let name: String
    /// The file, for messages.
    public let path: String
    public let calendar: StudyCalendar
    /// The exclusive end of what the data can know, where the study names it.
    public let observedUntil: CalendarDay?
    /// Rows that may be rejected before a reading stops.
    public let maximumRejected: Int
    public let sources: StudySources
    public private(set) var churn: ChurnDefinition
    public let observations: Observations
    /// Which features are computed.
    public private(set) var features: FeatureSelection
    /// What models make more of the features.
    public let terms: [StudyTerm]
    /// How models are validated in time.
    public let validation: ValidationRules
    /// What is checked before a scoring, and how long its records stay.
    public let scoring: ScoringRules
    /// The study's registry as a path, where it names one.
    public let registry: String?
    /// SHA-256 of the file's bytes, in hexadecimal.
    public let hash: String
    /// SHA-256 of all that the study says of its sources and how they are read, in hexadecimal.
    public let sourcesDigest: String

    /// Reads and checks a study file.
    public init(path: String) throws(DataError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw DataError(
                .fileMissing,
                "cannot be read as a study file",
                file: path,
                fix: "check the path; `churn simulate` writes a study to begin with"
            )
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw DataError(.studyUnreadable, "is not UTF-8 text", file: path)
        }
        try self.init(yaml: text, path: path)
    }

    /// Reads and checks a study's text.
    /// - Parameter path: where it stands; relative file names start at its folder.
    public init(yaml text: String, path: String) throws(DataError) {
        self.path = path
        let root = try StudyNode(yaml: text, file: path)
        try root.requireKeys([
            "study", "timezone", "observedUntil", "maxRejected", "events", "customers", "contracts", "churn",
            "observations", "features", "terms", "validation", "scoring", "registry",
        ])
        let folder = (path as NSString).deletingLastPathComponent
        hash = SHA256.hash(data: Data(text.utf8)).hexadecimal
        let aboutSources = ["timezone", "observedUntil", "maxRejected", "events", "customers", "contracts"]
        let words = aboutSources.map { "\($0):\(root.optional($0)?.canonicalText ?? "")" }
        sourcesDigest = SHA256.hash(data: Data(words.joined(separator: "\n").utf8)).hexadecimal
        name = try root.required("study", example: "my-shop").text()
        let calendar = try StudyCalendar(try root.required("timezone", example: "Europe/Berlin"))
        self.calendar = calendar
        observedUntil = try root.optional("observedUntil")?.day()
        maximumRejected = try root.optional("maxRejected")?.count() ?? 0
        sources = try Self.sources(root, folder: folder, calendar: calendar)
        churn = try ChurnDefinition(
            try root.required("churn", example: "{definition: inactivity, …}"),
            sources: sources
        )
        observations = try Observations(try root.required("observations", example: "{first: 2024-01-01, …}"))
        features = try FeatureSelection(root.optional("features"))
        terms = try StudyTerm.list(root.optional("terms"))
        validation = try ValidationRules(root.optional("validation"))
        scoring = try ScoringRules(root.optional("scoring"))
        let registry = try root.optional("registry")?.text()
        self.registry = registry.map { $0.hasPrefix("/") || folder.isEmpty ? $0 : "\(folder)/\($0)" }
    }

    private static func sources(
        _ root: StudyNode,
        folder: String,
        calendar: StudyCalendar
    ) throws(DataError) -> StudySources {
        var events: [EventSource] = []
        for node in try root.required("events", example: "[{file: orders.csv, …}]").elements() {
            events.append(try EventSource(node, folder: folder, calendar: calendar))
        }
        var customers: [AttributeSource] = []
        for node in root.optional("customers")?.elements() ?? [] {
            let source = try AttributeSource(node, folder: folder, calendar: calendar)
            if let group = source.group, customers.contains(where: { $0.group != nil }),
                let key = node.optional("group")
            {
                throw key.error(
                    "is the second `group` of `customers`",
                    value: group,
                    fix: "name the group of companies in one entry only"
                )
            }
            try source.requireOwnNames(node, beside: customers)
            customers.append(source)
        }
        var contracts: [ContractSource] = []
        for node in root.optional("contracts")?.elements() ?? [] {
            contracts.append(try ContractSource(node, folder: folder, calendar: calendar))
        }
        return StudySources(events: events, customers: customers, contracts: contracts)
    }

    /// The same without `activeWithin`: whoever ever was active is eligible.
    public var ofEverybody: Study {
        var study = self
        study.churn.activeWithin = nil
        return study
    }

    /// The same with the features of a family beside its own.
    public func adding(_ family: FeatureGroup) -> Study {
        var study = self
        study.features = features.adding(family)
        return study
    }

    /// The same with other windows or families of features; `nil` leaves them.
    public func choosing(windows: [FeatureWindow]?, families: [FeatureGroup]?) -> Study {
        var study = self
        study.features = features.choosing(windows: windows, families: families)
        return study
    }

    /// The windows of the features, in the study's order.
    public var windows: [FeatureWindow] { features.windows }

    /// Every file that a run reads: the study and its sources.
    public var inputFiles: [String] { [path] + sourceFiles }

    /// The files of the sources, in the order in which they are read.
    public var sourceFiles: [String] {
        sources.events.flatMap(\.files) + sources.customers.flatMap(\.files) + sources.contracts.flatMap(\.files)
    }

    /// The exclusive end of what the data can know as an instant, where the study names it.
    public var observedUntilInstant: Int64? { observedUntil.map(calendar.start(of:)) }
}

extension Study.Observations {
    private static let maximumCount = 10_000

    init(_ node: StudyNode) throws(DataError) {
        try node.requireKeys(["first", "last", "every"])
        let firstNode = try node.required("first", example: "2024-01-01")
        first = try firstNode.day()
        last = try node.optional("last")?.day() ?? first
        let everyNode = node.optional("every")
        every = try everyNode?.period() ?? CalendarPeriod(months: 1)
        if let everyNode, every.isZero { throw everyNode.error("must be longer than nothing", fix: "every: 1mo") }
        if last < first { throw node.error("`last` lies before `first`", fix: "exchange the two dates") }
        if days.count > Self.maximumCount {
            throw node.error("has more than \(Self.maximumCount) cutoffs", fix: "choose a longer `every`")
        }
    }

    /// The days of all cutoffs, ascending. Each is counted from the first, so that 31 January does not drift to the 28th.
    public var days: [CalendarDay] {
        var days: [CalendarDay] = []
        var count = 0
        while true {
            let day = first.adding(CalendarPeriod(months: every.months * count, days: every.days * count))
            if day > last || days.count > Self.maximumCount { return days }
            days.append(day)
            count += 1
        }
    }
}
