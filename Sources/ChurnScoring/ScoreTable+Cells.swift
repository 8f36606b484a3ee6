import ChurnDatabase
import ChurnHistory
import Crypto

/// A table that is written row by row, whatever it is written as.
extension ScoreTable {
    /// customer, asOf, probability, rank, decile, then reason1, contribution1 to reason3, contribution3. Where all contributions were
    /// kept, logOdds, intercept and one `contribution:NAME` a predictor follow, which sum up.
    public var columns: [TableColumn] {
        var columns: [TableColumn] = [
            TableColumn(name: "customer", kind: .text), TableColumn(name: "asOf", kind: .day),
            TableColumn(name: "probability", kind: .number), TableColumn(name: "rank", kind: .integer),
            TableColumn(name: "decile", kind: .integer),
        ]
        for number in 1...Self.reasonCount {
            columns.append(TableColumn(name: "reason\(number)", kind: .text))
            columns.append(TableColumn(name: "contribution\(number)", kind: .number))
        }
        if keepsContributions {
            for name in ["logOdds", "intercept"] + predictorNames.map({ "contribution:\($0)" }) {
                columns.append(TableColumn(name: name, kind: .number))
            }
        }
        return columns
    }

    /// The cells of a row, one a column.
    public func cells(ofRow row: Int) -> [TableValue] {
        var cells: [TableValue] = [
            .text(customers[row]), asOf.map { .day($0) } ?? .null, .number(probabilities[row]), .integer(ranks[row]),
            .integer(decile(ofRow: row)),
        ]
        let reasons = reasons(ofRow: row)
        for number in 0..<Self.reasonCount {
            cells.append(number < reasons.count ? .text(reasons[number].predictor) : .null)
            cells.append(number < reasons.count ? .number(reasons[number].contribution) : .null)
        }
        if let all = allContributions(ofRow: row) {
            cells.append(.number(logOdds[row]))
            cells.append(.number(intercept))
            cells += all.map { .number($0) }
        }
        return cells
    }

    /// SHA-256 of all cells in order, in hexadecimal: the same scores have the same one, whatever they are written as.
    public var digest: String {
        var hasher = SHA256()
        var bytes: [UInt8] = []
        for row in order {
            for cell in cells(ofRow: row) {
                switch cell {
                case .text(let text), .day(let text):
                    bytes.append(1)
                    bytes += text.utf8
                    // No text has this byte.
                    bytes.append(0xFF)
                case .number(let number):
                    bytes.append(2)
                    withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
                case .integer(let integer):
                    bytes.append(3)
                    withUnsafeBytes(of: Int64(integer).littleEndian) { bytes.append(contentsOf: $0) }
                case .null: bytes.append(0)
                }
            }
            if bytes.count >= 1 << 16 {
                hasher.update(data: bytes)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        hasher.update(data: bytes)
        return hasher.finalize().hexadecimal
    }
}
