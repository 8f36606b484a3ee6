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

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case logistic, sgd, boosted, recency, rfm, bgnbd, mbgnbd, paretonbd

        /// What others must beat; `nil` for those that take all features.
        var baseline: Baseline? { Baseline(rawValue: rawValue) }
    }

    @Argument(help: "The study file, or a flat table.")
    var source: String

    @Option(
        help: """
            Kind of model: logistic, a logistic regression by exact solvers; sgd, the same by stochastic descent, for very many \
            rows; boosted, boosted trees; recency or rfm, that feature or those scores alone; bgnbd, mbgnbd or paretonbd, which tell from purchases \
            whether a customer is lost.
            """
    )
    var model = Kind.logistic

    @Option(help: "Name of the model in the registry.")
    var name: String

    @Option(help: ArgumentHelp("Use this feature table and do not compute it.", valueName: "features"))
    var from: String?

    @OptionGroup(title: "Fit") var fit: FitOptions

    @OptionGroup(title: "Fit by --model sgd") var descent: DescentOptions

    @OptionGroup(title: "Fit by --model boosted") var boosting: BoostingOptions

    @Option(
        help: ArgumentHelp(
            "How probabilities are calibrated, on customers that the model did not see: platt, isotonic, beta or none (default:"
                + " platt for bgnbd, mbgnbd and paretonbd, which see no labels, else none).",
            valueName: "method"
        )
    )
    var calibrate: CalibrationChoice?

    @Option(help: "What stands in for missing numbers (default: mean).")
    var impute: Imputation?

    @Option(help: ArgumentHelp("Flat table: the label's column.", valueName: "column"))
    var label: String?

    @Option(help: ArgumentHelp("Flat table: the label that means churn (default: 1 or true).", valueName: "value"))
    var positive: String?

    @Option(help: ArgumentHelp("Flat table: the column that names the customer.", valueName: "column"))
    var id: String?

    @Option(help: ArgumentHelp("Flat table: the column with the rows' weights.", valueName: "column"))
    var weight: String?

    @Option(
        help: ArgumentHelp("Flat table: the column that is added to the log-odds, not fitted.", valueName: "column")
    )
    var offset: String?

    @Option(
        help: ArgumentHelp(
            "Flat table: bend this column by a spline of so many knots (3 to 7); can be given more than once.",
            valueName: "column=knots"
        )
    )
    var spline: [String] = []

    @Option(
        help: ArgumentHelp(
            "Flat table: add the product of two columns; can be given more than once.",
            valueName: "column:column"
        )
    )
    var interaction: [String] = []

    @Option(
        help: ArgumentHelp("Flat table: the columns to use, with commas between (default: all).", valueName: "a,b,…")
    )
    var columns: String?

    @Option(help: ArgumentHelp("Flat table: columns to leave out, with commas between.", valueName: "a,b,…"))
    var exclude: String?

    @Option(
        help: ArgumentHelp(
            "Flat table: columns whose numbers are names, such as postcodes, with commas between.",
            valueName: "a,b,…"
        )
    )
    var categorical: String?

    @Option(
        help: ArgumentHelp(
            "Flat table: hash the texts of columns with more than 2 to their power of them, such as products (1 to 12).",
            valueName: "bits"
        )
    )
    var hashBits: Int?

    @Option(help: "Flat table: share of the rows kept back for testing, 0 to fit on every row (default: 0.2).")
    var testShare: Double?

    @Option(help: "Seed of the flat table's split, of --model sgd and boosted, and of --calibrate.")
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "Train although this predictor alone tells the label almost perfectly; can be given more than once.",
            valueName: "predictor"
        )
    )
    var allowLeak: [String] = []

    @OptionGroup var dialect: DialectOptions
    @OptionGroup var registry: RegistryOptions
    @OptionGroup var rejects: RejectsOptions
    @OptionGroup var index: IndexOptions
    @OptionGroup var memory: MemoryOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var format: OutputOptions

    private static let defaultTestShare = 0.2

    func validate() throws {
        let tableOnly: [(String, Bool)] = [
            ("--label", label != nil), ("--positive", positive != nil), ("--id", id != nil),
            ("--weight", weight != nil), ("--columns", columns != nil), ("--exclude", exclude != nil),
            ("--offset", offset != nil), ("--categorical", categorical != nil), ("--test-share", testShare != nil),
            ("--hash-bits", hashBits != nil),
        ]
        try rejects.validate(for: source)
        try dialect.validate(for: source)
        if from != nil, rejects.rejects != nil {
            throw ValidationError("--rejects belongs to reading the data, which --from does not.")
        }
        if source.hasSuffix(".arrow") {
            throw ValidationError("A table of features goes with its study: churn train STUDY --from \(source).")
        }
        try validateMemory()
        if DataSource.isStudy(source) {
            if let given = tableOnly.first(where: \.1) {
                throw ValidationError("\(given.0) belongs to flat tables; a study names its columns itself.")
            }
            if !spline.isEmpty || !interaction.isEmpty {
                throw ValidationError("--spline and --interaction belong to flat tables; a study has `terms`.")
            }
        } else {
            if label == nil, descent.parent == nil {
                throw ValidationError("A flat table needs --label COLUMN; the name of a study ends in .yaml.")
            }
            if from != nil { throw ValidationError("--from belongs to studies.") }
        }
        let roles = [("--label", label), ("--id", id), ("--weight", weight), ("--offset", offset)]
        for (number, first) in roles.enumerated() where first.1 != nil {
            if let second = roles[(number + 1)...].first(where: { $0.1 == first.1 }) {
                throw ValidationError("\(first.0) and \(second.0) name the same column, \(first.1 ?? "").")
            }
        }
        let special = roles.compactMap(\.1)
        if let misplaced = columns?.split(separator: ",").map(String.init).first(where: special.contains) {
            throw ValidationError("--columns names \(misplaced), which is the label, the id, the weight or the offset.")
        }
        if let testShare, !(0..<1).contains(testShare) {
            throw ValidationError("--test-share must be at least 0 and less than 1.")
        }
        try validateBaseline()
        if descent.parent != nil, calibrate?.method != nil {
            throw ValidationError(
                "--calibrate does not go with --continue: the model has seen rows that it would be calibrated on."
            )
        }
        _ = try estimator(parent: nil, terms: .none)
        if model == .boosted, let option = givenForPreprocessing {
            throw ValidationError("\(option) does not belong to --model boosted.")
        }
        let kept: [(String, Bool)] = [
            ("--impute", impute != nil), ("--hash-bits", hashBits != nil), ("--spline", !spline.isEmpty),
            ("--interaction", !interaction.isEmpty), ("--columns", columns != nil), ("--exclude", exclude != nil),
            ("--categorical", categorical != nil),
        ]
        if descent.parent != nil, let option = kept.first(where: \.1)?.0 {
            throw ValidationError("--continue keeps the model's predictors and preprocessing: no \(option).")
        }
        if let hashBits, !(1...12).contains(hashBits) { throw ValidationError("--hash-bits must be from 1 to 12.") }
        _ = try fit.penaltyFactors
        _ = try terms
        do {
            _ = try ModelName(name)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    func run() throws {
        let name = try ModelName(name)
        let stored: StoredModel
        switch try DataSource(path: source, dialect: dialect.dialect) {
        case .study(let study):
            let target = try ModelRegistry.openOrCreate(path: registry.path(study: study))
            let takesTerms = model.baseline == nil && model != .boosted
            if !takesTerms, !study.terms.isEmpty {
                format.notes.warn("--model \(model.rawValue) takes no terms: those of the study are left out.")
            }
            if model == .boosted, memory.memory != nil {
                format.notes.warn("--memory bounds the reading, not the boosted trees: they hold all features.")
            }
            let options = try options(takesTerms ? Terms(study.terms) : .none, [], in: target)
            if let baseline = model.baseline {
                stored = try ModelTraining.train(baseline, on: history(of: study), options: options)
            } else {
                stored = try ModelTraining.train(on: featureTable(study, options.parent?.model), options: options)
            }
            try publish(stored, as: name, in: target)
        case .table(let table):
            let target = try ModelRegistry.openOrCreate(path: registry.path())
            let options = try options(terms, Set(columnNames(categorical, of: table) ?? []), in: target)
            let plan = try options.parent.map { try knownPlan(of: $0.model, $0.name) } ?? tablePlan(table)
            stored = try ModelTraining.train(on: table, plan: plan, options: options)
            noteHashedColumns(of: stored)
            try publish(stored, as: name, in: target)
        }
        if !stored.model.fitted.certificate.status.isTrustworthy { throw CommandExit.checkFailed }
    }

    /// Tells which columns were hashed, since their coefficients name no text.
    private func noteHashedColumns(of stored: StoredModel) {
        guard let hashBits, let regression = try? stored.logisticRegression else { return }
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

    /// What trees have no use for.
    private var givenForPreprocessing: String? {
        let options: [(String, Bool)] = [
            ("--impute", impute != nil), ("--hash-bits", hashBits != nil), ("--spline", !spline.isEmpty),
            ("--interaction", !interaction.isEmpty),
        ]
        return options.first(where: \.1)?.0
    }

    /// What fits the model; of buy-till-you-die models, which take other data, nothing that is used.
    private func estimator(parent: FittedPipeline?, terms: Terms) throws -> any ModelEstimator {
        if model == .boosted { return try boosting.estimator(fit, descent, seed: seed) }
        if let option = boosting.given { throw ValidationError("\(option) belongs to --model boosted.") }
        return FittedPipeline.Specification(
            estimator: try regression,
            imputation: impute ?? .mean,
            terms: terms,
            hashBits: hashBits,
            penaltyFactors: try fit.penaltyFactors,
            parent: parent
        )
    }

    /// What fits a logistic regression.
    private var regression: any LogisticEstimator {
        get throws {
            switch model {
            case .sgd: return try descent.estimator(fit, seed: seed)
            case .logistic, .boosted, .recency, .rfm, .bgnbd, .mbgnbd, .paretonbd:
                if let option = descent.given {
                    let owners = descent.givenForDescents == nil ? "sgd and boosted" : "sgd"
                    throw ValidationError("\(option) belongs to --model \(owners).")
                }
                return try fit.estimator
            }
        }
    }

    private func options(
        _ terms: Terms,
        _ categorical: Set<String>,
        in registry: ModelRegistry
    ) throws -> TrainingOptions {
        let parent = try descent.parent.map { try ChosenModel($0, registry: registry) }
        if let parent, parent.stored.model.calibration != nil {
            format.notes.warn("\(parent.name)@\(parent.version) is calibrated, and its update is not.")
        }
        return TrainingOptions(
            try estimator(parent: parent.map { try $0.stored.logisticRegression }, terms: terms),
            calibration: calibrationMethod,
            parent: parent.map { ("\($0.name)@\($0.version)", $0.stored) },
            testShare: testShare ?? Self.defaultTestShare,
            seed: seed,
            categorical: categorical,
            allowedLeaks: Set(allowLeak),
            threads: threads.count
        )
    }

    /// The bends and products that were asked for.
    private var terms: Terms {
        get throws {
            var terms = Terms()
            for text in spline {
                let (name, knots) = try FitOptions.parts(of: text, option: "--spline", example: "tenure=4")
                guard let count = Int(knots) else {
                    throw ValidationError("--spline \(text): the number of knots is no number.")
                }
                if terms.splines.updateValue(count, forKey: name) != nil {
                    throw ValidationError("--spline names \(name) twice.")
                }
            }
            for text in interaction {
                let names = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
                guard names.count == 2, names[0] != names[1], !names.contains("") else {
                    throw ValidationError("--interaction \(text) must name two columns, such as tenure:amount.")
                }
                terms.interactions.append(.init(names[0], names[1]))
            }
            return terms
        }
    }

    /// - Parameter parent: whose features are computed; `nil` for those of the study.
    private func featureTable(_ study: Study, _ parent: StoredModel?) throws -> FeatureTable {
        guard let from else {
            let data = try history(of: study)
            let plan = try parent?.featurePlan ?? data.plan()
            guard let memory = memory.forFeatures else {
                return try data.featureTable(plan: plan, threads: threads.count)
            }
            return try data.spilledFeatureTable(plan: plan, memory: memory, threads: threads.count)
        }
        let table = try FeatureTable(path: from, memory: memory.forFeatures)
        if table.studyHash != study.hash {
            format.notes.warn(
                "\(from) was computed from another version of the study; its plan and cutoffs are used."
            )
        }
        return table
    }

    private func history(of study: Study) throws -> StudyData {
        let data = try StudyData(
            study: study,
            rejects: rejects,
            index: index,
            memory: memory,
            threads: threads,
            telling: format.notes
        )
        try data.requireMatureCutoff()
        return data
    }

    private var calibrationMethod: Calibration.Method? {
        calibrate.map(\.method) ?? (model.baseline?.buyTillYouDie == nil ? nil : .platt)
    }

    /// Fails where `--memory` would bound nothing.
    private func validateMemory() throws {
        if memory.memory == nil { return }
        if !DataSource.isStudy(source) {
            throw ValidationError("--memory belongs to studies; a flat table is held in memory as a whole.")
        }
        if let from, !from.hasSuffix(".arrow") {
            throw ValidationError("--memory needs features in an Arrow file: \(from) is held in memory as a whole.")
        }
    }

    /// Fails for options that have nothing to say to a baseline.
    private func validateBaseline() throws {
        guard let baseline = model.baseline else { return }
        guard DataSource.isStudy(source) else {
            throw ValidationError("--model \(baseline.rawValue) takes its features from a study.")
        }
        if from != nil {
            throw ValidationError("--model \(baseline.rawValue) takes features of its own: no --from.")
        }
        if baseline.buyTillYouDie != nil, let option = fit.given ?? (impute == nil ? nil : "--impute") {
            throw ValidationError(
                "\(option) does not belong to --model \(baseline.rawValue), which fits purchases alone."
            )
        }
    }

    /// The names in a list, all of which the table must have.
    private func columnNames(_ list: String?, of table: FlatTable) throws -> [String]? {
        let names = list?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        for name in names ?? [] { _ = try table.position(of: name) }
        return names
    }

    /// A model's own plan, with which nothing that was given may disagree.
    private func knownPlan(of parent: StoredModel, _ name: String) throws -> StoredModel.TablePlan {
        let plan = try parent.tablePlan
        let given = [
            ("--label", label, plan.label), ("--positive", positive, plan.positive), ("--id", id, plan.id),
            ("--weight", weight, plan.weight), ("--offset", offset, plan.offset),
        ]
        for (option, value, known) in given where value != nil && value != known {
            throw ValidationError(
                "\(option) \(value ?? ""): \(name), with which the fit goes on, was trained with"
                    + " \(known.map { "\(option) \($0)" } ?? "no \(option)")."
            )
        }
        return plan
    }

    private func tablePlan(_ table: FlatTable) throws -> StoredModel.TablePlan {
        let label = label ?? ""
        for name in [label, id, weight, offset].compactMap({ $0 }) { _ = try table.position(of: name) }
        let special = [label, id, weight, offset].compactMap { $0 }
        let chosen = try columnNames(columns, of: table)
        let excluded = try columnNames(exclude, of: table) ?? []
        let used = (chosen ?? table.columnNames).filter { !special.contains($0) && !excluded.contains($0) }
        if let idle = try columnNames(categorical, of: table)?.first(where: { !used.contains($0) }) {
            throw ValidationError("--categorical names \(idle), which is no predictor.")
        }
        return StoredModel.TablePlan(
            label: label,
            positive: positive,
            id: id,
            weight: weight,
            offset: offset,
            columns: used,
            decimalMark: table.decimalMark,
            columnsOfKnownMark: table.columnsOfKnownMark(among: used + [weight, offset].compactMap(\.self))
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
            seed: seed,
            threads: threads.count,
            coreType: LinearAlgebraLibrary.coreType,
            source: source,
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
        if calibrate != nil, let gain = stored.model.calibrationGain, !gain.isGain {
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

extension Imputation: ExpressibleByArgument {}
