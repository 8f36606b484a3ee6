/// Some of very many rows that lie evenly among them and yet at no regular distance, so that nothing that comes back at one is
/// passed over or taken for all.
public enum EvenSample {
    /// One place, by chance, in each of equally long runs of `0..<count`.
    /// - Parameters:
    ///   - runs: from 0 to `count`.
    ///   - index: the number of the stream of a run, by the run's first place.
    /// - Returns: ascending.
    public static func places(
        of count: Int,
        runs: Int,
        seed: UInt64,
        purpose: StaticString,
        index: (Int) -> Int = { $0 }
    ) -> [Int] {
        precondition(runs >= 0 && runs <= count, "as many runs as places at most")
        return (0..<runs).map { run in
            let first = run * count / runs
            let end = (run + 1) * count / runs
            var stream = RandomStream(seed: seed, purpose: purpose, index: UInt64(index(first)))
            return first + stream.below(end - first)
        }
    }

    /// All rows, or `most` of them where there are more.
    public static func rows(of count: Int, most: Int) -> [Int] {
        count <= most ? Array(0..<count) : places(of: count, runs: most, seed: 1, purpose: "even sample")
    }

    /// All rows of each class, or `most` of them where a class has more: what ranks one class against the other is nearly the
    /// same for them.
    /// - Returns: ascending.
    public static func rows(labels: [Bool], mostOfEach most: Int) -> [Int] {
        let positives = labels.count { $0 }
        var left = [false, true].map { rows(of: $0 ? positives : labels.count - positives, most: most)[...] }
        var seen = [0, 0]
        return labels.indices.filter { row in
            let kind = labels[row] ? 1 : 0
            defer { seen[kind] += 1 }
            guard left[kind].first == seen[kind] else { return false }
            left[kind].removeFirst()
            return true
        }
    }
}
