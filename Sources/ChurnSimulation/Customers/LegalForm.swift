import ChurnNumerics

/// How a simulated customer is incorporated.
public enum LegalForm: String, Sendable, CaseIterable {
    case soleTrader = "e.K."
    case limitedCompany = "GmbH"
    case limitedPartnership = "GmbH & Co. KG"
    case stockCorporation = "AG"
    case dutchCompany = "B.V."
    case polishCompany = "Sp. z o.o."
    case britishCompany = "Ltd"
    case finnishCompany = "Oy"

    /// Draws the form of a firm: German-speaking countries by size, one form in each of the others.
    static func draw(for country: Country, employees: Int, from stream: inout RandomStream) -> LegalForm {
        // Drawn whether or not it is needed, so that what follows in the stream does not depend on the country.
        let u = stream.uniform()
        switch country {
        case .britain: return .britishCompany
        case .finland: return .finnishCompany
        case .netherlands: return .dutchCompany
        case .poland: return .polishCompany
        case .austria, .germany, .switzerland:
            if employees < 10 { return u < 0.5 ? .soleTrader : .limitedCompany }
            if employees < 250 { return u < 0.75 ? .limitedCompany : .limitedPartnership }
            return u < 0.45 ? .stockCorporation : u < 0.85 ? .limitedCompany : .limitedPartnership
        }
    }
}
