import ChurnHistory
import Foundation

/// Customers whose ids differ only in case, blanks or Unicode form: perhaps one customer under two names.
enum SimilarCustomerIds {
    static func findings(_ index: EventIndex) -> [DataFinding] {
        var groups: [String: [Int]] = [:]
        for (number, id) in index.customers.enumerated() { groups[plain(id), default: []].append(number) }
        let similar = groups.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
        guard !similar.isEmpty else { return [] }
        let customers = similar.reduce(0) { $0 + $1.count }
        return [
            DataFinding(
                .similarCustomerIds,
                "\(customers) customer ids differ from another one only in case, blanks or Unicode form; they are counted as"
                    + " \(customers) customers, and may be \(similar.count).",
                count: customers,
                examples: similar.map { $0.map { "\"\(index.customers[$0])\"" }.joined(separator: " and ") }
            )
        ]
    }

    /// Lower case, compatibility form (NFKC), no blanks.
    private static func plain(_ id: String) -> String {
        if id.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { return id }
        return String(id.precomposedStringWithCompatibilityMapping.lowercased().filter { !$0.isWhitespace })
    }
}
