/// The nearest of some names to what a user typed, for "did you mean".
public enum NearestName {
    /// The candidate with the smallest edit distance (case ignored), when it is near enough to be meant.
    public static func of(_ name: String, among candidates: [String]) -> String? {
        let typed = Array(name.lowercased())
        let ranked = candidates.map { ($0, distance(typed, Array($0.lowercased()))) }
        guard let best = ranked.min(by: { $0.1 < $1.1 }) else { return nil }
        return best.1 <= max(2, name.count / 3) ? best.0 : nil
    }

    /// Levenshtein's distance.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var previous = Array(0...b.count)
        for (i, left) in a.enumerated() {
            var current = [i + 1]
            for (j, right) in b.enumerated() {
                current.append(min(previous[j] + (left == right ? 0 : 1), previous[j + 1] + 1, current[j] + 1))
            }
            previous = current
        }
        return previous[b.count]
    }
}
