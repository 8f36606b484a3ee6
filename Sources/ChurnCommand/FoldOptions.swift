import ArgumentParser
import ChurnKit

/// Into how many folds rows are dealt.
struct FoldOptions: ParsableArguments {
    @Option(
        help:
            "Folds: the latest cutoffs of a study (default: what it says, or 3), groups of customers of a table (default: 5)."
    )
    var folds: Int?

    private static let ofTables = 5

    func validate(for source: String) throws {
        let least = DataSource.isStudy(source) ? 1 : 2
        if let folds, !(least...1000).contains(folds) {
            throw ValidationError("--folds must be from \(least) to 1000.")
        }
    }

    /// Of a flat table.
    var count: Int { folds ?? Self.ofTables }

    /// A study's rules, as far as nothing else was asked for.
    func rules(
        _ said: ValidationRules,
        window: Int? = nil,
        embargo: CalendarPeriod? = nil
    ) -> ValidationRules {
        ValidationRules(
            scheme: said.scheme,
            folds: folds ?? said.folds,
            window: window ?? said.window,
            embargo: embargo ?? said.embargo,
            primaryMetric: said.primaryMetric,
            margin: said.margin
        )
    }
}

/// How many samples intervals are made of.
struct DrawOptions: ParsableArguments {
    @Option(help: "Samples of customers for the intervals.")
    var draws = CustomerBootstrap.standardDraws

    func validate() throws {
        if !(1...100_000).contains(draws) { throw ValidationError("--draws must be from 1 to 100000.") }
    }
}
