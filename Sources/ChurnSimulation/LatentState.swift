/// How a customer stands to the seller in one week; seen by nobody.
public enum LatentState: Sendable, Hashable {
    /// Buys at its own rhythm.
    case active
    /// Buys less each week; `weeks` have passed since the week in which the decline began (0 in that week).
    case declining(weeks: Int)
    /// Buys no more, and never returns.
    case left
}
