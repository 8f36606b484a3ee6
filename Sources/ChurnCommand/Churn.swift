import ArgumentParser
import ChurnKit

/// The `churn` command: parses, calls the library, renders.
@main
struct Churn: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "churn",
        abstract: "Predict which customers will leave, from what they did.",
        discussion: """
            A study file says where the events are and what churn means; a flat table with a label column needs no study.

            Example, from nothing to a ranked list:
              churn simulate --customers 5000 --seed 1 -o shop
              churn train shop/study.yaml --name shop
              churn score shop shop/study.yaml --as-of 2024-07-01 -o scores.csv
            """,
        version: ChurnKitVersion.current,
        groupedSubcommands: [
            CommandGroup(
                name: "Data",
                subcommands: [
                    Simulate.self, Init.self, Inspect.self, Index.self, Features.self, Audit.self,
                ]
            ),
            CommandGroup(
                name: "Models",
                subcommands: [
                    Train.self, Validate.self, Tune.self, Evaluate.self, Compare.self, Importance.self,
                    Explain.self, Metrics.self, Models.self,
                ]
            ),
            CommandGroup(name: "Scoring", subcommands: [Score.self, Monitor.self, Runs.self, Erase.self]),
        ]
    )

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            exit(with: error)
        }
    }

    /// Ends the process with the error's message and exit code.
    private static func exit(with error: any Error) -> Never {
        guard let failure = CommandFailure(error) else { exit(withError: error) }
        if !failure.message.isEmpty { StandardError.write("churn: \(failure.message)") }
        failure.code.exit()
    }
}
