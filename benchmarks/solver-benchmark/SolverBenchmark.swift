import ArgumentParser
import ChurnModels
import ChurnNumerics
import Foundation

/// Our side of `script/bench solvers`: fits, paths and scores of a table, each timed apart from its loading.
@main
struct SolverBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "solver-benchmark",
        subcommands: [Fit.self, Descend.self, Boost.self, Path.self, Score.self]
    )
}

struct Common: ParsableArguments {
    @Option var data: String
    @Option var label = ""
    @Option var threads = Parallel.availableThreads
    @Option(name: .customLong("repeat")) var repetitions = 1

    func load() throws -> (table: Table, seconds: Double) {
        let stopwatch = Stopwatch()
        let table = try Table(path: data, label: label)
        return (table, stopwatch.seconds.wall)
    }
}

/// Seconds of the clock and of all processors together.
struct Stopwatch {
    private let wall = ContinuousClock.now
    private let processor = Stopwatch.processorSeconds

    var seconds: (wall: Double, processor: Double) {
        let passed = ContinuousClock.now - wall
        let attoseconds = Double(passed.components.attoseconds) * 1e-18
        return (Double(passed.components.seconds) + attoseconds, Self.processorSeconds - processor)
    }

    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

func printLine(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    FileHandle.standardOutput.write(try encoder.encode(value) + Data("\n".utf8))
}

struct Fit: ParsableCommand {
    @OptionGroup var common: Common
    @Option var l1 = 0.0
    @Option var l2 = 0.0
    @Option var scale = "sum"
    @Option var solver = "automatic"
    @Option var tolerance = 1e-10
    @Flag var infer = false
    /// The whole pipeline: encoding, z-scores, rank check.
    @Flag var pipeline = false

    func run() throws {
        let estimator = try LogisticRegression(
            penalty: Penalty(l1: l1, l2: l2, scale: Penalty.Scale(rawValue: scale) ?? .sum),
            solver: LogisticRegression.Solver(rawValue: solver) ?? .automatic,
            tolerance: tolerance,
            infers: infer
        )
        for _ in 0..<common.repetitions {
            let (table, loadSeconds) = try common.load()
            let fitting = Stopwatch()
            let model: FittedLogisticRegression
            if pipeline {
                model = try FittedPipeline.fit(
                    table.predictors,
                    labels: table.labels,
                    .init(estimator: estimator),
                    threads: common.threads
                ).model
            } else {
                let data = try table.trainingData(threads: common.threads)
                model = try estimator.fit(data, threads: common.threads)
            }
            try printLine(FitLine(model, loadSeconds: loadSeconds, fitting.seconds))
        }
    }
}

/// What is told of a fit.
struct FitLine: Encodable {
    let loadSeconds: Double
    let fitSeconds: Double
    let processorSeconds: Double
    let status: String
    let iterations: Int
    let gradientNorm: Double
    let logLikelihood: Double
    let coefficients: [Double]

    init(
        _ model: FittedLogisticRegression,
        loadSeconds: Double,
        _ seconds: (wall: Double, processor: Double)
    ) {
        self.loadSeconds = loadSeconds
        fitSeconds = seconds.wall
        processorSeconds = seconds.processor
        status = model.certificate.status.rawValue
        iterations = model.certificate.iterations
        gradientNorm = model.certificate.gradientNorm
        logLikelihood = model.logLikelihood
        coefficients = [model.intercept] + model.coefficients
    }
}

struct Descend: ParsableCommand {
    @OptionGroup var common: Common
    @Option var l1 = 0.0
    @Option var l2 = 0.0
    @Option var method = StochasticDescent.Method.momentum
    @Option var schedule = StochasticDescent.Schedule.inverseSquareRoot
    @Option var learningRate = 1.0
    @Option var batch = 256
    @Option var epochs = 1000
    @Option var heldOut = 0.1
    @Option var tolerance = 1e-10
    @Option var seed: UInt64 = 1

    func run() throws {
        let estimator = try StochasticDescent(
            penalty: Penalty(l1: l1, l2: l2),
            method: method,
            schedule: schedule,
            learningRate: learningRate,
            batchRows: batch,
            maximumEpochs: epochs,
            heldOutShare: heldOut,
            tolerance: tolerance,
            seed: seed
        )
        for _ in 0..<common.repetitions {
            let (table, loadSeconds) = try common.load()
            let fitting = Stopwatch()
            let model = try estimator.fit(table.trainingData(threads: common.threads), threads: common.threads)
            try printLine(FitLine(model, loadSeconds: loadSeconds, fitting.seconds))
        }
    }
}

struct Boost: ParsableCommand {
    @OptionGroup var common: Common
    @Option(help: "Rows that are not trained on.") var heldOut: String
    @Option var rounds = 100
    @Option var learningRate = 0.1
    @Option var maxDepth = 6

    private struct Line: Encodable {
        let loadSeconds: Double
        let fitSeconds: Double
        let processorSeconds: Double
        let iterations: Int
        let heldOutLoss: Double
    }

    func run() throws {
        let estimator = try BoostedTrees(
            rounds: rounds,
            learningRate: learningRate,
            maximumDepth: maxDepth,
            heldOutShare: 0,
            growingThreads: common.threads
        )
        let unseen = try Table(path: heldOut, label: common.label)
        for _ in 0..<common.repetitions {
            let (table, loadSeconds) = try common.load()
            let fitting = Stopwatch()
            let rows = TrainingRows(table: try table.predictors, labels: table.labels)
            let model = try estimator.fit(rows, threads: common.threads)
            let fitted = fitting.seconds
            let odds = try model.linearPredictor(unseen.predictors, offsets: nil, threads: common.threads)
            let losses = zip(odds, unseen.labels).map { StableFunctions.softplus($1 ? -$0 : $0) }
            try printLine(
                Line(
                    loadSeconds: loadSeconds,
                    fitSeconds: fitted.wall,
                    processorSeconds: fitted.processor,
                    iterations: rounds,
                    heldOutLoss: losses.reduce(0, +) / Double(losses.count)
                )
            )
        }
    }
}

extension StochasticDescent.Method: ExpressibleByArgument {}
extension StochasticDescent.Schedule: ExpressibleByArgument {}

struct Path: ParsableCommand {
    @OptionGroup var common: Common
    @Option var alpha = 1.0
    @Option var count = 100
    @Option var ratio = 1e-3
    @Flag(name: .customLong("no-intercept")) var leavesInterceptOut = false
    @Option var tolerance = 1e-8

    private struct Line: Encodable {
        let loadSeconds: Double
        let fitSeconds: Double
        let processorSeconds: Double
        let status: String
        let iterations: Int
        let lambdas: [Double]
        let residuals: [Double]
        let coefficients: [[Double]]
    }

    func run() throws {
        let estimator = try LogisticPath(
            alpha: alpha,
            count: count,
            smallestRatio: ratio,
            fitsIntercept: !leavesInterceptOut,
            tolerance: tolerance
        )
        for _ in 0..<common.repetitions {
            let (table, loadSeconds) = try common.load()
            let fitting = Stopwatch()
            let data = try table.trainingData(threads: common.threads)
            let points = try estimator.fit(data, threads: common.threads)
            let fitted = fitting.seconds
            try printLine(
                Line(
                    loadSeconds: loadSeconds,
                    fitSeconds: fitted.wall,
                    processorSeconds: fitted.processor,
                    status: points.last?.status.rawValue ?? "",
                    iterations: points.reduce(0) { $0 + $1.iterations },
                    lambdas: points.map(\.lambda),
                    residuals: points.map(\.residual),
                    coefficients: points.map { [$0.intercept] + $0.coefficients }
                )
            )
        }
    }
}

struct Score: ParsableCommand {
    @OptionGroup var common: Common
    @Option(help: "A JSON file with `coefficients`, the intercept first.") var coefficients: String
    @Flag var reasons = false

    /// The intercept, then one number a column.
    private struct Model: Decodable {
        let coefficients: [Double]
    }

    private struct Line: Encodable {
        let loadSeconds: Double
        let scoreSeconds: Double
        let processorSeconds: Double
        let sum: Double
        let reasonSum: Double
    }

    func run() throws {
        let numbers = try JSONDecoder().decode(
            Model.self,
            from: Data(contentsOf: URL(filePath: coefficients))
        ).coefficients
        for _ in 0..<common.repetitions {
            let (table, loadSeconds) = try common.load()
            let pipeline = try FittedPipeline(
                rawColumns: table.names,
                intercept: numbers.first ?? 0,
                coefficients: Array(numbers.dropFirst())
            )
            let predictors = try table.predictors
            let scoring = Stopwatch()
            var reasonSum = 0.0
            let probabilities: [Double]
            if reasons {
                let explained = try pipeline.explainedProbabilities(predictors, reasons: 3, threads: common.threads)
                probabilities = explained.probabilities
                reasonSum = explained.reasons.ofRow(table.design.rowCount / 2).reduce(0) { $0 + $1.contribution }
            } else {
                probabilities = try pipeline.probabilities(predictors, threads: common.threads)
            }
            let scored = scoring.seconds
            try printLine(
                Line(
                    loadSeconds: loadSeconds,
                    scoreSeconds: scored.wall,
                    processorSeconds: scored.processor,
                    sum: probabilities.reduce(0, +),
                    reasonSum: reasonSum
                )
            )
        }
    }
}
