import ChurnHistory

/// The contracts of an index with the calendar days of their starts and planned ends, found once for all cutoffs.
struct DatedContracts: Sendable {
    let contracts: ContractTable
    /// Days since 1970-01-01 on the study's calendar.
    let startDays: [Int32]
    /// As above; of no meaning where a contract has no planned end.
    let plannedEndDays: [Int32]

    init(_ contracts: ContractTable, calendar: StudyCalendar) {
        func day(_ instant: Int64) -> Int32 {
            instant == ContractTable.never ? .max : Int32(truncatingIfNeeded: calendar.day(of: instant).number)
        }
        self.contracts = contracts
        startDays = contracts.starts.map(day)
        plannedEndDays = contracts.plannedEnds.map(day)
    }

    func rows(ofCustomer customer: Int) -> Range<Int> {
        contracts.customerStarts[customer]..<contracts.customerStarts[customer + 1]
    }
}
