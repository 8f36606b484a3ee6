import ChurnHistory

/// Files and rows that are there twice.
enum RepetitionAudit {
    static func findings(_ report: ReadingReport) -> [AuditFinding] {
        var findings: [AuditFinding] = []
        for (number, file) in report.files.enumerated() {
            guard let first = report.files[..<number].first(where: { $0.digest == file.digest && $0.role == file.role })
            else { continue }
            findings.append(
                AuditFinding(
                    .repeatedRows,
                    file.path,
                    "it has the content of \(first.path), so that everything in it is counted twice. Take one of them out.",
                    count: file.rows
                )
            )
        }
        // Rows of a file that is there twice are no news.
        if findings.isEmpty, report.duplicatesAcrossFiles > 0 {
            let files = report.files.filter { $0.role == .events }.map(\.path)
            findings.append(
                AuditFinding(
                    .repeatedRows,
                    files.first ?? "",
                    "\(report.duplicatesAcrossFiles) rows stand in an earlier file, too: the files overlap. Set"
                        + " `duplicates: drop`, or export them without overlap.",
                    count: report.duplicatesAcrossFiles
                )
            )
        }
        return findings
    }
}
