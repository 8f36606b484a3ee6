/// Reads the rows of one block of a file of events: maps, parses, and puts aside what cannot be trusted.
///
/// Plain rows, which most are, go through `readPlainRow`; every other row is cut into fields and looked at cell by cell.
struct EventBlockReader {
    let form: EventFileForm
    let text: TextBlock
    let nullTexts: NullTexts
    var result = EventBlock()
    let events: EventRows
    var check: RowCheck
    var scanner: RecordScanner
    private let numberOfKnownTypes: Int
    /// The names of events, for sources that have them; the reading is then one row after the other.
    private let identities: EventIdentities?
    private var time: TimeField
    private var amount: AmountReading
    private var content: RowContent
    private let lineOffset: Int
    private var spareBatch: RecordBatch?

    /// Event types are kept in a byte.
    private static let maximumTypes = 255

    /// - Parameters:
    ///   - state: what the rows before have decided.
    ///   - events: takes the events; with room for as many as the block has rows.
    ///   - linesBefore: lines of the file before the block, where messages must name lines of other blocks.
    init(
        _ text: TextBlock,
        _ form: EventFileForm,
        state: EventBlock.State,
        events: EventRows,
        identities: EventIdentities? = nil,
        linesBefore: Int = 0
    ) {
        self.form = form
        self.text = text
        self.identities = identities
        lineOffset = linesBefore
        nullTexts = NullTexts(form.dialect)
        content = form.content
        self.events = events
        check = RowCheck(
            columnCount: form.columnNames.count,
            header: form.header,
            dialect: form.dialect,
            isUTF8: state.isUTF8
        )
        time = TimeField(position: form.fields.time, form.source.time, calendar: form.calendar)
        if state.timeHasFit { time.decideFormat() }
        amount = AmountReading(form.source, firstCurrency: state.firstCurrency)
        scanner = RecordScanner(dialect: form.dialect, path: form.path, buffer: text.buffer)
        scanner.filled = text.count
        scanner.atEnd = text.isLast
        numberOfKnownTypes = state.types.count
        result.state = state
        result.stateVersion = state.version
        result.typeRows = [Int](repeating: 0, count: state.types.count)
        result.typeKept = result.typeRows
        result.numericColumns = .init(repeating: .init(), count: form.numericColumnCount)
        result.decimalEvidence = state.decimalIsProven.map { DecimalEvidence(isProven: $0) }
        result.attributeValues = .init(repeating: .init(), count: form.rowsForm.attributeCount)
    }

    /// A cell has fitted the time format.
    mutating func noteTimeFit() {
        if !time.hasFit { time.decideFormat() }
    }

    /// Whether so many rows were rejected that the reading will stop in this block. Rows of a footer do not count, and which
    /// those are shows only later.
    private var isHopeless: Bool {
        form.dialect.skipFooter == 0 && result.exceptions.count > form.options.maximumRejected
    }

    /// Reads the rows of the block.
    /// - Parameter maximumRows: rows behind them are left out, as a footer.
    mutating func read(_ structure: borrowing LineStructure, maximumRows: Int = .max) {
        if var plain = PlainEventReader(form, nullTexts) {
            defer { plain.settle(&result) }
            while !isHopeless, result.rows < maximumRows, scanner.consumed < scanner.filled {
                plain.readRows(structure, maximumRows: maximumRows, of: &self)
                guard result.rows < maximumRows, readRecords(1) else { break }
            }
        } else {
            while !isHopeless, result.rows < maximumRows, readRecords(maximumRows - result.rows) {}
        }
        finish()
    }

    /// Reads rows with a closer look at every cell.
    /// - Returns: `false` where the block has no whole row any more.
    private mutating func readRecords(_ maximum: Int) -> Bool {
        var batch = spareBatch ?? RecordBatch(bytes: UnsafeBufferPointer(text.buffer))
        spareBatch = nil
        batch.fields.removeAll(keepingCapacity: true)
        batch.records.removeAll(keepingCapacity: true)
        defer { spareBatch = batch }
        do {
            try scanner.scan(into: &batch, maximumRecords: maximum)
        } catch {
            result.fault = error
        }
        for record in batch.records where !isHopeless { read(record, of: batch) }
        return !batch.records.isEmpty && result.fault == nil
    }

    private mutating func read(_ record: RecordBatch.Record, of batch: RecordBatch) {
        let ordinal = result.rows
        result.rows += 1
        if form.watchesRepetitions {
            // A row that cannot be cut into its cells repeats nothing.
            result.marks.append(.init(hash: .none, line: UInt32(truncatingIfNeeded: record.line)))
        }
        let fate: RowFate
        if let fault = check.fault(record, of: batch, form.columnNames) {
            fate = fault
        } else {
            fate = batch.fields.withUnsafeBufferPointer { fields in
                guard let start = fields.baseAddress else { return .kept }
                return read(
                    SourceRow(
                        record,
                        bytes: batch.bytes,
                        fields: start + record.firstField,
                        columnNames: form.columnNames
                    ),
                    ordinal: ordinal
                )
            }
        }
        switch fate {
        case .kept: result.kept += 1
        case .droppedWithoutCustomer: result.droppedWithoutCustomer += 1
        case .droppedOtherCurrency: result.droppedOtherCurrencies += 1
        case .droppedDuplicate: preconditionFailure("repetitions of events are found once all are read")
        case .rejected, .undecided:
            result.exceptions.append(.init(ordinal: ordinal, fate: fate, row: Array(batch.row(record))))
        }
    }

    private mutating func finish() {
        result.lines = scanner.line - 1
        result.lineEnds = scanner.lineEnds
        if scanner.consumed < scanner.filled, result.fault == nil {
            result.tail = Array(text.text[scanner.consumed...])
        }
        var hasChanged = false
        if check.isUTF8 != result.state.isUTF8 {
            result.state.isUTF8 = check.isUTF8
            hasChanged = true
        }
        if time.hasFit != result.state.timeHasFit {
            result.state.timeHasFit = time.hasFit
            hasChanged = true
        }
        if amount.firstCurrency != result.state.firstCurrency {
            result.state.firstCurrency = amount.firstCurrency
            hasChanged = true
        }
        if result.state.types.count != numberOfKnownTypes { hasChanged = true }
        // What is proven only saves work: a block read without knowing it comes to the same end.
        for column in result.decimalEvidence.indices where result.decimalEvidence[column].isProven {
            result.state.decimalIsProven[column] = true
        }
        if hasChanged { result.state.version += 1 }
        if let base = text.buffer.baseAddress {
            result.events = EventPartitions(
                events,
                count: result.kept,
                text: base,
                keepsOrdinals: form.watchesRepetitions
            )
        }
    }

    // MARK: One row

    private mutating func read(_ row: SourceRow, ordinal: Int) -> RowFate {
        let fields = form.fields
        if form.watchesRepetitions || identities != nil {
            let hash = content.hash(row)
            if let conflict = conflict(row, hash) { return conflict }
            if form.watchesRepetitions {
                result.marks[ordinal] = .init(hash: hash, line: UInt32(truncatingIfNeeded: row.record.line))
            }
        }

        // Type and numbers first: they are counted for rows that are then dropped, too.
        let type: Int
        switch self.type(of: row) {
        case .code(let code): type = Int(code)
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
        while result.typeRows.count <= type {
            result.typeRows.append(0)
            result.typeKept.append(0)
        }
        result.typeRows[type] += 1

        let value = readNumbers(of: row, type: type)
        let customer = CustomerField(
            position: fields.customer,
            nullTexts: nullTexts,
            emptyCustomer: form.source.emptyCustomer
        )
        if let fate = customer.fate(row) { return fate }
        if let fate = value.fate { return fate }

        let instant: Int64
        switch time.read(row, repeatedHours: &result.repeatedHours) {
        case .instant(let value): instant = value
        case .fate(let fate): return fate
        }
        if let observedUntil = form.observedUntil, instant >= observedUntil {
            return .rejected(
                row.fault(
                    .timeOutOfRange,
                    "is after the study's `observedUntil`",
                    at: fields.time,
                    fix: "move `observedUntil`, or find out why the data reach beyond it"
                )
            )
        }
        let id = row.withPaddedCell(fields.customer) { cell in
            (
                hash: cell.baseAddress.map { CustomerHash.hash($0, count: cell.count) } ?? 0,
                start: row.offset(fields.customer) ?? events.keepAside(cell),
                length: UInt32(truncatingIfNeeded: cell.count)
            )
        }
        let number = result.kept
        events.set(
            .init(
                hash: id.hash,
                idStart: id.start,
                idLength: id.length,
                time: instant,
                type: UInt8(truncatingIfNeeded: type),
                amount: value.amount,
                quantity: value.quantity,
                transaction: transaction(row),
                ordinal: UInt32(truncatingIfNeeded: ordinal)
            ),
            at: number
        )
        for (attribute, position) in fields.attributes {
            let isMissing = row.withCell(position) { isBlank($0) || nullTexts.contains($0) }
            events.attributes[attribute].base[number] =
                isMissing ? -1 : row.withCell(position) { result.attributeValues[attribute].code(for: $0) }
        }
        for attribute in fields.absentAttributes { events.attributes[attribute].base[number] = -1 }
        result.typeKept[type] += 1
        return .kept
    }

    /// Takes note of the event's name, where it has one.
    private mutating func conflict(_ row: SourceRow, _ hash: RowHash) -> RowFate? {
        guard let id = form.fields.id, identities != nil, !row.withCell(id, { isBlank($0) || nullTexts.contains($0) })
        else { return nil }
        let name = row.withCell(id) { RowHash($0) }
        guard let other = identities?.note(name, content: hash, line: row.record.line + lineOffset) else { return nil }
        return .undecided(
            row.fault(
                .conflictingEvents,
                "names two events that differ",
                at: id,
                fix:
                    "see \(other) for the other, and find out which is right; if the column does not name events, remove"
                    + " the key `id`"
            )
        )
    }

    // MARK: Numbers

    /// Amount and quantity of a row, or why it has none that can be trusted.
    private struct Numbers {
        var amount = Double.nan
        var quantity = Double.nan
        var fate: RowFate?
    }

    private mutating func readNumbers(of row: SourceRow, type: Int) -> Numbers {
        let dialect = form.dialect
        var numbers = Numbers()
        amount.begin()
        for numeric in form.fields.numeric {
            switch row.withCell(numeric.position, { nullTexts.contains($0) ? nil : dialect.numbers.parse($0) }) {
            case nil:
                result.numericColumns[numeric.statistics].empty += 1
                if let role = numeric.role { amount.takeNull(role) }
            case .number(let value):
                if !dialect.decimalIsDecided { noteDecimalMark(row, numeric) }
                result.numericColumns[numeric.statistics].note(value, type: type)
                if let role = numeric.role { amount.take(value, role) }
                if numeric.isQuantity { numbers.quantity = value }
            case .empty where numeric.role.map(amount.allowsBlank) == true:
                result.numericColumns[numeric.statistics].empty += 1
            case .empty:
                let error = row.fault(
                    .missingValue,
                    "is empty",
                    at: numeric.position,
                    fix: "if an empty cell means \"no value\", \(dialect.settings.set([.null("")]))"
                )
                numbers.fate = dialect.nullTexts.isEmpty ? .undecided(error) : .rejected(error)
            case .malformed:
                numbers.fate = .malformedNumber(row, numeric.position, dialect)
            case .outOfRange:
                numbers.fate = .rejected(
                    row.fault(
                        .numberOutOfRange,
                        "is too large for a number, or has more digits than one can hold",
                        at: numeric.position,
                        fix: "correct the cell; if it means \"no value\", name it in `null` in `format`"
                    )
                )
            }
        }
        guard numbers.fate == nil else { return numbers }
        switch amount.value(of: row, form.fields) {
        case .success(let value): numbers.amount = value
        case .failure(let failure): numbers.fate = failure.fate
        }
        return numbers
    }

    private mutating func noteDecimalMark(_ row: SourceRow, _ numeric: EventFields.Numeric) {
        let (dialect, path) = (form.dialect, form.path)
        row.withCell(numeric.position) { cell in
            result.decimalEvidence[numeric.statistics].note(cell) {
                row.ambiguousNumber(numeric.position, dialect, path: path)
            }
        }
    }

    // MARK: Type and transaction

    private enum TypeOutcome {
        case code(Int32)
        case unknown(field: Int)
        case tooMany(field: Int)
    }

    private mutating func type(of row: SourceRow) -> TypeOutcome {
        let position = form.fields.type ?? 0
        if case .always(let name) = form.source.type { return number(name, position) }
        switch form.source.type {
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
        if let code = result.state.types.existingCode(for: name) { return .code(code) }
        return result.state.types.count < Self.maximumTypes
            ? .code(result.state.types.code(for: name)) : .tooMany(field: position)
    }

    private func transaction(_ row: SourceRow) -> UInt64 {
        if form.source.mergeSameDay { return TransactionMark.day }
        guard let group = form.fields.group else { return TransactionMark.own }
        return row.withPaddedCell(group) { content in
            guard !isBlank(content), !nullTexts.contains(content), let base = content.baseAddress else {
                return TransactionMark.own
            }
            return TransactionMark.group(base, count: content.count, source: form.sourceNumber)
        }
    }
}
