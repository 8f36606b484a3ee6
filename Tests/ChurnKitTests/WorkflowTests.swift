import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

@Suite struct WorkflowTests {
    /// A small simulated study in a folder of its own.
    private static func world(customers: Int = 400) throws -> (TemporaryFolder, StudyData) {
        let folder = try TemporaryFolder()
        try SimulatedWorld(SimulationParameters(customers: customers, seed: 5)).write(to: folder.path, threads: 2)
        return (folder, try StudyData(study: Study(path: "\(folder.path)/study.yaml")))
    }

    private static func options(threads: Int = 1, l2: Double = 1) throws -> TrainingOptions {
        TrainingOptions(
            FittedPipeline.Specification(estimator: try LogisticRegression(l2Strength: l2)),
            threads: threads
        )
    }

    @Test func modelFilesAndScoresHaveTheSameBitsForAnyNumberOfThreads() throws {
        let (folder, data) = try Self.world()
        let day = try #require(CalendarDay("2024-07-01"))
        var files: [[String: Data]] = []
        var scores: [[UInt64]] = []
        for threads in [1, 2, 3] {
            let table = try data.featureTable(plan: data.plan(), threads: threads)
            let model = try ModelTraining.train(on: table, options: Self.options(threads: threads))
            files.append(try model.contents())
            scores.append(
                try ModelScoring(model, on: .study(data, asOf: day), threads: threads).scores().probabilities.map(
                    \.bitPattern
                )
            )
        }
        #expect(files[0] == files[1] && files[0] == files[2])
        #expect(scores[0] == scores[1] && scores[0] == scores[2])
        _ = folder
    }

    @Test func noTrainingLabelReachesPastTheTestCutoff() throws {
        let (folder, data) = try Self.world()
        let table = try data.featureTable(plan: data.plan(), threads: 2)
        let record = try ModelTraining.train(on: table, options: Self.options()).training
        let test = try #require(
            record.testCutoffs.first.flatMap { day in table.cutoffs.first { $0.day.description == day } }
        )
        #expect(record.testCutoffs == ["2024-04-01"])
        for cutoff in table.cutoffs where record.trainingCutoffs.contains(cutoff.day.description) {
            #expect(cutoff.labelEnd <= test.instant)
        }
        #expect(record.purgedCutoffs == ["2024-02-01", "2024-03-01"])
        #expect(record.rows + record.testRows < table.rowCount)
        _ = folder
    }

    @Test func aStoredModelScoresWithTheSameBits() throws {
        let (folder, data) = try Self.world()
        let table = try data.featureTable(plan: data.plan(), threads: 2)
        let model = try ModelTraining.train(on: table, options: Self.options())
        let copy = try StoredModel(contents: try model.contents(), path: "x")
        let rows = Array(0..<table.rowCount)
        let before = try model.model.probabilities(table.predictors(rows: rows))
        let after = try copy.model.probabilities(table.predictors(rows: rows))
        #expect(before.map(\.bitPattern) == after.map(\.bitPattern))
        _ = folder
    }

    @Test func evaluatingOnTheTestCutoffGivesTheFiguresOfTraining() throws {
        let (folder, data) = try Self.world()
        let model = try ModelTraining.train(
            on: data.featureTable(plan: data.plan(), threads: 2),
            options: Self.options()
        )
        let evaluation = try ModelEvaluation(model, on: data, threads: 2)
        #expect(evaluation.cutoffs == ["2024-04-01"])
        #expect(evaluation.metrics == model.training.metrics.test)
        _ = folder
    }

    @Test func contributionsAndInterceptAddUpToTheScore() throws {
        let (folder, data) = try Self.world()
        let model = try ModelTraining.train(
            on: data.featureTable(plan: data.plan(), threads: 2),
            options: Self.options()
        )
        let scores = try ModelScoring(
            model,
            on: .study(data, asOf: #require(CalendarDay("2024-07-01"))),
            keepsContributions: true,
            threads: 2
        ).scores()
        for row in 0..<scores.count {
            let sum = try #require(scores.allContributions(ofRow: row)).reduce(scores.intercept, +)
            #expect(abs(sum - scores.logOdds[row]) < 1e-9)
            let reasons = scores.reasons(ofRow: row)
            #expect(reasons.count == 3)
            let strongest = try #require(scores.allContributions(ofRow: row)).map(abs).sorted(by: >)
                .prefix(3)
            #expect(reasons.map { abs($0.contribution) } == Array(strongest))
        }
        #expect(scores.order.map { scores.ranks[$0] } == Array(1...scores.count))
        #expect(Set((0..<scores.count).map(scores.decile)) == Set(1...10))
        _ = folder
    }

    @Test func evaluatingWhereEverythingWasSeenIsRefused() throws {
        let (folder, data) = try Self.world(customers: 100)
        let table = try data.featureTable(
            plan: data.plan(),
            cutoffs: [data.cutoffs[data.cutoffs.count - 1]],
            threads: 1
        )
        let model = try ModelTraining.train(on: table, options: Self.options())
        #expect(model.training.metrics.test == nil)
        #expect(throws: WorkflowError.self) { try ModelEvaluation(model, on: data, threads: 1) }
        _ = folder
    }

    @Test func theSameTableIsEvaluatedOnItsHeldOutRows() throws {
        let folder = try TemporaryFolder()
        var random = RandomStream(seed: 2, purpose: "rows")
        var lines = ["id,x,kind,y"]
        for row in 0..<400 {
            let x = random.normal()
            let label = row % 40 == 0 ? "" : random.bernoulli(StableFunctions.sigmoid(x)) ? "yes" : "no"
            lines.append("\(row),\(x),\(["a", "b"][row % 2]),\(label)")
        }
        let path = try folder.write("t.csv", lines.joined(separator: "\n"))
        let table = try FlatTable(path: path, dialect: DelimitedDialect())
        let plan = StoredModel.TablePlan(label: "y", positive: "yes", id: "id", weight: nil, columns: ["x", "kind"])
        let model = try ModelTraining.train(on: table, plan: plan, options: Self.options())
        let held = try ModelEvaluation(model, on: table)
        #expect(held.rowsAre == .heldOut)
        #expect(held.metrics.rows == model.training.testRows && held.metrics.auc == model.training.metrics.test?.auc)
        #expect(model.training.rows + model.training.testRows == 390)
        #expect(held.metrics.skipped == 10)
        let other = try FlatTable(
            path: folder.write("u.csv", lines.prefix(201).joined(separator: "\n")),
            dialect: DelimitedDialect()
        )
        #expect(try ModelEvaluation(model, on: other).rowsAre == .otherTable)
    }

    @Test func anUnseenCategoryIsPlacedAtTheMeanAndCounted() throws {
        let folder = try TemporaryFolder()
        var random = RandomStream(seed: 3, purpose: "rows")
        var lines = ["x,kind,y"]
        for row in 0..<300 {
            let kind = ["a", "b", "c"][row % 3]
            lines.append("\(random.normal()),\(kind),\(random.bernoulli(kind == "a" ? 0.7 : 0.3) ? 1 : 0)")
        }
        let table = try FlatTable(
            path: folder.write("t.csv", lines.joined(separator: "\n")),
            dialect: DelimitedDialect()
        )
        let plan = StoredModel.TablePlan(label: "y", positive: nil, id: nil, weight: nil, columns: ["x", "kind"])
        let model = try ModelTraining.train(on: table, plan: plan, options: Self.options())
        let new = try FlatTable(path: folder.write("n.csv", "kind,x\nzzz,0.5\na,0.5\n"), dialect: DelimitedDialect())
        let scoring = ModelScoring(model, on: .table(new), keepsContributions: true)
        let rows = try scoring.rows()
        #expect(rows.unseenCategories.map(\.column) == ["kind"] && rows.unseenCategories.map(\.rows) == [1])
        let scores = try scoring.scores(rows)
        let column = try #require(scores.predictorNames.firstIndex(of: "kind"))
        #expect(scores.allContributions(ofRow: 0)?[column] == 0)
        #expect(scores.allContributions(ofRow: 1)?[column] != 0)
        #expect(scores.customers == ["1", "2"])
    }

    // MARK: Real data

    @Test(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)))
    func mlcChurnHasItsPublishedInSampleAUC() throws {
        let table = try FlatTable(path: SharedData.path("mlc-churn/mlc_churn.csv"), dialect: DelimitedDialect())
        let columns = table.columnNames.filter { !["state", "area_code", "churn"].contains($0) }
        let plan = StoredModel.TablePlan(label: "churn", positive: "yes", id: nil, weight: nil, columns: columns)
        var options = try Self.options()
        options.testShare = 0
        let auc = try ModelTraining.train(on: table, plan: plan, options: options).training.metrics.train.auc
        #expect(try abs(#require(auc) - 0.828796) < 5e-7)
    }

    @Test(
        .enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)),
        arguments: [
            ("90d", 1959, 0.784287, 0.768306), ("180d", 1768, 0.773314, 0.761578), ("273d", 1673, 0.771442, 0.757627),
        ]
    )
    func cdnowHasItsPublishedChurnAndRanking(horizon: String, churned: Int, recency: Double, frequency: Double) throws {
        let path = "\(SharedData.packageFolder)/datasets/cdnow/study.yaml"
        let yaml = try String(contentsOfFile: path, encoding: .utf8).replacingOccurrences(
            of: "horizon: 90d",
            with: "horizon: \(horizon)"
        )
        let data = try StudyData(study: Study(yaml: yaml, path: path))
        #expect(data.history.report.kept == 6919)
        #expect(
            data.history.index.transactionFlags.count { $0.contains(.first) } == 6696,
            "purchases after merging those of one day"
        )
        let cutoff = try data.cutoff(asOf: #require(CalendarDay("1997-10-01")))
        let table = try data.featureTable(plan: data.plan(), cutoffs: [cutoff], threads: 2)
        #expect(table.rowCount == 2357)
        #expect(table.labels.count { $0 == 1 } == churned)
        func auc(_ feature: String, sign: Double) throws -> Double {
            let column = try #require(table.plan.featureNames.firstIndex(of: feature))
            let scores = (0..<table.rowCount).map { sign * table.features[$0, column] }
            let labels = table.labels.map { $0 == 1 }
            return try #require(BinaryClassificationMetrics(of: Predictions(labels: labels, scores: scores)).auc)
        }
        #expect(abs(try auc("recency", sign: 1) - recency) < 5e-7)
        #expect(abs(try auc("purchase_count_all", sign: -1) - frequency) < 5e-7)
    }

    @Test(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)))
    func onlineRetailHasTheCountsThatItsCardNames() throws {
        let study = try Study(path: "\(SharedData.packageFolder)/datasets/online-retail/study.yaml")
        let inspection = try StudyInspection(study: study)
        #expect(inspection.rows == 541_909 && inspection.kept == 406_829 && inspection.rejected == 0)
        #expect(inspection.customers == 4372 && inspection.droppedWithoutCustomer == 135_080)
        #expect(inspection.duplicateRows == 5268)
        #expect(inspection.types.map(\.type) == ["purchase", "return"])
        #expect(inspection.types.map(\.rows) == [532_621, 9288])
        #expect(inspection.types.map(\.transactions) == [18_536, 3654])
        #expect(inspection.numericColumns.map(\.column) == ["Quantity", "UnitPrice"])
        #expect(inspection.numericColumns[0].negative == ["purchase": 1336, "return": 9288])
        #expect(inspection.numericColumns[1].negative == ["purchase": 2])
    }

    /// The features that any analyst would begin with, fitted on the same rows; ours may not be worse.
    @Test(.enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)))
    func onlineRetailOutOfTimeIsAsGoodAsAFourFeatureModel() throws {
        let data = try StudyData(study: Study(path: "\(SharedData.packageFolder)/datasets/online-retail/study.yaml"))
        let table = try data.featureTable(plan: data.plan(), threads: 2)
        let model = try ModelTraining.train(on: table, options: Self.options())
        let auc = try #require(model.training.metrics.test?.auc)
        #expect(auc >= 0.72)

        func column(_ name: String) throws -> [Double] {
            let number = try #require(table.plan.featureNames.firstIndex(of: name))
            return (0..<table.rowCount).map { table.features[$0, number] }
        }
        let columns = [
            PredictorColumn(name: "recency", values: .numeric(try column("recency"))),
            PredictorColumn(
                name: "logFrequency",
                values: .numeric(try column("purchase_count_all").map { log(1 + $0) })
            ),
            PredictorColumn(
                name: "logAmount",
                values: .numeric(try column("purchase_sum_all").map { log(1 + max($0, 0)) })
            ),
            PredictorColumn(name: "tenure", values: .numeric(try column("tenure"))),
        ]
        let four = try PredictorTable(rowCount: table.rowCount, columns: columns)
        func rows(_ days: [String]) -> [Int] {
            table.rows(
                ofCutoffs: Set(table.cutoffs.indices.filter { days.contains(table.cutoffs[$0].day.description) })
            )
        }
        let train = rows(model.training.trainingCutoffs)
        let test = rows(model.training.testCutoffs)
        let baseline = try FittedPipeline.fit(
            four.selecting(rows: train),
            labels: train.map { table.labels[$0] == 1 },
            .init(estimator: LogisticRegression(l2Strength: 1)),
            threads: 2
        )
        let labels = test.map { table.labels[$0] == 1 }
        let comparison = try DeLong.compare(
            Predictions(labels: labels, scores: model.model.probabilities(table.predictors(rows: test))),
            Predictions(labels: labels, scores: baseline.probabilities(four.selecting(rows: test)))
        )
        #expect(abs(comparison.second.auc - 0.738702) < 5e-5, "scikit-learn gives this on its own reading of the data")
        #expect(comparison.interval.upper >= 0, "\(comparison.difference) in \(comparison.interval)")
    }
}
