import ChurnHistory

extension ScoreTable {
    /// Takes one line of output after the other.
    public typealias LineSink = (inout CSVLine) throws(DataError) -> Void

    /// Writes the table as CSV, highest probability first.
    ///
    /// Columns: customer, asOf, probability, rank, decile, then reason1, contribution1 to reason3, contribution3.
    /// Where all contributions were kept, logOdds, intercept and one `contribution:NAME` a predictor follow, which sum up.
    public func writeCSV(to sink: LineSink) throws(DataError) {
        var line = CSVLine()
        for name in ["customer", "asOf", "probability", "rank", "decile"] { line.append(text: name) }
        for number in 1...Self.reasonCount {
            line.append(text: "reason\(number)")
            line.append(text: "contribution\(number)")
        }
        let hasAll = count > 0 && allContributions(ofRow: 0) != nil
        if hasAll {
            for name in ["logOdds", "intercept"] + predictorNames.map({ "contribution:\($0)" }) {
                line.append(text: name)
            }
        }
        try sink(&line)
        for row in order {
            line.append(text: customers[row])
            line.append(text: asOf ?? "")
            line.append(number: probabilities[row])
            line.append(number: Double(ranks[row]))
            line.append(number: Double(decile(ofRow: row)))
            let reasons = reasons(ofRow: row)
            for number in 0..<Self.reasonCount {
                line.append(text: number < reasons.count ? reasons[number].predictor : "")
                line.append(number: number < reasons.count ? reasons[number].contribution : .nan)
            }
            if let all = allContributions(ofRow: row) {
                line.append(number: logOdds[row])
                line.append(number: intercept)
                for contribution in all { line.append(number: contribution) }
            }
            try sink(&line)
        }
    }
}
