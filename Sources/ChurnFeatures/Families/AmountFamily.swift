/// Sums of amounts and quantities in windows, and what is made of them.
///
/// Prefix sums in two doubles make the sum of any window a difference of two places.
final class AmountFamily: FeatureFamily {
    private static let primitives: [Primitive] = [
        .sum, .mean, .deviation, .last, .quantity, .amountVersusBefore, .amountVersusYear,
    ]

    private let groups: [AmountGroup]

    init?(_ columns: [ExpandedPlan.Column], _ layout: FamilyLayout) {
        let columns = columns.filter { Self.primitives.contains($0.primitive) }
        guard !columns.isEmpty else { return nil }
        var groups: [AmountGroup] = []
        for isQuantity in [false, true] {
            let ofValue = columns.filter { ($0.primitive == .quantity) == isQuantity }
            for types in ofValue.map(\.types).unique() {
                groups.append(
                    AmountGroup(ofValue.filter { $0.types == types }, types, isQuantity: isQuantity, layout)
                )
            }
        }
        self.groups = groups
    }

    func evaluate(_ customer: CustomerEvents, _ examples: CustomerExamples) {
        for group in groups { group.evaluate(customer, examples) }
    }
}

/// The columns of one set of types.
private final class AmountGroup {
    /// A window's sum and mean, which are asked for most: each an offset, or -1 where the plan lacks it.
    private struct Window {
        /// The row of the window's start among the stream's boundaries.
        let start: Int
        let sum: Int
        let mean: Int
    }

    /// Any other column.
    private struct Other {
        let primitive: Primitive
        let offset: Int
        let start: Int
        /// The rows between which the amounts stand that the window is compared with.
        let otherStart: Int
        let otherEnd: Int
    }

    private let stream: EventStream
    private let hasDeviation: Bool
    private let windows: [Window]
    private let others: [Other]
    private let prefixes = ScratchBuffer(DoubleDoubleSum(), capacity: 64)
    /// Transactions whose first amount is among the first events of the stream, by their number.
    private let valuedCounts = ScratchBuffer<Int32>(0, capacity: 64)
    private let squares = ScratchBuffer(DoubleDoubleSum(), capacity: 64)
    /// For each amount, the first of the equal ones that it ends: so that equal amounts deviate by 0 exactly.
    private let equalSince = ScratchBuffer<Int32>(0, capacity: 64)

    init(
        _ columns: [ExpandedPlan.Column],
        _ types: TypeSet,
        isQuantity: Bool,
        _ layout: FamilyLayout
    ) {
        var boundaries = [0]
        func row(_ boundary: Boundary) -> Int {
            let number = Int(layout.number(boundary))
            if let known = boundaries.firstIndex(of: number) { return known }
            boundaries.append(number)
            return boundaries.count - 1
        }
        var windows: [Window] = []
        let plain: [Primitive] = isQuantity ? [.quantity] : [.sum, .mean]
        let plainColumns = columns.filter { plain.contains($0.primitive) }
        for window in plainColumns.map({ $0.window ?? .all }).unique() {
            func offset(_ primitive: Primitive) -> Int {
                plainColumns.first { $0.window == window && $0.primitive == primitive }.map(layout.offset) ?? -1
            }
            windows.append(Window(start: row(.start(window)), sum: offset(plain[0]), mean: offset(.mean)))
        }
        let others = columns.filter { !plain.contains($0.primitive) }.map { column in
            let window = column.window ?? .all
            var otherStart = 0
            var otherEnd = 0
            if column.primitive == .amountVersusBefore {
                otherStart = row(.startBefore(window))
                otherEnd = row(.start(window))
            } else if column.primitive == .amountVersusYear {
                otherStart = row(.startYearBefore(window))
                otherEnd = row(.yearBefore)
            }
            return Other(
                primitive: column.primitive,
                offset: layout.offset(column),
                start: row(.start(window)),
                otherStart: otherStart,
                otherEnd: otherEnd
            )
        }
        self.windows = windows
        self.others = others
        hasDeviation = columns.contains { $0.primitive == .deviation }
        stream = EventStream(
            types,
            isQuantity ? .quantity : .amount,
            boundaries: boundaries,
            cutoffCount: layout.cutoffCount
        )
    }

    func evaluate(_ customer: CustomerEvents, _ examples: CustomerExamples) {
        stream.collect(customer)
        let prefixes = prefixes.reserve(stream.count + 1)
        let valuedCounts = valuedCounts.reserve(stream.count + 1)
        var sum = DoubleDoubleSum()
        var valued: Int32 = 0
        prefixes[0] = sum
        valuedCounts[0] = 0
        for event in 0..<stream.count {
            sum = sum.adding(stream.values[event])
            prefixes[event &+ 1] = sum
            valued &+= stream.startsValued[event] ? 1 : 0
            valuedCounts[event &+ 1] = valued
        }
        windows.withUnsafeBufferPointer { write($0, prefixes, examples) }
        guard !others.isEmpty else { return }
        if hasDeviation { addSquares() }
        for column in others { write(column, prefixes, examples) }
    }

    /// Sums and means. Which windows are empty no processor can guess, so nothing branches on it.
    @inline(__always)
    private func write(
        _ windows: UnsafeBufferPointer<Window>,
        _ prefixes: UnsafeMutablePointer<DoubleDoubleSum>,
        _ examples: CustomerExamples
    ) {
        let valuedCounts = valuedCounts.base
        for example in 0..<examples.count {
            let places = stream.places(at: Int(examples.cutoffs[example]))
            let row = examples.rows[example]
            let end = places[0]
            let valued = valuedCounts[Int(end)]
            for window in 0..<windows.count {
                let window = windows[window]
                let sum = Self.sum(prefixes, from: places[window.start], to: end)
                if window.sum >= 0 { row[window.sum] = sum }
                if window.mean >= 0 {
                    row[window.mean] = MeanPrimitive.value(
                        sum: sum,
                        valuedCount: valued &- valuedCounts[Int(places[window.start])]
                    )
                }
            }
        }
    }

    /// Without events the sum is exactly zero, whatever the prefixes hold.
    @inline(__always)
    private static func sum(
        _ prefixes: UnsafeMutablePointer<DoubleDoubleSum>,
        from start: Int32,
        to end: Int32
    ) -> Double {
        let sum = prefixes[Int(end)] - prefixes[Int(start)]
        // All ones where there are events, else zero.
        let mask = UInt64(bitPattern: Int64(start &- end) &>> 63)
        return Double(bitPattern: sum.bitPattern & mask)
    }

    private func addSquares() {
        let squares = squares.reserve(stream.count + 1)
        let equalSince = equalSince.reserve(stream.count)
        var sum = DoubleDoubleSum()
        squares[0] = sum
        for event in 0..<stream.count {
            sum = sum.adding(product: stream.values[event], stream.values[event])
            squares[event &+ 1] = sum
            let isEqual = event > 0 && stream.values[event] == stream.values[event &- 1]
            equalSince[event] = isEqual ? equalSince[event &- 1] : Int32(truncatingIfNeeded: event)
        }
    }

    private func write(
        _ column: Other,
        _ prefixes: UnsafeMutablePointer<DoubleDoubleSum>,
        _ examples: CustomerExamples
    ) {
        let squares = squares.base
        for example in 0..<examples.count {
            let places = stream.places(at: Int(examples.cutoffs[example]))
            let start = places[column.start]
            let end = places[0]
            let value: Double
            switch column.primitive {
            case .deviation:
                let isConstant = end > start && equalSince.base[Int(end) &- 1] <= start
                let sums = DeviationPrimitive.value(
                    count: Int(end - start),
                    sum: prefixes[Int(end)].subtracting(prefixes[Int(start)]),
                    squares: squares[Int(end)].subtracting(squares[Int(start)]),
                    total: squares[Int(end)].high
                )
                let amounts = UnsafeBufferPointer(start: stream.values + Int(start), count: Int(end - start))
                value = isConstant ? 0 : sums ?? DeviationPrimitive.value(amounts)
            case .last: value = end > start ? stream.values[Int(end) &- 1] : 0
            default:
                value = AmountVersusBeforePrimitive.value(
                    Self.sum(prefixes, from: start, to: end),
                    before: Self.sum(prefixes, from: places[column.otherStart], to: places[column.otherEnd])
                )
            }
            examples.write(value, example: example, offset: column.offset)
        }
    }
}

extension Sequence where Element: Hashable {
    /// The elements without repetition, in the order in which each comes first.
    func unique() -> [Element] {
        var seen = Set<Element>()
        return filter { seen.insert($0).inserted }
    }
}
