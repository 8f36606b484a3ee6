import ChurnHistory

/// Tells at which cutoffs a customer is an example, and with which label: every place only moves forward, so that all
/// cutoffs cost one walk over the events.
struct StatusSweep {
    private let kind: ChurnDefinition.Kind
    private let cutoffs: [Instants]
    private let isActivity: TypeTable
    private let decidesLabel: TypeTable
    private let activityTimes = ScratchBuffer<Int64>(0, capacity: 64)
    private let labelTimes = ScratchBuffer<Int64>(0, capacity: 64)

    init(study: Study, index: EventIndex, cutoffs: [Cutoff]) {
        kind = study.churn.kind
        self.cutoffs = cutoffs.map { cutoff in
            Instants(
                cutoff: cutoff.instant,
                labelStart: cutoff.labelStart,
                labelEnd: cutoff.labelEnd,
                activeSince: study.churn.activeWithin.map { study.calendar.start(of: cutoff.day.subtracting($0)) }
                    ?? .min,
                isMature: cutoff.isMature
            )
        }
        isActivity = TypeTable(TypeSet(study.churn.activityTypes, index: index))
        decidesLabel = TypeTable(TypeSet(study.churn.eventTypes, index: index))
    }

    /// What a cutoff asks.
    private struct Instants {
        let cutoff: Int64
        let labelStart: Int64
        let labelEnd: Int64
        /// First instant of `activeWithin`.
        let activeSince: Int64
        let isMature: Bool
    }

    /// Writes a customer's status at each cutoff.
    func status(
        _ rows: Range<Int>,
        of memory: EventMemory,
        into result: UnsafeMutablePointer<ExampleStatus>
    ) {
        // One place more than rows: what does not belong is written there.
        let activity = activityTimes.reserve(rows.count + 1)
        let label = labelTimes.reserve(rows.count + 1)
        var activityCount = 0
        var labelCount = 0
        for row in rows {
            let type = memory.types[row]
            let time = memory.times[row]
            activity[activityCount] = time
            activityCount &+= isActivity[type]
            label[labelCount] = time
            labelCount &+= decidesLabel[type]
        }
        var active = 0
        var before = 0
        var windowStart = 0
        var windowEnd = 0
        cutoffs.withUnsafeBufferPointer { cutoffs in
            for position in 0..<cutoffs.count {
                let cutoff = cutoffs[position]
                Self.advance(&active, in: activity, count: activityCount, to: cutoff.cutoff)
                Self.advance(&before, in: label, count: labelCount, to: cutoff.cutoff)
                Self.advance(&windowStart, in: label, count: labelCount, to: cutoff.labelStart)
                Self.advance(&windowEnd, in: label, count: labelCount, to: cutoff.labelEnd)
                result[position] = status(
                    lastActivity: active > 0 ? activity[active &- 1] : nil,
                    lastLabelEvent: before > 0 ? label[before &- 1] : nil,
                    labelEventsInLead: windowStart &- before,
                    labelEvents: windowEnd &- windowStart,
                    activeSince: cutoff.activeSince,
                    isMature: cutoff.isMature
                )
            }
        }
    }

    @inline(__always)
    private func status(
        lastActivity: Int64?,
        lastLabelEvent: Int64?,
        labelEventsInLead: Int,
        labelEvents: Int,
        activeSince: Int64,
        isMature: Bool
    ) -> ExampleStatus {
        guard let lastActivity, lastActivity >= activeSince else { return .notEligible }
        let churnIsEvent = kind == .event
        if churnIsEvent {
            // Who has had the churn event can have it again only after coming back.
            if let lastLabelEvent, lastLabelEvent >= lastActivity { return .notEligible }
            if labelEventsInLead > 0 { return .leftInLead }
        }
        guard isMature else { return .open }
        return (labelEvents > 0) == churnIsEvent ? .churned : .retained
    }

    @inline(__always)
    private static func advance(
        _ place: inout Int,
        in times: UnsafeMutablePointer<Int64>,
        count: Int,
        to instant: Int64
    ) {
        while place < count, times[place] < instant { place &+= 1 }
    }
}
