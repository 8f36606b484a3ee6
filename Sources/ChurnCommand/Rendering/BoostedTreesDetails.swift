import ChurnKit

/// What boosted trees were grown with, and which predictors they ask.
struct BoostedTreesDetails: ModelDetails {
    let features: Int
    let rounds: Int
    let settings: BoostedTrees
    let importances: [FittedBoostedTrees.Importance]
    let logLikelihood: Double

    private static let shown = 30

    init(_ model: FittedBoostedTrees) {
        features = model.inputs.count
        rounds = model.treeCount
        settings = model.settings
        importances = model.importances
        logLikelihood = model.logLikelihood
    }

    var size: String { features == 1 ? "1 feature" : "\(features) features" }

    var title: String {
        "boosted trees (XGBoost): \(rounds == 1 ? "1 round" : "\(rounds) rounds") of at most \(settings.maximumDepth) levels, learning rate"
            + " \(NumberText.significant(settings.learningRate))"
            + (settings.monotone.isEmpty
                ? ""
                : "; monotone: "
                    + settings.monotone.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(
                        separator: ", "
                    ))
    }

    var table: String {
        var table = TextTable(headers: ["predictor", "gain", "splits"])
        let used = importances.filter { $0.splits > 0 }
        for importance in used.prefix(Self.shown) {
            table.append([
                importance.predictor, NumberText.significant(importance.gain), NumberText.count(importance.splits),
            ])
        }
        return table.text
    }

    var remarks: [String] {
        let used = importances.count { $0.splits > 0 }
        let unused = "\(NumberText.count(features - used)) of \(NumberText.count(features)) predictors in no split"
        return used > Self.shown ? ["and \(NumberText.count(used - Self.shown)) more; \(unused)"] : [unused]
    }

    var end: String {
        "\(rounds == 1 ? "1 round" : "\(rounds) rounds"), log-likelihood \(NumberText.decimals(logLikelihood, 6))"
    }

    var csv: (header: [String], rows: [[ResultPrinter.Cell]]) {
        (
            ["name", "gain", "splits"],
            importances.map { [.text($0.predictor), .number($0.gain), .number(Double($0.splits))] }
        )
    }
}
