import ChurnHistory

/// A few events that lie so far from all others that they are slips: a birth year, a placeholder such as 2099-12-31.
///
/// One of them would move the end of what the data can know, and with it every cutoff.
enum OutlyingTime {
    /// - Throws: `notAHistory` with the cell and its line.
    static func check(_ index: EventIndex, _ sources: [SourceProposal], _ calendar: StudyCalendar) throws(DataError) {
        let days = index.days().sorted()
        // At most one event in a thousand, and one in any case.
        let few = max(1, days.count / 1000)
        guard days.count > 20, let first = days.first, let last = days.last else { return }
        for count in 1...few {
            let late = (edge: days[days.count - count], body: days[days.count - count - 1])
            if stands(late.edge - late.body, apart: late.body - first) {
                throw fault(days: Int(late.edge - late.body), count, isLate: true, sources, index, calendar)
            }
            let early = (edge: days[count - 1], body: days[count])
            if stands(early.body - early.edge, apart: last - early.body) {
                throw fault(days: Int(early.body - early.edge), count, isLate: false, sources, index, calendar)
            }
        }
    }

    /// Whether a gap in days is longer than a year and than all that lies on its other side.
    private static func stands(_ gap: Int32, apart span: Int32) -> Bool { gap > 366 && gap > span }

    private static func fault(
        days: Int,
        _ count: Int,
        isLate: Bool,
        _ sources: [SourceProposal],
        _ index: EventIndex,
        _ calendar: StudyCalendar
    ) -> DataError {
        let found = sources.compactMap { source in
            (isLate ? source.time.evidence?.latest : source.time.evidence?.earliest).map { (source, $0) }
        }
        let most = found.max { isLate ? $0.1.instant < $1.1.instant : $0.1.instant > $1.1.instant }
        let day = index.timeRange.map { calendar.day(of: isLate ? $0.upperBound : $0.lowerBound).description } ?? ""
        return DataError(
            .notAHistory,
            "lies \(days) days \(isLate ? "behind" : "before") all other events"
                + (count > 1 ? ", with \(count - 1) more" : "")
                + ": a slip or a placeholder, which would move every cutoff",
            file: most?.0.table.files.count == 1 ? most?.0.table.files.first : nil,
            line: most?.1.cell.line,
            column: most?.0.time.column,
            value: most?.1.cell.text ?? day,
            fix: "mend the row or take it out"
        )
    }
}
