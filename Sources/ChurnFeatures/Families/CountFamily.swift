/// Whatever is a number of transactions in windows, or made of such numbers.
struct CountFamily: FeatureFamily {
    /// Those that are made of two counters.
    private static let primitives: [Primitive] = [
        .share, .ratio, .versusBefore, .versusYear, .weekdayShare, .dayPartShare, .monthShare,
    ]

    /// A column that is made of two counters.
    private struct Pair {
        let primitive: Primitive
        let first: Int
        let second: Int
        let offset: Int
    }

    private let counter: TransactionCounter
    /// Where the columns stand that are one counter each: those of the first counters, in their order.
    private let plain: [Int]
    private let pairs: [Pair]

    init?(_ columns: [ExpandedPlan.Column], _ layout: FamilyLayout) {
        var keys: [TransactionCounter.Key] = []
        var numbers: [TransactionCounter.Key: Int] = [:]
        func number(_ key: TransactionCounter.Key) -> Int {
            if let known = numbers[key] { return known }
            numbers[key] = keys.count
            keys.append(key)
            return keys.count - 1
        }
        var plain: [Int] = []
        var pairs: [Pair] = []
        for column in columns where [.count, .activeDays].contains(column.primitive) {
            let subject: TransactionCounter.Subject = column.primitive == .count ? .transactions : .days
            let key = TransactionCounter.Key(
                subject: subject,
                types: column.types,
                start: layout.start(column.window),
                end: 0
            )
            // A counter of its own even where two columns say the same under two names.
            numbers[key] = keys.count
            keys.append(key)
            plain.append(layout.offset(column))
        }
        for column in columns where Self.primitives.contains(column.primitive) {
            let types = column.types
            let window = column.window ?? .all
            func inWindow(_ subject: TransactionCounter.Subject, _ types: TypeSet) -> Int {
                number(.init(subject: subject, types: types, start: layout.start(window), end: 0))
            }
            func between(_ start: Boundary, _ end: Boundary) -> Int {
                number(
                    .init(subject: .transactions, types: types, start: layout.number(start), end: layout.number(end))
                )
            }
            let first: Int
            let second: Int
            if let kind = CalendarParts.Kind(column.primitive) {
                first = inWindow(.part(kind, column.part ?? 0), types)
                second = inWindow(.transactions, types)
            } else {
                first = inWindow(.transactions, types)
                second =
                    switch column.primitive {
                    case .versusBefore: between(.startBefore(window), .start(window))
                    case .versusYear: between(.startYearBefore(window), .yearBefore)
                    default: inWindow(.transactions, column.among ?? types)
                    }
            }
            pairs.append(
                Pair(primitive: column.primitive, first: first, second: second, offset: layout.offset(column))
            )
        }
        guard !keys.isEmpty else { return nil }
        self.plain = plain
        self.pairs = pairs
        counter = TransactionCounter(keys, layout)
    }

    func evaluate(_ customer: CustomerEvents, _ examples: CustomerExamples) {
        counter.count(customer)
        plain.withUnsafeBufferPointer { plain in
            for example in 0..<examples.count {
                let counts = counter.counters.counts(at: Int(examples.cutoffs[example]))
                let row = examples.rows[example]
                for column in 0..<plain.count {
                    row[plain[column]] = CountPrimitive.value(counts[column])
                }
            }
        }
        for column in pairs {
            for example in 0..<examples.count {
                let counts = counter.counters.counts(at: Int(examples.cutoffs[example]))
                let value = Self.value(of: column.primitive, Int(counts[column.first]), Int(counts[column.second]))
                examples.write(value, example: example, offset: column.offset)
            }
        }
    }

    @inline(__always)
    private static func value(of primitive: Primitive, _ first: Int, _ second: Int) -> Double {
        switch primitive {
        case .versusBefore, .versusYear: VersusBeforePrimitive.value(first, before: second)
        default: SharePrimitive.value(first, of: second)
        }
    }
}
