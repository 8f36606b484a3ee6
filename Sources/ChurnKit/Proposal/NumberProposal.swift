import ChurnHistory

/// How a source writes its numbers.
struct NumberProposal {
    var decimal = "."
    var thousands: String?
    var reason: String?
    var thousandsReason: String?
    /// Ways of writing minus other than in front.
    var negative: [String] = []
    var negativeReason: String?
    var currencies: [String] = []
    /// Texts that mean "no value" in the columns used.
    var nullTexts: [String] = []
    var nullReason: String?

    private static let point = UInt8(ascii: ".")
    private static let comma = UInt8(ascii: ",")

    /// - Parameters:
    ///   - used: the columns whose numbers the study reads.
    ///   - blanksAreZero: whether a blank cell is a zero: of two columns for one amount, a row fills one.
    ///   - others: the other numeric columns, which are asked where those tell nothing.
    init(
        used: [ColumnProfile],
        others: [ColumnProfile],
        customer: ColumnProfile,
        blanksAreZero: Bool,
        file: String,
        options: ProposalOptions,
        answers: any StudyAnswering
    ) throws(DataError) {
        let decimals = try Self.proved(used, file) ?? Self.undisputed(others)
        let ambiguous = used.first { !$0.numbers.ambiguous.isEmpty }
        if let decimals {
            if let given = options.decimal, (given == .comma) != (decimals.mark == Self.comma) {
                throw DataError(
                    .contradictoryFormats,
                    "\(decimals.reason) shows that \(Self.text(decimals.mark)) is the decimal mark;"
                        + " --decimal \(given.rawValue) says otherwise",
                    file: file,
                    fix: "leave --decimal out, or look at the file"
                )
            }
            decimal = Self.text(decimals.mark)
            reason = decimals.reason
        } else if let column = ambiguous, let (mark, cells) = column.numbers.ambiguous.min(by: { $0.key < $1.key }) {
            try ask(column, mark, cells, options, answers)
        }
        let decimalMark = decimal.utf8.first ?? Self.point
        for column in used {
            if let (mark, example) = column.numbers.thousandsMarks.first(where: { $0.key != decimalMark }) {
                thousands = Self.text(mark)
                thousandsReason = "\"\(example.text)\" at line \(example.line)"
            } else if thousands == nil,
                let (mark, cells) = column.numbers.ambiguous.first(where: { $0.key != decimalMark })
            {
                thousands = Self.text(mark)
                thousandsReason = "\"\(cells.first.text)\" at line \(cells.first.line)"
            }
        }
        noteSigns(used)
        noteNulls(used + [customer], blanksAreZero: blanksAreZero)
    }

    private static func text(_ byte: UInt8) -> String { String(decoding: [byte], as: UTF8.self) }

    /// The decimal mark that some columns prove.
    private static func proved(
        _ columns: [ColumnProfile],
        _ file: String
    ) throws(DataError) -> (mark: UInt8, reason: String)? {
        var found: (mark: UInt8, reason: String, column: String)?
        for column in columns {
            var marks = column.numbers.decimalMarks.mapValues { "\"\($0.text)\" at line \($0.line)" }
            // What marks thousands is not the decimal mark, so the other one is.
            for (mark, example) in column.numbers.thousandsMarks where mark == point || mark == comma {
                let other = mark == point ? comma : point
                if marks[other] == nil { marks[other] = "\"\(example.text)\" at line \(example.line)" }
            }
            for (mark, reason) in marks.sorted(by: { $0.key < $1.key }) {
                if let found, found.mark != mark {
                    throw DataError(
                        .contradictoryFormats,
                        "\(found.reason) of \(found.column) and \(reason) of \(column.name) need different decimal marks",
                        file: file,
                        fix: "make the file write numbers in one way"
                    )
                }
                found = (mark, reason, column.name)
            }
        }
        return found.map { ($0.mark, $0.reason) }
    }

    /// The decimal mark that other columns prove, where they agree.
    private static func undisputed(_ columns: [ColumnProfile]) -> (mark: UInt8, reason: String)? {
        var found: (mark: UInt8, reason: String)?
        for column in columns {
            for (mark, example) in column.numbers.decimalMarks where mark == point || mark == comma {
                if let found, found.mark != mark { return nil }
                found = (mark, "\"\(example.text)\" at line \(example.line) of \(column.name)")
            }
        }
        return found
    }

    private mutating func ask(
        _ column: ColumnProfile,
        _ mark: UInt8,
        _ cells: (count: Int, first: NumberEvidence.Example),
        _ options: ProposalOptions,
        _ answers: any StudyAnswering
    ) throws(DataError) {
        let name = mark == Self.point ? "point" : "comma"
        let answer: String
        if let decimal = options.decimal {
            answer = decimal.rawValue
        } else {
            answer = try answers.answer(
                StudyQuestion(
                    text: "In \"\(cells.first.text)\" of \(column.name), is the \(name) the decimal mark?",
                    evidence: [
                        "Every number of the file with a \(name) has three digits behind it, as at line \(cells.first.line): it could mark thousands."
                    ],
                    choices: [
                        .init(answer: "point", meaning: "the point is the decimal mark"),
                        .init(answer: "comma", meaning: "the comma is the decimal mark"),
                    ],
                    defaultAnswer: mark == Self.point ? "comma" : "point",
                    isDefaultSafe: false,
                    option: "--decimal"
                )
            )
        }
        decimal = answer == "comma" ? "," : "."
        reason = "your answer: \"\(cells.first.text)\" at line \(cells.first.line) could be read either way"
    }

    private mutating func noteSigns(_ columns: [ColumnProfile]) {
        var reasons: [String] = []
        for column in columns {
            if let (count, first) = column.numbers.trailingMinus {
                negative.append("trailing")
                reasons.append("\"\(first.text)\" at line \(first.line), \(count) cells of \(column.name)")
            }
            if let (count, first) = column.numbers.parentheses {
                negative.append("parentheses")
                reasons.append("\"\(first.text)\" at line \(first.line), \(count) cells of \(column.name)")
            }
        }
        negative = ["trailing", "parentheses"].filter(negative.contains)
        if !reasons.isEmpty { negativeReason = reasons.joined(separator: "; ") }
        currencies = Set(columns.flatMap { Array($0.numbers.currencies.keys) }).sorted()
    }

    private mutating func noteNulls(_ columns: [ColumnProfile], blanksAreZero: Bool) {
        var texts = Set<String>()
        var reasons: [String] = []
        for (position, column) in columns.enumerated() {
            for (text, count) in column.nullTexts.sorted(by: { $0.key < $1.key }) {
                texts.insert(text)
                reasons.append("\(count) \(text) in \(column.name)")
            }
            // The customer's blank cells are `emptyCustomer`.
            if column.blank > 0, position < columns.count - 1, !blanksAreZero {
                texts.formUnion(column.blankTexts)
                reasons.append("\(column.blank) blank cells in \(column.name)")
            }
        }
        nullTexts = texts.sorted()
        if !reasons.isEmpty { nullReason = reasons.joined(separator: ", ") }
    }
}
