/// Reads times of a fixed width without going through a format's steps: the quick way for cells of the usual form.
///
/// What it reads, `TimeFormat.parse` reads to the same instant; what it does not read may still be a time.
struct PlainTimeReader: Sendable {
    private let layouts: [TimeFormat.FixedLayout]
    /// The layout that read the last cell.
    private var layout: TimeFormat.FixedLayout
    private let calendar: StudyCalendar
    private let monthStarts: [Int32]
    /// Readings of the local clock for which `offset` holds without doubt.
    private var localSpan = 0..<0
    private var offset = 0
    /// The last cell without its seconds, and the instant at which its minute begins: rows of a log often share it.
    private var lastMinute = TimeFormat.CellWords()
    private var lastMinuteStart: Int64?

    /// - Returns: `nil` where the format's fields have no fixed places.
    init?(_ format: TimeFormat, calendar: StudyCalendar) {
        layouts = format.fixedLayouts
        guard let first = layouts.first else { return nil }
        layout = first
        self.calendar = calendar
        monthStarts = Self.monthStarts
    }

    /// The instant of a cell, in microseconds since 1970 UTC; `nil` where the cell needs a closer look.
    /// - Parameter cell: behind it at least `TextBlock.slack` bytes may be loaded.
    @inline(__always)
    mutating func read(_ cell: UnsafePointer<UInt8>, count: Int) -> Int64? {
        let words = TimeFormat.CellWords(cell)
        if let start = lastMinuteStart, count == layout.width, layout.minute(of: words) == lastMinute {
            guard layout.second >= 0 else { return start }
            let (tens, units) = (cell[layout.second] &- 0x30, cell[layout.second &+ 1] &- 0x30)
            guard tens < 6, units < 10 else { return nil }
            return start &+ Int64(tens &* 10 &+ units) &* StudyCalendar.microsecondsPerSecond
        }
        return readWhole(cell, count: count, words)
    }

    private mutating func readWhole(
        _ cell: UnsafePointer<UInt8>,
        count: Int,
        _ words: TimeFormat.CellWords
    ) -> Int64? {
        if !layout.fits(words, count: count) {
            guard let other = layouts.first(where: { $0.fits(words, count: count) }) else { return nil }
            layout = other
        }
        var isFaulty = false
        @inline(__always)
        func pair(_ place: Int) -> Int {
            let tens = cell[place] &- 0x30
            let units = cell[place &+ 1] &- 0x30
            if tens > 9 || units > 9 { isFaulty = true }
            return Int(tens) &* 10 &+ Int(units)
        }
        let year = pair(layout.year) &* 100 &+ pair(layout.year &+ 2)
        let month = pair(layout.month)
        let day = pair(layout.day)
        var second = 0
        if layout.hour >= 0 {
            let hour = pair(layout.hour)
            if hour > 23 { isFaulty = true }
            second = hour &* 3600
        }
        if layout.minute >= 0 {
            let minute = pair(layout.minute)
            if minute > 59 { isFaulty = true }
            second = second &+ minute &* 60
        }
        if layout.second >= 0 {
            let value = pair(layout.second)
            if value > 59 { isFaulty = true }
            second = second &+ value
        }
        guard !isFaulty, year >= 1970, year <= 2100, month >= 1, month <= 12, day >= 1 else { return nil }
        let index = (year &- 1970) &* 12 &+ month &- 1
        let number = Int(monthStarts[index]) &+ day &- 1
        // 1970-01-01 is taken for a placeholder.
        guard number < Int(monthStarts[index &+ 1]), number >= 1 else { return nil }
        let local = number &* 86_400 &+ second
        if !localSpan.contains(local) {
            guard let span = calendar.span(aroundLocalSecond: local) else { return nil }
            localSpan = span.localSeconds
            offset = span.offset
        }
        let ofMinute = layout.second >= 0 ? second % 60 : 0
        lastMinute = layout.minute(of: words)
        lastMinuteStart = Int64(local &- offset &- ofMinute) &* StudyCalendar.microsecondsPerSecond
        return Int64(local &- offset) &* StudyCalendar.microsecondsPerSecond
    }

    /// Days from 1970-01-01 to the first of each month from 1970 to 2100, and to the first of January 2101.
    private static let monthStarts: [Int32] = {
        var days = (1970...2100).flatMap { year in
            (1...12).map { Int32(truncatingIfNeeded: CalendarDay(year: year, month: $0, day: 1)?.number ?? 0) }
        }
        days.append(Int32(truncatingIfNeeded: CalendarDay(year: 2101, month: 1, day: 1)?.number ?? 0))
        return days
    }()
}

extension TimeFormat {
    /// Where the fields of a cell of some width stand: offsets in bytes, -1 where there is no such field.
    struct FixedLayout: Sendable {
        private(set) var width = 0
        private(set) var year = -1
        private(set) var month = -1
        private(set) var day = -1
        private(set) var hour = -1
        private(set) var minute = -1
        private(set) var second = -1
        /// The bytes between the fields, which bytes those are, and which are not of the seconds.
        private var literals = CellWords()
        private var literalMask = CellWords()
        private var minuteMask = CellWords()

        private static let maximumWidth = 24

        /// The layout of a pattern whose fields all have two or four digits and a place of their own; `nil` for others.
        init?(pattern: String) {
            var rest = Array(pattern.utf8)[...]
            while let letter = rest.first {
                let run = rest.prefix { $0 == letter }.count
                guard width + run <= Self.maximumWidth else { return nil }
                switch (letter, run) {
                case (UInt8(ascii: "y"), 4) where year < 0: year = width
                case (UInt8(ascii: "M"), 2) where month < 0: month = width
                case (UInt8(ascii: "d"), 2) where day < 0: day = width
                case (UInt8(ascii: "H"), 2) where hour < 0: hour = width
                case (UInt8(ascii: "m"), 2) where minute < 0: minute = width
                case (UInt8(ascii: "s"), 2) where second < 0: second = width
                case (UInt8(ascii: "'"), _): return nil
                case (UInt8(ascii: "T"), _), (UInt8(ascii: "Z"), _): addLiterals(letter, run)
                case (UInt8(ascii: "a")...UInt8(ascii: "z"), _), (UInt8(ascii: "A")...UInt8(ascii: "Z"), _): return nil
                default: addLiterals(letter, run)
                }
                width += run
                rest = rest.dropFirst(run)
            }
            guard year >= 0, month >= 0, day >= 0 else { return nil }
            for place in 0..<width where second < 0 || place < second || place > second + 1 {
                minuteMask.set(0xFF, at: place)
            }
        }

        private mutating func addLiterals(_ byte: UInt8, _ count: Int) {
            for place in width..<width + count {
                literals.set(byte, at: place)
                literalMask.set(0xFF, at: place)
            }
        }

        /// Whether a cell has the layout's width, and its bytes between the fields.
        @inline(__always)
        func fits(_ cell: CellWords, count: Int) -> Bool { count == width && cell.masked(literalMask) == literals }

        /// A cell of the layout's width without its seconds.
        @inline(__always)
        func minute(of cell: CellWords) -> CellWords { cell.masked(minuteMask) }
    }

    /// The first 24 bytes of a cell, eight to a word; what stands behind a shorter cell is in it, too.
    struct CellWords: Sendable, Equatable {
        private var first: UInt64 = 0
        private var second: UInt64 = 0
        private var third: UInt64 = 0

        init() {}

        /// - Parameter cell: 24 bytes may be loaded.
        @inline(__always)
        init(_ cell: UnsafePointer<UInt8>) {
            let bytes = UnsafeRawPointer(cell)
            first = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
            second = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            third = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        }

        @inline(__always)
        func masked(_ mask: CellWords) -> CellWords {
            var words = CellWords()
            words.first = first & mask.first
            words.second = second & mask.second
            words.third = third & mask.third
            return words
        }

        @inline(__always)
        static func == (left: CellWords, right: CellWords) -> Bool {
            (left.first ^ right.first) | (left.second ^ right.second) | (left.third ^ right.third) == 0
        }

        /// - Parameter place: 0 to 23; nothing must have been set there before.
        mutating func set(_ byte: UInt8, at place: Int) {
            let bits = UInt64(byte) << UInt64(place % 8 * 8)
            switch place / 8 {
            case 0: first |= bits
            case 1: second |= bits
            default: third |= bits
            }
        }
    }

    /// The layouts of a format; none where a field has no fixed place.
    var fixedLayouts: [FixedLayout] {
        let patterns =
            pattern == TimeFormat.iso8601.pattern
            ? ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-dd", "yyyy-MM-dd HH:mm", "yyyy-MM-ddTHH:mm"]
            : [pattern]
        return patterns.compactMap(FixedLayout.init)
    }
}
