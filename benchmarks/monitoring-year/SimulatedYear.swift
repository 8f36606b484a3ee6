import ChurnKit
import Foundation

/// 2024 in a simulated world: a model that was trained before it scores on each day.
struct SimulatedYear {
    /// 1 January, 1 June and the 1 January after them.
    static let first = CalendarDay(number: 19_723)
    static let drift = CalendarDay(number: 19_875)
    static let end = CalendarDay(number: 20_089)

    struct Day {
        let day: CalendarDay
        let drift: DriftReport
        let evidence: [Monitoring.Evidence]

        /// The largest stability index over its threshold, of the predictors that the model uses; at most 1 where it may be chance.
        var farthest: Double {
            drift.predictors.map { predictor in
                let ratio = predictor.impact == 0 ? 0 : predictor.stabilityIndex / predictor.threshold
                return predictor.hasMoved ? ratio : min(ratio, 1)
            }.max() ?? 0
        }
    }

    private(set) var days: [Day] = []
    private(set) var outcomes: [Backtest.Outcome] = []

    /// Days whose features are in memory at once.
    private static let chunk = 30

    init(seed: UInt64, customers: Int, activity: Double?, threads: Int) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // From 2021 on, so that two years of cutoffs train.
        try SimulatedWorld(
            SimulationParameters(
                customers: customers,
                seed: seed,
                firstDay: CalendarDay(number: 18_628),
                observedUntil: Self.end,
                driftFrom: activity == nil ? nil : Self.drift,
                driftActivity: activity ?? 1
            )
        ).write(to: folder, threads: threads)
        let data = try StudyData(study: Study(path: "\(folder)/study.yaml"), threads: threads)
        let start = data.study.calendar.start(of: Self.first)
        let model = try ModelTraining.train(
            on: data.featureTable(
                plan: data.plan(),
                cutoffs: data.cutoffs.filter { $0.labelEnd <= start },
                threads: threads
            ),
            options: TrainingOptions(
                FittedPipeline.Specification(estimator: try LogisticRegression(l2Strength: 1)),
                threads: threads
            )
        )
        for offset in stride(from: Self.first.number, to: Self.end.number, by: Self.chunk) {
            let span = (offset..<min(offset + Self.chunk, Self.end.number)).map { CalendarDay(number: $0) }
            let cutoffs = try span.map { try data.cutoff(asOf: $0) }
            let table = try data.featureTable(plan: model.featurePlan, cutoffs: cutoffs, threads: threads)
            for (number, cutoff) in cutoffs.enumerated() {
                let rows = table.rows(ofCutoffs: [number])
                let predictors = table.predictors(rows: rows)
                let scores = try ScoreTable(
                    model: model.model,
                    predictors: predictors,
                    customers: rows.map { table.customers[$0] },
                    asOf: cutoff.day.description,
                    threads: threads
                )
                if (cutoff.day.number - Self.first.number) % 7 == 0, cutoff.isMature {
                    outcomes.append(
                        try Backtest.Outcome(scores, labels: rows.map { table.labels[$0] == 1 }, run: 0, version: 1)
                    )
                }
                let drift = try DriftReport(
                    model,
                    predictors: predictors,
                    probabilities: scores.probabilities,
                    threads: threads
                )
                let known = outcomes.filter { outcome in
                    CalendarDay(outcome.asOf).map {
                        Cutoff(
                            day: $0,
                            churn: data.study.churn,
                            calendar: data.study.calendar,
                            observedUntil: cutoff.instant
                        ).isMature
                    } ?? false
                }
                let realised = Monitoring.evidence(known, since: model.training)
                days.append(Day(day: cutoff.day, drift: drift, evidence: Monitoring.evidence(drift) + realised))
            }
        }
    }

    var alarms: [CalendarDay] { days.filter { !$0.evidence.isEmpty }.map(\.day) }

    private func mean(_ outcomes: [Backtest.Outcome]) -> (auc: Double, ratio: Double) {
        let aucs = outcomes.compactMap(\.auc)
        let (expected, churned) = (outcomes.reduce(0) { $0 + $1.expected }, outcomes.reduce(0) { $0 + $1.churned })
        return (aucs.reduce(0, +) / Double(max(aucs.count, 1)), expected / Double(max(churned, 1)))
    }

    /// Of those scored before and after the drift: AUC and expected over observed.
    var lossWords: String {
        let before = mean(outcomes.filter { $0.asOf < CalendarDay(number: Self.drift.number - 90).description })
        let after = mean(outcomes.filter { $0.asOf >= Self.drift.description })
        func words(_ figures: (auc: Double, ratio: Double)) -> String {
            "\((figures.auc * 1000).rounded() / 1000), \((figures.ratio * 100).rounded() / 100)"
        }
        return "AUC, expected/observed \(words(before)) before, \(words(after)) after"
    }

    /// Whether the loss was evidence on a day of the year.
    var lossIsSeen: Bool { days.contains { $0.day >= Self.drift && $0.evidence.contains(where: \.isLoss) } }

    var csv: String {
        let lines = days.map { day in
            let moved = day.drift.moved.prefix(5).map { "\($0.name) \($0.stabilityIndex)" }.joined(separator: " ")
            let kinds = day.evidence.map { "\($0)".prefix { $0 != "(" } }.joined(separator: " ")
            return "\(day.day),\(day.drift.rows),\(day.drift.scores.stabilityIndex),\(day.farthest),"
                + "\(day.drift.scores.pValue),\(kinds),\(day.drift.moved.count),\(moved)"
        }
        return "day,customers,scores,farthest,pValue,evidence,moved,most\n" + lines.joined(separator: "\n") + "\n"
    }
}
