/// How a simulated customer pays.
public enum PaymentMethod: String, Sendable, CaseIterable {
    case creditCard, directDebit, invoice, prepayment
}

extension PaymentMethod: WeightedCategory {
    static let commonest = PaymentMethod.invoice

    var share: Double {
        switch self {
        case .creditCard: 0.16
        case .directDebit: 0.24
        case .invoice: 0.48
        case .prepayment: 0.12
        }
    }
}
