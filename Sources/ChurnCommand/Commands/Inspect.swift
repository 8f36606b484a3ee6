import ArgumentParser
import ChurnKit

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read a study's data and tell what is in them.",
        usage: "churn inspect <study> [options]",
        discussion: """
            Counts rows, customers, dates and event types, and the rows that were rejected, by reason with examples. Exit code 65 \
            when more rows are rejected than the study allows.

            Example:
              churn inspect shop/study.yaml
            """
    )

    @Argument(help: "The study file.")
    var study: String

    @OptionGroup var format: OutputOptions

    func run() throws {
        let study = try Study(path: study)
        let inspection = try StudyInspection(study: study)
        switch format.format {
        case .json: try ResultPrinter.json(inspection)
        case .csv:
            try ResultPrinter.csv(
                header: ["figure", "value"],
                rows: inspection.figures.map { [.text($0.name), .text($0.value)] }
            )
            try ResultPrinter.flush()
        case .table:
            try ResultPrinter.text(InspectionText.text(inspection))
        }
        if let fault = inspection.fileFaults.first {
            StandardError.write("churn: \(fault)")
            throw CommandExit.badData
        }
        if inspection.kept > 0, let type = inspection.unknownEventTypes.first {
            throw FeatureError.unknownEventType(type, known: inspection.types.map(\.type))
        }
        if inspection.duplicateRows > 0, !inspection.duplicatesAreDecided {
            StandardError.write(
                "churn: \(inspection.duplicateRows) rows repeat an earlier one, and the study does not say what that means."
                    + " Fix: set `duplicates: keep` if equal rows are separate events, `duplicates: drop` if not"
            )
            throw CommandExit.badData
        }
        if inspection.rejected > study.maximumRejected {
            StandardError.write(
                "churn: \(inspection.rejected) rows were rejected and the study allows \(study.maximumRejected)."
                    + " Fix: mend the rows, or set `maxRejected`"
            )
            throw CommandExit.badData
        }
    }
}
