import ChurnHistory
import ChurnNumerics
import ChurnTestSupport

/// The real tables that reference numbers exist for, read once.
struct PublishedData {
    let table: PredictorTable
    let labels: [Bool]

    /// The names of all columns but these are predictors.
    private init(_ file: String, label: String, leavingOut others: [String]) throws {
        let flat = try FlatTable(path: SharedData.path(file), dialect: DelimitedDialect())
        table = try flat.predictors(flat.columnNames.filter { $0 != label && !others.contains($0) })
        labels = try flat.labels(label, positive: try flat.texts(label).contains("Yes") ? "Yes" : "yes").map {
            $0 == true
        }
    }

    /// IBM's Telco customers: 7,043 rows, 1,869 churned.
    static func telco() throws -> PublishedData {
        try PublishedData("telco/Telco-Customer-Churn.csv", label: "Churn", leavingOut: ["customerID"])
    }

    /// 5,000 customers of a telephone company, 707 churned; without state and area code.
    static func mlcChurn() throws -> PublishedData {
        try PublishedData("mlc-churn/mlc_churn.csv", label: "churn", leavingOut: ["state", "area_code"])
    }

    func selecting(_ names: [String]) throws -> PredictorTable {
        try PredictorTable(
            rowCount: table.rowCount,
            columns: names.compactMap { name in table.columns.first { $0.name == name } }
        )
    }
}
