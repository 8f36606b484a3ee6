/// What reading a block of a file of events gave: its events, what became of its other rows, and what its rows have shown.
///
/// Lines and rows are counted from the block's start. Blocks are read independently of each other, each under a `state`
/// that was right when its reading began, and taken in the order of the file.
struct EventBlock: Sendable {
    /// What rows before a block have decided for it.
    struct State: Sendable {
        /// Raised by every change, so that a block that was read under an older state is known.
        var version = 0
        /// Whether a row has shown that the file is UTF-8.
        var isUTF8 = false
        /// Whether a cell has fitted the time format that was tried.
        var timeHasFit = false
        /// The currency of the first amount, where the study has no rule for several.
        var firstCurrency: String?
        /// The event types in the order in which they were met.
        var types = ByteDictionary()
        /// By numeric column: whether a cell has shown that the point is the decimal mark.
        var decimalIsProven: [Bool] = []
    }

    /// A row that is no event.
    struct Exception: Sendable {
        /// Which row of the block it is, from 0.
        let ordinal: Int
        let fate: RowFate
        let row: [UInt8]
    }

    /// What a row is compared by to find its repetitions.
    struct RowMark: Sendable {
        let hash: RowHash
        /// From 1.
        let line: UInt32
    }

    var rows = 0
    var kept = 0
    var droppedWithoutCustomer = 0
    var droppedOtherCurrencies = 0
    var repeatedHours = 0
    /// Lines that the rows take up.
    var lines = 0
    var lineEnds = Normalisations.LineEnds()
    /// Rows that were rejected or leave something open, in order.
    var exceptions: [Exception] = []
    /// By number of the type, those of the state first.
    var typeRows: [Int] = []
    var typeKept: [Int] = []
    var numericColumns: [NumericSummary] = []
    var decimalEvidence: [DecimalEvidence] = []
    /// What stops the file behind the rows of the block.
    var fault: DataError?
    /// The begun row at the end.
    var tail: [UInt8] = []
    /// The version of the state that the block was read under.
    var stateVersion = 0
    /// The state behind the block, if it was read under the right one.
    var state = State()
    var events: EventPartitions?
    /// By attribute: its values by the codes of the block's events.
    var attributeValues: [ByteDictionary] = []
    /// Of every row, where repetitions matter; else empty.
    var marks: [RowMark] = []

    /// What a numeric column holds.
    struct NumericSummary: Sendable {
        var minimum = Double.infinity
        var maximum = -Double.infinity
        var empty = 0
        var zero = 0
        /// By number of the event type.
        var negative: [Int] = []

        @inline(__always)
        mutating func note(_ value: Double, type: Int) {
            minimum = min(minimum, value)
            maximum = max(maximum, value)
            if value == 0 { zero += 1 }
            if value < 0 { noteNegative(type) }
        }

        /// Adds what other rows have shown.
        /// - Parameter negative: by number of the event type.
        mutating func take(
            minimum: Double,
            maximum: Double,
            empty: Int,
            zero: Int,
            negative: UnsafeBufferPointer<Int>
        ) {
            self.minimum = min(self.minimum, minimum)
            self.maximum = max(self.maximum, maximum)
            self.empty += empty
            self.zero += zero
            for (type, count) in negative.enumerated() where count > 0 {
                while self.negative.count <= type { self.negative.append(0) }
                self.negative[type] += count
            }
        }

        private mutating func noteNegative(_ type: Int) {
            while negative.count <= type { negative.append(0) }
            negative[type] += 1
        }
    }
}
