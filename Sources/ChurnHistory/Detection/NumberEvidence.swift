/// What a column's cells say of how its file writes numbers.
public struct NumberEvidence: Sendable {
    /// A cell that proves something, and its line.
    public struct Example: Sendable, Equatable {
        public let text: String
        public let line: Int
    }

    /// Cells that are numbers under some reading.
    public private(set) var numbers = 0
    /// Cells that are none, and the first of them.
    public private(set) var others = 0
    public private(set) var firstOther: Example?
    /// The first cell that proves a decimal mark, by mark.
    public private(set) var decimalMarks: [UInt8: Example] = [:]
    /// The first cell that proves a thousands mark, by mark.
    public private(set) var thousandsMarks: [UInt8: Example] = [:]
    /// Cells like `1.234`, by mark: how many, and the first.
    public private(set) var ambiguous: [UInt8: (count: Int, first: Example)] = [:]
    public private(set) var trailingMinus: (count: Int, first: Example)?
    public private(set) var parentheses: (count: Int, first: Example)?
    /// Cells with a minus of any kind.
    public private(set) var negative = 0
    /// Currencies beside numbers, with their cells.
    public private(set) var currencies: [String: Int] = [:]
    /// Cells with a decimal mark, for certain, and no exponent.
    public private(set) var decimals = 0
    /// Cells such as `4.0128e+10`, and the first: in a column of ids, what a spreadsheet made of one.
    public private(set) var exponents: (count: Int, first: Example)?
    /// Cells such as `00042`.
    public private(set) var leadingZeros = 0
    /// Cells of digits only.
    public private(set) var wholeNumbers = 0
    /// The smallest and the largest of what stands in front of the decimal mark, sign left out.
    public private(set) var smallest: Int64 = .max
    public private(set) var largest: Int64 = .min

    public init() {}

    /// Takes a cell that is neither blank nor a spelling of null.
    mutating func take(_ cell: UnsafeBufferPointer<UInt8>, line: Int) {
        func example() -> Example { Example(text: String(decoding: cell.prefix(80), as: UTF8.self), line: line) }
        guard let shape = NumberShape(cell) else {
            others += 1
            if firstOther == nil { firstOther = example() }
            return
        }
        numbers += 1
        switch shape.marks {
        case .none: break
        case .proved(let decimal, let thousands):
            if decimal != nil, !shape.hasExponent { decimals += 1 }
            if let decimal, decimalMarks[decimal] == nil { decimalMarks[decimal] = example() }
            if let thousands, thousandsMarks[thousands] == nil { thousandsMarks[thousands] = example() }
        case .ambiguous(let mark):
            if ambiguous[mark] == nil { ambiguous[mark] = (0, example()) }
            ambiguous[mark]?.count += 1
        }
        if shape.sign != .none { negative += 1 }
        if shape.sign == .trailingMinus {
            trailingMinus = ((trailingMinus?.count ?? 0) + 1, trailingMinus?.first ?? example())
        }
        if shape.sign == .parentheses { parentheses = ((parentheses?.count ?? 0) + 1, parentheses?.first ?? example()) }
        if let range = shape.currency { currencies[String(decoding: cell[range], as: UTF8.self), default: 0] += 1 }
        if shape.hasExponent { exponents = ((exponents?.count ?? 0) + 1, exponents?.first ?? example()) }
        if shape.hasLeadingZero { leadingZeros += 1 }
        if shape.wholeNumber != nil { wholeNumbers += 1 }
        if let value = shape.integerPart {
            smallest = min(smallest, value)
            largest = max(largest, value)
        }
    }

    /// Whether nearly every cell is a number.
    public var isNumeric: Bool { numbers > 0 && Double(others) <= 0.01 * Double(numbers + others) }

    /// Whether the cells can be ids: of those that are numbers, hardly any has decimals.
    public var canBeIdentifiers: Bool { decimals * 100 <= numbers }

    /// Whether the cells are plain whole numbers, with a sign at most.
    public var isWhole: Bool { isNumeric && wholeNumbers == numbers }
}
