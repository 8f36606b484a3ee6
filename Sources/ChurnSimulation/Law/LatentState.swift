/// How a customer stands to the seller in one week; seen by nobody.
public enum LatentState: Sendable, Hashable {
    /// Buys at its own rhythm.
    case active
    /// Buys less each week or, in a contractual world, has decided to give notice; `weeks` have passed since the week in
    /// which that began (0 in that week).
    case declining(weeks: Int)
    /// Buys no more, and never returns.
    case left
}
