import ChurnFeatures
import ChurnHistory
import ChurnRegistry
import ChurnScoring

/// The checks before a scoring.
extension ModelScoring {
    /// What can be said before any feature is computed: how fresh the data are, and how many of their rows were rejected.
    func checksOfData() -> [RunCheck] {
        guard case .study(let data, let day) = source else { return [] }
        let rules = data.study.scoring
        var checks: [RunCheck] = []
        func days(_ period: CalendarPeriod?) -> Double? {
            period.map { Double(day.number - day.subtracting($0).number) }
        }
        let newest = data.newestEvent(before: data.study.calendar.start(of: day))
        // Without any event the data are as old as days are counted.
        let age = day.number - (newest?.number ?? 0)
        let text =
            newest.map { "the newest event before \(day) is of \($0), \(age) \(age == 1 ? "day" : "days") earlier" }
            ?? "there is no event before \(day)"
        checks.append(
            RunCheck(
                name: "freshness",
                value: Double(age),
                warn: days(rules.freshness.warn),
                fail: days(rules.freshness.fail),
                text: text
            )
        )
        let report = data.history.report
        let rows = report.files.reduce(0) { $0 + $1.rows }
        checks.append(
            RunCheck(
                name: "rejected",
                value: Double(report.rejected) / Double(max(rows, 1)),
                warn: rules.rejected.warn,
                fail: rules.rejected.fail,
                text: "\(report.rejected) of \(rows) rows were rejected"
            )
        )
        return checks
    }

    /// What can be said of the rows that are to be scored.
    func checks(of rows: Rows) -> [RunCheck] {
        guard case .table = source else { return [] }
        let levels = ScoringRules.unseen
        let most = rows.unseenCategories.max { $0.rows < $1.rows }
        let count = rows.predictors.rowCount
        let text = most.map { column in
            "\(column.rows) of \(count) rows have a category of \"\(column.column)\" that training did not know"
        }
        return [
            RunCheck(
                name: "unseen",
                value: Double(most?.rows ?? 0) / Double(max(count, 1)),
                warn: levels.warn,
                fail: levels.fail,
                text: text ?? "training knew all categories"
            )
        ]
    }
}

extension ModelScoring {
    /// Predictors that a check names.
    private static let named = 3

    /// What can be said of scores before they are written: how far they lie from training's.
    func checks(of scores: ScoreTable, _ rows: Rows) throws -> [RunCheck] {
        let levels: ScoringRules.Levels<Double>
        switch source {
        case .study(let data, _): levels = data.study.scoring.drift
        case .table: levels = ScoringRules.standard.drift
        }
        let drift = try DriftReport(
            model,
            predictors: rows.predictors,
            probabilities: scores.probabilities,
            impactRows: 0,
            threads: threads
        )
        let index = (drift.scores.stabilityIndex * 1000).rounded() / 1000
        let moved = drift.moved.prefix(Self.named).map { "\"\($0.name)\"" }
        let words = moved.isEmpty ? "" : "; of the predictors moved most: \(moved.joined(separator: ", "))"
        // What chance explains is no drift, however few customers make it look large.
        let counts = drift.scores.hasMoved
        return [
            RunCheck(
                name: "drift",
                value: drift.scores.stabilityIndex,
                warn: counts ? levels.warn : nil,
                fail: counts ? levels.fail : nil,
                text: "the scores' stability index against training is \(index)\(words)"
            )
        ]
    }
}

extension StudyData {
    /// The day of the newest event before an instant.
    fileprivate func newestEvent(before instant: Int64) -> CalendarDay? {
        var newest = Int64.min
        history.index.times.withUnsafeBufferPointer { times in
            for time in times where time < instant { newest = max(newest, time) }
        }
        return newest == .min ? nil : study.calendar.day(of: newest)
    }
}
