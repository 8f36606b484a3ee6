import ChurnNumerics
import Crypto

/// A delimited file with one row a customer, read whole: columns typed from what they hold.
///
/// A column is numeric when every cell that is not blank is a number, and something is. Else it is categorical, where a
/// blank cell is a category of its own. The types are found once, when a model is trained, and kept with it: a later
/// table is read `matching` them.
public struct FlatTable: Sendable {
    public let path: String
    public let columnNames: [String]
    public let rowCount: Int
    /// SHA-256 of the file as stored, in hexadecimal.
    public let digest: String
    private let columns: [RawColumn]
    /// Line of each row, for messages.
    private let lines: [Int]
    private let dialect: DelimitedDialect
    /// Of which another table says that a mark in a number is the decimal mark.
    private var columnsOfKnownMark: Set<String> = []
    private let nullTexts: NullTexts

    /// A column as texts: the distinct ones, and which of them each row has.
    private struct RawColumn: Sendable {
        var dictionary = ByteDictionary()
        var codes: [Int32] = []
    }

    /// Reads a table.
    public init(path: String, dialect given: DelimitedDialect) throws(DataError) {
        var dialect = given
        dialect.settings = .options
        var reader = try DelimitedReader(path: path, dialect: dialect)
        var columns = [RawColumn](repeating: RawColumn(), count: reader.columnNames.count)
        var lines: [Int] = []
        var check = RowCheck(columnCount: columns.count, header: reader.headerBytes, dialect: dialect)
        var batch: RecordBatch?
        while try reader.nextBatch(reusing: &batch) {
            guard let rows = batch else { break }
            for record in rows.records {
                switch check.fault(record, of: rows, reader.columnNames) {
                case .rejected(var error), .undecided(var error):
                    error.file = path
                    throw error
                default: break
                }
                lines.append(record.line)
                for column in columns.indices {
                    let code = rows.withContent(rows.fields[record.firstField + column]) { content in
                        columns[column].dictionary.code(for: content)
                    }
                    columns[column].codes.append(code)
                }
            }
        }
        if lines.isEmpty {
            throw DataError(.headerOnly, "has a header but no rows", file: path, fix: "check the export that made it")
        }
        self.path = path
        self.columnNames = reader.columnNames
        self.rowCount = lines.count
        self.digest = reader.digest
        self.columns = columns
        self.lines = lines
        self.dialect = dialect
        nullTexts = NullTexts(dialect)
    }

    /// The decimal mark with which its numbers are read.
    public var decimalMark: String { String(UnicodeScalar(dialect.numbers.decimalMark)) }

    /// Those of some columns of which it is known that a mark in a number is the decimal mark: the dialect says so, or a number
    /// of the column that cannot be read otherwise.
    public func columnsOfKnownMark(among names: [String]) -> [String] {
        names.filter { name in
            guard let position = columnNames.firstIndex(of: name) else { return false }
            if dialect.decimalIsDecided { return true }
            return evidence(position, parsed(columns[position])).isProven
        }
    }

    /// The same where the mark of some columns is known from another table of the kind, if this one is read with the same
    /// mark: whether `1.234` is one and some or a thousand and some is no question there.
    public func known(decimalMark mark: String?, columns names: [String]) -> FlatTable {
        guard mark == decimalMark else { return self }
        var table = self
        table.columnsOfKnownMark.formUnion(names)
        return table
    }

    // MARK: Columns

    /// The position of a column.
    /// - Throws: `missingColumn` with the nearest name.
    public func position(of name: String) throws(DataError) -> Int {
        if let position = columnNames.firstIndex(of: name) { return position }
        if columnNames.count == 1 {
            throw DataError(
                .missingColumn,
                "is not a column of this file, which has one column only",
                file: path,
                column: name,
                fix: "check --delimiter; the header is \(columnNames[0].prefix(60))"
            )
        }
        let suggestion = NearestName.of(name, among: columnNames).map { "did you mean `\($0)`? " } ?? ""
        throw DataError(
            .missingColumn,
            "is not a column of this file",
            file: path,
            column: name,
            fix: "\(suggestion)the file has \(columnNames.joined(separator: ", "))"
        )
    }

    /// The cells of a column as texts.
    public func texts(_ name: String) throws(DataError) -> [String] {
        let column = columns[try position(of: name)]
        let strings = column.dictionary.strings
        return column.codes.map { strings[Int($0)] }
    }

    /// The cells of a column that names the customers.
    /// - Throws: `emptyCustomer` at the first blank one.
    public func ids(_ name: String) throws(DataError) -> [String] {
        let ids = try texts(name)
        if let row = ids.firstIndex(where: isBlank) {
            throw DataError(
                .emptyCustomer,
                "the row has no id",
                file: path,
                line: lines[row],
                field: try position(of: name) + 1,
                column: name,
                fix: "fill it, or take the row out"
            )
        }
        return ids
    }

    /// The cells of a column as numbers; NaN where blank.
    /// - Throws: `notANumber` at the first cell that is something else.
    public func numbers(_ name: String) throws(DataError) -> [Double] {
        let position = try position(of: name)
        let parsed = parsed(columns[position])
        var values: [Double] = []
        values.reserveCapacity(rowCount)
        for (row, code) in columns[position].codes.enumerated() {
            switch parsed[Int(code)] {
            case .number(let value): values.append(value)
            case .empty: values.append(.nan)
            case .malformed: throw numberError(.notANumber, "is not a number", position, row)
            case .outOfRange:
                throw numberError(
                    .numberOutOfRange,
                    "is too large for a number, or has more digits than one can hold",
                    position,
                    row
                )
            }
        }
        if !dialect.decimalIsDecided, !columnsOfKnownMark.contains(name),
            let doubt = evidence(position, parsed).openDoubt
        {
            throw doubt
        }
        return values
    }

    /// The cells of a column as numbers, of which none may be missing.
    public func finiteNumbers(_ name: String) throws(DataError) -> [Double] {
        let values = try numbers(name)
        guard let row = values.firstIndex(where: { !$0.isFinite }) else { return values }
        throw numberError(
            .notANumber,
            "is empty, and every row needs a number here",
            try position(of: name),
            row,
            fix: "fill the cell, or take the row out"
        )
    }

    /// The cells of a label column: `true` where a cell is `positive`, `nil` where it is blank.
    ///
    /// Without `positive` the column must hold 0 and 1, or true and false.
    /// - Parameter mustOccur: fail when no row has the label `positive`: it may be a slip of the pen.
    public func labels(_ name: String, positive: String?, mustOccur: Bool = true) throws(DataError) -> [Bool?] {
        let position = try position(of: name)
        let column = columns[position]
        let strings = column.dictionary.strings
        if let positive {
            // A number can be written in two ways, even in one column: 1 and 1.0.
            let number = Double(positive)
            let isPositive = strings.map { $0 == positive || number != nil && Double($0) == number }
            guard !mustOccur || isPositive.contains(true) else {
                throw DataError(
                    .badLabel,
                    "no row has this label",
                    file: path,
                    column: name,
                    value: positive,
                    fix: "the column holds \(strings.prefix(10).joined(separator: ", "))"
                )
            }
            return column.codes.map { isBlank(strings[Int($0)]) ? nil : isPositive[Int($0)] }
        }
        let meanings: [Bool??] = strings.map { text in
            if isBlank(text) { return .some(nil) }
            switch text.lowercased() {
            case "1", "1.0", "true": return true
            case "0", "0.0", "false": return false
            default: return nil
            }
        }
        let unknown = meanings.indices.filter { meanings[$0] == nil }
        if let first = unknown.first {
            // Beside 0 and 1, what exports write for nothing is no third label.
            let meanNothing =
                Set(meanings.compactMap { $0.flatMap { $0 } }).count == 2
                && unknown.allSatisfy { code in
                    strings[code].lowercased() == "nan"
                        || column.dictionary.withBytes(code) { NullSpellings.contains($0) }
                }
            throw DataError(
                .badLabel,
                "is neither 0 nor 1",
                file: path,
                line: column.codes.firstIndex(of: Int32(first)).map { lines[$0] },
                field: position + 1,
                column: name,
                value: strings[first],
                fix: meanNothing
                    ? "if it means that nobody knows,"
                        + " \(dialect.settings.set(unknown.map { Setting.null(strings[$0]) })); else correct the cell"
                    : "say which value means churn: --positive VALUE; the column holds"
                        + " \(strings.prefix(5).joined(separator: ", "))" + (strings.count > 5 ? ", …" : "")
            )
        }
        return column.codes.map { meanings[Int($0)].flatMap { $0 } }
    }

    /// The cells of a column of weights, none missing.
    /// - Throws: `notANumber` at the first cell that is no number, is negative, or neither 0 nor from 1e-100 to 1e100.
    public func weights(_ name: String) throws(DataError) -> [Double] {
        let values = try finiteNumbers(name)
        guard let row = values.firstIndex(where: { $0 != 0 && !(1e-100...1e100).contains($0) }) else { return values }
        throw numberError(
            .notANumber,
            "is no weight: it must be 0, or from 1e-100 to 1e100",
            try position(of: name),
            row,
            fix: "correct the cell, or take the row out"
        )
    }

    /// The predictors in columns of the given names, typed from what they hold.
    /// - Parameter categorical: names of columns whose numbers are names, such as postcodes.
    public func predictors(_ names: [String], categorical: Set<String> = []) throws(DataError) -> PredictorTable {
        var result: [PredictorColumn] = []
        for name in names {
            let column = columns[try position(of: name)]
            if categorical.contains(name) {
                result.append(categoricalColumn(name, column))
                continue
            }
            let parsed = parsed(column)
            let isNumeric =
                parsed.contains { if case .number = $0 { true } else { false } }
                && parsed.allSatisfy { $0 != .malformed && $0 != .outOfRange }
            if !isNumeric { try refuseUndecidedNumbers(name, column) }
            result.append(isNumeric ? try numericColumn(name) : categoricalColumn(name, column))
        }
        return table(result)
    }

    /// Fails when a column that would become categories is one of numbers, but for cells that another dialect could read.
    private func refuseUndecidedNumbers(_ name: String, _ column: RawColumn) throws(DataError) {
        var doubtful: (code: Int, doubt: NumberDoubt)?
        var isNumber = false
        for code in 0..<column.dictionary.count {
            switch parsed(column, code) {
            case .number: isNumber = true
            case .empty: continue
            case .outOfRange: return
            case .malformed:
                guard let doubt = column.dictionary.withBytes(code, { NumberDoubt($0, under: dialect) }) else { return }
                if !doubt.readings.isEmpty { isNumber = true }
                doubtful = doubtful ?? (code, doubt)
            }
        }
        guard isNumber, let (code, doubt) = doubtful, let row = column.codes.firstIndex(of: Int32(code)) else { return }
        throw DataError(
            .notANumber,
            "is not a number as the others of its column are",
            file: path,
            line: lines[row],
            field: try position(of: name) + 1,
            column: name,
            value: column.dictionary.string(code),
            fix: "\(doubt.fix(dialect.settings)); or leave the column out with --exclude \(name)"
        )
    }

    /// Of the rows that have a value, the share of numbers from which on a text among them is a slip.
    private static let numericShare = 0.9
    /// Different numbers below which a column's are codes.
    private static let fewNumbers = 10

    /// Fails when a column that would become categories has numbers nearly everywhere: a slip would be hundreds of categories.
    public func refuseStrayTexts(_ name: String) throws(DataError) {
        let column = columns[try position(of: name)]
        let parsed = parsed(column)
        let isNumber = parsed.map { if case .number = $0 { true } else { false } }
        guard isNumber.count(where: \.self) >= Self.fewNumbers else { return }
        let numbers = column.codes.count { isNumber[Int($0)] }
        let texts = column.codes.count { !isNumber[Int($0)] && parsed[Int($0)] != .empty }
        guard Double(numbers) >= Self.numericShare * Double(numbers + texts),
            let row = column.codes.firstIndex(where: { !isNumber[Int($0)] && parsed[Int($0)] != .empty })
        else { return }
        let text = column.dictionary.string(Int(column.codes[row]))
        throw numberError(
            .notANumber,
            "is not a number as \(numbers) of the column's \(numbers + texts) values are",
            try position(of: name),
            row,
            fix: "correct the cell; or \(dialect.settings.set([.null(text)])) where it means that there is no value; or"
                + " --categorical \(name) where the numbers are names"
        )
    }

    /// The predictors in columns whose types are known.
    /// - Parameter isNumeric: by column; a cell that is no number there is an error, with its place.
    public func predictors(matching types: [(name: String, isNumeric: Bool)]) throws(DataError) -> PredictorTable {
        var result: [PredictorColumn] = []
        for (name, isNumeric) in types {
            let column = columns[try position(of: name)]
            result.append(isNumeric ? try numericColumn(name) : categoricalColumn(name, column))
        }
        return table(result)
    }

    private func numericColumn(_ name: String) throws(DataError) -> PredictorColumn {
        PredictorColumn(name: name, values: .numeric(try numbers(name)))
    }

    /// Texts that mean that there is no value are one category, the blank one.
    private func categoricalColumn(_ name: String, _ column: RawColumn) -> PredictorColumn {
        let levels = column.dictionary.strings
        let missing = levels.indices.filter { dialect.nullTexts.contains(levels[$0]) && !levels[$0].isEmpty }
        guard !missing.isEmpty else {
            return PredictorColumn(name: name, values: .categorical(codes: column.codes, levels: levels))
        }
        var kept = levels
        var places = levels.indices.map { Int32(truncatingIfNeeded: $0) }
        let blank = levels.firstIndex(of: "") ?? missing[0]
        kept[blank] = ""
        for level in missing { places[level] = Int32(truncatingIfNeeded: blank) }
        return PredictorColumn(
            name: name,
            values: .categorical(codes: column.codes.map { places[Int($0)] }, levels: kept)
        )
    }

    private func table(_ columns: [PredictorColumn]) -> PredictorTable {
        guard let table = try? PredictorTable(rowCount: rowCount, columns: columns) else {
            preconditionFailure("every column has a cell for every row")
        }
        return table
    }

    private func parsed(_ column: RawColumn) -> [NumberFormat.Outcome] {
        (0..<column.dictionary.count).map { parsed(column, $0) }
    }

    private func parsed(_ column: RawColumn, _ code: Int) -> NumberFormat.Outcome {
        column.dictionary.withBytes(code) { nullTexts.contains($0) ? .empty : dialect.numbers.parse($0) }
    }

    /// What a column's numbers say of the decimal mark: nothing where only cells such as `1.234` have one.
    private func evidence(_ position: Int, _ parsed: [NumberFormat.Outcome]) -> DecimalEvidence {
        let column = columns[position]
        var evidence = DecimalEvidence()
        for code in parsed.indices {
            guard case .number = parsed[code] else { continue }
            column.dictionary.withBytes(code) { cell in
                evidence.note(cell) {
                    let row = column.codes.firstIndex(of: Int32(code)) ?? 0
                    return SourceRow.ambiguousNumber(
                        file: path,
                        line: lines[row],
                        field: position,
                        column: columnNames[position],
                        value: column.dictionary.string(code),
                        dialect
                    )
                }
            }
        }
        return evidence
    }

    /// - Parameter fix: of a cell that no setting can mend; `nil` for one that says which setting would.
    private func numberError(
        _ code: DataErrorCode,
        _ problem: String,
        _ position: Int,
        _ row: Int,
        fix: String? = nil
    ) -> DataError {
        let column = columns[position]
        let text = column.dictionary.string(Int(column.codes[row]))
        let doubt = column.dictionary.withBytes(Int(column.codes[row])) { NumberDoubt($0, under: dialect) }
        return DataError(
            code,
            problem,
            file: path,
            line: lines[row],
            field: position + 1,
            column: columnNames[position],
            value: text,
            fix: fix ?? doubt?.fix(dialect.settings) ?? "correct the cell, or \(dialect.settings.set([.null(text)]))"
        )
    }

    private func isBlank(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 } || dialect.nullTexts.contains(text)
    }
}
