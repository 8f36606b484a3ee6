import ArrowIPC
import ChurnFeatures
import ChurnModels
import ChurnNumerics

/// The table that all contestants read: columns of numbers and one label, in a mapped Arrow file.
struct Table {
    let names: [String]
    let columns: [NumericColumn]
    let labels: [Bool]

    /// - Parameter label: the column's name; empty where the table has none.
    init(path: String, label: String) throws {
        let file = try ArrowFile(path: path)
        var names: [String] = []
        var columns: [NumericColumn] = []
        var labels: [Bool] = []
        for (position, field) in file.schema.fields.enumerated() {
            if field.name == label {
                for number in 0..<file.batchCount {
                    labels += try file.batch(number).array(position).integers().map { $0 != 0 }
                }
                continue
            }
            guard let column = try NumericColumn(file, column: position) else {
                throw Failure.notNumbers(field.name)
            }
            names.append(field.name)
            columns.append(column)
        }
        self.names = names
        self.columns = columns
        self.labels = labels
    }

    var design: NumericColumns { NumericColumns(columns, rowCount: columns.first?.count ?? labels.count) }

    func trainingData(threads: Int) throws -> TrainingData {
        try TrainingData(design: design, columnNames: names, labels: labels, threads: threads)
    }

    var predictors: PredictorTable {
        get throws {
            try PredictorTable(
                rowCount: design.rowCount,
                columns: zip(names, columns).map { PredictorColumn(name: $0, values: .numeric($1)) }
            )
        }
    }
}

enum Failure: Error {
    case notNumbers(String)
}
