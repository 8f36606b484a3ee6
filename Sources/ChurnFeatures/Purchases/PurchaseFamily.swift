import ChurnHistory

/// What a model of purchases, learned from everybody before the cutoff, tells of a customer.
final class PurchaseFamily: FeatureFamily {
    private struct Column {
        let primitive: Primitive
        let offset: Int
        /// Days to come, by cutoff; empty where the primitive has no window.
        let days: [Int]
    }

    private let columns: [Column]
    private let summary: PurchaseSummary
    private let forecasts: [any PurchaseForecast]

    init?(_ columns: [ExpandedPlan.Column], _ layout: FamilyLayout) {
        let columns = columns.filter(\.primitive.isLearnedFromPurchases)
        guard !columns.isEmpty, let forecasts = layout.forecasts else { return nil }
        self.columns = columns.map { column in
            let length = column.window?.length
            return Column(
                primitive: column.primitive,
                offset: layout.offset(column),
                days: length.map { length in
                    layout.ranks.cutoffDays.map { CalendarDay(number: $0).adding(length).number - $0 }
                } ?? []
            )
        }
        summary = PurchaseSummary(layout)
        self.forecasts = forecasts
    }

    func evaluate(_ customer: CustomerEvents, _ examples: CustomerExamples) {
        summary.forEach(customer, examples) { example, cutoff, history in
            let forecast = forecasts[cutoff]
            for column in columns {
                var value = 0.0
                if let history {
                    switch column.primitive {
                    case .aliveProbability: value = forecast.probabilityAlive(history)
                    case .expectedPurchases:
                        value = forecast.expectedPurchases(within: column.days[cutoff], history)
                    default: value = forecast.expectedValue(history)
                    }
                }
                examples.write(value, example: example, offset: column.offset)
            }
        }
    }
}

/// Writes the histories themselves, in columns 0 to 3: the first pass, from which a model learns.
final class PurchaseHistoryFamily: FeatureFamily {
    static let columnCount = 4

    private let summary: PurchaseSummary
    private let stride: Int

    init(_ layout: FamilyLayout) {
        summary = PurchaseSummary(layout)
        stride = layout.stride
    }

    func evaluate(_ customer: CustomerEvents, _ examples: CustomerExamples) {
        summary.forEach(customer, examples) { example, _, history in
            guard let history else { return }
            examples.write(Double(history.purchaseDays), example: example, offset: 0)
            examples.write(Double(history.recency), example: example, offset: stride)
            examples.write(Double(history.age), example: example, offset: 2 &* stride)
            examples.write(history.meanAmount, example: example, offset: 3 &* stride)
        }
    }

    /// The histories that the columns hold.
    static func histories(_ columns: [[Double]]) -> [PurchaseHistory] {
        columns[0].indices.map { row in
            PurchaseHistory(
                purchaseDays: Int(columns[0][row]),
                recency: Int(columns[1][row]),
                age: Int(columns[2][row]),
                meanAmount: columns[3][row]
            )
        }
    }
}

/// The purchases of a customer before each cutoff.
private final class PurchaseSummary {
    private let members: [Bool]
    private let cutoffDays: [Int]

    init(_ layout: FamilyLayout) {
        members = layout.activity.members
        cutoffDays = layout.ranks.cutoffDays
    }

    /// Calls `body` with each example, its cutoff and what was bought before it; `nil` without activity.
    @inline(__always)
    func forEach(
        _ customer: CustomerEvents,
        _ examples: CustomerExamples,
        _ body: (_ example: Int, _ cutoff: Int, _ history: PurchaseHistory?) -> Void
    ) {
        var days = 0
        var (first, last) = (0, 0)
        var sum = DoubleDoubleSum()
        examples.walk(customer) { event in
            guard members[Int(customer.types[event])] else { return }
            let day = Int(customer.days[event])
            if days == 0 { first = day }
            if days == 0 || day != last { days &+= 1 }
            last = day
            if !customer.amounts[event].isNaN { sum = sum.adding(customer.amounts[event]) }
        } example: { example, cutoff in
            let history =
                days > 0
                ? PurchaseHistory(
                    purchaseDays: days,
                    recency: last - first,
                    age: cutoffDays[cutoff] - first,
                    meanAmount: (sum.high + sum.low) / Double(days)
                ) : nil
            body(example, cutoff, history)
        }
    }
}
