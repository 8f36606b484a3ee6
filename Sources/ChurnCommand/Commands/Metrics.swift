import ArgumentParser
import ChurnKit

struct Metrics: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure any model's predictions.",
        usage: "churn metrics <predictions> --label <column> --score <column> [options]",
        discussion: """
            Reads a table with a label and a score a row: ours or another program's. Rows without a label are skipped and \
            counted. Log loss, Brier and ECE need scores that are probabilities.

            Example:
              churn metrics predictions.csv --label churned --score probability
            """
    )

    @Argument(help: "The table of predictions.")
    var predictions: String

    @Option(help: ArgumentHelp("The label's column.", valueName: "column"))
    var label: String

    @Option(help: ArgumentHelp("The score's column.", valueName: "column"))
    var score: String

    @Option(help: ArgumentHelp("The label that means churn (default: 1 or true).", valueName: "value"))
    var positive: String?

    @Option(help: ArgumentHelp("The column with the rows' weights.", valueName: "column"))
    var weight: String?

    @Flag(help: "Low scores mean risk: turn them round.")
    var lowerIsRiskier = false

    @OptionGroup var dialect: DialectOptions
    @OptionGroup var format: OutputOptions

    func run() throws {
        let table = try FlatTable(path: predictions, dialect: dialect.dialect)
        let metrics = try BinaryClassificationMetrics(
            table: table,
            label: label,
            positive: positive,
            score: score,
            weight: weight,
            lowerIsRiskier: lowerIsRiskier
        )
        switch format.format {
        case .json: try ResultPrinter.json(metrics)
        case .csv: try MetricsText.printCSV(metrics)
        case .table: try ResultPrinter.text(MetricsText.table([("value", metrics)]))
        }
    }
}
