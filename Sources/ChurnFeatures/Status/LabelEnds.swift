import ChurnHistory

/// Where each customer's label window ends at each cutoff.
///
/// With one horizon for all the customer does not matter; with `horizonBy` it is his group that decides, as it is known at
/// the cutoff.
struct LabelEnds: Sendable {
    /// `ends[cutoff * lengths + length]`.
    private let ends: [Int64]
    private let lengths: Int
    private let groups: Groups?

    private struct Groups {
        let history: AttributeHistory
        let codes: Column<Int32>
        /// By code of the attribute, which of the window's lengths it has.
        let lengthOfCode: [Int]
        let cutoffs: [Int64]
    }

    init(study: Study, index: EventIndex, cutoffs: [Cutoff]) {
        let lengths = study.churn.window.lengths
        self.lengths = lengths.count
        ends = cutoffs.flatMap { cutoff in
            let labelDay = cutoff.day.adding(study.churn.lead)
            return lengths.map { study.calendar.start(of: labelDay.adding($0)) }
        }
        if case .horizonBy(let horizons) = study.churn.window,
            let (history, column) = index.customerAttribute(horizons.attribute)
        {
            groups = Groups(
                history: history,
                codes: column.codes,
                lengthOfCode: column.values.map(horizons.lengthPosition),
                cutoffs: cutoffs.map(\.instant)
            )
        } else {
            groups = nil
        }
    }

    /// The exclusive end of the label window.
    @inline(__always)
    func end(ofCustomer customer: Int, cutoff position: Int) -> Int64 {
        guard let groups else { return ends[position * lengths] }
        let row = groups.history.row(ofCustomer: customer, asOf: groups.cutoffs[position])
        let code = row.map { Int(groups.codes[$0]) } ?? -1
        return ends[position * lengths + (code >= 0 ? groups.lengthOfCode[code] : 0)]
    }
}

extension EventIndex {
    /// An attribute of the customers by its name.
    func customerAttribute(_ name: String) -> (AttributeHistory, AttributeColumn)? {
        for history in attributeHistories {
            if let column = history.attributes.first(where: { $0.name == name }) { return (history, column) }
        }
        return nil
    }
}
