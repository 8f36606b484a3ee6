import ChurnHistory

extension ScoreTable {
    /// Takes one line of output after the other.
    public typealias LineSink = (inout CSVLine) throws(DataError) -> Void

    /// Writes the table as CSV, highest probability first.
    public func writeCSV(to sink: LineSink) throws(DataError) {
        var line = CSVLine()
        for column in columns { line.append(text: column.name) }
        try sink(&line)
        for row in order {
            for cell in cells(ofRow: row) {
                switch cell {
                case .text(let text), .day(let text): line.append(text: text)
                case .number(let number): line.append(number: number)
                case .integer(let integer): line.append(number: Double(integer))
                case .null: line.append(text: "")
                }
            }
            try sink(&line)
        }
    }
}
