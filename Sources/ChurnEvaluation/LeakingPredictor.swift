import ChurnNumerics

/// A predictor that alone tells the label almost perfectly: it probably knows what happened later.
public struct LeakingPredictor: Sendable, Equatable {
    public let name: String
    /// Area under the ROC curve of the predictor as a score, from bins; below 0.5 where small values mean churn.
    public let auc: Double
    /// The category that tells, where the predictor is one of categories.
    public let level: String?

    /// AUC beyond which a predictor is suspected, on either side.
    public static let threshold = 0.98
    /// Fewer rows of a class prove nothing.
    public static let leastRows = 20
    private static let bins = 4096
    private static let sampleSize = 1 << 16
    /// Rows of a class that are looked at; of more, an even sample.
    public static let mostRowsOfClass = 1 << 19

    /// Looks at every column of a table, once.
    /// - Parameters:
    ///   - labels: one a row.
    ///   - mostOfEach: rows of a class that are looked at; positive.
    ///   - threads: positive; changes nothing but the time it takes.
    /// - Returns: the suspects in column order; none where a class has fewer than 20 rows.
    public static func find(
        in table: PredictorTable,
        labels: [Bool],
        mostOfEach: Int = mostRowsOfClass,
        threads: Int
    ) -> [LeakingPredictor] {
        let positives = labels.count { $0 }
        guard labels.count == table.rowCount, min(positives, labels.count - positives) >= leastRows else { return [] }
        let rows = EvenSample.rows(labels: labels, mostOfEach: mostOfEach)
        let labels = rows.map { labels[$0] }
        return Parallel.map(table.columns.count, threads: threads) { column in
            let predictor = table.columns[column]
            switch predictor.values {
            case .numeric(let values):
                return suspect(predictor.name, numeric(values.gathering(rows: rows), labels), level: nil)
            case .categorical(let codes, let levels):
                let (auc, level) = categorical(rows.map { codes[$0] }, levels, labels)
                return suspect(predictor.name, auc, level: level)
            }
        }.compactMap(\.self)
    }

    private static func suspect(_ name: String, _ auc: Double, level: String?) -> LeakingPredictor? {
        auc > threshold || auc < 1 - threshold ? LeakingPredictor(name: name, auc: auc, level: level) : nil
    }

    /// Rows of each class in a bin.
    private struct Counts {
        var positive = 0.0
        var negative = 0.0

        mutating func add(_ label: Bool) {
            if label { positive += 1 } else { negative += 1 }
        }
    }

    /// The AUC of numbers; missing ones are put at the end that makes it more telling.
    private static func numeric(_ values: [Double], _ labels: [Bool]) -> Double {
        let present = values.filter { !$0.isNaN }
        let sample = EvenSample.rows(of: present.count, most: sampleSize).map { present[$0] }.sorted()
        var bounds: [Double] = []
        if !sample.isEmpty {
            for bin in 1..<bins {
                // A value that many rows share has a bin of its own, so that rare ones above it are not lost in it.
                let value = sample[min(sample.count - 1, bin * sample.count / bins)]
                for bound in [value, value.nextUp] where bound > bounds.last ?? -.infinity { bounds.append(bound) }
            }
        }
        var counts = [Counts](repeating: Counts(), count: bounds.count + 1)
        var missing = Counts()
        for (row, value) in values.enumerated() {
            if value.isNaN {
                missing.add(labels[row])
            } else {
                counts[bin(of: value, bounds)].add(labels[row])
            }
        }
        let first = auc([missing] + counts)
        let last = auc(counts + [missing])
        return abs(first - 0.5) > abs(last - 0.5) ? first : last
    }

    /// How many bounds are at or below a value.
    private static func bin(of value: Double, _ bounds: [Double]) -> Int {
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] <= value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The area under the curve of bins in ascending order; ties within a bin count half.
    private static func auc(_ bins: [Counts]) -> Double {
        var negativesBelow = 0.0
        var area = 0.0
        var positives = 0.0
        for bin in bins {
            area += bin.positive * (negativesBelow + bin.negative / 2)
            negativesBelow += bin.negative
            positives += bin.positive
        }
        return area / (positives * negativesBelow)
    }

    /// The AUC of the category that tells most against all others, or of all categories together where that tells more.
    private static func categorical(_ codes: [Int32], _ levels: [String], _ labels: [Bool]) -> (Double, String?) {
        let single = oneCategory(codes, levels, labels)
        let together = allCategories(codes, levels, labels)
        return abs(together - 0.5) > abs(single.0 - 0.5) && abs(single.0 - 0.5) < threshold - 0.5
            ? (together, nil) : single
    }

    /// The AUC of the categories' churn rates: those of one half of the rows, drawn by chance, rank the other half, so that many
    /// small categories do not tell their own labels.
    private static func allCategories(_ codes: [Int32], _ levels: [String], _ labels: [Bool]) -> Double {
        var learned = [Counts](repeating: Counts(), count: levels.count + 1)
        var tested = learned
        var all = Counts()
        var halves = RandomStream(seed: 1, purpose: "halves of the rows")
        for (row, code) in codes.enumerated() {
            let position = code < 0 ? levels.count : Int(code)
            if halves.bernoulli(0.5) {
                learned[position].add(labels[row])
                all.add(labels[row])
            } else {
                tested[position].add(labels[row])
            }
        }
        let base = all.positive / max(1, all.positive + all.negative)
        let rates = learned.map { $0.positive + $0.negative == 0 ? base : $0.positive / ($0.positive + $0.negative) }
        var bins: [Double: Counts] = [:]
        for (position, count) in tested.enumerated() {
            bins[rates[position], default: Counts()].positive += count.positive
            bins[rates[position], default: Counts()].negative += count.negative
        }
        let area = auc(bins.sorted { $0.key < $1.key }.map(\.value))
        return area.isNaN ? 0.5 : area
    }

    private static func oneCategory(_ codes: [Int32], _ levels: [String], _ labels: [Bool]) -> (Double, String?) {
        // Behind the levels, a place for missing ones.
        var counts = [Counts](repeating: Counts(), count: levels.count + 1)
        var all = Counts()
        for (row, code) in codes.enumerated() {
            counts[code < 0 ? levels.count : Int(code)].add(labels[row])
            all.add(labels[row])
        }
        var best = (auc: 0.5, level: String?.none)
        for (position, count) in counts.enumerated() {
            let auc = 0.5 + (count.positive / all.positive - count.negative / all.negative) / 2
            if abs(auc - 0.5) > abs(best.auc - 0.5) {
                best = (auc, position < levels.count ? levels[position] : "missing")
            }
        }
        return best
    }
}

extension LeakingPredictor: CustomStringConvertible {
    public var description: String {
        let share = "\((auc * 10_000).rounded() / 10_000)"
        return "\(name)" + (level.map { " (\($0))" } ?? "") + ", AUC \(share)"
    }
}
