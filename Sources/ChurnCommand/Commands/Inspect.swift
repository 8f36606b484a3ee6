import ArgumentParser
import ChurnKit

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read a study's data and tell what is in them, and what is odd.",
        usage: "churn inspect <study> [options]",
        discussion: """
            Counts rows, customers, dates and event types, and the rows that were rejected, by reason with examples; then says \
            what is odd about the data, and which data that matter for churn are not there. Exit code 65 when other commands \
            would stop at the data, 1 with --strict when there is a finding.

            Examples:
              churn inspect shop/study.yaml
              churn inspect shop/study.yaml --rejects rejected.csv
            """
    )

    @Argument(help: "The study file.")
    var study: String

    @Flag(help: "Exit with 1 when there is any finding.")
    var strict = false

    @OptionGroup var rejects: RejectsOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var format: OutputOptions

    func run() throws {
        let study = try Study(path: study)
        let inspection = try StudyInspection(
            study: study,
            rejects: rejects.file(beside: study.inputFiles),
            threads: threads.count
        )
        switch format.format {
        case .json: try ResultPrinter.json(inspection)
        case .csv:
            try ResultPrinter.csv(
                header: ["figure", "value"],
                rows: inspection.figures.map { [.text($0.name), .text($0.value)] }
            )
            try ResultPrinter.flush()
        case .table:
            // Where no row could be read, the fault below is all there is to say.
            if inspection.rows > 0 { try ResultPrinter.text(InspectionText.text(inspection)) }
        }
        if let fault = inspection.fileFaults.first {
            StandardError.write("churn: \(fault)")
            throw CommandExit.badData
        }
        if !inspection.questions.isEmpty {
            for question in inspection.questions { StandardError.write("churn: \(question)") }
            throw CommandExit.badData
        }
        if inspection.kept > 0, let type = inspection.unknownEventTypes.first {
            throw FeatureError.unknownEventType(type, known: inspection.types.map(\.type))
        }
        if inspection.kept > 0, let value = inspection.unknownAttributeValues.first { throw value.error }
        if inspection.rejectedInAllFiles > study.maximumRejected {
            StandardError.write(
                "churn: \(inspection.rejectedInAllFiles) rows were rejected and the study allows \(study.maximumRejected)."
                    + " Fix: mend the rows, or set `maxRejected`"
            )
            throw CommandExit.badData
        }
        if strict, !inspection.findings.isEmpty { throw CommandExit.checkFailed }
    }
}
