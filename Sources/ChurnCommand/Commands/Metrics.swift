import ArgumentParser
import ChurnKit

struct Metrics: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure any model's predictions.",
        usage: "churn metrics <predictions> --label <column> --score <column> [options]",
        discussion: """
            Reads a table with a label and a score a row: ours or another program's. Rows without a label are skipped and \
            counted. Log loss, Brier and calibration need scores that are probabilities. --intervals gives every figure its interval: AUC by \
            DeLong's variance, the others by samples of rows, or of customers where --customer names their column.

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

    @Option(
        help: ArgumentHelp(
            "The column of the customers, where they repeat: intervals are by customer.",
            valueName: "column"
        )
    )
    var customer: String?

    @OptionGroup var figures: FigureOptions
    @OptionGroup var dialect: DialectOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var format: OutputOptions

    func run() throws {
        let table = try FlatTable(path: predictions, dialect: dialect.dialect)
        let predictions = try PredictionsTable(
            table,
            label: label,
            positive: positive,
            score: score,
            weight: weight,
            customer: customer,
            lowerIsRiskier: lowerIsRiskier
        )
        try MetricsText.print(
            predictions.metrics,
            figures.estimates(predictions.probabilities, threads: threads.count),
            decisions: figures.decisions(predictions.probabilities),
            as: format.format
        ) { Result(metrics: $0, figures: $1, decisions: $2) }
    }

    /// The metrics, and beside them every figure and what follows from them.
    private struct Result: Encodable {
        let metrics: BinaryClassificationMetrics
        let figures: FigureRows
        let decisions: CampaignDecisions

        private enum Key: CodingKey { case figures, decisions }

        func encode(to encoder: any Encoder) throws {
            try metrics.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(figures, forKey: .figures)
            try container.encode(decisions, forKey: .decisions)
        }
    }
}
