import ArgumentParser
import ChurnKit

/// How a study or a flat table is read, and where the registry is.
struct DataOptions: ParsableArguments {
    @OptionGroup var dialect: DialectOptions
    @OptionGroup var registry: RegistryOptions
    @OptionGroup var rejects: RejectsOptions
    @OptionGroup var index: IndexOptions
    @OptionGroup var memory: MemoryOptions
    @OptionGroup var threads: ThreadOptions

    /// Fails for options that the source has no use for.
    func validate(for source: String) throws {
        try rejects.validate(for: source)
        try dialect.validate(for: source)
    }

    func source(_ path: String) throws -> DataSource { try DataSource(path: path, dialect: dialect.dialect) }

    /// A study's data.
    func data(of study: Study, telling notes: NoteOptions) throws -> StudyData {
        try StudyData(study: study, rejects: rejects, index: index, memory: memory, threads: threads, telling: notes)
    }
}

/// Where the features of a study come from.
struct FeatureOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Use this feature table and do not compute it.", valueName: "features"))
    var from: String?

    /// Fails where a table of features is no use.
    /// - Parameter command: that is run.
    func validate(for source: String, _ model: ModelOptions, _ data: DataOptions, command: String) throws {
        if source.hasSuffix(".arrow") {
            throw ValidationError("A table of features goes with its study: churn \(command) STUDY --from \(source).")
        }
        if data.memory.memory != nil, !DataSource.isStudy(source) {
            throw ValidationError("--memory belongs to studies; a flat table is held in memory as a whole.")
        }
        guard let from else { return }
        if !DataSource.isStudy(source) { throw ValidationError("--from belongs to studies.") }
        if data.rejects.rejects != nil {
            throw ValidationError("--rejects belongs to reading the data, which --from does not.")
        }
        if let baseline = model.model.baseline {
            throw ValidationError("--model \(baseline.rawValue) takes features of its own: no --from.")
        }
        if data.memory.memory != nil, !from.hasSuffix(".arrow") {
            throw ValidationError("--memory needs features in an Arrow file: \(from) is held in memory as a whole.")
        }
    }

    /// - Parameter parent: the model whose features are computed; `nil` for those of the study.
    func table(
        _ study: Study,
        _ data: DataOptions,
        parent: StoredModel? = nil,
        telling notes: NoteOptions
    ) throws -> FeatureTable {
        guard let from else {
            let history = try data.data(of: study, telling: notes)
            try history.requireMatureCutoff()
            let plan = try parent?.featurePlan ?? history.plan()
            guard let memory = data.memory.forFeatures else {
                return try history.featureTable(plan: plan, threads: data.threads.count)
            }
            return try history.spilledFeatureTable(plan: plan, memory: memory, threads: data.threads.count)
        }
        let table = try FeatureTable(path: from, memory: data.memory.forFeatures)
        if table.studyHash != study.hash {
            notes.warn("\(from) was computed from another version of the study; its plan and cutoffs are used.")
        }
        return table
    }
}
