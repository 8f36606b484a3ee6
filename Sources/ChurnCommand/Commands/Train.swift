import ArgumentParser
import ChurnKit
import Foundation

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fit a model and put it in the registry.",
        usage: "churn train <source> --name <name> [options]",
        discussion: """
            From a study: trains on earlier cutoffs, tests on the last mature one. From a flat table (one row \
            a customer): trains on a stratified share of the rows, tests on the rest.

            Examples:
              churn train shop/study.yaml --name shop
              churn train table.csv --label Churn --positive Yes --id customerID --name mine
              churn train shop/study.yaml --name shop --model sgd --continue shop
              churn train shop/study.yaml --name lapse --model bgnbd
            """
    )

    @Argument(help: "The study file, or a flat table.")
    var source: String

    @Option(help: "Name of the model in the registry.")
    var name: String

    @OptionGroup var choice: ModelOptions

    @Option(help: "Flat table: share of the rows kept back for testing, 0 to fit on every row (default: 0.2).")
    var testShare: Double?

    @OptionGroup var features: FeatureOptions
    @OptionGroup var data: DataOptions
    @OptionGroup var format: OutputOptions

    private static let defaultTestShare = 0.2

    func validate() throws {
        try data.validate(for: source)
        try features.validate(for: source, choice, data, command: "train")
        try choice.validate(for: source)
        if let testShare {
            if DataSource.isStudy(source) {
                throw ValidationError("--test-share belongs to flat tables; a study names its columns itself.")
            }
            if !(0..<1).contains(testShare) {
                throw ValidationError("--test-share must be at least 0 and less than 1.")
            }
        }
        do {
            _ = try ModelName(name)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    func run() throws {
        let name = try ModelName(name)
        let threads = data.threads.count
        let stored: StoredModel
        switch try data.source(source) {
        case .study(let study):
            let target = try ModelRegistry.openOrCreate(path: data.registry.path(study: study))
            if choice.model == .boosted, data.memory.memory != nil {
                format.notes.warn("--memory bounds the reading, not the boosted trees: they hold all features.")
            }
            let parent = try parent(in: target)
            let options = try choice.options(study: study, parent: parent, threads: threads, telling: format.notes)
            if let baseline = choice.model.baseline {
                let history = try data.data(of: study, telling: format.notes)
                try history.requireMatureCutoff()
                stored = try ModelTraining.train(baseline, on: history, options: options)
            } else {
                let table = try features.table(study, data, parent: parent?.stored, telling: format.notes)
                stored = try ModelTraining.train(on: table, options: options)
            }
            try publish(stored, as: name, in: target)
        case .table(let table):
            let target = try ModelRegistry.openOrCreate(path: data.registry.path())
            let parent = try parent(in: target)
            let options = try choice.options(
                table: table,
                parent: parent,
                testShare: testShare ?? Self.defaultTestShare,
                threads: threads,
                telling: format.notes
            )
            stored = try ModelTraining.train(on: table, plan: choice.plan(of: table, parent: parent), options: options)
            noteHashedColumns(of: stored)
            try publish(stored, as: name, in: target)
        }
        if !stored.model.fitted.certificate.status.isTrustworthy { throw CommandExit.checkFailed }
    }

    /// The model that the fit goes on from.
    private func parent(in registry: ModelRegistry) throws -> ChosenModel? {
        try choice.descent.parent.map { try ChosenModel($0, registry: registry) }
    }

    /// Tells which columns were hashed, since their coefficients name no text.
    private func noteHashedColumns(of stored: StoredModel) {
        guard let hashBits = choice.hashBits, let regression = try? stored.logisticRegression else { return }
        let hashed = regression.preprocessing.encodings.compactMap { encoding -> String? in
            guard case .hashed(let buckets, let used) = encoding.kind else { return nil }
            // What is missing has a column of its own beside them.
            let taken = used.count { $0 < buckets }
            return "the texts of \"\(encoding.column)\" are in \(taken) of \(buckets) buckets"
        }
        format.notes.note(
            hashed.isEmpty
                ? "Nothing was hashed: no column has more than \(1 << hashBits) texts."
                : "Hashed: \(hashed.joined(separator: "; "))."
        )
    }

    private func publish(
        _ stored: StoredModel,
        as name: ModelName,
        in target: ModelRegistry
    ) throws {
        let origin = ModelManifest.Origin(
            createdAt: Date(),
            codeVersion: ChurnKitVersion.current,
            seed: choice.seed,
            threads: data.threads.count,
            coreType: LinearAlgebraLibrary.coreType,
            source: AtomicFile.absolute(source),
            dataFingerprint: stored.training.dataFingerprint,
            studyHash: stored.training.studyHash
        )
        let version = try target.publish(name, contents: stored.contents(), origin: origin)
        let result = TrainingResult(name: name.text, version: version, stored: stored)
        try result.print(format.format)
        let certificate = stored.model.fitted.certificate
        if case .logistic(let pipeline) = stored.model.fitted.content, pipeline.coefficients.isEmpty {
            format.notes.warn("no column is left to predict with: the model is the base rate, beside an offset.")
        }
        if choice.calibrate != nil, let gain = stored.model.calibrationGain, !gain.isGain {
            format.notes.warn(
                "the calibration shows no gain for customers who are left out. --calibrate none does without."
            )
        }
        for warning in certificate.warnings { format.notes.warn("\(warning)") }
        var ancestor = stored.training.parent
        while let name = ancestor, let earlier = try? ChosenModel(name, registry: target).stored.training {
            if stored.training.mayBeTestedOnRows(seenBy: earlier) {
                format.notes.warn("\(name) may have been trained on rows of this test, whose figures flatter then.")
                break
            }
            ancestor = earlier.parent
        }
        if stored.training.metrics.test == nil {
            format.notes.warn("no rows were kept back, so nothing tells how the model does on new ones.")
        }
        format.note("Written: \(target.path)/\(name)/versions, version \(version).")
        guard certificate.status.isTrustworthy else {
            format.note("It cannot be promoted, because its fit has not converged.")
            return
        }
        format.note("Next: churn models promote \(name)@\(version)\(RegistryOptions.option(for: target.path))")
    }
}
