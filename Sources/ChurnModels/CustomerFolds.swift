import ChurnNumerics

/// Customers dealt into folds with all of their rows, those who ever churned and the others evenly.
public struct CustomerFolds: Sendable {
    /// How the customers of a class are dealt.
    public enum Order: Sendable, Equatable {
        /// At random; each repetition, from 0, in another way.
        case shuffled(seed: UInt64, repetition: Int = 0)
        /// As they come: the i-th of its class goes into fold i modulo the number of folds.
        case asTheyCome
    }

    public let count: Int
    /// By row.
    private let folds: [Int]

    /// - Parameters:
    ///   - labels: one a row.
    ///   - clusters: one a row, from 0: the customer; `nil` where every row is another one.
    ///   - count: folds, at least 2.
    /// - Throws: `tooFewForFolds` where a class has fewer customers than there are folds.
    public init(labels: [Bool], clusters: [Int32]?, count: Int, order: Order) throws(ModelError) {
        let customers = clusters?.map(Int.init) ?? Array(labels.indices)
        var churned = [Bool](repeating: false, count: (customers.max() ?? -1) + 1)
        var isThere = churned
        for (row, customer) in customers.enumerated() {
            isThere[customer] = true
            if labels[row] { churned[customer] = true }
        }
        var foldOf = [Int](repeating: 0, count: churned.count)
        for (number, label) in [false, true].enumerated() {
            let members = churned.indices.filter { isThere[$0] && churned[$0] == label }
            guard members.count >= count else {
                throw .tooFewForFolds(customers: members.count, churned: label, folds: count)
            }
            var places = Array(members.indices)
            if case .shuffled(let seed, let repetition) = order {
                let index = UInt64(2 * repetition + number)
                var stream = RandomStream(seed: seed, purpose: "calibration folds", index: index)
                places = stream.permutation(members.count)
            }
            for (position, place) in places.enumerated() { foldOf[members[place]] = position % count }
        }
        folds = customers.map { foldOf[$0] }
        self.count = count
    }

    init(_ rows: TrainingRows, count: Int, order: Order) throws(ModelError) {
        try self.init(labels: rows.labels, clusters: rows.clusters, count: count, order: order)
    }

    /// Ascending.
    public func rows(of fold: Int) -> [Int] { folds.indices.filter { folds[$0] == fold } }

    /// Ascending.
    public func rows(outside fold: Int) -> [Int] { folds.indices.filter { folds[$0] != fold } }
}
