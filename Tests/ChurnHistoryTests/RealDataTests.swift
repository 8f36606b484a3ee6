import ChurnTestSupport
import Testing

@testable import ChurnHistory

/// Real files against what their publishers, and the counts in the data's README, say of them.
@Suite(.enabled(if: SharedData.isAvailable, "needs the shared data: set CHURN_DATA"))
struct RealDataTests {
    private static func history(
        _ file: String,
        zone: String,
        observedUntil: String,
        isInspection: Bool = false,
        _ keys: [String: String]
    ) throws -> EventHistory {
        var fixture = try HistoryFixture(zone: zone)
        try fixture.addSource(["file": SharedData.path(file), "duplicates": "keep"].merging(keys) { $1 })
        return try fixture.read(
            observedUntil: calendar(zone).start(of: day(observedUntil)),
            options: isInspection ? .inspection : .init()
        )
    }

    @Test func onlineRetailHasTheLinesCustomersAndReturnsItIsKnownFor() throws {
        let history = try Self.history(
            "online-retail/online_retail.csv.gz",
            zone: "Europe/London",
            observedUntil: "2011-12-10",
            isInspection: true,
            [
                "customer": "CustomerID", "emptyCustomer": "drop",
                "time": "{column: InvoiceDate, format: 'yyyy-MM-dd HH:mm:ss'}",
                "type": "{column: InvoiceNo, startsWith: {C: return}, otherwise: purchase}",
                "amount": "{multiply: [Quantity, UnitPrice]}", "quantity": "Quantity", "group": "InvoiceNo",
            ]
        )
        let report = history.report
        #expect(report.rows == 541_909)
        #expect(report.droppedWithoutCustomer == 135_080)
        #expect(report.kept == 541_909 - 135_080)
        #expect(report.duplicates == 5268)
        #expect(report.rejected == 0)
        #expect(history.index.customers.count == 4372)
        #expect(report.types.first { $0.name == "return" }?.rows == 9288)
        let quantity = try #require(report.numericColumns.first { $0.name == "Quantity" })
        #expect(quantity.negative == ["return": 9288, "purchase": 1336])
        let price = try #require(report.numericColumns.first { $0.name == "UnitPrice" })
        #expect(price.negative.values.reduce(0, +) == 2)
        #expect(history.index.timeRange?.lowerBound == (try instant("2010-12-01T08:26:00Z")))
    }

    @Test func cdnowHasThePurchasesCustomersAndDuplicatesItIsKnownFor() throws {
        let keys = [
            "format": "{delimiter: blanks}", "customer": "customer_id", "time": "{column: date, format: yyyyMMdd}",
            "amount": "dollar_value", "quantity": "number_of_cds", "mergeSameDay": "true",
        ]
        let history = try Self.history(
            "cdnow/CDNOW_master.txt",
            zone: "America/New_York",
            observedUntil: "1998-07-01",
            isInspection: true,
            keys
        )
        #expect(history.report.kept == 69_659)
        #expect(history.index.customers.count == 23_570)
        #expect(history.index.customers.first == "00001")
        #expect(history.report.duplicates == 255)
        #expect(history.report.numericColumns.first { $0.name == "dollar_value" }?.zero == 80)
        #expect(history.index.days().min().map { CalendarDay(number: Int($0)).description } == "1997-01-01")
        #expect(history.index.days().max().map { CalendarDay(number: Int($0)).description } == "1998-06-30")
    }

    @Test func completeJourneyHasItsLinesHouseholdsAndOffsetsOfNewYork() throws {
        let history = try Self.history(
            "completejourney/transactions_sample.csv.gz",
            zone: "America/New_York",
            observedUntil: "2018-01-01",
            [
                "customer": "household_id", "time": "transaction_timestamp", "amount": "sales_value",
                "group": "basket_id",
            ]
        )
        #expect(history.report.kept == 75_000)
        #expect(history.index.customers.count == 2377)
    }

    @Test func telcoHasItsCustomersLabelsAndBlankCharges() throws {
        let table = try FlatTable(path: SharedData.path("telco/Telco-Customer-Churn.csv"), dialect: .init())
        #expect(table.rowCount == 7043)
        #expect(table.columnNames.count == 21)
        #expect(try table.numbers("TotalCharges").count { $0.isNaN } == 11)
        // 1,869 churners, as IBM's sample is known for.
        #expect(try table.labels("Churn", positive: "Yes").count { $0 == true } == 1869)
    }

    @Test func theOtherTablesHaveTheirRows() throws {
        let saas = try FlatTable(path: SharedData.path("saas/saas_churn.csv"), dialect: .init())
        #expect(saas.rowCount == 2000)
        #expect(try !saas.labels("churned", positive: nil).contains(nil))
        let mlc = try FlatTable(path: SharedData.path("mlc-churn/mlc_churn.csv"), dialect: .init())
        #expect([mlc.rowCount, mlc.columnNames.count] == [5000, 20])
    }
}
