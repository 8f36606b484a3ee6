import ArgumentParser
import ChurnKit

struct Features: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compute the feature table of a study.",
        usage: "churn features <study> [-o <file>] [options]",
        discussion: """
            One row for each customer and cutoff: customer, cutoff, label (1 churned, 0 not, empty where the label window \
            reaches past the data), then the features. The ending of -o says whether Arrow or CSV is written; CSV comes with \
            a file FEATURES.csv.json that holds the plan. Without -o nothing is kept: the features are computed and their \
            mean, spread, smallest and largest value are printed, with a checksum.

            --explain says of each feature what it means, how it is defined, and at how many examples it says anything.

            Example:
              churn features shop/study.yaml -o features.arrow
            """
    )

    @Argument(help: "The study file.")
    var study: String

    @Option(name: .shortAndLong, help: ArgumentHelp("File to write: .arrow or .csv.", valueName: "file"))
    var output: String?

    @Option(help: ArgumentHelp("One cutoff in place of the study's.", valueName: "yyyy-mm-dd"))
    var asOf: CalendarDay?

    @Flag(help: "Tell what each feature means, its definition, unit and coverage; write no table.")
    var explain = false

    @OptionGroup var rejects: RejectsOptions
    @OptionGroup var index: IndexOptions
    @OptionGroup var memory: MemoryOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var format: OutputOptions

    func validate() throws {
        if explain, output != nil { throw ValidationError("--explain writes no table: leave out -o.") }
    }

    func run() throws {
        let study = try Study(path: study)
        var file: AtomicFile?
        if let output {
            _ = try FeatureTable.FileFormat(path: output)
            try AtomicFile.refuse(output, among: study.inputFiles)
            file = try AtomicFile(path: output, cacheRoom: FeatureTable.cacheRoom)
        }
        let data = try StudyData(
            study: study,
            rejects: rejects,
            index: index,
            memory: memory,
            threads: threads,
            output: output,
            // Statistics say nothing of where they come from.
            identifiesData: output != nil,
            telling: format.notes
        )
        let cutoffs = try asOf.map { [try data.cutoff(asOf: $0)] }
        if cutoffs == nil, data.cutoffs.isEmpty { throw study.noCutoffFault(observedUntil: data.history.observedUntil) }
        let sweep = try data.featureSweep(plan: data.plan(), cutoffs: cutoffs, threads: threads.count)
        guard let file, let output else {
            let summary = try sweep.summary()
            if explain { return try FeatureExplanationText(sweep.plan, summary).print(format.format) }
            return try FeatureSummaryText(summary, eventsAfter: sweep.eventsAtOrAfter()).print(format.format)
        }
        let summary = try data.write(sweep, to: file)
        let written = WrittenFeatures(
            file: output,
            summary: summary,
            featureCount: sweep.plan.features.count,
            eventsAfter: sweep.eventsAtOrAfter()
        )
        try written.print(format.format)
        for leak in try data.leakingFeatures(sweep, rowCount: summary.rowCount) {
            format.notes.warn("\(leak): it tells the label almost perfectly, as if it knew the outcome.")
        }
        // Where no label is known, there is nothing to learn.
        guard summary.cutoffs.contains(where: \.cutoff.isMature) else { return }
        format.note("Next: churn train \(self.study) --from \(output) --name NAME")
    }
}
