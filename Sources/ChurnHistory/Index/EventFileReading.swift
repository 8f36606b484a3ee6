import ChurnNumerics
import Foundation

/// Takes the blocks of one file of events in their order, whatever the order in which they were read, and accounts for
/// every row.
///
/// A block is read under what was known when its reading began, and as if a row began with it. Where either turns out
/// wrong, it is read again; so the result is that of reading row by row.
struct EventFileReading {
    let form: EventFileForm
    var reading: SourceReading
    var collection: EventCollection
    var file: ReadingReport.FileReport
    var state: EventBlock.State
    var evidence: [DecimalEvidence]
    let identities: EventIdentities?
    /// Marks of the blocks in which repetitions are looked for, with their places.
    var marks: [MarkedBlock] = []
    let fileNumber: Int32

    /// Lines before the blocks that are not accounted for yet, and before the block that is read next.
    private var linesBefore: Int
    private var linesRead: Int
    private var footer = FooterWatch()
    private(set) var lineEnds: Normalisations.LineEnds
    /// The row that the blocks so far end inside of.
    private var tail: [UInt8] = []
    /// Blocks that may hold rows of a footer.
    private var held: [Held] = []
    private var heldRows = 0
    private let scratch = BlockScratch()

    /// A block in which repetitions are looked for once all are read.
    struct MarkedBlock: Sendable {
        let marks: RowMarks
        let collectionBlock: Int
        let file: Int32
        /// Number of the file's report.
        let report: Int
        let linesBefore: Int
    }

    private struct Held {
        let text: TextBlock
        let block: EventBlock
        let stateBefore: EventBlock.State
    }

    init(
        _ form: EventFileForm,
        _ lines: DelimitedReader,
        reading: SourceReading,
        collection: EventCollection,
        file: ReadingReport.FileReport,
        state: EventBlock.State,
        evidence: [DecimalEvidence],
        identities: EventIdentities?,
        fileNumber: Int32
    ) {
        self.form = form
        self.reading = reading
        self.collection = collection
        self.file = file
        self.state = state
        self.evidence = evidence
        self.identities = identities
        self.fileNumber = fileNumber
        linesBefore = lines.scanner.line - 1
        linesRead = linesBefore
        lineEnds = lines.scanner.lineEnds
    }

    /// Reads a block as if a row began with it.
    static func read(
        _ text: TextBlock,
        _ form: EventFileForm,
        _ state: EventBlock.State,
        _ scratch: BlockScratch
    ) -> EventBlock {
        var reader = reader(text, form, state, scratch)
        reader.read(scratch.structure)
        return reader.result
    }

    private static func reader(
        _ text: TextBlock,
        _ form: EventFileForm,
        _ state: EventBlock.State,
        _ scratch: BlockScratch,
        _ identities: EventIdentities? = nil,
        linesBefore: Int = 0
    ) -> EventBlockReader {
        if case .byte(let delimiter) = form.dialect.delimiter {
            scratch.structure.scan(text, delimiter: delimiter)
        } else {
            scratch.structure.scan(text, delimiter: 0x0A)
        }
        return EventBlockReader(
            text,
            form,
            state: state,
            events: scratch.rows(capacity: scratch.structure.rowCapacity, form.rowsForm),
            identities: identities,
            linesBefore: linesBefore
        )
    }

    /// Reads a block again, under what is known now.
    private mutating func read(_ text: TextBlock, under state: EventBlock.State, maximumRows: Int = .max) -> EventBlock
    {
        var reader = Self.reader(text, form, state, scratch, identities, linesBefore: linesRead)
        reader.read(scratch.structure, maximumRows: maximumRows)
        return reader.result
    }

    /// Whether a block that has been taken may be needed again.
    var holdsBlocks: Bool { form.dialect.skipFooter > 0 }

    /// Takes the next block of the file.
    /// - Parameter early: what reading it has given, where it has been read already.
    mutating func take(_ next: TextBlock, _ early: EventBlock?) throws(DataError) {
        var text = next
        if !tail.isEmpty {
            text = TextBlock.joining(tail, next)
            if text.count > DelimitedReader.maximumRecordBytes {
                throw DataError(
                    .fieldTooLong,
                    "the row that begins here is longer than \(DelimitedReader.maximumRecordBytes) bytes",
                    file: form.path,
                    line: linesRead + 1,
                    fix: "look for an unclosed quote; check the delimiter"
                )
            }
        }
        let block: EventBlock
        if let early, tail.isEmpty, early.stateVersion == state.version {
            block = early
        } else {
            block = read(text, under: state)
        }
        tail = block.tail
        let before = state
        state = block.state
        linesRead += block.lines
        guard holdsBlocks else { return try account(for: block) }
        held.append(Held(text: text, block: block, stateBefore: before))
        heldRows += block.rows
        if text.isLast { return try accountForLast() }
        while let first = held.first, heldRows - first.block.rows >= form.dialect.skipFooter {
            held.removeFirst()
            heldRows -= first.block.rows
            try account(for: first.block)
        }
    }

    /// Accounts for the last blocks, without the rows of the footer.
    private mutating func accountForLast() throws(DataError) {
        var footerRows = form.dialect.skipFooter
        var kept = held.map(\.block.rows)
        for index in kept.indices.reversed() {
            let left = min(footerRows, kept[index])
            footerRows -= left
            kept[index] -= left
        }
        for (entry, rows) in zip(held, kept) {
            guard rows < entry.block.rows else {
                try account(for: entry.block)
                continue
            }
            var block = read(entry.text, under: entry.stateBefore, maximumRows: rows)
            // The footer's lines are lines of the file, but nothing else of it counts.
            block.tail = []
            block.lines = entry.block.lines
            block.lineEnds = entry.block.lineEnds
            block.fault = entry.block.fault
            state = block.state
            try account(for: block)
        }
        held = []
    }

    // MARK: Accounting

    private mutating func account(for block: EventBlock) throws(DataError) {
        defer {
            linesBefore += block.lines
            lineEnds.lineFeed += block.lineEnds.lineFeed
            lineEnds.carriageReturnLineFeed += block.lineEnds.carriageReturnLineFeed
            lineEnds.carriageReturn += block.lineEnds.carriageReturn
        }
        file.rows += block.rows
        file.kept += block.kept
        file.droppedWithoutCustomer += block.droppedWithoutCustomer
        file.droppedOtherCurrencies += block.droppedOtherCurrencies
        file.normalisations.repeatedHours += block.repeatedHours
        collection.types = block.state.types
        note(block)
        var next = 0
        for exception in block.exceptions {
            if exception.ordinal > next { footer.noteGood() }
            next = exception.ordinal + 1
            let fate = exception.fate.moved(byLines: linesBefore, in: form.path)
            try exception.row.withUnsafeBufferPointer { (row) throws(DataError) in
                if case .rejected(let error) = fate { footer.note(error, row: row) } else { footer.noteGood() }
                try reading.account(for: fate, row, form.path, &file)
            }
        }
        if block.rows > next { footer.noteGood() }
        if let events = block.events {
            if form.watchesRepetitions {
                marks.append(
                    MarkedBlock(
                        marks: RowMarks(block.marks),
                        collectionBlock: collection.blocks.count,
                        file: fileNumber,
                        report: reading.report.files.count,
                        linesBefore: linesBefore
                    )
                )
            }
            collection.append(events, block.attributeValues)
            // Rows that are dropped later must still be found as they were read.
            if collection.byteCount > reading.options.bytesOfBlocks, !form.watchesRepetitions {
                try collection.spill(
                    calendar: form.calendar,
                    folder: reading.options.spillFolder,
                    threads: reading.options.threads
                )
            }
        }
        if var fault = block.fault {
            fault.line = fault.line.map { $0 + linesBefore }
            throw fault
        }
    }

    /// Takes over what the rows of a block have shown of types and numbers.
    private mutating func note(_ block: EventBlock) {
        for code in block.typeRows.indices {
            if code >= reading.report.types.count {
                reading.report.types.append(.init(name: block.state.types.string(code)))
            }
            reading.report.types[code].rows += block.typeRows[code]
            reading.report.types[code].kept += block.typeKept[code]
        }
        for (index, summary) in block.numericColumns.enumerated() {
            reading.report.numericColumns[index].take(summary) { block.state.types.string($0) }
        }
        for index in evidence.indices { evidence[index].take(block.decimalEvidence[index], linesBefore: linesBefore) }
    }

    /// What the study must decide at the end of the file.
    var question: DataError? { footer.question(form.dialect) }
}

extension RowFate {
    /// The fate with lines counted from the start of the file.
    fileprivate func moved(byLines lines: Int, in path: String) -> RowFate {
        func moved(_ error: DataError) -> DataError {
            var error = error
            error.line = error.line.map { $0 + lines }
            error.file = path
            return error
        }
        return switch self {
        case .rejected(let error): .rejected(moved(error))
        case .undecided(let error): .undecided(moved(error))
        case .kept, .droppedWithoutCustomer, .droppedDuplicate, .droppedOtherCurrency: self
        }
    }
}

extension ReadingReport.NumericColumn {
    fileprivate mutating func take(_ block: EventBlock.NumericSummary, typeName: (Int) -> String) {
        minimum = min(minimum, block.minimum)
        maximum = max(maximum, block.maximum)
        empty += block.empty
        zero += block.zero
        for (type, count) in block.negative.enumerated() where count > 0 {
            negative[typeName(type), default: 0] += count
        }
    }
}
