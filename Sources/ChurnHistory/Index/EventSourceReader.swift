import ChurnNumerics

/// Reads the rows of one source into event columns: maps, parses, and puts aside what cannot be trusted.
struct EventSourceReader {
    let source: EventSource
    let calendar: StudyCalendar
    let observedUntil: Int64?
    let options: EventHistory.Options

    /// Event types are kept in a byte.
    private static let maximumTypes = 255

    private var seenRows = Set<RowHash>()
    private var repeatedRows = 0
    private var firstRepeat: DataError?

    init(source: EventSource, calendar: StudyCalendar, observedUntil: Int64?, options: EventHistory.Options) {
        self.source = source
        self.calendar = calendar
        self.observedUntil = observedUntil
        self.options = options
    }

    /// Whether repeated rows must be looked for: to drop them, to count them, or to ask what to do with them.
    private var watchesDuplicates: Bool { source.duplicates != .keep || options.isInspection }

    mutating func read(into columns: inout EventColumns, report: inout ReadingReport) throws(DataError) {
        let numericNames = source.amount + (source.quantity.map { [$0] } ?? [])
        for name in numericNames where !report.numericColumns.contains(where: { $0.name == name }) {
            report.numericColumns.append(.init(name: name))
        }
        if source.group != nil || source.mergeSameDay { columns.hasTransactions = true }
        columns.startGroupsOfSource()
        for file in source.files { try read(file, into: &columns, report: &report) }
        if watchesDuplicates { report.duplicates = (report.duplicates ?? 0) + repeatedRows }
        if !options.isInspection, let firstRepeat { throw firstRepeat }
    }

    private mutating func read(
        _ path: String,
        into columns: inout EventColumns,
        report: inout ReadingReport
    ) throws(DataError) {
        var reader = try DelimitedReader(path: path, dialect: source.dialect)
        let fields = try FieldPositions(source, columnNames: reader.columnNames, path: path, report: report, columns)
        var file = ReadingReport.FileReport(path: path)
        var batch: RecordBatch?
        while try reader.nextBatch(reusing: &batch) {
            guard let rows = batch else { break }
            for record in rows.records {
                file.rows += 1
                switch keep(record, of: rows, path, fields, into: &columns, report: &report) {
                case .kept: file.kept += 1
                case .droppedWithoutCustomer: file.droppedWithoutCustomer += 1
                case .droppedDuplicate: file.droppedDuplicates += 1
                case .rejected(var error):
                    error.file = path
                    file.rejected += 1
                    report.note(error)
                    if report.rejected + file.rejected > options.maximumRejected { throw error }
                }
            }
        }
        if file.rows == 0 {
            let error = DataError(
                .headerOnly,
                "has a header but no rows",
                file: path,
                fix: "check the export that made it"
            )
            guard options.isInspection else { throw error }
            report.noteFile(error)
        }
        file.digest = reader.digest.hexadecimal
        precondition(file.isBalanced, "every row is kept, rejected or dropped")
        report.files.append(file)
    }

    private enum Fate {
        case kept, droppedWithoutCustomer, droppedDuplicate
        case rejected(DataError)
    }

    // MARK: One row

    private mutating func keep(
        _ record: RecordBatch.Record,
        of batch: RecordBatch,
        _ path: String,
        _ fields: FieldPositions,
        into columns: inout EventColumns,
        report: inout ReadingReport
    ) -> Fate {
        func reject(
            _ code: DataErrorCode,
            _ problem: String,
            field: Int? = nil,
            fix: String? = nil
        ) -> Fate {
            var value: String?
            if let field, field < record.fieldCount { value = batch.text(batch.fields[record.firstField + field]) }
            return .rejected(
                DataError(
                    code,
                    problem,
                    line: record.line,
                    field: field.map { $0 + 1 },
                    column: field.flatMap { $0 < fields.names.count ? fields.names[$0] : nil },
                    value: value,
                    fix: fix
                )
            )
        }
        func cell(_ position: Int) -> RecordBatch.Field { batch.fields[record.firstField + position] }
        func isNull(_ field: RecordBatch.Field) -> Bool { batch.withContent(field, fields.isNull) }

        if let field = record.strayQuoteField {
            return reject(
                .strayQuote,
                "has text after its closing quote",
                field: field,
                fix: "double the quotes that are part of the text"
            )
        }
        if record.fieldCount != fields.names.count {
            return reject(
                .wrongFieldCount,
                "the row has \(record.fieldCount) fields where the header has \(fields.names.count)",
                fix: "quote fields that hold the delimiter; check `delimiter`"
            )
        }
        let row = UnsafeBufferPointer(
            rebasing: batch.bytes[Int(record.start)..<Int(record.start) + Int(record.length)]
        )
        if let problem = TextCheck.problem(row) {
            return reject(.invalidText, problem, fix: "if the file is from Windows, set `encoding: windows-1252`")
        }

        let isRepeat = watchesDuplicates && !seenRows.insert(RowHash(row)).inserted
        if isRepeat { repeatedRows += 1 }

        // Type and numbers first: they are counted for rows that are then dropped, too.
        let typeCode: Int32
        switch type(of: record, batch, fields, &columns.types) {
        case .code(let code): typeCode = code
        case .unknown(let field):
            return reject(
                .unknownType,
                "no event type is given for this text",
                field: field,
                fix: "add it to `type`, or give `otherwise`"
            )
        case .tooMany(let field):
            return reject(
                .tooManyDistinctValues,
                "is more than the 255 different event types that can be",
                field: field,
                fix: "check that `type` names the right column"
            )
        }
        let typeName =
            Int(typeCode) < report.types.count ? report.types[Int(typeCode)].name : columns.types.string(Int(typeCode))
        if Int(typeCode) >= report.types.count { report.types.append(.init(name: typeName)) }
        report.types[Int(typeCode)].rows += 1

        var amount = fields.isAmountMapped ? 1 : Double.nan
        var quantity = Double.nan
        var numberFault: Fate?
        for numeric in fields.numeric {
            let field = cell(numeric.position)
            if isNull(field) {
                report.numericColumns[numeric.statistics].empty += 1
                if numeric.isFactor { amount = .nan }
                continue
            }
            switch batch.withContent(field, { source.dialect.numbers.parse($0) }) {
            case .number(let value):
                report.numericColumns[numeric.statistics].note(value, type: typeName)
                if numeric.isFactor { amount *= value }
                if numeric.isQuantity { quantity = value }
            case .empty:
                numberFault = reject(
                    .missingValue,
                    "is empty",
                    field: numeric.position,
                    fix: #"if an empty cell means "no value", set `null: [""]` in `format`"#
                )
            case .malformed:
                numberFault = reject(
                    .notANumber,
                    "is not a number",
                    field: numeric.position,
                    fix: numberFix(batch.text(field))
                )
            case .outOfRange:
                numberFault = reject(
                    .numberOutOfRange,
                    "is too large for a number",
                    field: numeric.position,
                    fix: "correct the cell; if it means \"no value\", name it in `null` in `format`"
                )
            }
        }
        if amount.isInfinite {
            numberFault = reject(
                .numberOutOfRange,
                "the amount is too large for a number",
                fix: "correct the factors of the amount"
            )
        }

        let customerField = cell(fields.customer)
        if isNull(customerField) || batch.withContent(customerField, TextCheck.isBlank) {
            if source.emptyCustomer == .drop { return .droppedWithoutCustomer }
            return reject(
                .emptyCustomer,
                "the row has no customer",
                field: fields.customer,
                fix: "set `emptyCustomer: drop` if such rows are to be left out"
            )
        }
        if let numberFault { return numberFault }

        let timeField = cell(fields.time)
        let time: Int64
        switch batch.withContent(timeField, { source.timeFormat.parse($0, calendar: source.timeZone ?? calendar) }) {
        case .instant(let instant): time = instant
        case .malformed:
            return reject(
                .notATime,
                "is not a time written as \(source.timeFormat.pattern)",
                field: fields.time,
                fix: "set `time: {format: …}` to how the column is written"
            )
        case .skippedHour:
            return reject(
                .skippedHour,
                "did not exist on the clocks of \((source.timeZone ?? calendar).timeZoneName)",
                field: fields.time,
                fix: "set `time: {zone: …}` to the zone in which the times were written"
            )
        case .outOfRange:
            return reject(
                .timeOutOfRange,
                "is not between 1970-01-02 and 2100",
                field: fields.time,
                fix: "correct the cell; a date that stands for \"unknown\" has no place in a history"
            )
        }
        if let observedUntil, time >= observedUntil {
            return reject(
                .timeOutOfRange,
                "is after the study's `observedUntil`",
                field: fields.time,
                fix: "move `observedUntil`, or find out why the data reach beyond it"
            )
        }
        if isRepeat {
            if source.duplicates == .drop { return .droppedDuplicate }
            if source.duplicates == nil, firstRepeat == nil {
                firstRepeat = DataError(
                    .duplicateRows,
                    "the row repeats an earlier one to the byte, and the study does not say what that means",
                    file: path,
                    line: record.line,
                    fix: "set `duplicates: keep` if equal rows are separate events, `duplicates: drop` if not"
                )
            }
        }

        columns.customerCodes.append(batch.withContent(customerField) { columns.customers.code(for: $0) })
        columns.typeCodes.append(UInt8(truncatingIfNeeded: typeCode))
        columns.times.append(time)
        columns.amounts.append(amount)
        columns.quantities.append(quantity)
        columns.transactions.append(transaction(record, batch, fields, columns.groupBase, &columns.groups))
        for (attribute, position) in fields.attributes {
            let field = cell(position)
            let code =
                field.length == 0 || isNull(field)
                ? -1 : batch.withContent(field) { columns.attributes[attribute].dictionary.code(for: $0) }
            columns.attributes[attribute].codes.append(code)
        }
        for attribute in fields.absentAttributes { columns.attributes[attribute].codes.append(-1) }
        report.types[Int(typeCode)].kept += 1
        return .kept
    }

    private enum TypeOutcome {
        case code(Int32)
        case unknown(field: Int)
        case tooMany(field: Int)
    }

    private func type(
        of record: RecordBatch.Record,
        _ batch: RecordBatch,
        _ fields: FieldPositions,
        _ types: inout ByteDictionary
    ) -> TypeOutcome {
        let position = fields.type ?? 0
        /// The number of a type; a new one only while there is room for it.
        func numbered(_ name: UnsafeBufferPointer<UInt8>) -> TypeOutcome {
            if let code = types.existingCode(for: name) { return .code(code) }
            return types.count < Self.maximumTypes ? .code(types.code(for: name)) : .tooMany(field: position)
        }
        func numbered(_ name: String?) -> TypeOutcome {
            guard let name else { return .unknown(field: position) }
            return Array(name.utf8).withUnsafeBufferPointer(numbered)
        }
        if case .always(let name) = source.type { return numbered(name) }
        return batch.withContent(batch.fields[record.firstField + position]) { cell in
            switch source.type {
            case .always(let name):
                numbered(name)
            case .cell:
                TextCheck.isBlank(cell) || fields.isNull(cell) ? .unknown(field: position) : numbered(cell)
            case .startsWith(_, let patterns, let otherwise):
                numbered(patterns.first { cell.starts(with: $0.pattern) }?.type ?? otherwise)
            case .equals(_, let patterns, let otherwise):
                numbered(patterns.first { cell.elementsEqual($0.pattern) }?.type ?? otherwise)
            }
        }
    }

    private func transaction(
        _ record: RecordBatch.Record,
        _ batch: RecordBatch,
        _ fields: FieldPositions,
        _ groupBase: Int32,
        _ groups: inout ByteDictionary
    ) -> Int32 {
        if source.mergeSameDay { return EventColumns.dayTransaction }
        guard let group = fields.group else { return EventColumns.ownTransaction }
        return batch.withContent(batch.fields[record.firstField + group]) { content in
            TextCheck.isBlank(content) || fields.isNull(content)
                ? EventColumns.ownTransaction : groupBase + groups.code(for: content)
        }
    }

    private func numberFix(_ text: String) -> String {
        if text.contains(",") {
            return #"if the comma is the decimal mark, set `decimal: ","` (and `thousands: "."`) in `format`"#
        }
        return "correct the cell; if the text means \"no value\", name it in `null` in `format`"
    }
}

/// Where the mapped columns of a source stand in one of its files.
private struct FieldPositions {
    struct Numeric {
        let position: Int
        /// Index into the report's numeric columns.
        let statistics: Int
        /// A factor of the amount.
        let isFactor: Bool
        let isQuantity: Bool
    }

    let names: [String]
    let customer: Int
    let time: Int
    let type: Int?
    /// The columns of amount and quantity, each once.
    let numeric: [Numeric]
    let isAmountMapped: Bool
    let group: Int?
    /// Index of the attribute in the event columns, and position of its field.
    let attributes: [(attribute: Int, position: Int)]
    let absentAttributes: [Int]
    private let nullTexts: [[UInt8]]

    /// Whether a cell's text is one of those that mean "no value".
    func isNull(_ content: UnsafeBufferPointer<UInt8>) -> Bool {
        nullTexts.contains { content.elementsEqual($0) }
    }

    init(
        _ source: EventSource,
        columnNames: [String],
        path: String,
        report: ReadingReport,
        _ columns: EventColumns
    ) throws(DataError) {
        names = columnNames
        func position(_ column: String) throws(DataError) -> Int {
            if let position = columnNames.firstIndex(of: column) { return position }
            let suggestion = NearestName.of(column, among: columnNames).map { "did you mean `\($0)`? " } ?? ""
            throw DataError(
                .missingColumn,
                "is not a column of this file",
                file: path,
                column: column,
                fix: "\(suggestion)the file has \(columnNames.joined(separator: ", "))"
            )
        }
        customer = try position(source.customer)
        time = try position(source.timeColumn)
        type = try source.type.column.map { (name) throws(DataError) in try position(name) }
        var numeric: [Numeric] = []
        for column in source.amount + (source.quantity.map { [$0] } ?? [])
        where !numeric.contains(where: { columnNames[$0.position] == column }) {
            numeric.append(
                Numeric(
                    position: try position(column),
                    statistics: report.numericColumns.firstIndex { $0.name == column } ?? 0,
                    isFactor: source.amount.contains(column),
                    isQuantity: source.quantity == column
                )
            )
        }
        self.numeric = numeric
        isAmountMapped = !source.amount.isEmpty
        group = try source.group.map { (name) throws(DataError) in try position(name) }
        var attributes: [(Int, Int)] = []
        for attribute in source.attributes {
            let index = columns.attributes.firstIndex { $0.name == attribute.name } ?? 0
            attributes.append((index, try position(attribute.column)))
        }
        self.attributes = attributes
        absentAttributes = columns.attributes.indices.filter { index in !attributes.contains { $0.0 == index } }
        nullTexts = source.dialect.nullTexts.map { Array($0.utf8) }
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

/// What is wrong with the bytes of a row.
enum TextCheck {
    static func isBlank(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 }
    }

    /// `nil` when the bytes are UTF-8 without NUL.
    static func problem(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        var isASCII = true
        for byte in bytes {
            if byte == 0 { return "the row holds a NUL byte" }
            if byte >= 0x80 { isASCII = false }
        }
        if isASCII || String(validating: bytes, as: UTF8.self) != nil { return nil }
        return "the row is not valid UTF-8"
    }
}
