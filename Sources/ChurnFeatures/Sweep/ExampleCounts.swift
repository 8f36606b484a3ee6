/// How many examples each part has at each cutoff, and so where they stand in a table by cutoff, then customer.
struct ExampleCounts: Sendable {
    /// By part and cutoff.
    private let counts: [Int32]
    private let cutoffCount: Int
    let leftInLead: Int
    let rowCount: Int
    /// By part and cutoff: the first row.
    private let firstRows: [Int]
    /// By cutoff.
    let cutoffTotals: [Int]

    init(counts: [Int32], cutoffCount: Int, leftInLead: Int) {
        self.counts = counts
        self.cutoffCount = cutoffCount
        self.leftInLead = leftInLead
        let parts = cutoffCount > 0 ? counts.count / cutoffCount : 0
        var firstRows = [Int](repeating: 0, count: counts.count)
        var totals = [Int](repeating: 0, count: cutoffCount)
        var row = 0
        for cutoff in 0..<cutoffCount {
            let first = row
            for part in 0..<parts {
                firstRows[part * cutoffCount + cutoff] = row
                row += Int(counts[part * cutoffCount + cutoff])
            }
            totals[cutoff] = row - first
        }
        self.firstRows = firstRows
        cutoffTotals = totals
        rowCount = row
    }

    func firstRows(ofPart part: Int) -> [Int] {
        Array(firstRows[part * cutoffCount..<(part + 1) * cutoffCount])
    }

    /// The cutoff of each row.
    var cutoffCodes: [Int32] {
        var codes: [Int32] = []
        codes.reserveCapacity(rowCount)
        for (cutoff, count) in cutoffTotals.enumerated() {
            codes.append(contentsOf: repeatElement(Int32(cutoff), count: count))
        }
        return codes
    }
}
