import ChurnHistory

/// The column of the time and how it is written.
struct TimeProposal {
    let column: String
    let format: String
    let reason: String
    /// Whether the column writes a clock, not only a day.
    let hasClock: Bool
    /// Offsets from UTC in the cells.
    let offsets: [TimeEvidence.OffsetReading]
    /// What the cells said for this format; `nil` for numbers.
    let evidence: TimeEvidence.Candidate?

    /// - Returns: `nil` where no column holds times.
    init?(
        _ table: TableProfile,
        options: ProposalOptions,
        answers: any StudyAnswering
    ) throws(DataError) {
        let filled = table.columns.filter { $0.filled * 2 > table.rows - table.malformed }
        var possible = filled.filter { !$0.times.best.isEmpty }
        if let named = options.time, table.column(named) != nil {
            possible = possible.filter { $0.name == named }
            if possible.isEmpty, NumericTime.find(filled, named: named) == nil {
                throw DataError(
                    .notAHistory,
                    "is not written as times that are known here",
                    file: table.files.first,
                    column: named,
                    fix: "choose another column with --time"
                )
            }
        }
        let numeric = NumericTime.all(filled, named: options.time)
        let names = possible.map(\.name) + numeric.map(\.column)
        let ranked = names.sorted { ColumnMeaning($0).time > ColumnMeaning($1).time }
        guard let first = ranked.first else { return nil }
        let rivals = ranked.filter { ColumnMeaning($0).time == ColumnMeaning(first).time }
        let answer =
            rivals.count > 1
            ? try answers.answer(
                Self.question(
                    rivals.map { name in
                        let pattern = possible.first { $0.name == name }?.times.best[0].format.pattern
                        return (name, pattern ?? numeric.first { $0.column == name }?.format ?? "")
                    }
                )
            ) : first
        if let chosen = numeric.first(where: { $0.column == answer }) {
            column = chosen.column
            format = chosen.format
            let others = names.filter { $0 != chosen.column }
            reason = chosen.reason + (others.isEmpty ? "" : "; times too: \(others.joined(separator: ", "))")
            hasClock = chosen.hasClock
            offsets = []
            evidence = nil
            return
        }
        guard let chosen = possible.first(where: { $0.name == answer }) ?? possible.first else { return nil }
        let candidates = chosen.times.best
        let candidate = candidates.count > 1 ? try Self.chooseOrder(chosen, options, answers) : candidates[0]
        if let order = options.dateOrder { try Self.check(order, chosen, candidate) }
        column = chosen.name
        format = candidate.format.pattern
        offsets = chosen.times.offsets
        hasClock = format.contains("H") || !offsets.isEmpty
        evidence = candidate
        reason = Self.reason(chosen, candidate, wasAsked: candidates.count > 1, others: names)
    }

    /// An answer that the cells rule out is a slip, of the user or of the file; one about dates that leave nothing open
    /// may be meant for another source.
    private static func check(
        _ order: ProposalOptions.DateOrder,
        _ column: ColumnProfile,
        _ candidate: TimeEvidence.Candidate
    ) throws(DataError) {
        guard candidate.order.rawValue != order.rawValue, !candidate.format.pattern.hasPrefix("yyyy"),
            candidate.format != .iso8601
        else { return }
        let why = column.times.exclusion(of: candidate).map { ": \($0)" } ?? ""
        throw DataError(
            .contradictoryFormats,
            "is written as \(candidate.format.pattern)\(why); --date-order \(order.rawValue) says otherwise",
            column: column.name,
            fix: "leave --date-order out, or look at the file"
        )
    }

    private static func reason(
        _ column: ColumnProfile,
        _ candidate: TimeEvidence.Candidate,
        wasAsked: Bool,
        others: [String]
    ) -> String {
        var parts: [String] = []
        let all = candidate.fits == column.times.cells
        parts.append(
            all
                ? "all \(column.times.cells) cells are written so"
                : "\(candidate.fits) of \(column.times.cells) cells are written so"
        )
        if let misfit = candidate.firstMisfit, !all { parts.append("not \"\(misfit.text)\" at line \(misfit.line)") }
        if let exclusion = column.times.exclusion(of: candidate) { parts.append(exclusion) }
        if wasAsked {
            parts.append("several orders of day, month and year could be read in every row: this was your answer")
        }
        let rest = others.filter { $0 != column.name }
        if !rest.isEmpty { parts.append("times too: \(rest.joined(separator: ", "))") }
        return parts.joined(separator: "; ")
    }

    private static func question(_ rivals: [(name: String, format: String)]) -> StudyQuestion {
        StudyQuestion(
            text: "Which column says when the event happened?",
            evidence: ["\(rivals.map(\.name).joined(separator: ", ")) all hold times."],
            choices: rivals.map { .init(answer: $0.name, meaning: $0.format) },
            defaultAnswer: rivals[0].name,
            isDefaultSafe: false,
            option: "--time"
        )
    }

    /// The format that is meant where several orders of day, month and year read all cells.
    static func chooseOrder(
        _ column: ColumnProfile,
        _ options: ProposalOptions,
        _ answers: any StudyAnswering
    ) throws(DataError) -> TimeEvidence.Candidate {
        let candidates = column.times.best
        let choices = candidates.map { candidate in
            StudyQuestion.Choice(
                answer: candidate.order.rawValue,
                meaning: "\(Self.words(candidate.order)) first, \(candidate.format.pattern)"
            )
        }
        let hasYears = candidates.contains { $0.order == .ymd }
        let answer: String
        if let order = options.dateOrder {
            answer = order.rawValue
        } else {
            let example = column.numbers.firstOther?.text ?? ""
            answer = try answers.answer(
                StudyQuestion(
                    text: hasYears
                        ? "In the dates of \(column.name), what comes first?"
                        : "In the dates of \(column.name), does the day or the month come first?",
                    evidence: [
                        (hasYears
                            ? "Every one of its \(column.times.cells) dates can be read in each of these ways"
                            : "No number above 12 stands in the first or second place of its \(column.times.cells) dates")
                            + (example.isEmpty ? "." : ", such as \(example).")
                    ],
                    choices: choices,
                    defaultAnswer: candidates[0].order.rawValue,
                    isDefaultSafe: false,
                    option: "--date-order"
                )
            )
        }
        return candidates.first { $0.order.rawValue == answer } ?? candidates[0]
    }

    private static func words(_ order: TimeEvidence.DateOrder) -> String {
        switch order {
        case .ymd: "the year"
        case .dmy: "the day"
        case .mdy: "the month"
        }
    }
}
