import ChurnNumerics

/// The events of all sources as they were read, block by block: what an `EventIndex` is sorted from.
struct EventCollection: Sendable {
    struct Block: Sendable {
        let events: EventPartitions
        /// By attribute of the study: the attribute's code for each code of the block.
        let attributeCodes: [[Int32]]
        /// By event: whether it was dropped because its row repeats an earlier one; empty where none was.
        var isDropped: [Bool] = []
    }

    struct Attribute: Sendable {
        let name: String
        var dictionary = ByteDictionary()
    }

    let form: EventRows.Form
    private(set) var blocks: [Block] = []
    private(set) var attributes: [Attribute]
    /// What memory had no room for, in the order of the sources.
    private(set) var runs: [EventRun] = []
    /// Types of the events of `runs`.
    private(set) var typesOfRuns = TypeOrder()
    /// Bytes of `blocks`.
    private(set) var byteCount = 0
    /// All types that were met, of rejected rows too, by number.
    var types = ByteDictionary()

    init(_ sources: [EventSource]) {
        var names: [String] = []
        for name in sources.flatMap({ $0.attributes.map(\.name) }) where !names.contains(name) { names.append(name) }
        attributes = names.map { Attribute(name: $0) }
        var form = EventRows.Form()
        form.attributeCount = names.count
        form.hasAmounts = sources.contains { if case .none = $0.amount { false } else { true } }
        form.hasQuantities = sources.contains { $0.quantity != nil }
        form.hasTransactions = sources.contains { $0.group != nil || $0.mergeSameDay }
        self.form = form
    }

    /// Takes the events of a block; blocks come in the order of the files.
    mutating func append(_ events: EventPartitions, _ attributeValues: [ByteDictionary]) {
        let codes = attributeValues.indices.map { attribute in
            (0..<attributeValues[attribute].count).map { code in
                attributeValues[attribute].withBytes(code) { attributes[attribute].dictionary.code(for: $0) }
            }
        }
        blocks.append(Block(events: events, attributeCodes: codes))
        byteCount += events.byteCount
    }

    /// Puts the blocks into temporary files as a sorted run.
    mutating func spill(calendar: StudyCalendar, folder: SpillFolder, threads: Int) throws(DataError) {
        guard !blocks.isEmpty else { return }
        typesOfRuns.note(self, threads: threads)
        runs.append(try EventRun(self, calendar: calendar, folder: folder, threads: threads))
        blocks = []
        byteCount = 0
    }

    /// Leaves events out whose rows repeat an earlier one.
    /// - Returns: how many of each type were left out.
    mutating func drop(rows: [(ordinal: UInt32, line: UInt32)], ofBlock number: Int) -> [Int] {
        let dropped = Set(rows.map(\.ordinal))
        let events = blocks[number].events
        var counts = [Int](repeating: 0, count: types.count)
        guard let ordinals = events.ordinals else { return counts }
        var isDropped = [Bool](repeating: false, count: events.eventCount)
        for event in 0..<events.eventCount where dropped.contains(ordinals.base[event]) {
            isDropped[event] = true
            counts[Int(events.types.base[event])] += 1
        }
        blocks[number].isDropped = isDropped
        return counts
    }

    /// The line of the first event of a block whose row repeats an earlier one.
    func firstKept(among rows: [(ordinal: UInt32, line: UInt32)], ofBlock number: Int) -> UInt32? {
        guard !rows.isEmpty, let ordinals = blocks[number].events.ordinals else { return nil }
        let kept = Set(ordinals.values)
        return rows.first { kept.contains($0.ordinal) }?.line
    }
}
