import ChurnHistory
import ChurnModels
import ChurnNumerics
import Testing

@testable import ChurnSimulation

@Suite struct HazardTests {
    private static let plain = HazardDrivers(
        industry: .retail,
        paymentMethod: .prepayment,
        logSize: PortableMath.log(10),
        tenureYears: 4,
        loyalty: 0.5,
        isGroupMember: false,
        isGroupInCrisis: false,
        recent: .none,
        priceRise: 0,
        campaigns: 0,
        contractMonths: 0,
        isDeadlineNear: false,
        isAfterDrift: false
    )

    @Test func theHazardIsTheDocumentedFormula() {
        let hazard = ChurnHazard(world: .noncontractual)
        // -4.60 + 0.30 + 0.60 - 0.20 ln 10 - 0.10 · 4 - 0.60 · 0.5
        #expect(abs(hazard.logOdds(Self.plain) + 4.860_517) < 1e-6)
        // -2.4 + 0.12 · 20 = 0.
        #expect(hazard.leavingProbability(weeksInDecline: 20) == 0.5)
        var drivers = Self.plain
        drivers.isGroupMember = true
        drivers.isGroupInCrisis = true
        drivers.recent = RecentSignals(complaint: true, ticket: true, visit: true, return: true)
        drivers.priceRise = 0.8
        drivers.campaigns = 1
        drivers.isAfterDrift = true
        drivers.paymentMethod = .directDebit
        // - 0.60 - 0.40 - 0.20 + 1.00 + 0.90 + 0.35 - 0.50 + 0.40 + 0.40 - 0.60 + 0.30 + 0.50 + 0.08 · 4
        #expect(abs(hazard.logOdds(drivers) - hazard.logOdds(Self.plain) - 1.87) < 1e-9)
    }

    @Test func contractsHaveTermsDeadlinesAndNoEffectOfReturns() {
        let hazard = ChurnHazard(world: .contractual)
        var drivers = Self.plain
        drivers.contractMonths = 12
        let base = hazard.logOdds(drivers)
        drivers.recent.return = true
        #expect(hazard.logOdds(drivers) == base)
        drivers.contractMonths = 24
        #expect(abs(hazard.logOdds(drivers) - base + 0.25) < 1e-12)
        drivers.contractMonths = 36
        drivers.isDeadlineNear = true
        #expect(abs(hazard.logOdds(drivers) - base + 0.45 - 2.20) < 1e-12)
    }

    /// A logistic regression on every week's drivers gives back every coefficient: each within three standard errors, all
    /// together within the chi-square distribution of their joint deviation (Wald's test).
    ///
    /// The bounds are its quantiles at 0.0005 and 0.9995 (scipy.stats.chi2.ppf) for 23 and 26 coefficients.
    @Test(arguments: [(WorldKind.noncontractual, 23, 6.9237, 52.0002), (.contractual, 26, 8.5379, 56.4069)])
    func aLogisticFitOnTheDriversRecoversEveryCoefficient(
        world: WorldKind,
        count: Int,
        lowest: Double,
        highest: Double
    ) throws {
        let day = try #require(CalendarDay("2022-10-03"))
        let parameters = try SimulationParameters(
            customers: 2500,
            seed: 21,
            world: world,
            churnRate: 0.6,
            priceRises: [PriceRise(day: day, percent: 15), PriceRise(day: day + 300, percent: 20)],
            campaigns: [day + 60, day + 330],
            driftFrom: day + 200
        )
        let simulated = try SimulatedWorld(parameters, threads: 2)
        let rows = simulated.generate(recordsDrivers: true, threads: 2).courses.flatMap(\.drivers)
        let columns = DriverColumns(simulated.hazard)
        let design = try Matrix(
            rowCount: rows.count,
            columnCount: columns.names.count,
            elements: columns.values.flatMap { value in rows.map { value($0.drivers) } }
        )
        let data = try TrainingData(design: design, columnNames: columns.names, labels: rows.map(\.declined))
        let fit = try LogisticRegression(l2Strength: 0).fit(data, threads: 2)
        let deviations = zip([fit.intercept] + fit.coefficients, columns.truth).map { $0 - $1 }
        for (index, deviation) in deviations.enumerated() {
            let name = (["intercept"] + columns.names)[index]
            #expect(abs(deviation) < 3 * (fit.inference?.standardErrors[index] ?? 0), "\(name) is off by \(deviation)")
        }
        let statistic = try Self.waldStatistic(deviations, fit, design)
        #expect(deviations.count == count)
        #expect(lowest < statistic && statistic < highest, "\(statistic) with \(count) coefficients")
    }

    /// Deviations' quadratic form in the fit's information matrix.
    private static func waldStatistic(
        _ deviations: [Double],
        _ fit: FittedLogisticRegression,
        _ design: Matrix
    ) throws -> Double {
        let predictor = try fit.linearPredictor(design)
        var statistic = 0.0
        // Σ w (d₀ + x·d)²: the quadratic form, row by row.
        var projections = [Double](repeating: deviations[0], count: design.rowCount)
        for column in 0..<design.columnCount {
            for row in 0..<design.rowCount { projections[row] += design[row, column] * deviations[column + 1] }
        }
        for row in 0..<design.rowCount {
            let probability = StableFunctions.sigmoid(predictor[row])
            statistic += probability * (1 - probability) * projections[row] * projections[row]
        }
        return statistic
    }
}

/// The hazard as a linear model: its columns, and the coefficients that a fit should find.
private struct DriverColumns {
    private(set) var names: [String] = []
    private(set) var values: [(HazardDrivers) -> Double] = []
    /// The intercept first.
    private(set) var truth: [Double]

    init(_ hazard: ChurnHazard) {
        truth = [hazard.intercept]
        for industry in Industry.allCases where industry != .manufacturing {
            add("\(industry)", hazard.coefficient(of: industry)) { $0.industry == industry ? 1 : 0 }
        }
        for method in PaymentMethod.allCases where method != .invoice {
            add("\(method)", hazard.coefficient(of: method)) { $0.paymentMethod == method ? 1 : 0 }
        }
        add("size", -0.20) { $0.logSize }
        add("tenure", -0.10) { $0.tenureYears }
        add("loyalty", -0.60) { $0.loyalty }
        add("groupMember", -0.20) { $0.isGroupMember ? 1 : 0 }
        add("groupCrisis", 1.00) { $0.isGroupInCrisis ? 1 : 0 }
        add("recentComplaint", 0.90) { $0.recent.complaint ? 1 : 0 }
        add("recentTicket", 0.35) { $0.recent.ticket ? 1 : 0 }
        add("recentVisit", -0.50) { $0.recent.visit ? 1 : 0 }
        add("recentReturn", hazard.world == .contractual ? 0 : 0.40) { $0.recent.return ? 1 : 0 }
        add("priceRise", 0.50) { $0.priceRise }
        add("campaigns", -0.60) { Double($0.campaigns) }
        add("drift", 0.30) { $0.isAfterDrift ? 1 : 0 }
        add("driftDirectDebit", 0.50) { $0.isAfterDrift && $0.paymentMethod == .directDebit ? 1 : 0 }
        add("driftTenure", 0.08) { $0.isAfterDrift ? $0.tenureYears : 0 }
        guard hazard.world == .contractual else { return }
        add("term24", -0.25) { $0.contractMonths == 24 ? 1 : 0 }
        add("term36", -0.45) { $0.contractMonths == 36 ? 1 : 0 }
        add("deadlineNear", 2.20) { $0.isDeadlineNear ? 1 : 0 }
    }

    private mutating func add(_ name: String, _ coefficient: Double, _ value: @escaping (HazardDrivers) -> Double) {
        names.append(name)
        values.append(value)
        truth.append(coefficient)
    }
}
