import ArgumentParser
import ChurnKit
import Foundation

/// Our side of `script/bench validation`.
@main
struct ValidationBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validation-benchmark",
        subcommands: [Folds.self, Area.self]
    )
}

/// Seconds of a piece of work.
private func seconds<Result>(_ work: () throws -> Result) rethrows -> (Double, Result) {
    let start = ContinuousClock.now
    let result = try work()
    let passed = (ContinuousClock.now - start).components
    return (Double(passed.seconds) + Double(passed.attoseconds) * 1e-18, result)
}

/// One fit and five-fold validation of the same rows, alternately.
struct Folds: ParsableCommand {
    @Option var rows = 1_000_000
    @Option var features = 64
    @Option var folds = 5
    @Option var runs = 5
    @Option var l2 = 1.0
    @Option var seed: UInt64 = 1
    @Option var threads = Parallel.availableThreads

    func run() throws {
        let given = try table()
        let specification = FittedPipeline.Specification(estimator: try LogisticRegression(l2Strength: l2))
        let options = TrainingOptions(specification, seed: seed, threads: threads)
                for _ in 0..<runs {
            let (fit, model) = try seconds { try specification.fit(given, threads: threads) }
            let (validation, result) = try seconds {
                let rows = try ValidationRows(given, folds: folds, seed: seed, threads: threads)
                return try CrossValidation(.init(options), on: rows)
            }
            let line = [
                "fit": fit, "validation": validation, "auc": result.value(of: .auc) ?? .nan,
                "iterations": Double(model.certificate.iterations),
            ]
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            FileHandle.standardOutput.write(try encoder.encode(line) + Data("\n".utf8))
        }
    }

    /// Columns with a common part, and labels of a logistic model.
    private func table() throws -> TrainingRows {
        let (count, width, seed, threads) = (rows, features, seed, threads)
        let common = Parallel.map(count, threads: threads) { row in
            var stream = RandomStream(seed: seed, purpose: "common part", index: UInt64(row))
            return stream.normal()
        }
        let columns = Parallel.map(width, threads: threads) { column in
            var stream = RandomStream(seed: seed, purpose: "column", index: UInt64(column))
            return (0..<count).map { 0.5 * common[$0] + stream.normal() }
        }
        var stream = RandomStream(seed: seed, purpose: "coefficients")
        let coefficients = (0..<width).map { _ in 0.3 * stream.normal() }
        let labels = Parallel.map(count, threads: threads) { row in
            var stream = RandomStream(seed: seed, purpose: "label", index: UInt64(row))
            let logOdds = (0..<width).reduce(-1.5) { $0 + coefficients[$1] * columns[$1][row] }
            return stream.bernoulli(StableFunctions.sigmoid(logOdds))
        }
        let predictors = columns.enumerated().map { number, values in
            PredictorColumn(name: "x\(number)", values: .numeric(.init(values)))
        }
        return TrainingRows(table: try PredictorTable(rowCount: count, columns: predictors), labels: labels)
    }
}

/// AUC with its variance, of scores (64-bit floating point) and labels (bytes) in files.
struct Area: ParsableCommand {
    @Option var scores: String
    @Option var labels: String

    func run() throws {
        let scores = try Data(contentsOf: URL(fileURLWithPath: scores)).withUnsafeBytes {
            $0.bindMemory(to: Double.self).map(\.self)
        }
        let labels = try [UInt8](Data(contentsOf: URL(fileURLWithPath: labels)))
        let (time, estimate) = try seconds { try DeLong.estimate(Predictions(labels: labels, scores: scores)) }
        let line = ["seconds": time, "auc": estimate.auc, "standardError": estimate.standardError]
        FileHandle.standardOutput.write(try JSONEncoder().encode(line) + Data("\n".utf8))
    }
}
