import ArgumentParser
import ChurnKit

/// How `--model boosted` grows trees, beside `--l2`, `--l1`, `--learning-rate`, `--held-out` and `--patience`.
struct BoostingOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: "Trees at most (default: 1000).")
    var rounds: Int?

    @Option(parsing: .unconditional, help: "Levels of splits of a tree (default: 4).")
    var maxDepth: Int?

    @Option(parsing: .unconditional, help: "Least sum of second derivatives in a leaf (default: 1).")
    var minChildWeight: Double?

    @Option(parsing: .unconditional, help: "By how much a split must lower the loss (default: 0).")
    var minGain: Double?

    @Option(parsing: .unconditional, help: "Share of the rows that a tree sees (default: 1).")
    var rowShare: Double?

    @Option(parsing: .unconditional, help: "Share of the columns that a tree sees (default: 1).")
    var columnShare: Double?

    @Option(parsing: .unconditional, help: "Bins of a column (default: 256).")
    var bins: Int?

    @Option(
        help: ArgumentHelp(
            "More of a predictor may only mean more churn (1) or less (-1); can be given more than once.",
            valueName: "predictor=sign"
        )
    )
    var monotone: [String] = []

    @Option(
        parsing: .unconditional,
        help: "Threads that grow trees (default: 1). The trees depend on it a little."
    )
    var growingThreads: Int?

    /// The first option that was given, where any was.
    var given: String? {
        let options: [(String, Bool)] = [
            ("--rounds", rounds != nil), ("--max-depth", maxDepth != nil),
            ("--min-child-weight", minChildWeight != nil),
            ("--min-gain", minGain != nil), ("--row-share", rowShare != nil), ("--column-share", columnShare != nil),
            ("--bins", bins != nil), ("--monotone", !monotone.isEmpty), ("--growing-threads", growingThreads != nil),
        ]
        return options.first(where: \.1)?.0
    }

    func estimator(_ fit: FitOptions, _ descent: DescentOptions, seed: UInt64) throws -> BoostedTrees {
        if let option = fit.givenForRegressions ?? descent.givenForDescents {
            throw ValidationError("\(option) does not belong to --model boosted.")
        }
        var signs: [String: Int] = [:]
        for text in monotone {
            let (name, sign) = try FitOptions.parts(of: text, option: "--monotone", example: "recency=1")
            guard let number = Int(sign) else { throw ValidationError("--monotone \(text): the sign must be 1 or -1.") }
            if signs.updateValue(number, forKey: name) != nil {
                throw ValidationError("--monotone names \(name) twice.")
            }
        }
        return try FitOptions.inTheirWords {
            try BoostedTrees(
                rounds: rounds ?? 1000,
                learningRate: descent.learningRate ?? 0.1,
                maximumDepth: maxDepth ?? 4,
                minimumChildWeight: minChildWeight ?? 1,
                l2: fit.l2 ?? 1,
                l1: fit.l1 ?? 0,
                minimumGain: minGain ?? 0,
                rowShare: rowShare ?? 1,
                columnShare: columnShare ?? 1,
                bins: bins ?? 256,
                monotone: signs,
                heldOutShare: descent.heldOut ?? 0.1,
                patience: descent.patience ?? 30,
                seed: seed,
                growingThreads: growingThreads ?? 1
            )
        }
    }
}
