import ArgumentParser
import ChurnKit
import Foundation

extension Models {
    struct Promote: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Point an alias at a version.",
            usage: "churn models promote <model> [--on <source>] [options]",
            discussion: """
                A version whose fit did not converge is refused, with exit code 1. The first champion of a name has nobody to beat. A challenger \
                to a champion is looked at beside him on rows that neither has seen (cutoffs later than both models' label windows, or the \
                rows of a table that both kept back) and refused, with exit code 1, where

                - a predictor tells the label almost perfectly and was not allowed to (--allow-leak at training),
                - validation.primaryMetric of the study (log loss) is worse by more than validation.margin (0) and not by chance,
                - the interval of its calibration slope or of observed/expected lies wholly outside of 0.8 to 1.25, or
                - fewer than 30 customers of these rows churned, or stayed: too little to tell.

                --force promotes without this, and the history says so.

                Examples:
                  churn models promote shop@7
                  churn models promote shop@7 --on shop/study.yaml --reason "more cutoffs"
                """
        )

        @Argument(help: "The version: NAME@VERSION or NAME@ALIAS.")
        var model: String

        @Option(
            help: ArgumentHelp(
                "The study or table on which challenger and champion are compared (default: what the challenger was trained on).",
                valueName: "source"
            )
        )
        var on: String?

        @Flag(help: "Promote a challenger without comparing him with the champion.")
        var force = false

        @Option(
            help: ArgumentHelp(
                "Refuse, with exit code 75, unless the alias points at this version now; 0 for nowhere.",
                valueName: "version"
            )
        )
        var expected: Int?

        @OptionGroup(title: "Campaign") var campaign: CampaignOptions
        @OptionGroup var move: AliasOptions
        @OptionGroup var data: DataOptions
        @OptionGroup var format: OutputOptions

        func validate() throws {
            if !model.contains("@") {
                throw ValidationError("Say which version: \(model)@VERSION or \(model)@ALIAS.")
            }
            if let expected, expected < 0 { throw ValidationError("--expected must be a version, or 0.") }
            if let on { try data.validate(for: on) }
        }

        func run() throws {
            let registry = try ModelRegistry(path: data.registry.path())
            let alias = try AliasName(move.alias)
            let challenger = try ChosenModel(model, registry: registry)
            let pointer = try registry.aliases(of: challenger.name)[alias.text]
            var expectation: Int??
            if let expected { expectation = expected == 0 ? .some(nil) : .some(expected) }
            var (gate, reason): (PromotionGate?, String?) = (nil, move.reason)
            // What has not converged is refused by the registry, whoever asks.
            let status = challenger.stored.model.fitted.certificate.status
            if alias == .champion, let pointer, pointer != challenger.version, status.isTrustworthy {
                if force {
                    reason = "forced, not compared with version \(pointer)" + (reason.map { ": \($0)" } ?? "")
                } else {
                    let asked = try self.gate(challenger, championVersion: pointer, in: registry)
                    guard asked.allows else { return try refuse(challenger, asked) }
                    gate = asked
                }
            }
            // The one that was compared is the one that goes; and who found none must not drive out one that came meanwhile.
            if alias == .champion, expectation == nil { expectation = .some(pointer) }
            let previous = try registry.promote(
                challenger.name,
                version: challenger.version,
                alias: alias,
                expected: expectation,
                reason: reason,
                at: Date()
            )
            var result = AliasMove(
                model: challenger.name,
                alias: alias,
                version: challenger.version,
                previous: previous
            )
            result.gate = gate
            try result.print(format.format)
            if let gate { format.note("Compared with version \(pointer ?? 0) on \(gate.rows) unseen rows.") }
        }

        private func refuse(_ challenger: ChosenModel, _ gate: PromotionGate) throws {
            if format.format == .json { try ResultPrinter.json(gate) }
            let reasons = gate.refusals.map(\.description).joined(separator: "; ")
            let beside = gate.primary.map { metric, own, champions in
                " (\(metric.title): \(NumberText.decimals(own, 4)), the champion's \(NumberText.decimals(champions, 4)))"
            }
            StandardError.write(
                "churn: \(challenger.name)@\(challenger.version) is not promoted: \(reasons)\(beside ?? ""). Fix: `churn compare` shows"
                    + " more; --force promotes it all the same, and the history says so"
            )
            throw CommandExit.checkFailed
        }

        /// What the rows say that neither has seen.
        private func gate(
            _ challenger: ChosenModel,
            championVersion: Int,
            in registry: ModelRegistry
        ) throws -> PromotionGate {
            let champion = try ChosenModel("\(challenger.name)@\(championVersion)", registry: registry)
            let models = [challenger.stored, champion.stored]
            let trainedOn = try registry.manifest(challenger.name, version: challenger.version).origin.source
            let path = on ?? trainedOn
            guard on != nil || FileIdentity(path: path) != nil else {
                return PromotionGate(
                    unknownBecause: "\(path), which it was trained on, is not there; name the data with --on"
                )
            }
            let threads = data.threads.count
            do {
                switch try data.source(path) {
                case .study(let study):
                    let rows = try UnseenRows(models, on: data.data(of: study, telling: format.notes), threads: threads)
                    return try PromotionGate(
                        challenger: challenger.stored,
                        on: rows,
                        rules: .init(study.validation),
                        economics: campaign.economics,
                        threads: threads
                    )
                case .table(let table):
                    let rows = try UnseenRows(models, on: table)
                    if rows.kind == .otherTable, on == nil {
                        return PromotionGate(
                            unknownBecause:
                                "\(path) has changed since, and whether its rows are new to the two nobody knows; name new"
                                + " ones with --on"
                        )
                    }
                    rows.warnOfWhatMayBeSeen(format.notes)
                    return try PromotionGate(
                        challenger: challenger.stored,
                        on: rows,
                        rules: .standard,
                        threads: threads
                    )
                }
            } catch let error as WorkflowError {
                // The data are sound, and say nothing of the two. Who named other data than theirs is told so.
                switch error {
                case .nothingUnseen, .nothingHeldOut: return PromotionGate(unknownBecause: "\(error)")
                default: throw error
                }
            }
        }
    }
}
