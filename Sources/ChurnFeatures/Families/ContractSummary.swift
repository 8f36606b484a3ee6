import ChurnHistory

/// What is known of one customer's contracts at a cutoff c: of those that started before c, with ends from `endKnown < c` on.
///
/// A contract is in force up to c when its end is not known, or is `>= c`. Contracts that are known to have ended as they
/// started count nowhere. All zero where there is no contract.
struct ContractSummary: Equatable {
    /// Contracts in force.
    private(set) var inForce = 0
    /// Contracts in force whose end is known.
    private(set) var withNotice = 0
    /// Calendar days from c to the nearest planned end at or after it, of the contracts in force; `nil` where none has one.
    private(set) var daysToPlannedEnd: Int?
    /// Calendar days from the start of the newest contract in force to c; 0 without any.
    private(set) var age = 0
    /// Calendar days from the start of the customer's first contract to c; 0 without any.
    private(set) var tenure = 0
    /// Sum of the values of the contracts in force; those without one count as 0.
    private(set) var value = 0.0
    /// Contracts that started at or after the end of an earlier one.
    private(set) var renewals = 0
    /// Contracts, in order of their starts, whose value differs from that of the last one before that has a value.
    private(set) var valueChanges = 0

    init() {}

    /// Cost is O(contracts of the customer).
    /// - Parameters:
    ///   - rows: the customer's in the table.
    ///   - instant, day: the cutoff.
    init(_ table: DatedContracts, rows: Range<Int>, instant: Int64, day: Int) {
        let contracts = table.contracts
        var lastValue = Double.nan
        var firstEnd = ContractTable.never
        var isFirst = true
        for row in rows {
            guard contracts.starts[row] < instant else { break }
            let end = contracts.endsKnown[row] < instant ? contracts.ends[row] : ContractTable.never
            if end == contracts.starts[row] { continue }
            let ageOfThis = day - Int(table.startDays[row])
            if isFirst { tenure = ageOfThis }
            isFirst = false
            if contracts.starts[row] >= firstEnd { renewals += 1 }
            firstEnd = min(firstEnd, end)
            let valueOfThis = contracts.values[row]
            if !valueOfThis.isNaN {
                if !lastValue.isNaN, valueOfThis != lastValue { valueChanges += 1 }
                lastValue = valueOfThis
            }
            guard end >= instant else { continue }
            inForce += 1
            age = ageOfThis
            if !valueOfThis.isNaN { value += valueOfThis }
            if end != ContractTable.never { withNotice += 1 }
            if contracts.plannedEnds[row] >= instant, contracts.plannedEnds[row] != ContractTable.never {
                let days = Int(table.plannedEndDays[row]) - day
                daysToPlannedEnd = min(daysToPlannedEnd ?? .max, days)
            }
        }
    }
}
