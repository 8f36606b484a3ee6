/// What stands in for a missing number.
public enum Imputation: String, Sendable, Codable, CaseIterable {
    /// The mean of the training rows that have one; adds a flag column where something was missing.
    case mean
    /// Their median (the mean of the middle two for an even count); adds a flag column likewise.
    case median
    /// Zero, and no flag.
    case zero
}
