/// What a variance takes to be independent.
public enum VarianceKind: String, Sendable, Equatable, Codable {
    /// Every row (DeLong, DeLong, Clarke-Pearson 1988).
    case independent
    /// Rows of different clusters only (Obuchowski 1997).
    case clustered
}
