/// Reads plain rows, straight from the bytes: as many fields as columns, numbers and times of the usual form, nothing
/// missing that must be there.
///
/// For a row that it reads, the event and every count are those of the closer look; at any other row it stops.
struct PlainEventReader {
    private let form: EventFileForm
    private let nullTexts: NullTexts
    private var time: PlainTimeReader
    private var types: PlainTypeReader
    private let columnCount: Int
    private let delimiter: UInt8
    /// Index of the next structural byte that has not been passed.
    private var cursor = 0
    /// Where the fields of the row lie in the text.
    private let starts: OwnedBuffer<Int>
    private let ends: OwnedBuffer<Int>
    /// The numeric fields of a row, each with its value; NaN for none.
    private let numbers: OwnedBuffer<NumericField>
    private let attributes: OwnedBuffer<AttributeField>
    private let hasAmount: Bool
    private let customerPosition: Int
    private let timePosition: Int
    /// -1 where the type does not come from a column.
    private let typePosition: Int
    private let observedUntil: Int64
    private let decimalIsDecided: Bool
    private let decimalMark: UInt8
    private let watchesRepetitions: Bool
    /// By type: rows that were read, all of which were kept.
    private let typeRows: OwnedBuffer<Int>
    /// By numeric field and type: rows with a negative number.
    private let negative: OwnedBuffer<Int>

    private struct NumericField {
        let position: Int
        let isFactor: Bool
        let isQuantity: Bool
        var isProven: Bool
        var value = Double.nan
        var minimum = Double.infinity
        var maximum = -Double.infinity
        var empty = 0
        var zero = 0
    }

    private struct AttributeField {
        let attribute: Int
        let position: Int
    }

    /// - Returns: `nil` where rows need a closer look: they are not plain, or their times have no fixed width.
    init?(_ form: EventFileForm, _ nullTexts: NullTexts) {
        let zone = form.source.time.zone ?? form.calendar
        guard form.hasPlainRows, let time = PlainTimeReader(form.source.time.format, calendar: zone) else { return nil }
        self.form = form
        self.time = time
        self.nullTexts = nullTexts
        types = PlainTypeReader(form.source.type, nullTexts)
        columnCount = form.columnNames.count
        if case .byte(let byte) = form.dialect.delimiter { delimiter = byte } else { delimiter = 0 }
        starts = OwnedBuffer(count: columnCount)
        ends = OwnedBuffer(count: columnCount)
        let fields = form.fields
        numbers = OwnedBuffer(count: fields.numeric.count)
        for (index, numeric) in fields.numeric.enumerated() {
            (numbers.base + index).initialize(
                to: NumericField(
                    position: numeric.position,
                    isFactor: numeric.role != nil,
                    isQuantity: numeric.isQuantity,
                    isProven: false
                )
            )
        }
        attributes = OwnedBuffer(count: fields.attributes.count)
        for (index, field) in fields.attributes.enumerated() {
            (attributes.base + index).initialize(
                to: AttributeField(attribute: field.attribute, position: field.position)
            )
        }
        hasAmount = form.rowsForm.hasAmounts && form.hasAmount
        customerPosition = fields.customer
        timePosition = fields.time
        typePosition = fields.type ?? -1
        observedUntil = form.observedUntil ?? .max
        decimalIsDecided = form.dialect.decimalIsDecided
        decimalMark = form.dialect.numbers.decimalMark
        watchesRepetitions = form.watchesRepetitions
        typeRows = OwnedBuffer(count: 256)
        typeRows.base.update(repeating: 0, count: 256)
        negative = OwnedBuffer(count: 256 * fields.numeric.count)
        negative.base.update(repeating: 0, count: negative.count)
    }

    /// Adds what the plain rows have shown to what the other rows of the block have.
    func settle(_ result: inout EventBlock) {
        for type in result.typeRows.indices {
            result.typeRows[type] += typeRows.base[type]
            result.typeKept[type] += typeRows.base[type]
        }
        for (index, field) in form.fields.numeric.enumerated() {
            let number = numbers.base[index]
            result.numericColumns[field.statistics].take(
                minimum: number.minimum,
                maximum: number.maximum,
                empty: number.empty,
                zero: number.zero,
                negative: UnsafeBufferPointer(start: negative.base + 256 * index, count: result.typeRows.count)
            )
        }
    }

    /// Reads rows from where the scanner stands, until one needs a closer look.
    mutating func readRows(_ structure: borrowing LineStructure, maximumRows: Int, of reader: inout EventBlockReader) {
        guard let text = reader.text.buffer.baseAddress else { return }
        types.learn(reader.result.state.types)
        for (index, field) in form.fields.numeric.enumerated() {
            numbers.base[index].isProven = decimalIsDecided || reader.result.decimalEvidence[field.statistics].isProven
        }
        let start = reader.scanner.consumed
        while cursor < structure.count, Int(structure.positions[cursor]) < start { cursor += 1 }
        var isFirst = true
        while reader.result.rows < maximumRows, let end = cut(reader.scanner.consumed, structure, text) {
            guard readRow(reader.scanner.consumed..<end.row, text, structure.hasOddBytes, of: &reader) else { return }
            if isFirst {
                reader.noteTimeFit()
                isFirst = false
            }
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
        let bytes = UnsafeBufferPointer(start: text + row.lowerBound, count: row.count)
        guard reader.check.isPlain(bytes, hasOddBytes: hasOddBytes) else { return false }

        let customer = text + starts.base[customerPosition]
        let customerLength = ends.base[customerPosition] - starts.base[customerPosition]
        guard customerLength > 0, customer[0] > 0x20, !nullTexts.containsFilled(customer, count: customerLength),
            CustomerField.isSurelyWhole(customer, count: customerLength)
        else { return false }

        let type: Int
        if typePosition < 0 {
            type = types.code(text, count: 0)
        } else {
            type = types.code(
                text + starts.base[typePosition],
                count: ends.base[typePosition] - starts.base[typePosition]
            )
        }
        guard type >= 0 else { return false }

        guard
            let instant = time.read(
                text + starts.base[timePosition],
                count: ends.base[timePosition] - starts.base[timePosition]
            ), instant < observedUntil
        else { return false }

        var amount = hasAmount ? 1 : Double.nan
        var quantity = Double.nan
        for index in 0..<numbers.count {
            let field = numbers.base + index
            let cell = text + starts.base[field.pointee.position]
            let length = ends.base[field.pointee.position] - starts.base[field.pointee.position]
            let value: Double
            if length == 0 {
                guard nullTexts.containsEmpty else { return false }
                value = .nan
            } else {
                guard !nullTexts.containsFilled(cell, count: length),
                    let number = NumberFormat.plainNumber(cell, count: length, decimalMark: decimalMark),
                    field.pointee.isProven || !hasPoint(cell, length)
                else { return false }
                value = number
            }
            field.pointee.value = value
            if field.pointee.isFactor { amount *= value }
            if field.pointee.isQuantity { quantity = value }
        }
        if amount.isInfinite { return false }

        var transaction = TransactionMark.own
        if form.source.mergeSameDay {
            transaction = TransactionMark.day
        } else if let group = form.fields.group {
            let cell = text + starts.base[group]
            let length = ends.base[group] - starts.base[group]
            if length > 0 {
                guard cell[0] > 0x20, !nullTexts.containsFilled(cell, count: length) else { return false }
                transaction = TransactionMark.group(cell, count: length, source: form.sourceNumber)
            }
        }
        for index in 0..<attributes.count {
            let position = attributes.base[index].position
            if ends.base[position] > starts.base[position], text[starts.base[position]] <= 0x20 { return false }
        }

        // The row is plain: from here on everything is kept.
        for index in 0..<numbers.count {
            let field = numbers.base + index
            let value = field.pointee.value
            if value.isNaN {
                field.pointee.empty &+= 1
                continue
            }
            if value < field.pointee.minimum { field.pointee.minimum = value }
            if value > field.pointee.maximum { field.pointee.maximum = value }
            if value == 0 { field.pointee.zero &+= 1 }
            if value < 0 { negative.base[index &* 256 &+ type] &+= 1 }
        }
        let ordinal = reader.result.rows
        let number = reader.result.kept
        reader.events.set(
            .init(
                hash: CustomerHash.hash(customer, count: customerLength),
                idStart: UInt32(truncatingIfNeeded: starts.base[customerPosition]),
                idLength: UInt32(truncatingIfNeeded: customerLength),
                time: instant,
                type: UInt8(truncatingIfNeeded: type),
                amount: amount,
                quantity: quantity,
                transaction: transaction,
                ordinal: UInt32(truncatingIfNeeded: ordinal)
            ),
            at: number
        )
        if !reader.events.attributes.isEmpty { readAttributes(text, number, of: &reader) }
        if watchesRepetitions {
            reader.result.marks.append(
                .init(hash: RowHash(bytes), line: UInt32(truncatingIfNeeded: reader.scanner.line))
            )
        }
        reader.result.rows = ordinal &+ 1
        reader.result.kept = number &+ 1
        typeRows.base[type] &+= 1
        return true
    }

    /// Sets the attributes of the row that has been kept.
    private func readAttributes(_ text: UnsafePointer<UInt8>, _ number: Int, of reader: inout EventBlockReader) {
        for index in 0..<attributes.count {
            let (attribute, position) = (attributes.base[index].attribute, attributes.base[index].position)
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
        for attribute in form.fields.absentAttributes { reader.events.attributes[attribute].base[number] = -1 }
    }

    /// Whether a number has a point, which may mark decimals or thousands.
    private func hasPoint(_ cell: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        UnsafeBufferPointer(start: cell, count: count).contains(0x2E)
    }
}
