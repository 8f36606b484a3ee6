/// Reads the rows of one entry of `contracts`.
struct ContractSourceReader: RowReader {
    private let source: ContractSource
    private let calendar: StudyCalendar
    private let nullTexts: NullTexts
    private(set) var customers: ByteDictionary
    private(set) var contracts: ContractRows
    private var customerPosition = 0
    private var valuePosition: Int?
    private var start: TimeField?
    private var plannedEnd: TimeField?
    private var end: TimeField?
    private var endKnown: TimeField?
    private var path = ""
    private var decimalEvidence = DecimalEvidence()
    /// Equal rows are one contract.
    private var seenRows = Set<RowHash>()

    init(source: ContractSource, calendar: StudyCalendar, customers: ByteDictionary, contracts: ContractRows) {
        self.source = source
        self.calendar = calendar
        self.customers = customers
        self.contracts = contracts
        nullTexts = NullTexts(source.dialect)
    }

    mutating func open(_ file: SourceFile) throws(DataError) {
        path = file.path
        customerPosition = try file.position(of: source.customer, source.dialect)
        valuePosition = try source.value.map { (name) throws(DataError) in
            try file.position(of: name, source.dialect)
        }
        start = try field(source.start, start, file)
        plannedEnd = try field(source.plannedEnd, plannedEnd, file)
        end = try field(source.end, end, file)
        endKnown = try field(source.endKnown, endKnown, file)
    }

    private func field(
        _ column: TimeColumn?,
        _ before: TimeField?,
        _ file: SourceFile
    ) throws(DataError) -> TimeField? {
        guard let column else { return nil }
        var field = TimeField(
            position: try file.position(of: column.column, source.dialect),
            column,
            calendar: calendar
        )
        if before?.hasFit == true { field.decideFormat() }
        return field
    }

    func finish(_ reading: inout SourceReading) throws(DataError) {
        if let doubt = decimalEvidence.openDoubt { try reading.ask(doubt) }
    }

    mutating func read(_ row: SourceRow, _ file: inout ReadingReport.FileReport) -> RowFate {
        let customer = CustomerField(position: customerPosition, nullTexts: nullTexts, emptyCustomer: nil)
        if let fate = customer.fate(row) { return fate }
        var contract = Contract()
        if let fate = Self.read(&start, row, &file, nullTexts, isOptional: false, into: &contract.start) { return fate }
        if let fate = Self.read(&plannedEnd, row, &file, nullTexts, into: &contract.plannedEnd) { return fate }
        if let fate = Self.read(&end, row, &file, nullTexts, into: &contract.end) { return fate }
        if let fate = Self.read(&endKnown, row, &file, nullTexts, into: &contract.endKnown) { return fate }
        if contract.end < contract.start || contract.plannedEnd < contract.start {
            return .rejected(
                row.fault(
                    .impossibleContract,
                    "the contract ends before it starts",
                    at: contract.end < contract.start ? end?.position : plannedEnd?.position,
                    fix: "correct the dates"
                )
            )
        }
        if contract.endKnown < contract.start {
            return .rejected(
                row.fault(
                    .impossibleContract,
                    "the end is known before the contract starts",
                    at: endKnown?.position,
                    fix: "correct the dates"
                )
            )
        }
        // An end of which nobody says since when it was known can be seen only once it has come.
        if contract.endKnown == ContractTable.never { contract.endKnown = contract.end }
        if contract.end == ContractTable.never, contract.endKnown != ContractTable.never {
            return .rejected(
                row.fault(
                    .impossibleContract,
                    "an end is known, but not when it is",
                    at: endKnown?.position,
                    fix: "fill the column of `end`: after a notice it lies in the future"
                )
            )
        }
        if let position = valuePosition, let fate = readValue(row, position, into: &contract.value) { return fate }
        if !seenRows.insert(RowHash(row.row)).inserted { return .droppedDuplicate }
        contracts.append(contract, customer: row.withCell(customerPosition) { customers.code(for: $0) })
        return .kept
    }

    /// Reads a date; a blank cell leaves it as it was where there need not be one.
    private static func read(
        _ field: inout TimeField?,
        _ row: SourceRow,
        _ file: inout ReadingReport.FileReport,
        _ nullTexts: NullTexts,
        isOptional: Bool = true,
        into instant: inout Int64
    ) -> RowFate? {
        guard let position = field?.position else { return nil }
        if isOptional, row.withCell(position, { isBlank($0) || nullTexts.contains($0) }) { return nil }
        switch field?.read(row, repeatedHours: &file.normalisations.repeatedHours) {
        case .instant(let value): instant = value
        case .fate(.rejected(let error)) where error.code == .timeOutOfRange && isOptional:
            return .rejected(
                row.fault(
                    .timeOutOfRange,
                    error.problem,
                    at: position,
                    fix: "if the date stands for \"no end\", name it in `null` in `format`"
                )
            )
        case .fate(let fate): return fate
        case nil: break
        }
        return nil
    }

    private mutating func readValue(_ row: SourceRow, _ position: Int, into value: inout Double) -> RowFate? {
        if row.withCell(position, { isBlank($0) || nullTexts.contains($0) }) { return nil }
        switch row.withCell(position, source.dialect.numbers.parse) {
        case .number(let number):
            value = number
            if !source.dialect.decimalIsDecided { noteDecimalMark(row, position) }
            return nil
        case .outOfRange:
            return .rejected(
                row.fault(.numberOutOfRange, "is too large for a number", at: position, fix: "correct the cell")
            )
        case .empty, .malformed:
            return .malformedNumber(row, position, source.dialect)
        }
    }

    private mutating func noteDecimalMark(_ row: SourceRow, _ position: Int) {
        row.withCell(position) { cell in
            decimalEvidence.note(cell) { row.ambiguousNumber(position, source.dialect, path: path) }
        }
    }
}

/// One contract; what is not known is `never` or NaN.
struct Contract {
    var start = ContractTable.never
    var plannedEnd = ContractTable.never
    var end = ContractTable.never
    var endKnown = ContractTable.never
    var value = Double.nan
}

/// Contracts in the order of the sources.
struct ContractRows {
    private var rows = CustomerRows()
    private var contracts: [Contract] = []

    mutating func append(_ contract: Contract, customer: Int32) {
        rows.customerCodes.append(customer)
        rows.instants.append(contract.start)
        contracts.append(contract)
    }

    /// The table, with the customers in the order of the index.
    func table(rank: [Int32], customerCount: Int) -> ContractTable {
        let (order, starts) = rows.sorted(rank: rank, customerCount: customerCount)
        return ContractTable(
            customerStarts: starts,
            starts: order.map { contracts[$0].start },
            plannedEnds: order.map { contracts[$0].plannedEnd },
            ends: order.map { contracts[$0].end },
            endsKnown: order.map { contracts[$0].endKnown },
            values: order.map { contracts[$0].value }
        )
    }
}
