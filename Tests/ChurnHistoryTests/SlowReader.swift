/// A second reader of delimited text, written from RFC 4180 and the reader's documentation as a state machine that takes
/// one byte after the other: slow, obvious, and independent of the one it is compared with.
struct SlowReader {
    private enum State { case fieldStart, unquoted, quoted, afterQuote, stray }

    private let delimiter: UInt8
    private var state = State.fieldStart
    private var cells: [[UInt8]] = []
    private var cell: [UInt8] = []
    private var line = 1
    private var rowLine = 1
    private var quoteLine = 1
    private var strayField: Int?
    private var previousWasReturn = false

    private(set) var rows: [ReadTable.Row] = []
    /// Line and field (from 1) of a quote that is never closed.
    private(set) var unclosedQuote: [Int]?

    init(_ content: [UInt8], delimiter: UInt8 = UInt8(ascii: ",")) {
        self.delimiter = delimiter
        var content = content[...]
        if content.starts(with: [0xEF, 0xBB, 0xBF]) { content = content.dropFirst(3) }
        if content.last == 0x1A { content = content.dropLast() }
        for byte in content { take(byte) }
        if state == .quoted {
            unclosedQuote = [quoteLine, cells.count + 1]
        } else if state != .fieldStart || !cells.isEmpty {
            endRow()
        }
    }

    private mutating func take(_ byte: UInt8) {
        defer { previousWasReturn = byte == UInt8(ascii: "\r") }
        let endsLine = byte == UInt8(ascii: "\r") || (byte == UInt8(ascii: "\n") && !previousWasReturn)
        if state == .quoted {
            if endsLine { line += 1 }
            if byte == UInt8(ascii: "\"") { state = .afterQuote } else { cell.append(byte) }
            return
        }
        if state == .afterQuote, byte == UInt8(ascii: "\"") {
            cell.append(byte)
            state = .quoted
        } else if byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") {
            // The line feed of a CRLF ends nothing again: the row has ended with the CR.
            if endsLine { endRow() }
        } else if byte == delimiter {
            endField()
        } else if state == .fieldStart, byte == UInt8(ascii: "\"") {
            state = .quoted
            quoteLine = line
        } else if state == .afterQuote || state == .stray {
            state = .stray
            strayField = strayField ?? cells.count
        } else {
            state = .unquoted
            cell.append(byte)
        }
    }

    private mutating func endField() {
        cells.append(cell)
        cell = []
        state = .fieldStart
    }

    private mutating func endRow() {
        let isBlank = cells.isEmpty && state == .fieldStart
        endField()
        if !isBlank { rows.append(.init(line: rowLine, cells: cells, strayQuoteField: strayField)) }
        cells = []
        strayField = nil
        line += 1
        rowLine = line
    }
}
