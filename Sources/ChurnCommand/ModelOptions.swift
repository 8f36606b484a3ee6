import ArgumentParser
import ChurnKit

/// Which model is fitted to what, and how.
struct ModelOptions: ParsableArguments {
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case logistic, sgd, boosted, recency, rfm, bgnbd, mbgnbd, paretonbd

        /// What others must beat; `nil` for those that take all features.
        var baseline: Baseline? { Baseline(rawValue: rawValue) }
    }

    @Option(
        help: """
            Kind of model: logistic, a logistic regression by exact solvers; sgd, the same by stochastic descent, for very many \
            rows; boosted, boosted trees; recency or rfm, that feature or those scores alone; bgnbd, mbgnbd or paretonbd, which tell from purchases \
            whether a customer is lost.
            """
    )
    var model = Kind.logistic

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

    @Option(help: "Seed of the flat table's split, of --model sgd and boosted, and of --calibrate.")
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "Train although this predictor alone tells the label almost perfectly; can be given more than once.",
            valueName: "predictor"
        )
    )
    var allowLeak: [String] = []

    // MARK: Checks

    /// Fails for what does not go together, or not with the source.
    func validate(for source: String) throws {
        let tableOnly: [(String, Bool)] = [
            ("--label", label != nil), ("--positive", positive != nil), ("--id", id != nil),
            ("--weight", weight != nil), ("--columns", columns != nil), ("--exclude", exclude != nil),
            ("--offset", offset != nil), ("--categorical", categorical != nil), ("--hash-bits", hashBits != nil),
        ]
        if DataSource.isStudy(source) {
            if let given = tableOnly.first(where: \.1) {
                throw ValidationError("\(given.0) belongs to flat tables; a study names its columns itself.")
            }
            if !spline.isEmpty || !interaction.isEmpty {
                throw ValidationError("--spline and --interaction belong to flat tables; a study has `terms`.")
            }
        } else if label == nil, descent.parent == nil {
            throw ValidationError("A flat table needs --label COLUMN; the name of a study ends in .yaml.")
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
        try validateBaseline(on: source)
        try validateContinuation()
        _ = try estimator(parent: nil, terms: .none)
        if model == .boosted, let option = givenForPreprocessing {
            throw ValidationError("\(option) does not belong to --model boosted.")
        }
        if let hashBits, !(1...12).contains(hashBits) { throw ValidationError("--hash-bits must be from 1 to 12.") }
        _ = try fit.penaltyFactors
        _ = try terms
    }

    private func validateContinuation() throws {
        guard descent.parent != nil else { return }
        if calibrate?.method != nil {
            throw ValidationError(
                "--calibrate does not go with --continue: the model has seen rows that it would be calibrated on."
            )
        }
        let kept: [(String, Bool)] = [
            ("--impute", impute != nil), ("--hash-bits", hashBits != nil), ("--spline", !spline.isEmpty),
            ("--interaction", !interaction.isEmpty), ("--columns", columns != nil), ("--exclude", exclude != nil),
            ("--categorical", categorical != nil),
        ]
        if let option = kept.first(where: \.1)?.0 {
            throw ValidationError("--continue keeps the model's predictors and preprocessing: no \(option).")
        }
    }

    /// Fails for options that have nothing to say to a baseline.
    private func validateBaseline(on source: String) throws {
        guard let baseline = model.baseline else { return }
        guard DataSource.isStudy(source) else {
            throw ValidationError("--model \(baseline.rawValue) takes its features from a study.")
        }
        if baseline.buyTillYouDie != nil, let option = fit.given ?? (impute == nil ? nil : "--impute") {
            throw ValidationError(
                "\(option) does not belong to --model \(baseline.rawValue), which fits purchases alone."
            )
        }
    }

    /// What trees have no use for.
    private var givenForPreprocessing: String? {
        let options: [(String, Bool)] = [
            ("--impute", impute != nil), ("--hash-bits", hashBits != nil), ("--spline", !spline.isEmpty),
            ("--interaction", !interaction.isEmpty),
        ]
        return options.first(where: \.1)?.0
    }

    // MARK: What is fitted

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

    /// What fits the model to a study's features.
    func options(study: Study, parent: ChosenModel?, threads: Int, telling notes: NoteOptions) throws -> TrainingOptions
    {
        var options = try options(terms(of: study, telling: notes), parent: parent, threads: threads, telling: notes)
        options.churn = study.churn.words
        return options
    }

    /// The study's terms, as far as the model takes any.
    func terms(of study: Study, telling notes: NoteOptions) -> Terms {
        if model.baseline == nil, model != .boosted { return Terms(study.terms) }
        if !study.terms.isEmpty {
            notes.warn("--model \(model.rawValue) takes no terms: those of the study are left out.")
        }
        return .none
    }

    /// What fits the model to a flat table's columns.
    func options(
        table: FlatTable,
        parent: ChosenModel?,
        testShare: Double,
        threads: Int,
        telling notes: NoteOptions
    ) throws -> TrainingOptions {
        var options = try options(terms, parent: parent, threads: threads, telling: notes)
        options.categorical = Set(try columnNames(categorical, of: table) ?? [])
        options.testShare = testShare
        return options
    }

    func options(
        _ terms: Terms,
        parent: ChosenModel?,
        threads: Int,
        telling notes: NoteOptions
    ) throws -> TrainingOptions {
        if let parent, parent.stored.model.calibration != nil {
            notes.warn("\(parent.name)@\(parent.version) is calibrated, and its update is not.")
        }
        return TrainingOptions(
            try estimator(parent: parent.map { try $0.stored.logisticRegression }, terms: terms),
            calibration: calibrationMethod,
            parent: parent.map { ("\($0.name)@\($0.version)", $0.stored) },
            seed: seed,
            allowedLeaks: Set(allowLeak),
            threads: threads
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

    private var calibrationMethod: Calibration.Method? {
        calibrate.map(\.method) ?? (model.baseline?.buyTillYouDie == nil ? nil : .platt)
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

    /// How the table's columns are used.
    /// - Parameter parent: the model that the fit goes on from.
    func plan(of table: FlatTable, parent: ChosenModel?) throws -> StoredModel.TablePlan {
        if let parent { return try knownPlan(of: parent.stored, "\(parent.name)@\(parent.version)") }
        return try tablePlan(table)
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
}

extension Imputation: ExpressibleByArgument {}
