/// The merchandise management software that a simulated customer orders with.
public enum Software: String, Sendable, CaseIterable {
    case dynamics, odoo, sage, sap, spreadsheet
}

extension Software: WeightedCategory {
    static let commonest = Software.spreadsheet

    var share: Double {
        switch self {
        case .dynamics: 0.18
        case .odoo: 0.12
        case .sage: 0.22
        case .sap: 0.20
        case .spreadsheet: 0.28
        }
    }
}
