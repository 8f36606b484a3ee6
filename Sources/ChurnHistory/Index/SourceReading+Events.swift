import ChurnNumerics

extension SourceReading {
    /// Reads the files of one source of events in their order.
    /// - Parameters:
    ///   - number: which source of the study it is, from 0.
    ///   - collection: takes the events.
    mutating func read(
        _ source: EventSource,
        number: Int,
        calendar: StudyCalendar,
        observedUntil: Int64?,
        into collection: inout EventCollection
    ) throws(DataError) {
        for name in source.amount.numericColumns + (source.quantity.map { [$0] } ?? [])
        where !report.numericColumns.contains(where: { $0.name == name }) {
            report.numericColumns.append(.init(name: name))
        }
        var state = EventBlock.State()
        state.types = collection.types
        state.decimalIsProven = [Bool](repeating: false, count: report.numericColumns.count)
        var evidence = [DecimalEvidence](repeating: .init(), count: report.numericColumns.count)
        let identities = source.id.map { _ in EventIdentities() }
        var marks: [EventFileReading.MarkedBlock] = []
        var first: (path: String, columnNames: [String])?

        for (fileNumber, path) in source.files.enumerated() {
            do {
                let lines = try DelimitedReader(
                    path: path,
                    dialect: source.dialect,
                    computesDigest: options.identifiesData
                )
                let sourceFile = SourceFile(path: path, columnNames: lines.columnNames, first: first)
                let form = EventFileForm(
                    source: source,
                    path: path,
                    columnNames: lines.columnNames,
                    header: lines.headerBytes,
                    calendar: calendar,
                    observedUntil: observedUntil,
                    options: options,
                    fields: try EventFields(
                        source,
                        sourceFile,
                        report.numericColumns,
                        attributeNames: collection.attributes.map(\.name)
                    ),
                    content: RowContent(sourceFile, source.dialect),
                    rowsForm: collection.form,
                    sourceNumber: number,
                    numericColumnCount: report.numericColumns.count
                )
                var file = ReadingReport.FileReport(path: path, role: .events)
                if let first {
                    file.normalisations.extraColumns = lines.columnNames.filter { !first.columnNames.contains($0) }
                }
                first = first ?? (path, lines.columnNames)
                identities?.open(path)
                state.isUTF8 = false
                let pipeline = EventBlockPipeline(
                    lines,
                    EventFileReading(
                        form,
                        lines,
                        reading: self,
                        collection: collection,
                        file: file,
                        state: state,
                        evidence: evidence,
                        identities: identities,
                        fileNumber: Int32(truncatingIfNeeded: fileNumber)
                    ),
                    threads: options.threads
                )
                // The pipeline works on the only copy.
                collection = EventCollection([])
                let end = pipeline.run()
                self = end.file.reading
                collection = end.file.collection
                state = end.file.state
                evidence = end.file.evidence
                marks += end.file.marks
                // A file that fails half-way is accounted for as far as it was read.
                try close(end.file, end.lines, failure: end.failure)
            } catch {
                try goOn(behind: error)
            }
        }
        try settleRepetitions(marks, of: source, in: &collection)
        for doubt in evidence.compactMap(\.openDoubt) { try ask(doubt) }
    }

    private mutating func close(
        _ end: EventFileReading,
        _ lines: DelimitedReader,
        failure: DataError?
    ) throws(DataError) {
        var file = end.file
        file.normalisations.take(lines.normalisations)
        file.normalisations.lineEnds = end.lineEnds
        file.digest = lines.digest
        file.identity = lines.stream.identity
        report.files.append(file)
        if let failure { throw failure }
        if file.rows == 0 {
            throw DataError(
                .headerOnly,
                "has a header but no rows",
                file: file.path,
                fix: "check the export that made it"
            )
        }
        if let question = end.question { try ask(question) }
        precondition(file.isBalanced, "every row is kept, rejected or dropped")
    }

    /// Finds the rows of a source that repeat an earlier one, and does with them what the study says.
    private mutating func settleRepetitions(
        _ marked: [EventFileReading.MarkedBlock],
        of source: EventSource,
        in collection: inout EventCollection
    ) throws(DataError) {
        guard source.duplicates != .keep || options.countsRepetitions else { return }
        let blocks = marked.map { RepeatedRows.Block(marks: $0.marks, file: $0.file) }
        let found = RepeatedRows.find(in: blocks, threads: options.threads)
        report.duplicates = (report.duplicates ?? 0) + found.reduce(0) { $0 + $1.rows.count }
        for (block, repetitions) in zip(marked, found) where !repetitions.rows.isEmpty {
            report.files[block.report].repeatedAcrossFiles += repetitions.acrossFiles
            let path = source.files[Int(block.file)]
            switch source.duplicates {
            case .keep: continue
            case .drop:
                let dropped = collection.drop(rows: repetitions.rows, ofBlock: block.collectionBlock)
                let total = dropped.reduce(0, +)
                report.files[block.report].kept -= total
                report.files[block.report].droppedDuplicates += total
                for (type, count) in dropped.enumerated() { report.types[type].kept -= count }
            case nil:
                guard let line = collection.firstKept(among: repetitions.rows, ofBlock: block.collectionBlock) else {
                    continue
                }
                return try ask(
                    DataError(
                        .duplicateRows,
                        "the row repeats an earlier one to the byte, and the study does not say what that means",
                        file: path,
                        line: Int(line) + block.linesBefore,
                        fix: "set `duplicates: keep` if equal rows are separate events, `duplicates: drop` if not"
                    )
                )
            }
        }
    }
}
