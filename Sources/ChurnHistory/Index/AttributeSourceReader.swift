/// Reads the rows of one entry of `customers`.
struct AttributeSourceReader: RowReader {
    private let source: AttributeSource
    private let calendar: StudyCalendar
    private let nullTexts: NullTexts
    private(set) var customers: ByteDictionary
    private(set) var rows = CustomerRows()
    private var attributes: [EventCollection.Attribute]
    /// By attribute: the code of each row, -1 for none.
    private var attributeCodes: [[Int32]]
    private var customerPosition = 0
    private var attributePositions: [Int] = []
    private var validFrom: TimeField?

    /// Content and place of the rows read, by customer and date.
    private var seen: [Key: (content: RowHash, line: Int, file: Int)] = [:]
    private var paths: [String] = []

    private struct Key: Hashable {
        let customer: Int32
        let validFrom: Int64
    }

    init(source: AttributeSource, calendar: StudyCalendar, customers: ByteDictionary) {
        self.source = source
        self.calendar = calendar
        self.customers = customers
        nullTexts = NullTexts(source.dialect)
        attributes = source.attributes.map { .init(name: $0.name) }
        attributeCodes = source.attributes.map { _ in [] }
    }

    mutating func open(_ file: SourceFile) throws(DataError) {
        paths.append(file.path)
        customerPosition = try file.position(of: source.customer, source.dialect)
        attributePositions = []
        for attribute in source.attributes {
            attributePositions.append(try file.position(of: attribute.column, source.dialect))
        }
        if let column = source.validFrom {
            let wasDecided = validFrom?.hasFit == true
            var field = TimeField(
                position: try file.position(of: column.column, source.dialect),
                column,
                calendar: calendar
            )
            if wasDecided { field.decideFormat() }
            validFrom = field
        }
    }

    mutating func read(_ row: SourceRow, _ file: inout ReadingReport.FileReport) -> RowFate {
        let customer = CustomerField(position: customerPosition, nullTexts: nullTexts, emptyCustomer: nil)
        if let fate = customer.fate(row) { return fate }
        let instant: Int64
        switch validFrom?.read(row, repeatedHours: &file.normalisations.repeatedHours) {
        case .instant(let value): instant = value
        case .fate(let fate): return fate
        case nil: instant = AttributeHistory.alwaysKnown
        }
        let code = row.withCell(customerPosition) { customers.code(for: $0) }
        let key = Key(customer: code, validFrom: instant)
        let content = RowHash(row.row)
        if let known = seen[key] {
            if known.content == content { return .droppedDuplicate }
            let advice =
                source.validFrom == nil
                ? "keep one row a customer, or name the column of the date in `validFrom`"
                : "keep one row a customer and date"
            return .rejected(
                row.fault(
                    .conflictingAttributes,
                    source.validFrom == nil
                        ? "has another row, and no date says which is later" : "has another row of the same date",
                    at: customerPosition,
                    fix: "\(advice); the other is \(paths[known.file]):\(known.line)"
                )
            )
        }
        seen[key] = (content, row.record.line, paths.count - 1)
        rows.customerCodes.append(code)
        rows.instants.append(instant)
        for (attribute, position) in attributePositions.enumerated() {
            let isMissing = row.withCell(position) { isBlank($0) || nullTexts.contains($0) }
            attributeCodes[attribute].append(
                isMissing ? -1 : row.withCell(position) { attributes[attribute].dictionary.code(for: $0) }
            )
        }
        return .kept
    }

    /// The history, with the customers in the order of the index.
    func history(rank: [Int32], customerCount: Int) -> AttributeHistory {
        let (order, starts) = rows.sorted(rank: rank, customerCount: customerCount)
        return AttributeHistory(
            customerStarts: starts,
            validFrom: order.map { rows.instants[$0] },
            hasValidFrom: source.validFrom != nil,
            attributes: zip(attributes, attributeCodes).map { attribute, codes in
                .init(
                    name: attribute.name,
                    values: attribute.dictionary.strings,
                    codes: Column(order.map { codes[$0] })
                )
            }
        )
    }
}
