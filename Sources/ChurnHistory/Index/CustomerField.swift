/// The cell of a row that names its customer.
struct CustomerField {
    let position: Int
    let nullTexts: NullTexts
    /// What happens to rows without a customer; `nil` where the study cannot choose.
    let emptyCustomer: EventSource.EmptyCustomer?

    /// Why the row cannot belong to a customer; `nil` where it can.
    func fate(_ row: SourceRow) -> RowFate? {
        if row.withCell(position, { isBlank($0) || nullTexts.contains($0) }) {
            if emptyCustomer == .drop { return .droppedWithoutCustomer }
            return .rejected(
                row.fault(
                    .emptyCustomer,
                    "the row has no customer",
                    at: position,
                    fix: emptyCustomer == nil
                        ? "fill the cell, or take the row out"
                        : "set `emptyCustomer: drop` if such rows are to be left out"
                )
            )
        }
        if row.withCell(position, Self.isMangled) {
            return .rejected(
                row.fault(
                    .mangledId,
                    "is an id that a spreadsheet made a number of: its digits are lost",
                    at: position,
                    fix: "export again, with the column as text"
                )
            )
        }
        return nil
    }

    /// Whether an id of at least one byte cannot be one that lost its digits: those begin as `1.` or `1,`.
    @inline(__always)
    static func isSurelyWhole(_ id: UnsafePointer<UInt8>, count: Int) -> Bool {
        count < 6 || (id[1] != UInt8(ascii: ".") && id[1] != UInt8(ascii: ","))
    }

    /// Whether an id looks like `1.23E+11`.
    private static func isMangled(_ id: UnsafeBufferPointer<UInt8>) -> Bool {
        guard id.count >= 6, let exponent = id.firstIndex(of: UInt8(ascii: "E")), exponent + 2 < id.count else {
            return false
        }
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        guard isDigit(id[0]), id[1] == UInt8(ascii: ".") || id[1] == UInt8(ascii: ","), exponent > 2,
            id[exponent + 1] == UInt8(ascii: "+")
        else { return false }
        return id[2..<exponent].allSatisfy(isDigit) && id[(exponent + 2)...].allSatisfy(isDigit)
    }
}

/// The cell texts that mean "no value".
struct NullTexts {
    private let texts: [[UInt8]]
    /// Whether an empty cell means "no value".
    let containsEmpty: Bool
    /// Bit n is set where a text has n bytes; the highest one stands for all that are longer.
    private let lengths: UInt64

    init(_ dialect: DelimitedDialect) {
        texts = dialect.nullTexts.map { Array($0.utf8) }
        containsEmpty = texts.contains { $0.isEmpty }
        lengths = texts.reduce(0) { $0 | Self.bit($1.count) }
    }

    private static func bit(_ count: Int) -> UInt64 { 1 << UInt64(truncatingIfNeeded: min(count, 63)) }

    /// Whether a cell that is not empty is one of the texts.
    @inline(__always)
    func containsFilled(_ cell: UnsafePointer<UInt8>, count: Int) -> Bool {
        lengths & Self.bit(count) != 0 && contains(UnsafeBufferPointer(start: cell, count: count))
    }

    func contains(_ cell: UnsafeBufferPointer<UInt8>) -> Bool { texts.contains { cell.elementsEqual($0) } }
}

/// Nothing but blanks and tabs.
func isBlank(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
