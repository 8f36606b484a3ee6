import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

/// Models that take a few features of their own.
@Suite struct BaselineTests {
    private static func train(_ baseline: Baseline, on data: StudyData) throws -> StoredModel {
        try ModelTraining.train(
            baseline,
            on: data,
            options: TrainingOptions(
                FittedPipeline.Specification(estimator: LogisticRegression(l2Strength: 0)),
                calibration: baseline.buyTillYouDie == nil ? nil : .platt,
                threads: 2
            )
        )
    }

    /// The published area under the curve of recency at 1997-10-01, and BG/NBD's parameters with times to the cutoff in weeks, which
    /// differ from the published ones by the one day between the last one and the cutoff.
    @Test(.enabled(if: SharedData.isAvailable, "set CHURN_DATA")) func theySayOfCDNOWWhatIsPublished() throws {
        let folder = try TemporaryFolder()
        let data = try CDNOWStudy.data(in: folder, observations: "{first: 1997-10-01}")
        let recency = try Self.train(.recency, on: data)
        #expect(recency.training.rows == 2357 && recency.training.positives == 1959)
        #expect(abs((recency.training.metrics.train.auc ?? 0) - 0.784287) < 5e-7)
        let bgnbd = try Self.train(.bgnbd, on: data)
        guard case .buyTillYouDie(let model) = bgnbd.model.fitted.content else { throw ModelError.noRows }
        let published = [0.2425945, 4.4136019 * 7, 0.7929199, 2.4258881]
        for (value, known) in zip(model.fit.parameters, published) { #expect(abs(value / known - 1) < 0.03) }
        guard case .platt(let slope, let intercept) = bgnbd.model.calibration else { throw ModelError.noRows }
        // What has never seen a label needs little to be put right.
        #expect(abs(slope - 1) < 0.1 && abs(intercept) < 0.4)
        #expect((bgnbd.training.metrics.train.auc ?? 0) > 0.78)
    }

    @Test(arguments: Baseline.allCases) func theyAreKeptAndScoreTheSame(_ baseline: Baseline) throws {
        let folder = try TemporaryFolder()
        try SimulatedWorld(SimulationParameters(customers: 600, seed: 5)).write(to: folder.path, threads: 2)
        let data = try StudyData(study: Study(path: "\(folder.path)/study.yaml"))
        let model = try Self.train(baseline, on: data)
        let copy = try StoredModel(contents: model.contents(), path: "x")
        let day = try #require(CalendarDay("2024-07-01"))
        let (scores, again) = (
            try ModelScoring(model, on: .study(data, asOf: day)).scores(),
            try ModelScoring(copy, on: .study(data, asOf: day), keepsContributions: true, threads: 2).scores()
        )
        #expect(scores.probabilities == again.probabilities)
        #expect((model.training.metrics.test?.auc ?? 0) > 0.6)
        for row in 0..<again.count {
            let sum = (again.allContributions(ofRow: row) ?? []).reduce(again.intercept, +)
            #expect(abs(sum - again.logOdds[row]) < 1e-9)
        }
        #expect(model.card.contains(baseline.buyTillYouDie != nil ? "NBD: the probability" : "Logistic regression"))
    }

    /// Other horizons for groups, parts of a type's events, own rhythms: the models would answer another question.
    @Test(arguments: [
        ("definition: ownRhythm, of: [purchase], factor: 3, minimum: 14d, maximum: 180d", "ownRhythm"),
        (
            "definition: inactivity, of: [{type: purchase, where: {product: [P001]}}], horizon: 90d",
            "of a part of the events of its types"
        ),
        (
            "definition: inactivity, of: [purchase], horizonBy: {attribute: country, horizons: {DE: 30d}, otherwise: 90d}",
            "of another horizon for each group"
        ),
    ])
    func silenceMustBeOneForAll(churn: String, words: String) throws {
        let folder = try TemporaryFolder()
        try SimulatedWorld(SimulationParameters(customers: 200, seed: 5)).write(to: folder.path, threads: 2)
        let lines = try String(contentsOfFile: "\(folder.path)/study.yaml", encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("churn:") ? "churn: {\(churn)}" : String($0) }
        try folder.write("other.yaml", lines.joined(separator: "\n"))
        let data = try StudyData(study: Study(path: "\(folder.path)/other.yaml"))
        #expect(throws: WorkflowError.silenceIsNotChurn(model: "bgnbd", definition: words)) {
            try Self.train(.bgnbd, on: data)
        }
    }

    @Test func silenceMustBeWhatTheStudyCallsChurn() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "e.csv",
            "customer,time,type\n"
                + (0..<200).map { "c\($0 % 20),2024-0\($0 % 9 + 1)-1\($0 % 7),\($0 % 11 == 0 ? "leave" : "buy")" }
                .joined(separator: "\n")
        )
        try folder.write(
            "study.yaml",
            """
            study: s
            timezone: UTC
            events: [{file: e.csv, customer: customer, time: {column: time, format: yyyy-MM-dd}, type: {column: type}}]
            churn: {definition: event, of: [leave], active: [buy], horizon: 30d}
            observations: {first: 2024-05-01}
            """
        )
        let data = try StudyData(study: Study(path: "\(folder.path)/study.yaml"))
        #expect(throws: WorkflowError.silenceIsNotChurn(model: "bgnbd", definition: "event")) {
            try Self.train(.bgnbd, on: data)
        }
        #expect(throws: FeatureError.noAmounts(types: ["buy"])) { try Self.train(.rfm, on: data) }
    }
}
