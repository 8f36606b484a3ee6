/// Whatever is a number of transactions in windows, or made of such numbers.
final class CountFamily: FeatureFamily {
    /// Those that are made of two counts.
    private static let primitives: [Primitive] = [
        .share, .ratio, .versusBefore, .versusYear, .weekdayShare, .dayPartShare, .monthShare,
    ]

    /// The counters of what lies before a window's end and before its start.
    private struct Window {
        let end: Int
        let start: Int

        @inline(__always)
        func count(_ counts: UnsafePointer<Int32>) -> Int32 { counts[end] &- counts[start] }
    }

    /// A column that is the count of a window.
    private struct Plain {
        let window: Window
        let offset: Int
    }

    /// A column that is made of the counts of two windows.
    private struct Pair {
        let primitive: Primitive
        let first: Window
        let second: Window
        let offset: Int
    }

    private let counter: TransactionCounter
    private let plain: [Plain]
    private let pairs: [Pair]

    init?(_ columns: [ExpandedPlan.Column], _ layout: FamilyLayout) {
        var keys: [TransactionCounter.Key] = []
        var numbers: [TransactionCounter.Key: Int] = [:]
        func counter(_ subject: TransactionCounter.Subject, _ types: TypeSet, before boundary: UInt16) -> Int {
            let key = TransactionCounter.Key(subject: subject, types: types, boundary: boundary)
            if let known = numbers[key] { return known }
            numbers[key] = keys.count
            keys.append(key)
            return keys.count - 1
        }
        func window(
            _ subject: TransactionCounter.Subject,
            _ types: TypeSet,
            _ start: UInt16,
            _ end: UInt16 = 0
        ) -> Window {
            Window(end: counter(subject, types, before: end), start: counter(subject, types, before: start))
        }
        var plain: [Plain] = []
        var pairs: [Pair] = []
        for column in columns where [.count, .activeDays].contains(column.primitive) {
            let subject: TransactionCounter.Subject = column.primitive == .count ? .transactions : .days
            let counted = window(subject, column.types, layout.start(column.window))
            plain.append(Plain(window: counted, offset: layout.offset(column)))
        }
        for column in columns where Self.primitives.contains(column.primitive) {
            let types = column.types
            let length = column.window ?? .all
            func inWindow(_ subject: TransactionCounter.Subject, _ types: TypeSet) -> Window {
                window(subject, types, layout.start(length))
            }
            func between(_ start: Boundary, _ end: Boundary) -> Window {
                window(.transactions, types, layout.number(start), layout.number(end))
            }
            let first: Window
            let second: Window
            if let kind = CalendarParts.Kind(column.primitive) {
                first = inWindow(.part(kind, column.part ?? 0), types)
                second = inWindow(.transactions, types)
            } else {
                first = inWindow(.transactions, types)
                second =
                    switch column.primitive {
                    case .versusBefore: between(.startBefore(length), .start(length))
                    case .versusYear: between(.startYearBefore(length), .yearBefore)
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
        self.counter = TransactionCounter(keys, layout)
    }

    func evaluate(_ customer: CustomerEvents, _ examples: CustomerExamples) {
        counter.count(customer)
        plain.withUnsafeBufferPointer { plain in
            for example in 0..<examples.count {
                let counts = counter.counters.counts(at: Int(examples.cutoffs[example]))
                let row = examples.rows[example]
                for column in plain { row[column.offset] = CountPrimitive.value(column.window.count(counts)) }
            }
        }
        for column in pairs {
            for example in 0..<examples.count {
                let counts = counter.counters.counts(at: Int(examples.cutoffs[example]))
                let (first, second) = (column.first.count(counts), column.second.count(counts))
                let value = Self.value(of: column.primitive, Int(first), Int(second))
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
