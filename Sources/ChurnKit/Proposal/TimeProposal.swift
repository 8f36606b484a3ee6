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
        if possible.isEmpty, let numeric = NumericTime.find(filled, named: options.time) {
            column = numeric.column
            format = numeric.format
            reason = numeric.reason
            hasClock = numeric.hasClock
            offsets = []
            return
        }
        let ranked = possible.sorted { ColumnMeaning($0.name).time > ColumnMeaning($1.name).time }
        guard let first = ranked.first else { return nil }
        let rivals = ranked.filter { ColumnMeaning($0.name).time == ColumnMeaning(first.name).time }
        let chosen = rivals.count > 1 ? try Self.choose(rivals, answers) : first
        let candidates = chosen.times.best
        let candidate = candidates.count > 1 ? try Self.chooseOrder(chosen, options, answers) : candidates[0]
        column = chosen.name
        format = candidate.format.pattern
        offsets = chosen.times.offsets
        hasClock = format.contains("H") || !offsets.isEmpty
        reason = Self.reason(chosen, candidate, wasAsked: candidates.count > 1, others: possible.map(\.name))
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
        if wasAsked { parts.append("day and month could be exchanged in every row: this was your answer") }
        let rest = others.filter { $0 != column.name }
        if !rest.isEmpty { parts.append("times too: \(rest.joined(separator: ", "))") }
        return parts.joined(separator: "; ")
    }

    private static func choose(
        _ rivals: [ColumnProfile],
        _ answers: any StudyAnswering
    ) throws(DataError) -> ColumnProfile {
        let question = StudyQuestion(
            text: "Which column says when the event happened?",
            evidence: ["\(rivals.map(\.name).joined(separator: ", ")) all hold times."],
            choices: rivals.map { .init(answer: $0.name, meaning: $0.times.best[0].format.pattern) },
            defaultAnswer: rivals[0].name,
            isDefaultSafe: false,
            option: "--time"
        )
        let answer = try answers.answer(question)
        return rivals.first { $0.name == answer } ?? rivals[0]
    }

    private static func chooseOrder(
        _ column: ColumnProfile,
        _ options: ProposalOptions,
        _ answers: any StudyAnswering
    ) throws(DataError) -> TimeEvidence.Candidate {
        let candidates = column.times.best
        let choices = candidates.map { candidate in
            StudyQuestion.Choice(
                answer: candidate.order.rawValue,
                meaning: candidate.order == .mdy
                    ? "the month first, \(candidate.format.pattern)" : "the day first, \(candidate.format.pattern)"
            )
        }
        let answer: String
        if let order = options.dateOrder {
            answer = order.rawValue
        } else {
            let example = column.numbers.firstOther?.text ?? ""
            answer = try answers.answer(
                StudyQuestion(
                    text: "In the dates of \(column.name), does the day or the month come first?",
                    evidence: [
                        "No number above 12 stands in the first or second place of its \(column.times.cells) dates"
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
}
