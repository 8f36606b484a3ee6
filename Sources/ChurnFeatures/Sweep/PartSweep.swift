import ChurnHistory

/// Computes the examples of ranges of customers, with memory that it uses again: one for each thread.
final class PartSweep {
    private let memory: EventMemory
    private let ranks: CutoffRanks
    private let status: StatusSweep
    private let families: [any FeatureFamily]
    private let cutoffCount: Int
    private let statuses: ScratchBuffer<ExampleStatus>
    private let eventRanks: ScratchBuffer<UnsafePointer<UInt16>>
    private let eventDays = ScratchBuffer<Int32>(0, capacity: 64)
    @exclusivity(unchecked) private var dayCounter: DayCounter
    private let exampleCutoffs: ScratchBuffer<Int32>
    private let exampleRows: ScratchBuffer<UnsafeMutablePointer<Double>>
    private let stride: Int
    /// Whether who leaves before the label window is an example too: he was there at the cutoff.
    var keepsLeftInLead = false

    /// - Parameter stride: elements from one column to the next in the blocks that will be filled.
    init(
        memory: EventMemory,
        ranks: CutoffRanks,
        status: StatusSweep,
        families: [any FeatureFamily],
        calendar: StudyCalendar,
        stride: Int
    ) {
        self.memory = memory
        dayCounter = DayCounter(calendar)
        self.ranks = ranks
        self.status = status
        self.stride = stride
        self.families = families
        cutoffCount = ranks.cutoffCount
        statuses = ScratchBuffer(.notEligible, capacity: cutoffCount)
        eventRanks = ScratchBuffer(UnsafePointer(Self.nothing.ranks), capacity: 64)
        exampleCutoffs = ScratchBuffer(0, capacity: cutoffCount)
        exampleRows = ScratchBuffer(Self.nothing.row, capacity: cutoffCount)
    }

    /// What places point at before there is anything; never read.
    private struct Nothing: @unchecked Sendable {
        let ranks = UnsafeMutablePointer<UInt16>.allocate(capacity: 1)
        let row = UnsafeMutablePointer<Double>.allocate(capacity: 1)
    }

    private static let nothing = Nothing()

    /// Adds the examples of some customers to blocks, cutoff by cutoff.
    func sweep(_ customers: Range<Int>, into blocks: PartBlocks) {
        let statuses = statuses.base
        let cutoffs = exampleCutoffs.base
        let rows = exampleRows.base
        for customer in customers {
            let range = memory.rows(ofCustomer: customer)
            status.status(ofCustomer: customer, of: memory, into: statuses)
            var count = 0
            for cutoff in 0..<cutoffCount {
                let status = statuses[cutoff]
                if status.isExample || (keepsLeftInLead && status == .leftInLead) {
                    cutoffs[count] = Int32(truncatingIfNeeded: cutoff)
                    rows[count] = blocks.append(customer: customer, label: status.label, cutoff: cutoff)
                    count &+= 1
                } else if status == .leftInLead {
                    blocks.leftInLead += 1
                }
            }
            guard count > 0 else { continue }
            let examples = CustomerExamples(count: count, cutoffs: cutoffs, rows: rows, stride: stride)
            let eventRanks = eventRanks.reserve(range.count)
            let days = eventDays.reserve(range.count)
            let events = ranks.find(
                times: memory.times + range.lowerBound,
                count: range.count,
                counter: &dayCounter,
                days: days,
                into: eventRanks
            )
            let history = memory.events(ofCustomer: customer, count: events, days: days, ranks: eventRanks)
            for family in families { family.evaluate(history, examples) }
        }
    }

    /// Counts the examples of some customers by cutoff, without computing features.
    /// - Returns: how many were left out because they left before the label window.
    func count(_ customers: Range<Int>, into counts: UnsafeMutablePointer<Int32>) -> Int {
        let statuses = statuses.base
        var leftInLead = 0
        for customer in customers {
            status.status(ofCustomer: customer, of: memory, into: statuses)
            for cutoff in 0..<cutoffCount {
                if statuses[cutoff].isExample {
                    counts[cutoff] &+= 1
                } else if statuses[cutoff] == .leftInLead {
                    leftInLead += 1
                }
            }
        }
        return leftInLead
    }
}
