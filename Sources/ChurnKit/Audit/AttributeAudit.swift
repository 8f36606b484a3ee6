import ChurnFeatures
import ChurnHistory

/// Attributes of customers that may say at a cutoff what became known later.
struct AttributeAudit {
    let findings: [AuditFinding]

    /// Fewer customers, or rows of attributes, prove nothing.
    private static let leastCustomers = 20
    /// A file in which fewer than this share of the customers have a second row has no history.
    private static let shareWithHistory = 0.01

    init(study: Study, index: EventIndex, cutoffs: [Cutoff], threads: Int) {
        var findings: [AuditFinding] = []
        for (source, history) in zip(study.sources.customers, index.attributeHistories) {
            let file = source.files.first ?? ""
            for attribute in history.attributes where !source.isDated(attribute.name) {
                findings.append(
                    AuditFinding(
                        .attributeWithoutDate,
                        attribute.name,
                        "\(file) says what it is today, not since when: no feature is made of it, and a filter or horizon"
                            + " that uses it sees the future. Name the date's column in `validFrom`, or list it in `constant` if"
                            + " it never changes.",
                        count: cutoffs.count
                    )
                )
            }
            if let finding = Self.ofToday(source, history, file) { findings.append(finding) }
            findings += Self.changingConstants(source, history, index, file)
        }
        findings += WholeHistoryTotals(index, threads: threads).findings(study: study, cutoffs: cutoffs)
        self.findings = findings
    }

    /// Where hardly a customer ever gets a second row, the file holds today's state, and its date tells when the customer came.
    private static func ofToday(
        _ source: AttributeSource,
        _ history: AttributeHistory,
        _ file: String
    ) -> AuditFinding? {
        let changing = history.attributes.map(\.name).filter { !source.constant.contains($0) }
        guard history.hasValidFrom, let column = source.validFrom?.column, !changing.isEmpty else { return nil }
        let starts = history.customerStarts
        let rows = starts.indices.dropLast().map { starts[$0 + 1] - starts[$0] }.filter { $0 > 0 }
        let several = rows.count { $0 > 1 }
        guard rows.count >= leastCustomers, Double(several) < shareWithHistory * Double(rows.count) else { return nil }
        return AuditFinding(
            .attributeOfToday,
            changing.joined(separator: ", "),
            "\(several == 0 ? "none" : "only \(several)") of the \(rows.count) customers in \(file) ever gets a second row: it looks"
                + " like today's values, dated by"
                + " \(column). List in `constant` what never changes, and take the rest from a history.",
            count: rows.count
        )
    }

    private static func changingConstants(
        _ source: AttributeSource,
        _ history: AttributeHistory,
        _ index: EventIndex,
        _ file: String
    ) -> [AuditFinding] {
        history.attributes.filter { source.constant.contains($0.name) }.compactMap { attribute in
            let changing = (0..<history.customerStarts.count - 1).filter { customer in
                let rows = history.customerStarts[customer]..<history.customerStarts[customer + 1]
                let codes = rows.map { attribute.codes[$0] }.filter { $0 >= 0 }
                return codes.contains { $0 != codes.first }
            }
            guard let first = changing.first else { return nil }
            return AuditFinding(
                .constantChanges,
                attribute.name,
                "`constant` says that it never changes, and \(changing.count) customers of \(file), such as"
                    + " \(index.customers[first]), have several values. Take it out of `constant`, and date it.",
                count: changing.count
            )
        }
    }
}
