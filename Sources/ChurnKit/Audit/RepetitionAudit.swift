import ChurnHistory

/// Files and rows that are there twice.
enum RepetitionAudit {
    /// Files that a finding names: there may be one of each day.
    private static let namedFiles = 3

    static func findings(_ report: ReadingReport, _ sources: StudySources) -> [AuditFinding] {
        var findings: [AuditFinding] = []
        // Within one source: the same file read in two ways is two kinds of events.
        for (source, files) in filesBySource(report, sources).enumerated() {
            // What is dropped is not counted twice.
            if source < sources.events.count, sources.events[source].duplicates == .drop { continue }
            var overlapping: [ReadingReport.FileReport] = []
            for (number, file) in files.enumerated() {
                guard let first = files[..<number].first(where: { $0.digest == file.digest }) else {
                    if file.repeatedAcrossFiles > 0 { overlapping.append(file) }
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
            if !overlapping.isEmpty {
                let rows = overlapping.reduce(0) { $0 + $1.repeatedAcrossFiles }
                let more = overlapping.count - namedFiles
                findings.append(
                    AuditFinding(
                        .repeatedRows,
                        overlapping.prefix(namedFiles).map(\.path).joined(separator: ", ")
                            + (more > 0 ? " and \(more) more" : ""),
                        "\(rows) rows stand in an earlier file of the same source, too: the files overlap. Set"
                            + " `duplicates: drop`, or export them without overlap.",
                        count: rows
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
