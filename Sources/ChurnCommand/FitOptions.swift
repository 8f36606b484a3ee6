import ArgumentParser
import ChurnKit

/// How a logistic regression is fitted: the penalty in the words of one of three peers, and how the optimum is found.
struct FitOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: "Strength of the L2 penalty against the sum of losses (default: 1 where no penalty is named; 0 for none)."
    )
    var l2: Double?

    @Option(parsing: .unconditional, help: "Strength of the L1 penalty against the sum of losses.")
    var l1: Double?

    @Option(
        name: .customLong("c"),
        parsing: .unconditional,
        help: "The penalty as scikit-learn has it: L2 of strength 1/C."
    )
    var inverseStrength: Double?

    @Option(parsing: .unconditional, help: "With --c: the share of L1 in the penalty, from 0 to 1.")
    var l1Ratio: Double?

    @Option(parsing: .unconditional, help: "The penalty as glmnet has it, against the mean loss.")
    var lambda: Double?

    @Option(parsing: .unconditional, help: "With --lambda: the share of L1 in the penalty, from 0 to 1 (default: 1).")
    var alpha: Double?

    @Flag(help: "Penalise the intercept as well, as LIBLINEAR does.")
    var penaliseIntercept = false

    @Option(
        help: ArgumentHelp(
            "How much of the penalty a predictor bears, 0 for none; can be given more than once.",
            valueName: "predictor=factor"
        )
    )
    var penaltyFactor: [String] = []

    @Flag(help: "Firth's penalised likelihood: finite coefficients where predictors separate the classes.")
    var firth = false

    @Option(
        help: ArgumentHelp(
            "Weights of the classes: balanced, or two numbers for churned and retained rows. The intercept is put right"
                + " afterwards.",
            valueName: "balanced|a:b"
        )
    )
    var classWeight: String?

    @Option(help: "How --model logistic finds the optimum; all find the same (default: automatic).")
    var solver: LogisticRegression.Solver?

    @Option(parsing: .unconditional, help: "The gradient at which the fit is done, per row (default: 1e-10).")
    var tolerance: Double?

    @Option(parsing: .unconditional, help: "Iterations after which the fit has not converged (default: 1000).")
    var maxIterations: Int?

    /// The estimator that was asked for.
    var estimator: LogisticRegression {
        get throws {
            try Self.inTheirWords {
                try LogisticRegression(
                    penalty: penalty,
                    solver: solver ?? .automatic,
                    classWeights: classWeights,
                    usesFirth: firth,
                    tolerance: tolerance ?? 1e-10,
                    maximumIterations: maxIterations ?? 1000
                )
            }
        }
    }

    /// The first option that was given which only exact solvers have.
    var givenForExactSolvers: String? {
        let options: [(String, Bool)] = [
            ("--solver", solver != nil), ("--max-iterations", maxIterations != nil), ("--firth", firth),
        ]
        return options.first(where: \.1)?.0
    }

    /// The first option that was given.
    var given: String? { l2 != nil ? "--l2" : l1 != nil ? "--l1" : givenForRegressions }

    /// The first of those that only regressions take.
    var givenForRegressions: String? {
        let options: [(String, Bool)] = [
            ("--c", inverseStrength != nil), ("--l1-ratio", l1Ratio != nil),
            ("--lambda", lambda != nil), ("--alpha", alpha != nil), ("--penalise-intercept", penaliseIntercept),
            ("--penalty-factor", !penaltyFactor.isEmpty), ("--class-weight", classWeight != nil),
            ("--tolerance", tolerance != nil),
        ]
        return options.first(where: \.1)?.0 ?? givenForExactSolvers
    }

    /// An estimator, or what is wrong with it in the words of the options.
    static func inTheirWords<Estimator>(_ make: () throws -> Estimator) throws -> Estimator {
        do {
            return try make()
        } catch let error as ModelError {
            throw ValidationError("\(words(error)).")
        }
    }

    /// An error in the words of the options.
    private static func words(_ error: ModelError) -> String {
        guard case .invalidHyperparameter(let name, let value, let allowed) = error else { return "\(error)" }
        let option = options[name] ?? name
        return "\(ModelError.invalidHyperparameter(name: "--\(option)", value: value, allowed: allowed))"
    }

    /// Of hyperparameters that are not called as their options.
    private static let options = [
        "C": "c", "l1Ratio": "l1-ratio", "maximumIterations": "max-iterations", "learningRate": "learning-rate",
        "batchRows": "batch", "maximumEpochs": "epochs", "heldOutShare": "held-out", "maximumDepth": "max-depth",
        "minimumChildWeight": "min-child-weight", "minimumGain": "min-gain", "rowShare": "row-share",
        "columnShare": "column-share", "growingThreads": "growing-threads",
    ]

    var penalty: Penalty {
        get throws {
            let ways = [l1 != nil || l2 != nil, inverseStrength != nil, lambda != nil]
            guard ways.count(where: \.self) <= 1 else {
                throw ValidationError("Name the penalty in one way: --l1 and --l2, or --c, or --lambda.")
            }
            if l1Ratio != nil, inverseStrength == nil { throw ValidationError("--l1-ratio belongs to --c.") }
            if alpha != nil, lambda == nil { throw ValidationError("--alpha belongs to --lambda.") }
            let plain: Penalty
            if let inverseStrength {
                plain = try .scikitLearn(c: inverseStrength, l1Ratio: l1Ratio ?? 0)
            } else if let lambda {
                plain = try .glmnet(lambda: lambda, alpha: alpha ?? 1)
            } else if firth, l1 == nil, l2 == nil {
                plain = .none
            } else {
                plain = try Penalty(l1: l1 ?? 0, l2: l2 ?? (l1 == nil ? 1 : 0))
            }
            if firth, l1 != nil || penaliseIntercept || !penaltyFactor.isEmpty {
                throw ValidationError("--firth is a penalty of its own and goes with no other option of a penalty.")
            }
            if plain.isNone, penaliseIntercept || !penaltyFactor.isEmpty {
                throw ValidationError(
                    "Without a penalty there is nothing for --penalise-intercept or --penalty-factor."
                )
            }
            guard penaliseIntercept else { return plain }
            return try Penalty(l1: plain.l1, l2: plain.l2, scale: plain.scale, penalisesIntercept: true)
        }
    }

    var classWeights: ClassWeights {
        get throws {
            guard let classWeight else { return .none }
            if classWeight == "balanced" { return .balanced }
            let numbers = classWeight.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
            guard numbers.count == 2, numbers.allSatisfy({ $0 > 0 && $0.isFinite }) else {
                throw ValidationError("--class-weight must be balanced, or two positive numbers such as 3:1.")
            }
            return .fixed(positive: numbers[0], negative: numbers[1])
        }
    }

    /// By predictor.
    var penaltyFactors: [String: Double] {
        get throws {
            var factors: [String: Double] = [:]
            for text in penaltyFactor {
                let (name, value) = try Self.parts(of: text, option: "--penalty-factor", example: "recency=0")
                guard let factor = Double(value), factor >= 0, factor.isFinite else {
                    throw ValidationError("--penalty-factor \(text): the factor must be a number of at least 0.")
                }
                if factors.updateValue(factor, forKey: name) != nil {
                    throw ValidationError("--penalty-factor names \(name) twice.")
                }
            }
            return factors
        }
    }

    /// The parts before and behind the last `=` of an option's value.
    static func parts(of text: String, option: String, example: String) throws -> (name: String, value: String) {
        guard let sign = text.lastIndex(of: "="), sign > text.startIndex else {
            throw ValidationError("\(option) \(text) must look like \(example).")
        }
        return (String(text[..<sign]), String(text[text.index(after: sign)...]))
    }
}

extension LogisticRegression.Solver: ExpressibleByArgument {}

/// How `--calibrate` is answered.
enum CalibrationChoice: String, ExpressibleByArgument, CaseIterable {
    case platt, isotonic, beta, none

    var method: Calibration.Method? { Calibration.Method(rawValue: rawValue) }
}
