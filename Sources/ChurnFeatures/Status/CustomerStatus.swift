/// What a customer is at a cutoff.
enum CustomerStatus: UInt8 {
    case notEligible
    /// Left between the cutoff and the start of the label window.
    case leftInLead
    case retained
    case churned
    /// Eligible at a cutoff that is not mature: nobody knows yet.
    case open

    var isExample: Bool {
        switch self {
        case .notEligible, .leftInLead: false
        case .retained, .churned, .open: true
        }
    }
}
