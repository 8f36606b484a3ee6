import ChurnHistory
import ChurnNumerics

/// What the seller's books say of a customer from a day on, until the next such entry.
public struct Firmographics: Sendable, Equatable {
    /// The first day on which the books say this.
    public let validFrom: CalendarDay
    /// 1 to 20,000.
    public let employees: Int
    /// Offices, shops and works; at least 1.
    public let sites: Int
    /// EUR a year.
    public let revenue: Int
    /// EUR a year that the customer spends on what the seller sells, wherever it buys.
    public let annualBudget: Int
    /// EUR a year that the seller believes it could earn; at most the budget.
    public let potential: Int
    public let software: Software
    public let paymentMethod: PaymentMethod
    /// Number of the account manager, from 1.
    public let salesRep: Int

    /// ln(employees / 30), as the hazard uses it.
    public let logSize: Double

    init(
        validFrom: CalendarDay,
        employees: Int,
        sites: Int,
        revenue: Int,
        annualBudget: Int,
        potential: Int,
        software: Software,
        paymentMethod: PaymentMethod,
        salesRep: Int
    ) {
        self.validFrom = validFrom
        self.employees = employees
        self.sites = sites
        self.revenue = revenue
        self.annualBudget = annualBudget
        self.potential = potential
        self.software = software
        self.paymentMethod = paymentMethod
        self.salesRep = salesRep
        self.logSize = PortableMath.log(Double(employees) / Firmographics.medianEmployees)
    }
}

extension Firmographics {
    static let medianEmployees = 30.0
    static let salesReps = 24
    /// Changes of a customer's entry that are expected in a year.
    static let changesPerYear = 0.25

    /// A new customer's entry.
    ///
    /// - employees: log-normal, median 30, sigma 1.2, 1 to 20,000; one site for every 80 employees or so;
    /// - revenue: log-normal, median 180,000 EUR an employee, sigma 0.4;
    /// - budget: 1 % of the revenue, sigma 0.4; potential: 30 to 90 % of it.
    static func draw(validFrom: CalendarDay, logSize: Double, from stream: inout RandomStream) -> Firmographics {
        let employees = Int((medianEmployees * PortableMath.exp(min(logSize, 10))).rounded())
        return sized(
            validFrom: validFrom,
            employees: employees,
            software: Software.draw(from: &stream),
            paymentMethod: PaymentMethod.draw(from: &stream),
            salesRep: 1 + stream.below(salesReps),
            from: &stream
        )
    }

    /// The entry after one thing has changed: size (with all that hangs on it), software, payment or account manager.
    /// The new software, payment or account manager is never the old one.
    func changed(on day: CalendarDay, from stream: inout RandomStream) -> Firmographics {
        let what = stream.uniform()
        if what < 0.5 {
            let employees = Int((Double(employees) * PortableMath.exp(0.05 + 0.25 * stream.normal())).rounded())
            return Firmographics.sized(
                validFrom: day,
                employees: employees,
                software: software,
                paymentMethod: paymentMethod,
                salesRep: salesRep,
                from: &stream
            )
        }
        return Firmographics(
            validFrom: day,
            employees: employees,
            sites: sites,
            revenue: revenue,
            annualBudget: annualBudget,
            potential: potential,
            software: what < 0.65 ? Software.draw(otherThan: software, from: &stream) : software,
            paymentMethod: what >= 0.65 && what < 0.85
                ? PaymentMethod.draw(otherThan: paymentMethod, from: &stream) : paymentMethod,
            salesRep: what >= 0.85 ? otherSalesRep(from: &stream) : salesRep
        )
    }

    private func otherSalesRep(from stream: inout RandomStream) -> Int {
        let other = 1 + stream.below(Firmographics.salesReps - 1)
        return other < salesRep ? other : other + 1
    }

    private static func sized(
        validFrom: CalendarDay,
        employees wanted: Int,
        software: Software,
        paymentMethod: PaymentMethod,
        salesRep: Int,
        from stream: inout RandomStream
    ) -> Firmographics {
        let employees = min(max(wanted, 1), 20_000)
        let revenue = Double(employees) * 180_000 * PortableMath.exp(0.4 * stream.normal())
        let budget = revenue * 0.01 * PortableMath.exp(0.4 * stream.normal())
        return Firmographics(
            validFrom: validFrom,
            employees: employees,
            sites: 1 + stream.poisson(mean: Double(employees) / 80),
            revenue: rounded(revenue),
            annualBudget: rounded(budget),
            potential: rounded(budget * (0.3 + 0.6 * stream.uniform())),
            software: software,
            paymentMethod: paymentMethod,
            salesRep: salesRep
        )
    }

    /// To whole hundreds, as people estimate.
    private static func rounded(_ euros: Double) -> Int { Int((min(euros, 1e12) / 100).rounded()) * 100 }
}
