import ChurnHistory

/// Files and rows that are there twice.
enum RepetitionAudit {
    static func findings(_ report: ReadingReport, _ sources: StudySources) -> [AuditFinding] {
        var findings: [AuditFinding] = []
        // Within one source: the same file read in two ways is two kinds of events.
        for (source, files) in filesBySource(report, sources).enumerated() {
            // What is dropped is not counted twice.
            if source < sources.events.count, sources.events[source].duplicates == .drop { continue }
            var overlapping = 0
            for (number, file) in files.enumerated() {
                guard let first = files[..<number].first(where: { $0.digest == file.digest }) else {
                    overlapping += file.repeatedAcrossFiles
                    continue
                }
                findings.append(
                    AuditFinding(
                        .repeatedRows,
                        file.path,
                        "it has the content of \(first.path), so that everything in it is counted twice. Take one of them out.",
                        count: file.rows
                    )
                )
            }
            if overlapping > 0 {
                findings.append(
                    AuditFinding(
                        .repeatedRows,
                        files.map(\.path).joined(separator: ", "),
                        "\(overlapping) rows stand in an earlier file of the same source, too: the files overlap. Set"
                            + " `duplicates: drop`, or export them without overlap.",
                        count: overlapping
                    )
                )
            }
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
