import ArgumentParser
import ChurnKit

/// How `--model sgd` descends. `--model boosted` takes some of them, too.
struct DescentOptions: ParsableArguments {
    @Option(
        help: """
            How coefficients move: momentum and adam end where held-out rows gain no more, svrg ends at the optimum \
            (default: momentum).
            """
    )
    var method: StochasticDescent.Method?

    @Option(help: "How steps become shorter (default: inverseSquareRoot).")
    var schedule: StochasticDescent.Schedule?

    @Option(
        parsing: .unconditional,
        help:
            "Length of steps, in units of what the data suggest (default: 1); of boosted trees, the share of each (default: 0.1)."
    )
    var learningRate: Double?

    @Option(parsing: .unconditional, help: "Share of the last direction that the next one keeps (default: 0.9).")
    var momentum: Double?

    @Option(parsing: .unconditional, help: "Rows of a mini-batch, rounded up to a multiple of 8 (default: 256).")
    var batch: Int?

    @Option(parsing: .unconditional, help: "Times that the rows are gone through at most (default: 1000).")
    var epochs: Int?

    @Option(
        parsing: .unconditional,
        help: """
            Share of the training rows, of customers where they repeat, whose log loss tells when to stop; 20,480 rows at \
            most and some of each class; 0 to go through all epochs or rounds (default: 0.1).
            """
    )
    var heldOut: Double?

    @Option(
        parsing: .unconditional,
        help: "Looks at the held-out rows without a gain, until it stops (default: 3; rounds of boosted trees: 30)."
    )
    var patience: Int?

    @Flag(inversion: .prefixedNo, help: "Take an average of the points (default: without an L1 penalty).")
    var average: Bool?

    @Option(
        name: .customLong("continue"),
        help: ArgumentHelp(
            "Go on from a model in the registry, with its features and preprocessing: an update with new rows.",
            valueName: "model"
        )
    )
    var parent: String?

    /// The first option that was given, where any was.
    var given: String? {
        let options: [(String, Bool)] = [
            ("--learning-rate", learningRate != nil), ("--held-out", heldOut != nil), ("--patience", patience != nil),
        ]
        return givenForDescents ?? options.first(where: \.1)?.0
    }

    /// The first of those that only stochastic descent takes.
    var givenForDescents: String? {
        let options: [(String, Bool)] = [
            ("--method", method != nil), ("--schedule", schedule != nil), ("--momentum", momentum != nil),
            ("--batch", batch != nil), ("--epochs", epochs != nil), ("--average", average == true),
            ("--no-average", average == false), ("--continue", parent != nil),
        ]
        return options.first(where: \.1)?.0
    }

    func estimator(_ fit: FitOptions, seed: UInt64) throws -> StochasticDescent {
        if let option = fit.givenForExactSolvers {
            throw ValidationError("\(option) belongs to --model logistic.")
        }
        if let method, method != .momentum, momentum != nil {
            throw ValidationError("--momentum belongs to --method momentum.")
        }
        if method != .svrg, fit.tolerance != nil {
            throw ValidationError("--tolerance belongs to --model logistic and --method svrg.")
        }
        let ofHeldOut: [(String, Bool)] = [
            ("--schedule", schedule != nil), ("--held-out", heldOut != nil), ("--patience", patience != nil),
            ("--average", average == true), ("--no-average", average == false),
        ]
        if method == .svrg, let option = ofHeldOut.first(where: \.1)?.0 {
            throw ValidationError("\(option) does not go with --method svrg, which ends at the optimum.")
        }
        return try FitOptions.inTheirWords {
            try StochasticDescent(
                penalty: fit.penalty,
                classWeights: fit.classWeights,
                method: method ?? .momentum,
                schedule: schedule ?? .inverseSquareRoot,
                learningRate: learningRate ?? 1,
                momentum: momentum ?? 0.9,
                batchRows: batch ?? 256,
                averages: average,
                maximumEpochs: epochs ?? 1000,
                heldOutShare: heldOut ?? 0.1,
                patience: patience ?? 3,
                tolerance: fit.tolerance ?? 1e-10,
                seed: seed
            )
        }
    }
}

extension StochasticDescent.Method: ExpressibleByArgument {}
extension StochasticDescent.Schedule: ExpressibleByArgument {}
