import ArgumentParser
import ChurnKit

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure a model on later cutoffs, held-out rows or another table.",
        usage: "churn evaluate <model> <source> [options]",
        discussion: """
            On a study: the mature cutoffs at or after the end of the model's training label windows. On the flat table that \
            it was trained on: the rows that were kept back; on another table: all rows, which should be other customers. --intervals gives \
            every figure its interval, by customer.

            Example:
              churn evaluate shop shop/study.yaml
            """
    )

    @Argument(help: "The model: NAME, NAME@VERSION or NAME@ALIAS.")
    var model: String

    @Argument(help: "The study file, or a flat table.")
    var source: String

    @OptionGroup var figures: FigureOptions
    @OptionGroup var data: DataOptions
    @OptionGroup var format: OutputOptions

    private struct Result: Encodable {
        let model: String
        let version: Int
        let rowsAre: UnseenRows.Kind
        let cutoffs: [String]
        let unseenCategories: [UnseenCategories]
        let metrics: BinaryClassificationMetrics
        let figures: FigureRows
        let decisions: CampaignDecisions
    }

    func validate() throws {
        try data.validate(for: source)
    }

    func run() throws {
        let source = try data.source(source)
        let chosen = try ChosenModel(model, registry: data.registry, source: source)
        let evaluation: ModelEvaluation
        switch source {
        case .study(let study):
            evaluation = try ModelEvaluation(
                chosen.stored,
                on: data.data(of: study, telling: format.notes),
                threads: data.threads.count
            )
        case .table(let table):
            evaluation = try ModelEvaluation(chosen.stored, on: table)
        }
        evaluation.rows.warnOfWhatMayBeSeen(format.notes)
        format.notes.warn(evaluation.unseenCategories)
        format.notes.warn(of: chosen)
        let rows =
            switch evaluation.rowsAre {
            case .laterCutoffs: "cutoffs later than its training labels: \(evaluation.cutoffs.joined(separator: ", "))"
            case .heldOut, .heldOutOfSome: "the rows of its training table that were kept back"
            case .otherTable: "all rows of a table other than its training table"
            }
        let predictions = evaluation.rows.predictions[0].predictions
        try MetricsText.print(
            evaluation.metrics,
            figures.estimates(predictions, threads: data.threads.count),
            decisions: figures.decisions(predictions),
            as: format.format,
            title: "\(chosen.name)@\(chosen.version) on \(rows)"
        ) { metrics, figures, decisions in
            Result(
                model: chosen.name.text,
                version: chosen.version,
                rowsAre: evaluation.rowsAre,
                cutoffs: evaluation.cutoffs,
                unseenCategories: evaluation.unseenCategories,
                metrics: metrics,
                figures: figures,
                decisions: decisions
            )
        }
    }
}

/// A model that a reference resolved to.
struct ChosenModel {
    let name: ModelName
    let version: Int
    let stored: StoredModel

    init(_ text: String, registry options: RegistryOptions, source: DataSource) throws {
        var study: Study?
        if case .study(let named) = source { study = named }
        try self.init(text, registry: ModelRegistry(path: options.path(study: study)))
    }

    init(_ text: String, registry: ModelRegistry) throws {
        let reference = try ModelReference(text)
        name = reference.name
        version = try registry.resolve(reference)
        stored = try StoredModel(
            contents: try registry.contents(name, version: version),
            path: "\(registry.path)/\(name)@\(version)"
        )
    }
}
