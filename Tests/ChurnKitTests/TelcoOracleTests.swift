import ChurnTestSupport
import Testing

@testable import ChurnKit

/// Figures of two models of Telco that were published beside the data.
@Suite(.enabled(if: SharedData.isAvailable, "\(SharedData.skipMessage)"))
struct TelcoOracleTests {
    /// In-sample predictions of an unpenalised regression.
    private static func predictions(_ columns: [String]?) throws -> Predictions {
        let table = try FlatTable(path: SharedData.path("telco/Telco-Customer-Churn.csv"), dialect: DelimitedDialect())
        let used = columns ?? table.columnNames.filter { $0 != "customerID" && $0 != "Churn" }
        let plan = StoredModel.TablePlan(label: "Churn", positive: "Yes", id: "customerID", weight: nil, columns: used)
        let specification = FittedPipeline.Specification(
            estimator: try LogisticRegression(l2Strength: 0),
            imputation: .zero
        )
        let options = TrainingOptions(specification, testShare: 0, threads: 2)
        let model = try ModelTraining.train(on: table, plan: plan, options: options)
        let scores = try ModelScoring(model, on: .table(table), threads: 2).scores()
        let labels = try table.labels("Churn", positive: "Yes")
        return try Predictions(labels: labels.map { $0 == true }, scores: scores.probabilities)
    }

    private static let four = ["SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges"]

    @Test func allColumnsAgainstFourIsThePublishedTest() throws {
        let found = try DeLong.compare(Self.predictions(nil), Self.predictions(Self.four))
        #expect(abs((found.z ?? 0) - 11.444271) < 5.1e-7)
        #expect(abs(found.first.variance - 2.41307e-5) < 5.1e-11 && abs(found.second.variance - 3.08052e-5) < 5.1e-11)
        #expect(abs(found.covariance - 2.26764e-5) < 5.1e-11)
    }

    @Test func theProfitOfACampaignIsThePublishedOne() throws {
        let profit = try #require(RetentionProfit(of: Self.predictions(nil)))
        #expect(abs(profit.expectedMaximumProfit - 10.348755) < 5.1e-7, "\(profit)")
        #expect(abs(profit.expectedMaximumProfitShare - 0.512153) < 5.1e-7, "\(profit)")
        #expect(abs(profit.maximumProfit - 10.273605) < 5.1e-7, "\(profit)")
        #expect(abs(profit.maximumProfitShare - 0.539685) < 5.1e-7, "\(profit)")
    }
}
