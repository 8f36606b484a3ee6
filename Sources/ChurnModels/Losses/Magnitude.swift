/// Between which strengths, weights and factors must lie, where they are not 0: far beyond what makes any difference, and far
/// from where products and sums with them leave what a double can hold.
enum Magnitude {
    static let smallest = 1e-100
    static let largest = 1e100

    /// Whether a number is 0, or neither too small nor too large.
    static func allows(_ value: Double) -> Bool { value == 0 || (smallest...largest).contains(value) }

    /// What is allowed, for messages.
    static let words = "0, or from \(smallest) to \(largest)"
}
