import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

/// The proposals for public data, compared with the studies that were written by hand in `datasets/`.
@Suite(.enabled(if: SharedData.isAvailable, "\(SharedData.skipMessage)")) struct RealProposalTests {
    private static func propose(_ file: String, customers: String? = nil) throws -> DataProposal {
        var options = ProposalOptions()
        options.customersFile = customers.map(SharedData.path)
        return try StudyProposal.propose(for: [SharedData.path(file)], options: options, answers: DefaultAnswers())
    }

    private static func study(_ file: String, customers: String? = nil) throws -> StudyProposal {
        guard case .study(let study) = try propose(file, customers: customers) else {
            throw DataError(.notAHistory, "was taken for a table")
        }
        return study
    }

    private static func trained(_ proposal: StudyProposal) throws -> StoredModel {
        let data = try StudyData(study: Study(yaml: proposal.text, path: "study.yaml"))
        let table = try data.featureTable(plan: data.plan(), threads: 2)
        return try ModelTraining.train(
            on: table,
            options: TrainingOptions(
                FittedPipeline.Specification(estimator: try LogisticRegression(l2Strength: 1)),
                threads: 2
            )
        )
    }

    /// Horizon and cutoffs are those of the hand-written studies where these stand on first days of months.
    @Test(arguments: [
        ("cdnow/CDNOW_sample.txt", "90d", "{first: 1997-04-01, last: 1998-04-01, every: 1mo}"),
        ("cdnow/CDNOW_master.txt", "90d", "{first: 1997-04-01, last: 1998-04-01, every: 1mo}"),
        (
            "completejourney/transactions_sample.csv.gz", "60d",
            "{first: 2017-04-01, last: 2017-11-01, every: 1mo}"
        ),
        ("online-retail/online_retail.csv.gz", "90d", "{first: 2011-03-01, last: 2011-09-01, every: 1mo}"),
        ("rfm/rfm_orders.csv", "365d", "{first: 2004-01-01, last: 2005-12-01, every: 1mo}"),
    ])
    func theRhythmGivesHorizonAndCutoffs(_ file: String, _ horizon: String, _ cutoffs: String) throws {
        let study = try Self.study(file)
        let churn = study.decisions.first { $0.setting == "churn" }?.value
        #expect(churn == "{definition: inactivity, of: [purchase], horizon: \(horizon), lead: 0d}")
        #expect(study.decisions.first { $0.setting == "observations" }?.value == cutoffs)
        let model = try Self.trained(study)
        #expect(model.model.fitted.certificate.status.isTrustworthy)
        #expect(model.training.metrics.test != nil)
    }

    /// The counts of the data set's card.
    @Test func onlineRetailIsUnderstood() throws {
        let study = try Self.study("online-retail/online_retail.csv.gz")
        func decision(_ setting: String) -> StudyProposal.Decision? { study.decisions.first { $0.setting == setting } }
        #expect(study.rows == 541_909 && study.kept == 406_829 && study.customers == 4372)
        #expect(decision("emptyCustomer")?.reason.hasPrefix("135080 rows") == true)
        #expect(decision("duplicates")?.value == "keep")
        #expect(decision("duplicates")?.reason.hasPrefix("5268 rows") == true)
        #expect(decision("type")?.value == "{column: InvoiceNo, startsWith: {C: return}, otherwise: purchase}")
        #expect(decision("type")?.reason.hasPrefix("9288 of 9288 rows") == true)
        #expect(decision("amount")?.value == "{multiply: [Quantity, UnitPrice]}")
        #expect(decision("group")?.value == "InvoiceNo")
        #expect(decision("attributes")?.value == "{product: StockCode, country: Country}")
    }

    @Test func completeJourneyIsUnderstoodWithItsDemographics() throws {
        let study = try Self.study(
            "completejourney/transactions_sample.csv.gz",
            customers: "completejourney/demographics.csv"
        )
        func value(_ setting: String) -> String? { study.decisions.first { $0.setting == setting }?.value }
        #expect(value("timezone") == "America/New_York")
        #expect(value("group") == "basket_id")
        #expect(study.text.contains("\ncustomers:\n"))
        #expect(study.text.contains("attributes: [age, income, home_ownership"))
        _ = try Self.trained(study)
    }

    @Test(arguments: [
        ("telco/Telco-Customer-Churn.csv", "--label Churn --positive Yes --id customerID"),
        ("mlc-churn/mlc_churn.csv", "--label churn --positive yes"),
        ("saas/saas_churn.csv", "--label churned --positive 1.0"),
    ])
    func aFlatTableGetsItsCommand(_ file: String, _ options: String) throws {
        guard case .table(let table) = try Self.propose(file) else {
            Issue.record("was taken for a history")
            return
        }
        #expect(table.command.contains(options))
    }

    static let spectrum: [String] = {
        let folder = SharedData.path("csv-spectrum/csvs")
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }()

    @Test(arguments: spectrum) func refusesTablesThatAreNoHistory(_ name: String) throws {
        let error = #expect(throws: DataError.self) { try Self.propose("csv-spectrum/csvs/\(name)") }
        #expect(error?.kind == .badData)
    }

    @Test func refusesAFileOfCustomersThatIsNoHistory() throws {
        let error = #expect(throws: DataError.self) { try Self.propose("completejourney/demographics.csv") }
        #expect(error?.code == .notAHistory)
        #expect(error?.fix?.contains("--customers") == true)
    }
}
