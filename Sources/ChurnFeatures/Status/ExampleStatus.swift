/// What a customer is at a cutoff.
enum ExampleStatus: UInt8 {
    case notEligible
    /// Left between the cutoff and the start of the label window.
    case leftInLead
    case retained
    case churned
    /// Eligible at a cutoff that is not mature: nobody knows yet.
    case open

    @inline(__always)
    var isExample: Bool {
        switch self {
        case .notEligible, .leftInLead: false
        case .retained, .churned, .open: true
        }
    }

    /// 1 churned, 0 retained, -1 not known.
    @inline(__always)
    var label: Int8 {
        switch self {
        case .churned: 1
        case .retained: 0
        case .notEligible, .leftInLead, .open: -1
        }
    }
}
