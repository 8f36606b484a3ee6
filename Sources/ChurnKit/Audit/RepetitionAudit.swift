import ChurnHistory

/// Files and rows that are there twice.
enum RepetitionAudit {
    static func findings(_ report: ReadingReport, _ sources: StudySources) -> [AuditFinding] {
        var findings: [AuditFinding] = []
        var repeatedEvents = 0
        // Within one source: the same file read in two ways is two kinds of events.
        for (source, files) in filesBySource(report, sources).enumerated() {
            // What is dropped is not counted twice.
            let isDropped = source < sources.events.count && sources.events[source].duplicates == .drop
            for (number, file) in files.enumerated() {
                guard let first = files[..<number].first(where: { $0.digest == file.digest }) else { continue }
                if file.role == .events { repeatedEvents += file.rows }
                if isDropped { continue }
                findings.append(
                    AuditFinding(
                        .repeatedRows,
                        file.path,
                        "it has the content of \(first.path), so that everything in it is counted twice. Take one of them out.",
                        count: file.rows
                    )
                )
            }
        }
        // Rows of a file that is there twice are no news, and neither are those that are dropped.
        let kept = sources.events.filter { $0.duplicates == .keep && $0.files.count > 1 }
        if let source = kept.first, report.duplicatesAcrossFiles > repeatedEvents {
            let rows = report.duplicatesAcrossFiles - repeatedEvents
            findings.append(
                AuditFinding(
                    .repeatedRows,
                    source.files.joined(separator: ", "),
                    "\(rows) rows stand in an earlier file of the same source, too: the files overlap. Set `duplicates: drop`, or"
                        + " export them without overlap.",
                    count: rows
                )
            )
        }
        return findings
    }

    /// The reports come in the order in which the sources' files are read.
    private static func filesBySource(
        _ report: ReadingReport,
        _ sources: StudySources
    ) -> [[ReadingReport.FileReport]] {
        let counts =
            sources.events.map(\.files.count) + sources.customers.map(\.files.count)
            + sources.contracts.map(\.files.count)
        var first = 0
        return counts.map { count in
            defer { first += count }
            return Array(report.files[min(first, report.files.count)..<min(first + count, report.files.count)])
        }
    }
}
