import ArgumentParser
import ChurnKit

struct Features: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compute the feature table of a study.",
        usage: "churn features <study> -o <file> [options]",
        discussion: """
            One row for each customer and cutoff: customer, cutoff, label (1 churned, 0 not, empty where the label window \
            reaches past the data), then the features. The ending of -o says whether Arrow or CSV is written; CSV comes with \
            a file FEATURES.csv.json that holds the plan.

            Example:
              churn features shop/study.yaml -o features.arrow
            """
    )

    @Argument(help: "The study file.")
    var study: String

    @Option(name: .shortAndLong, help: ArgumentHelp("File to write: .arrow or .csv.", valueName: "file"))
    var output: String

    @Option(help: ArgumentHelp("One cutoff in place of the study's.", valueName: "yyyy-mm-dd"))
    var asOf: CalendarDay?

    @OptionGroup var rejects: RejectsOptions
    @OptionGroup var index: IndexOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var format: OutputOptions

    func run() throws {
        let study = try Study(path: study)
        _ = try FeatureTable.FileFormat(path: output)
        try AtomicFile.refuse(output, among: study.inputFiles)
        let file = try AtomicFile(path: output)
        let data = try StudyData(
            study: study,
            rejects: rejects,
            index: index,
            threads: threads,
            output: output,
            telling: format.notes
        )
        let cutoffs = try asOf.map { [try data.cutoff(asOf: $0)] }
        let table = try data.featureTable(plan: data.plan(), cutoffs: cutoffs, threads: threads.count)
        try table.write(to: file)
        try print(table, eventsAfter: data.eventsAtOrAfter(table.cutoffs))
        for leak in table.leakingPredictors(threads: threads.count) {
            format.notes.warn("\(leak): it tells the label almost perfectly, as if it knew the outcome.")
        }
        format.note("Next: churn train \(self.study) --from \(output) --name NAME")
    }

    private struct CutoffCount: Encodable {
        let cutoff: String
        let isMature: Bool
        /// Events of the data at or after the cutoff, which no feature of it sees.
        let eventsAfter: Int
        let examples: Int
        /// `null` where the label is not known yet.
        let churned: Int?
        let churnRate: Double?

        private enum CodingKeys: String, CodingKey { case cutoff, isMature, eventsAfter, examples, churned, churnRate }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(cutoff, forKey: .cutoff)
            try container.encode(isMature, forKey: .isMature)
            try container.encode(eventsAfter, forKey: .eventsAfter)
            try container.encode(examples, forKey: .examples)
            try container.encode(churned, forKey: .churned)
            try container.encode(churnRate, forKey: .churnRate)
        }
    }

    private struct Result: Encodable {
        let file: String
        let rows: Int
        let features: Int
        let leftInLead: Int
        let cutoffs: [CutoffCount]
    }

    private func print(_ table: FeatureTable, eventsAfter: [Int]) throws {
        var examples = [Int](repeating: 0, count: table.cutoffs.count)
        var churned = examples
        for row in 0..<table.rowCount {
            examples[Int(table.cutoffCodes[row])] += 1
            if table.labels[row] == 1 { churned[Int(table.cutoffCodes[row])] += 1 }
        }
        let counts = table.cutoffs.enumerated().map { code, cutoff in
            CutoffCount(
                cutoff: cutoff.day.description,
                isMature: cutoff.isMature,
                eventsAfter: eventsAfter[code],
                examples: examples[code],
                churned: cutoff.isMature ? churned[code] : nil,
                churnRate: cutoff.isMature && examples[code] > 0
                    ? Double(churned[code]) / Double(examples[code]) : nil
            )
        }
        switch format.format {
        case .json:
            try ResultPrinter.json(
                Result(
                    file: output,
                    rows: table.rowCount,
                    features: table.plan.features.count,
                    leftInLead: table.leftInLead,
                    cutoffs: counts
                )
            )
        case .csv:
            try ResultPrinter.csv(
                header: ["cutoff", "isMature", "eventsAfter", "examples", "churned", "churnRate"],
                rows: counts.map {
                    [
                        .text($0.cutoff), .text("\($0.isMature)"), .number(Double($0.eventsAfter)),
                        .number(Double($0.examples)),
                        .number($0.churned.map(Double.init)), .number($0.churnRate),
                    ]
                }
            )
            try ResultPrinter.flush()
        case .table:
            var lines = TextTable(headers: ["cutoff", "events after", "examples", "churned", "churn rate", ""])
            for count in counts {
                lines.append([
                    count.cutoff, NumberText.count(count.eventsAfter), NumberText.count(count.examples),
                    count.churned.map(NumberText.count) ?? "-",
                    NumberText.percent(count.churnRate), count.isMature ? "" : "not mature: label not known yet",
                ])
            }
            let left =
                table.leftInLead > 0
                ? " \(NumberText.count(table.leftInLead)) examples left out: they left during the lead time." : ""
            try ResultPrinter.text(
                lines.text
                    + "\n\(output): \(NumberText.count(table.rowCount)) examples, \(table.plan.features.count) features."
                    + left
            )
        }
    }
}
