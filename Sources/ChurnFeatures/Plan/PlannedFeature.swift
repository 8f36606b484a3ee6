import ChurnHistory

extension FeaturePlan {
    /// One feature: a primitive applied to events of some types, in a window where the primitive takes one.
    public struct Feature: Sendable, Equatable, Codable {
        /// Unique within the plan, such as `purchase_count_90d`.
        public let name: String
        public let primitive: Primitive
        public let eventTypes: [String]
        public let window: FeatureWindow?
        /// The attribute, where the primitive takes one: of the events, or of the customers where it is of customers.
        public let attribute: String?
        /// The types that the feature is a share of or in relation to, where the primitive takes some; of `sinceLast` and
        /// `sinceLastOverGap`, the activity whose first day stands in for who has no event of the type, which may be empty.
        public let among: [String]?
        /// The part of the calendar, as an index into the primitive's `parts`, where it has some.
        public let part: Int?
        /// The attribute's value, where the primitive tells whether it has one.
        public let value: String?

        public init(
            name: String,
            primitive: Primitive,
            eventTypes: [String],
            window: FeatureWindow? = nil,
            attribute: String? = nil,
            among: [String]? = nil,
            part: Int? = nil,
            value: String? = nil
        ) {
            self.name = name
            self.primitive = primitive
            self.eventTypes = eventTypes
            self.window = window
            self.attribute = attribute
            self.among = among
            self.part = part
            self.value = value
        }

        /// What the feature says, in plain words.
        public var sentence: String { primitive.definition.sentence(self) }

        /// Whether the feature has what its primitive needs, and nothing that it cannot use.
        var isComplete: Bool {
            guard (attribute != nil) == primitive.takesAttribute, (value != nil) == (primitive == .attributeValue)
            else {
                return false
            }
            switch primitive.subject {
            case .contracts, .attributes:
                return eventTypes.isEmpty && window == nil && among == nil && part == nil
            case .companyGroup:
                let hasFittingTypes = eventTypes.isEmpty == (primitive == .groupMembers)
                return hasFittingTypes && hasFittingWindow && among == nil && part == nil
            case .events:
                guard !eventTypes.isEmpty, hasFittingWindow else { return false }
                guard hasFittingAmong else { return false }
                guard let part else { return primitive.parts.isEmpty }
                return primitive.parts.indices.contains(part)
            }
        }

        private var hasFittingAmong: Bool {
            switch primitive {
            case .share, .ratio: among?.isEmpty == false
            case .sinceLast, .sinceLastOverGap: among != nil
            default: among == nil
            }
        }

        /// The types that the feature takes for the activity as the study defines it, which plan and study must agree on;
        /// `nil` where it takes none.
        var activityTypes: [String]? {
            primitive.isSinceLast ? among : primitive.isOfActivity ? eventTypes : nil
        }

        private var hasFittingWindow: Bool {
            switch primitive.windowUse {
            case .none: return window == nil
            case .any: return window != nil
            case .bounded:
                guard let window, window.length != nil else { return false }
                return ![.trend, .amountTrend].contains(primitive) || window.weeks >= 2
            }
        }

        /// What bounds the events that the feature looks at, and how far back that reaches: the window, or for comparisons
        /// the window and the one that it is compared with. `nil` where nothing does.
        public var reach: Reach? {
            guard let window, let length = window.length else { return nil }
            return switch primitive {
            // It looks ahead.
            case .expectedPurchases: nil
            case .versusBefore, .amountVersusBefore:
                Reach(name: "vs_before_\(window.name)", length: length, start: .startBefore(window))
            case .versusYear, .amountVersusYear:
                Reach(name: "vs_year_\(window.name)", length: length, start: .startYearBefore(window))
            default: Reach(name: window.name, length: length, start: .start(window))
            }
        }

        /// How far back features look.
        public struct Reach: Hashable, Sendable {
            public let name: String
            /// Of the window, and of the one that it is compared with.
            let length: CalendarPeriod
            let start: Boundary

            /// The first day that is looked at from a cutoff.
            public func firstDay(at cutoff: CalendarDay) -> CalendarDay { start.day(of: cutoff) ?? cutoff }

            /// How many days the window has that begins on the first day.
            public func windowDays(at cutoff: CalendarDay) -> Int {
                let first = firstDay(at: cutoff)
                return first.adding(length).number - first.number
            }
        }

        /// The event types in words.
        var types: String { eventTypes.joined(separator: " or ") }

        /// Where the feature looks, in words.
        var period: String {
            window?.length == nil ? "before the cutoff" : "in the \(window?.name ?? "") before the cutoff"
        }

        /// The part of the calendar in words.
        var partName: String {
            part.flatMap { primitive.parts.indices.contains($0) ? primitive.parts[$0] : nil } ?? ""
        }
    }
}
