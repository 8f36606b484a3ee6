/// A sum that carries what rounding loses: its error does not grow with the number of terms.
///
/// Knuth's TwoSum gives each addition's rounding error exactly (Ogita, Rump, Oishi 2005, algorithm 4.4).
struct CompensatedSum {
    private var sum = 0.0
    private var lost = 0.0

    /// Infinite once an infinite term was added. Terms of both infinite signs must not be mixed.
    var value: Double { sum.isFinite ? sum + lost : sum }

    @inline(__always)
    mutating func add(_ term: Double) {
        let total = sum + term
        let rounded = total - sum
        lost += (sum - (total - rounded)) + (term - rounded)
        sum = total
    }
}
