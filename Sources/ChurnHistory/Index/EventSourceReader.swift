import ChurnNumerics

/// Reads the rows of one source into event columns: maps, parses, and puts aside what cannot be trusted.
struct EventSourceReader: RowReader {
    let source: EventSource
    let calendar: StudyCalendar
    let observedUntil: Int64?
    let options: EventHistory.Options
    private(set) var columns: EventColumns
    private(set) var types: [ReadingReport.TypeCount]
    private(set) var numericColumns: [ReadingReport.NumericColumn]

    /// Event types are kept in a byte.
    private static let maximumTypes = 255

    private let nullTexts: NullTexts
    private var fields: EventFields?
    private var time: TimeField?
    private var path = ""
    private var duplicates: DuplicateRows
    /// What is known of each numeric column's decimal mark, by position in `numericColumns`.
    private var decimalEvidence: [DecimalEvidence]
    private var amount: AmountReading

    init(
        source: EventSource,
        calendar: StudyCalendar,
        observedUntil: Int64?,
        options: EventHistory.Options,
        columns: EventColumns,
        report: ReadingReport
    ) {
        self.source = source
        self.calendar = calendar
        self.observedUntil = observedUntil
        self.options = options
        self.columns = columns
        types = report.types
        numericColumns = report.numericColumns
        nullTexts = NullTexts(source.dialect)
        for name in source.amount.numericColumns + (source.quantity.map { [$0] } ?? [])
        where !numericColumns.contains(where: { $0.name == name }) {
            numericColumns.append(.init(name: name))
        }
        decimalEvidence = [DecimalEvidence](repeating: .init(), count: numericColumns.count)
        duplicates = DuplicateRows(source, isInspection: options.isInspection)
        amount = AmountReading(source)
        if source.group != nil || source.mergeSameDay { self.columns.hasTransactions = true }
        self.columns.startGroupsOfSource()
    }

    mutating func open(_ file: SourceFile) throws(DataError) {
        path = file.path
        let fields = try EventFields(source, file, numericColumns, columns)
        self.fields = fields
        var time = TimeField(position: fields.time, source.time, calendar: calendar)
        if self.time?.hasFit == true { time.decideFormat() }
        self.time = time
        duplicates.open(file)
    }

    /// What the source's rows said together: how often they repeat, and what the study must decide.
    func finish(_ reading: inout SourceReading) throws(DataError) {
        reading.report.types = types
        reading.report.numericColumns = numericColumns
        if duplicates.isWatched {
            reading.report.duplicates = (reading.report.duplicates ?? 0) + duplicates.repeated
            reading.report.duplicatesAcrossFiles += duplicates.repeatedAcrossFiles
        }
        if let first = duplicates.firstUndecided { try reading.ask(first) }
        for doubt in decimalEvidence.compactMap(\.openDoubt) { try reading.ask(doubt) }
    }

    // MARK: One row

    mutating func read(_ row: SourceRow, _ file: inout ReadingReport.FileReport) -> RowFate {
        guard let fields else { preconditionFailure("a file is opened before its rows are read") }
        let isRepeat: Bool
        switch duplicates.note(row, id: fields.id, nullTexts) {
        case .new: isRepeat = false
        case .repeated: isRepeat = true
        case .conflict(let other):
            return .undecided(
                row.fault(
                    .conflictingEvents,
                    "names two events that differ",
                    at: fields.id,
                    fix: "see \(other) for the other, and find out which is right; if the column does not name events, remove"
                        + " the key `id`"
                )
            )
        }

        // Type and numbers first: they are counted for rows that are then dropped, too.
        let typeCode: Int32
        switch type(of: row, fields) {
        case .code(let code): typeCode = code
        case .unknown(let field):
            return .rejected(
                row.fault(
                    .unknownType,
                    "no event type is given for this text",
                    at: field,
                    fix: "add it to `type`, or give `otherwise`"
                )
            )
        case .tooMany(let field):
            return .rejected(
                row.fault(
                    .tooManyDistinctValues,
                    "is more than the 255 different event types that can be",
                    at: field,
                    fix: "check that `type` names the right column"
                )
            )
        }
        let code = Int(typeCode)
        if code >= types.count { types.append(.init(name: columns.types.string(code))) }
        types[code].rows += 1

        let value = readNumbers(of: row, fields, type: types[code].name)
        let customer = CustomerField(
            position: fields.customer,
            nullTexts: nullTexts,
            emptyCustomer: source.emptyCustomer
        )
        if let fate = customer.fate(row) { return fate }
        if let fate = value.fate { return fate }

        let instant: Int64
        switch time?.read(row, &file) {
        case .instant(let value): instant = value
        case .fate(let fate): return fate
        case nil: preconditionFailure("a file is opened before its rows are read")
        }
        if let observedUntil, instant >= observedUntil {
            return .rejected(
                row.fault(
                    .timeOutOfRange,
                    "is after the study's `observedUntil`",
                    at: fields.time,
                    fix: "move `observedUntil`, or find out why the data reach beyond it"
                )
            )
        }
        if isRepeat {
            if source.duplicates == .drop { return .droppedDuplicate }
            if source.duplicates == nil { duplicates.ask(row, path) }
        }

        columns.customerCodes.append(row.withCell(fields.customer) { columns.customers.code(for: $0) })
        columns.typeCodes.append(UInt8(truncatingIfNeeded: typeCode))
        columns.times.append(instant)
        columns.amounts.append(value.amount)
        columns.quantities.append(value.quantity)
        columns.transactions.append(transaction(row, fields))
        for (attribute, position) in fields.attributes {
            let isMissing = row.isEmpty(position) || row.withCell(position, nullTexts.contains)
            columns.attributes[attribute].codes.append(
                isMissing ? -1 : row.withCell(position) { columns.attributes[attribute].dictionary.code(for: $0) }
            )
        }
        for attribute in fields.absentAttributes { columns.attributes[attribute].codes.append(-1) }
        types[code].kept += 1
        return .kept
    }

    // MARK: Numbers

    /// Amount and quantity of a row, or why it has none that can be trusted.
    private struct Numbers {
        var amount = Double.nan
        var quantity = Double.nan
        var fate: RowFate?
    }

    private mutating func readNumbers(of row: SourceRow, _ fields: EventFields, type: String) -> Numbers {
        var result = Numbers()
        amount.begin()
        for numeric in fields.numeric {
            switch row.withCell(numeric.position, { nullTexts.contains($0) ? nil : source.dialect.numbers.parse($0) }) {
            case nil:
                numericColumns[numeric.statistics].empty += 1
                if let role = numeric.role { amount.takeNull(role) }
            case .number(let value):
                if !source.dialect.decimalIsDecided { noteDecimalMark(row, numeric) }
                numericColumns[numeric.statistics].note(value, type: type)
                if let role = numeric.role { amount.take(value, role) }
                if numeric.isQuantity { result.quantity = value }
            case .empty where numeric.role.map(amount.allowsBlank) == true:
                numericColumns[numeric.statistics].empty += 1
            case .empty:
                let error = row.fault(
                    .missingValue,
                    "is empty",
                    at: numeric.position,
                    fix: "if an empty cell means \"no value\", \(source.dialect.settings.set([.null("")]))"
                )
                result.fate = source.dialect.nullTexts.isEmpty ? .undecided(error) : .rejected(error)
            case .malformed:
                result.fate = .malformedNumber(row, numeric.position, source.dialect)
            case .outOfRange:
                result.fate = .rejected(
                    row.fault(
                        .numberOutOfRange,
                        "is too large for a number, or has more digits than one can hold",
                        at: numeric.position,
                        fix: "correct the cell; if it means \"no value\", name it in `null` in `format`"
                    )
                )
            }
        }
        guard result.fate == nil else { return result }
        switch amount.value(of: row, fields) {
        case .success(let value): result.amount = value
        case .failure(let failure): result.fate = failure.fate
        }
        return result
    }

    private mutating func noteDecimalMark(_ row: SourceRow, _ numeric: EventFields.Numeric) {
        let path = path
        row.withCell(numeric.position) { cell in
            decimalEvidence[numeric.statistics].note(cell) {
                row.ambiguousNumber(numeric.position, source.dialect, path: path)
            }
        }
    }

    // MARK: Type and transaction

    private enum TypeOutcome {
        case code(Int32)
        case unknown(field: Int)
        case tooMany(field: Int)
    }

    private mutating func type(of row: SourceRow, _ fields: EventFields) -> TypeOutcome {
        let position = fields.type ?? 0
        if case .always(let name) = source.type { return number(name, position) }
        switch source.type {
        case .cell where row.withCell(position, { isBlank($0) || nullTexts.contains($0) }):
            return .unknown(field: position)
        case .always, .cell:
            return row.withCell(position) { number($0, position) }
        case .startsWith(_, let patterns, let otherwise):
            let name = row.withCell(position) { cell in patterns.first { cell.starts(with: $0.pattern) }?.type }
            return number(name ?? otherwise, position)
        case .equals(_, let patterns, let otherwise):
            let name = row.withCell(position) { cell in patterns.first { cell.elementsEqual($0.pattern) }?.type }
            return number(name ?? otherwise, position)
        }
    }

    private mutating func number(_ name: String?, _ position: Int) -> TypeOutcome {
        guard var name else { return .unknown(field: position) }
        return name.withUTF8 { number($0, position) }
    }

    /// The number of a type; a new one only while there is room for it.
    private mutating func number(_ name: UnsafeBufferPointer<UInt8>, _ position: Int) -> TypeOutcome {
        if let code = columns.types.existingCode(for: name) { return .code(code) }
        return columns.types.count < Self.maximumTypes
            ? .code(columns.types.code(for: name)) : .tooMany(field: position)
    }

    private mutating func transaction(_ row: SourceRow, _ fields: EventFields) -> Int32 {
        if source.mergeSameDay { return EventColumns.dayTransaction }
        guard let group = fields.group else { return EventColumns.ownTransaction }
        return row.withCell(group) { content in
            isBlank(content) || nullTexts.contains(content)
                ? EventColumns.ownTransaction : columns.groupBase + columns.groups.code(for: content)
        }
    }
}

extension ReadingReport.NumericColumn {
    fileprivate mutating func note(_ value: Double, type: String) {
        minimum = min(minimum, value)
        maximum = max(maximum, value)
        if value == 0 { zero += 1 }
        if value < 0 { negative[type, default: 0] += 1 }
    }
}
