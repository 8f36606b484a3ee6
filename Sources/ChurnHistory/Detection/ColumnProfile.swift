/// What all cells of one column hold, in a bounded amount of memory.
public struct ColumnProfile: Sendable {
    public let name: String
    /// Position in the row, from 0.
    public let position: Int
    public private(set) var cells = 0
    /// Cells with nothing but blanks.
    public private(set) var blank = 0
    /// How those are written: as nothing, or as some blanks; at most eight of them.
    public private(set) var blankTexts = Set<String>()
    /// Cells that spell "no value", by spelling.
    public private(set) var nullTexts: [String: Int] = [:]
    public private(set) var numbers = NumberEvidence()
    public private(set) var times: TimeEvidence
    /// The different cells while there are few, with how often each stands there; `nil` where there are many.
    public private(set) var values: [String: Int]?
    /// Different cells, blank ones and nulls left out; at most `maximumDistinct`, from where on nothing is counted.
    public var distinct: Int { hashes.count }
    /// Whether `distinct` counts all of them.
    public var isDistinctExact: Bool { hashes.count < Self.maximumDistinct }
    /// Cells that had been seen when the count of different ones stopped, or all.
    private var cellsWhileCounting = 0

    static let maximumDistinct = 1 << 18
    private static let maximumValues = 40
    private static let notANumber = Array("nan".utf8)

    private var hashes = Set<UInt64>()
    private var dictionary: ByteDictionary? = ByteDictionary()
    private var counts: [Int] = []

    init(name: String, position: Int, calendar: StudyCalendar) {
        self.name = name
        self.position = position
        times = TimeEvidence(calendar: calendar)
    }

    /// Takes the cell of one row.
    mutating func take(_ cell: UnsafeBufferPointer<UInt8>, line: Int) {
        cells += 1
        if isBlank(cell) {
            blank += 1
            if blankTexts.count < 8 { blankTexts.insert(String(decoding: cell.prefix(80), as: UTF8.self)) }
            return
        }
        // A study may name NaN as a null, though no run would take it for one.
        if NullSpellings.contains(cell) || cell.elementsEqual(Self.notANumber, by: { $0 | 0x20 == $1 }) {
            nullTexts[String(decoding: cell, as: UTF8.self), default: 0] += 1
            return
        }
        numbers.take(cell, line: line)
        times.take(cell, line: line)
        if hashes.count < Self.maximumDistinct {
            hashes.insert(RowHash(cell).low)
            cellsWhileCounting += 1
        }
        guard dictionary != nil else { return }
        if let code = dictionary?.existingCode(for: cell) {
            counts[Int(code)] += 1
        } else if counts.count < Self.maximumValues, cell.count <= 200 {
            _ = dictionary?.code(for: cell)
            counts.append(1)
        } else {
            dictionary = nil
        }
    }

    /// To be called once behind the last cell.
    mutating func finish() {
        if let dictionary {
            values = Dictionary(uniqueKeysWithValues: zip(dictionary.strings, counts))
        }
        dictionary = nil
    }

    /// Cells that hold something.
    public var filled: Int { cells - blank - nullTexts.values.reduce(0, +) }

    /// How often a value stands in the column on average: 1 where every cell is another.
    public var repetition: Double { distinct == 0 ? 0 : Double(cellsWhileCounting) / Double(distinct) }

    /// Whether no value comes twice, as far as they were counted.
    public var isUnique: Bool { filled > 0 && cellsWhileCounting == distinct }
}
