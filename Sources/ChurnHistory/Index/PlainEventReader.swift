/// Reads plain rows, straight from the bytes: as many fields as columns, numbers and times of the usual form, nothing
/// missing that must be there.
///
/// For a row that it reads, the event and every count are those of the closer look; at any other row it stops.
struct PlainEventReader {
    private let form: EventFileForm
    private let nullTexts: NullTexts
    private var time: PlainTimeReader?
    private var types: PlainTypeReader
    private let columnCount: Int
    private let delimiter: UInt8
    /// Index of the next structural byte that has not been passed.
    private var cursor = 0
    /// Where the fields of the row lie in the text.
    private let starts: OwnedBuffer<Int>
    private let ends: OwnedBuffer<Int>
    /// By numeric field of the row: its value, NaN for none.
    private let values: OwnedBuffer<Double>

    init(_ form: EventFileForm, _ nullTexts: NullTexts) {
        self.form = form
        self.nullTexts = nullTexts
        time = PlainTimeReader(form.source.time.format, calendar: form.source.time.zone ?? form.calendar)
        types = PlainTypeReader(form.source.type, nullTexts)
        columnCount = form.columnNames.count
        if case .byte(let byte) = form.dialect.delimiter { delimiter = byte } else { delimiter = 0 }
        starts = OwnedBuffer(count: columnCount)
        ends = OwnedBuffer(count: columnCount)
        values = OwnedBuffer(count: form.fields.numeric.count)
    }

    /// Reads rows from where the scanner stands, until one needs a closer look.
    mutating func readRows(_ structure: borrowing LineStructure, maximumRows: Int, of reader: inout EventBlockReader) {
        guard time != nil, let text = reader.text.buffer.baseAddress else { return }
        types.learn(reader.result.state.types)
        let start = reader.scanner.consumed
        while cursor < structure.count, Int(structure.positions[cursor]) < start { cursor += 1 }
        while reader.result.rows < maximumRows, let end = cut(reader.scanner.consumed, structure, text) {
            guard readRow(reader.scanner.consumed..<end.row, text, structure.hasOddBytes, of: &reader) else { return }
            cursor = end.cursor
            reader.scanner.consumed = end.next
            reader.scanner.line += 1
            if end.next - end.row == 1 {
                reader.scanner.lineEnds.lineFeed += 1
            } else {
                reader.scanner.lineEnds.carriageReturnLineFeed += 1
            }
        }
    }

    /// The end of a row, the start of the next one, and the structural byte that comes behind both.
    private struct RowEnd {
        let row: Int
        let next: Int
        let cursor: Int
    }

    /// Cuts the row that begins at an offset into its fields; `nil` where it is not plain.
    @inline(__always)
    private func cut(
        _ start: Int,
        _ structure: borrowing LineStructure,
        _ text: UnsafePointer<UInt8>
    ) -> RowEnd? {
        let positions = structure.positions
        let count = structure.count
        var cursor = cursor
        var fieldStart = start
        var field = 0
        while cursor < count {
            var position = Int(positions[cursor])
            var byte = text[position]
            var contentStart = fieldStart
            var contentEnd = position
            if byte == UInt8(ascii: "\"") {
                // A quoted field without quotes, delimiters or line ends inside.
                guard position == fieldStart, cursor + 2 < count else { return nil }
                contentStart = position + 1
                contentEnd = Int(positions[cursor + 1])
                guard text[contentEnd] == UInt8(ascii: "\""), Int(positions[cursor + 2]) == contentEnd + 1 else {
                    return nil
                }
                cursor += 2
                position = contentEnd + 1
                byte = text[position]
                if byte == UInt8(ascii: "\"") { return nil }
            }
            guard field < columnCount else { return nil }
            starts.base[field] = contentStart
            ends.base[field] = contentEnd
            field += 1
            cursor += 1
            if byte == delimiter {
                fieldStart = position + 1
                continue
            }
            guard field == columnCount, position - start <= RecordScanner.maximumFieldBytes, position > start else {
                return nil
            }
            if byte == 0x0A { return RowEnd(row: position, next: position + 1, cursor: cursor) }
            guard byte == 0x0D, cursor < count, Int(positions[cursor]) == position + 1, text[position + 1] == 0x0A
            else {
                return nil
            }
            return RowEnd(row: position, next: position + 2, cursor: cursor + 1)
        }
        return nil
    }

    /// Reads the row that `cut` has cut.
    /// - Returns: `false`, with nothing taken note of, where the row needs a closer look.
    @inline(__always)
    private mutating func readRow(
        _ row: Range<Int>,
        _ text: UnsafePointer<UInt8>,
        _ hasOddBytes: Bool,
        of reader: inout EventBlockReader
    ) -> Bool {
        let fields = form.fields
        let bytes = UnsafeBufferPointer(start: text + row.lowerBound, count: row.count)
        guard reader.check.isPlain(bytes, hasOddBytes: hasOddBytes) else { return false }

        let customer = text + starts.base[fields.customer]
        let customerLength = ends.base[fields.customer] - starts.base[fields.customer]
        guard customerLength > 0, customer[0] > 0x20, !nullTexts.containsFilled(customer, count: customerLength),
            CustomerField.isSurelyWhole(customer, count: customerLength)
        else { return false }

        let type = types.code(
            text + (fields.type.map { starts.base[$0] } ?? 0),
            count: fields.type.map { ends.base[$0] - starts.base[$0] } ?? 0
        )
        guard type >= 0 else { return false }

        guard
            let instant = time?.read(
                text + starts.base[fields.time],
                count: ends.base[fields.time] - starts.base[fields.time]
            )
        else { return false }
        if let observedUntil = form.observedUntil, instant >= observedUntil { return false }

        var amount = form.rowsForm.hasAmounts && form.hasAmount ? 1 : Double.nan
        var quantity = Double.nan
        for (index, numeric) in fields.numeric.enumerated() {
            let cell = text + starts.base[numeric.position]
            let length = ends.base[numeric.position] - starts.base[numeric.position]
            let value: Double
            if length == 0 {
                guard nullTexts.containsEmpty else { return false }
                value = .nan
            } else {
                guard !nullTexts.containsFilled(cell, count: length),
                    let number = form.dialect.numbers.plainNumber(cell, count: length),
                    form.dialect.decimalIsDecided || reader.result.decimalEvidence[numeric.statistics].isProven
                        || !hasPoint(cell, length)
                else { return false }
                value = number
            }
            values.base[index] = value
            if numeric.role != nil { amount *= value }
            if numeric.isQuantity { quantity = value }
        }
        if amount.isInfinite { return false }

        var transaction = TransactionMark.own
        if form.source.mergeSameDay {
            transaction = TransactionMark.day
        } else if let group = fields.group {
            let cell = text + starts.base[group]
            let length = ends.base[group] - starts.base[group]
            if length > 0 {
                guard cell[0] > 0x20, !nullTexts.containsFilled(cell, count: length) else { return false }
                transaction = TransactionMark.group(cell, count: length, source: form.sourceNumber)
            }
        }
        for (_, position) in fields.attributes {
            let length = ends.base[position] - starts.base[position]
            if length > 0, text[starts.base[position]] <= 0x20 { return false }
        }

        // The row is plain: from here on everything is kept.
        for (index, numeric) in fields.numeric.enumerated() {
            let value = values.base[index]
            if value.isNaN {
                reader.result.numericColumns[numeric.statistics].empty += 1
            } else {
                reader.result.numericColumns[numeric.statistics].note(value, type: type)
            }
        }
        let ordinal = reader.result.rows
        let number = reader.events.append(
            .init(
                hash: CustomerHash.hash(customer, count: customerLength),
                idStart: UInt32(truncatingIfNeeded: starts.base[fields.customer]),
                idLength: UInt32(truncatingIfNeeded: customerLength),
                time: instant,
                type: UInt8(truncatingIfNeeded: type),
                amount: amount,
                quantity: quantity,
                transaction: transaction,
                ordinal: UInt32(truncatingIfNeeded: ordinal)
            )
        )
        for (attribute, position) in fields.attributes {
            let cell = text + starts.base[position]
            let length = ends.base[position] - starts.base[position]
            let isMissing = length == 0 || nullTexts.containsFilled(cell, count: length)
            reader.events.attributes[attribute].base[number] =
                isMissing
                ? -1
                : reader.result.attributeValues[attribute].code(
                    for: UnsafeBufferPointer(start: cell, count: length)
                )
        }
        for attribute in fields.absentAttributes { reader.events.attributes[attribute].base[number] = -1 }
        if form.watchesRepetitions {
            reader.result.marks.append(
                .init(hash: RowHash(bytes), line: UInt32(truncatingIfNeeded: reader.scanner.line))
            )
        }
        reader.noteTimeFit()
        reader.result.rows = ordinal + 1
        reader.result.kept += 1
        reader.result.typeRows[type] += 1
        reader.result.typeKept[type] += 1
        return true
    }

    /// Whether a number has a point, which may mark decimals or thousands.
    private func hasPoint(_ cell: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        UnsafeBufferPointer(start: cell, count: count).contains(0x2E)
    }
}
