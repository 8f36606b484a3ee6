/// What a column's cells say of how it writes times: every format that could be is tried on every cell.
///
/// All formats are tried on the first thousand cells; from then on, those that read nearly as many of them as the best.
public struct TimeEvidence: Sendable {
    /// Which number comes first in a date.
    public enum DateOrder: String, Sendable, CaseIterable {
        case ymd, dmy, mdy
    }

    /// An instant, and the first cell that says it.
    public struct Extreme: Sendable, Equatable {
        public let instant: Int64
        public let cell: NumberEvidence.Example
    }

    /// A format, and how it fared.
    public struct Candidate: Sendable {
        public let format: TimeFormat
        public let order: DateOrder
        /// Cells that it reads.
        public fileprivate(set) var fits = 0
        /// The first cell that it does not read.
        public fileprivate(set) var firstMisfit: NumberEvidence.Example?
        /// The earliest and the latest instant that it reads, in microseconds, with their cells.
        public fileprivate(set) var earliest: Extreme?
        public fileprivate(set) var latest: Extreme?

        fileprivate mutating func note(_ instant: Int64, _ cell: UnsafeBufferPointer<UInt8>, line: Int) {
            let isEarliest = earliest.map { instant < $0.instant } ?? true
            let isLatest = latest.map { instant > $0.instant } ?? true
            guard isEarliest || isLatest else { return }
            let extreme = Extreme(
                instant: instant,
                cell: .init(text: String(decoding: cell.prefix(80), as: UTF8.self), line: line)
            )
            if isEarliest { earliest = extreme }
            if isLatest { latest = extreme }
        }
    }

    /// All formats that are tried, best first: the most cells, then the narrower format.
    public private(set) var candidates: [Candidate]
    /// Cells that were tried.
    public private(set) var cells = 0
    /// Offsets from UTC that the cells name, with the first instant of each, in microseconds.
    public private(set) var offsets: [OffsetReading] = []

    /// An offset from UTC that a cell names, in seconds, and when.
    public struct OffsetReading: Sendable, Equatable {
        public let offset: Int
        public let instant: Int64
    }

    private static let trialCells = 1000
    private let calendar: StudyCalendar

    public init(calendar: StudyCalendar) {
        self.calendar = calendar
        candidates = Self.all
    }

    private static let all: [Candidate] = {
        let dates: [(String, DateOrder)] = [
            ("yyyy-MM-dd", .ymd), ("yyyy/MM/dd", .ymd), ("yyyy.MM.dd", .ymd), ("yy-MM-dd", .ymd), ("yy/MM/dd", .ymd),
            ("yy.MM.dd", .ymd), ("dd.MM.yyyy", .dmy), ("d.M.yyyy", .dmy),
            ("dd.MM.yy", .dmy), ("d.M.yy", .dmy), ("dd/MM/yyyy", .dmy), ("MM/dd/yyyy", .mdy), ("d/M/yyyy", .dmy),
            ("M/d/yyyy", .mdy), ("dd/MM/yy", .dmy), ("MM/dd/yy", .mdy), ("d/M/yy", .dmy), ("M/d/yy", .mdy),
            ("dd-MM-yyyy", .dmy), ("MM-dd-yyyy", .mdy), ("d-M-yyyy", .dmy), ("M-d-yyyy", .mdy), ("dd-MM-yy", .dmy),
            ("MM-dd-yy", .mdy),
        ]
        let clocks = ["", " HH:mm", " HH:mm:ss", " H:mm", " H:mm:ss", " HH:mm:ss.SSS", "'T'HH:mm:ss"]
        var patterns: [(String, DateOrder)] = []
        for (date, order) in dates { for clock in clocks { patterns.append((date + clock, order)) } }
        patterns += [
            ("yyyyMMdd", .ymd), ("yyyyMMddHHmm", .ymd), ("yyyyMMddHHmmss", .ymd), ("yyyyMMdd HH:mm", .ymd),
            ("yyyyMMdd HH:mm:ss", .ymd), ("iso8601", .ymd),
        ]
        return patterns.compactMap { pattern, order in
            TimeFormat(pattern).map { Candidate(format: $0, order: order) }
        }
    }()

    /// Takes a cell that is neither blank nor a spelling of null.
    mutating func take(_ cell: UnsafeBufferPointer<UInt8>, line: Int) {
        cells += 1
        guard !candidates.isEmpty else { return }
        notePlaces(cell)
        let canBeTime = (6...40).contains(cell.count) && cell[0] >= 0x30 && cell[0] <= 0x39
        for index in candidates.indices {
            if canBeTime {
                switch candidates[index].format.parse(cell, calendar: calendar) {
                case .instant(let instant), .repeatedHour(let instant):
                    candidates[index].fits += 1
                    candidates[index].note(instant, cell, line: line)
                    if candidates[index].format == .iso8601 { noteOffset(cell, instant) }
                    continue
                // A placeholder such as 9999-12-31 follows its format.
                case .skippedHour, .outOfRange:
                    candidates[index].fits += 1
                    continue
                case .malformed: break
                }
            }
            if candidates[index].firstMisfit == nil {
                candidates[index].firstMisfit = .init(
                    text: String(decoding: cell.prefix(80), as: UTF8.self),
                    line: line
                )
            }
        }
        // A column of words costs little: what reads none of the first cells is dropped early.
        if cells == 50 || cells == Self.trialCells { prune() }
    }

    private mutating func prune() {
        guard let best = candidates.max(by: { $0.fits < $1.fits }), best.fits > 0 else {
            candidates = []
            return
        }
        let floor = cells < Self.trialCells ? 1 : max(1, best.fits * 9 / 10)
        // The best with day and month exchanged stays, however it fared: it is what the evidence rules out.
        let swapped = Self.swapped(best.format.pattern)
        candidates.removeAll { $0.fits < floor && $0.format.pattern != swapped }
    }

    /// A pattern with day and month exchanged.
    static func swapped(_ pattern: String) -> String {
        String(
            pattern.map { letter in
                switch letter {
                case "d": "M"
                case "M": "d"
                default: letter
                }
            }
        )
    }

    /// The formats that read nearly every cell, the one with the most cells first; among equals, those with fields of
    /// fixed width come before those that take one digit or two, and a pattern before `iso8601`.
    public var best: [Candidate] {
        guard let most = candidates.map(\.fits).max(), most > 0, Double(most) >= 0.98 * Double(cells) else { return [] }
        let fitting = candidates.filter { $0.fits == most }
        // What is written with leading zeros everywhere is of fixed width.
        let fixed = fitting.filter { !Self.isVariable($0.format.pattern) }
        let kept = fixed.isEmpty ? fitting : fixed
        let named = kept.filter { $0.format != .iso8601 && !isRuledOutBySpread($0) }
        return offsets.isEmpty && !named.isEmpty ? Self.withoutRepeats(named) : kept.filter { $0.format == .iso8601 }
    }

    /// One candidate for each order of day and month: the first.
    private static func withoutRepeats(_ candidates: [Candidate]) -> [Candidate] {
        DateOrder.allCases.compactMap { order in candidates.first { $0.order == order } }
    }

    private static func isVariable(_ pattern: String) -> Bool {
        var runs: [Character: Int] = [:]
        for letter in pattern where "dMH".contains(letter) { runs[letter, default: 0] += 1 }
        return runs.values.contains(1)
    }

    /// Why the chosen format is not the one with day and month exchanged; `nil` where that one never was possible.
    public func exclusion(of chosen: Candidate) -> String? {
        if let reason = spreadReason(chosen), chosen.order == .ymd || exchange(chosen) == nil { return reason }
        return exchange(chosen)
    }

    private func exchange(_ chosen: Candidate) -> String? {
        let swapped = Self.swapped(chosen.format.pattern)
        guard swapped != chosen.format.pattern,
            let other = candidates.first(where: { $0.format.pattern == swapped }), let misfit = other.firstMisfit
        else { return nil }
        let parts = misfit.text.split(whereSeparator: { !$0.isNumber })
        guard parts.count >= 2, chosen.order != .ymd else { return nil }
        let place = chosen.order == .dmy ? 0 : 1
        return
            "\(parts[place]) in the \(place == 0 ? "first" : "second") place at line \(misfit.line) rules out \(swapped)"
    }

    // MARK: Two-digit years

    /// The numbers in the first and the third place of dates such as 31.12.24.
    private var firstPlace = Set<UInt8>()
    private var thirdPlace = Set<UInt8>()

    private mutating func notePlaces(_ cell: UnsafeBufferPointer<UInt8>) {
        func number(_ start: Int) -> UInt8? {
            let tens = cell[start] &- 0x30
            let ones = cell[start + 1] &- 0x30
            return tens < 10 && ones < 10 ? tens * 10 + ones : nil
        }
        guard cell.count >= 8, cell[2] == cell[5], cell.count == 8 || cell[8] &- 0x30 > 9, let first = number(0),
            let third = number(6)
        else { return }
        firstPlace.insert(first)
        thirdPlace.insert(third)
    }

    /// Where one of the two outer places takes many numbers and the other few, the many are days and the few years.
    private var yearPlace: DateOrder? {
        if thirdPlace.count > 12, firstPlace.count <= 12, thirdPlace.count >= 2 * firstPlace.count { return .ymd }
        if firstPlace.count > 12, thirdPlace.count <= 12, firstPlace.count >= 2 * thirdPlace.count { return .dmy }
        return nil
    }

    private func isRuledOutBySpread(_ candidate: Candidate) -> Bool {
        let pattern = candidate.format.pattern
        guard pattern.contains("yy"), !pattern.contains("yyyy"), let yearPlace else { return false }
        return (candidate.order == .ymd) != (yearPlace == .ymd)
    }

    /// Why a year of two digits is taken to stand where it does; `nil` where nothing else was possible.
    private func spreadReason(_ chosen: Candidate) -> String? {
        let pattern = chosen.format.pattern
        guard pattern.contains("yy"), !pattern.contains("yyyy"), yearPlace != nil else { return nil }
        return chosen.order == .ymd
            ? "the first place has \(firstPlace.count) different numbers and the third \(thirdPlace.count): years and days"
            : "the first place has \(firstPlace.count) different numbers and the third \(thirdPlace.count): days and years"
    }

    private mutating func noteOffset(_ cell: UnsafeBufferPointer<UInt8>, _ instant: Int64) {
        guard offsets.count < Self.maximumOffsets, cell.count > 11, let offset = Self.offset(cell) else { return }
        // One reading a month and offset is enough to tell zones apart by their summers.
        let month = instant / (30 * 86_400 * StudyCalendar.microsecondsPerSecond)
        let isKnown = offsets.contains {
            $0.offset == offset && $0.instant / (30 * 86_400 * StudyCalendar.microsecondsPerSecond) == month
        }
        if !isKnown { offsets.append(OffsetReading(offset: offset, instant: instant)) }
    }

    private static let maximumOffsets = 600

    /// The offset that ends a cell, in seconds: `Z`, `+01:00`, `-0500` or `+01`.
    private static func offset(_ cell: UnsafeBufferPointer<UInt8>) -> Int? {
        if cell[cell.count - 1] == UInt8(ascii: "Z") { return 0 }
        guard let mark = cell.indices.last(where: { cell[$0] == UInt8(ascii: "+") || cell[$0] == UInt8(ascii: "-") }),
            mark > 10
        else { return nil }
        let digits = cell[(mark + 1)...].filter { $0 >= 0x30 && $0 <= 0x39 }.map { Int($0 - 0x30) }
        guard digits.count == 2 || digits.count == 4 else { return nil }
        let minutes = digits.count == 4 ? digits[2] * 10 + digits[3] : 0
        let seconds = (digits[0] * 10 + digits[1]) * 3600 + minutes * 60
        return cell[mark] == UInt8(ascii: "-") ? -seconds : seconds
    }
}
