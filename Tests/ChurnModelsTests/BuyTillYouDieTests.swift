import ChurnNumerics
import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnModels

/// Customers of the CDNOW sample, with purchases of one day merged: times in weeks from the first purchase to 1997-09-30.
private struct CDNOW {
    let histories: PurchaseHistories
    /// Purchases after the first, and their mean value, of those who came back.
    let repeatPurchases: [Int]
    let repeatMeans: [Double]
    /// By customer, the days of purchases since 1997-01-01, in order.
    let days: [[Int]]

    /// Days from 1997-01-01 to 1997-09-30, the last day.
    static let lastDay = 272

    init() throws {
        let text = try String(contentsOfFile: SharedData.path("cdnow/CDNOW_sample.txt"), encoding: .utf8)
        var byCustomer: [Int: [Int: Double]] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let fields = line.split(separator: " ")
            let (customer, date, value) = try (
                #require(Int(fields[1])), #require(Int(fields[2])), #require(Double(fields[4]))
            )
            byCustomer[customer, default: [:]][Self.day(date), default: 0] += value
        }
        let customers = byCustomer.sorted { $0.key < $1.key }.map { $0.value.sorted { $0.key < $1.key } }
        let seen = customers.map { $0.filter { $0.key <= Self.lastDay } }
        days = customers.map { $0.map(\.key) }
        histories = try PurchaseHistories(
            frequencies: seen.map { $0.count - 1 },
            recencies: seen.map { Double($0[$0.count - 1].key - $0[0].key) / 7 },
            ages: seen.map { Double(Self.lastDay - $0[0].key) / 7 }
        )
        let repeaters = seen.filter { $0.count > 1 }.map { $0.dropFirst().map(\.value) }
        repeatPurchases = repeaters.map(\.count)
        repeatMeans = repeaters.map { $0.reduce(0, +) / Double($0.count) }
    }

    /// The same customers as published, with times to hundredths of a week.
    static func roundedHistories() throws -> PurchaseHistories {
        let text = try String(contentsOfFile: SharedData.path("cdnow/cdnow_customers_summary.csv"), encoding: .utf8)
        let rows = try text.split(whereSeparator: \.isNewline).dropFirst().map { line in
            try line.split(separator: ",").map { try #require(Double($0)) }
        }
        return try PurchaseHistories(
            frequencies: rows.map { Int($0[1]) },
            recencies: rows.map { $0[2] },
            ages: rows.map { $0[3] }
        )
    }

    /// Days since 1997-01-01 of a date as `yyyyMMdd`.
    private static func day(_ date: Int) -> Int {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (date / 10_000 - 1997) * 365 + lengths[..<(date / 100 % 100 - 1)].reduce(0, +) + date % 100 - 1
    }
}

@Suite struct BuyTillYouDieTests {
    // MARK: Published fits

    @Test(.enabled(if: SharedData.isAvailable, "\(SharedData.skipMessage)")) func theFitsOfCDNOWAreThePublishedOnes()
        throws
    {
        let data = try CDNOW()
        #expect(data.histories.count == 2357 && data.histories.frequencies.count { $0 == 0 } == 1411)
        let standard = try BetaGeometricNBD().fit(data.histories, threads: 2)
        expect(standard.fit, [0.2425945, 4.4136019, 0.7929199, 2.4258881], -9582.429)
        // Published from times that were rounded to hundredths of a week.
        let rounded = try CDNOW.roundedHistories()
        #expect(abs(try BetaGeometricNBD().fit(rounded, threads: 2).fit.logLikelihood - -9582.4256) <= 1e-3)
        let modified = try BetaGeometricNBD(isModified: true).fit(rounded, threads: 2)
        expect(modified.fit, [0.525, 6.183, 0.891, 1.614], -9582.133)
        let pareto = try ParetoNBD().fit(data.histories, threads: 2)
        expect(pareto.fit, [0.55315, 10.57633, 0.60625, 11.67150], -9594.976)
        let spending = try GammaGamma().fit(purchases: data.repeatPurchases, means: data.repeatMeans, threads: 2)
        // Published with three digits.
        expect(spending.fit, [6.25, 3.74, 15.44], -4055.918, within: 2e-3)
    }

    private func expect(
        _ fit: LikelihoodFit,
        _ parameters: [Double],
        _ logLikelihood: Double,
        within tolerance: Double = 1e-3
    ) {
        #expect(abs(fit.logLikelihood - logLikelihood) <= 1e-3, "\(fit.logLikelihood)")
        let errors = zip(fit.parameters, parameters).map { abs($0 / $1 - 1) }
        #expect(errors.reduce(0, max) <= tolerance, "\(fit.parameters)")
    }

    /// Fader, Hardie and Lee 2005 and Schmittlein and others 1987, as their implementations' tests have them.
    @Test func singleCustomersHaveThePublishedExpectations() throws {
        let standard = FittedBetaGeometricNBD(
            isModified: false,
            fit: fit([0.2425945, 4.4136019, 0.7929199, 2.4258881])
        )
        let purchases = standard.expectedPurchases(within: 39, frequency: 2, recency: 30.43, age: 38.86)
        #expect(abs(purchases - 1.226) <= 5e-4)
        #expect(abs(standard.probabilityAlive(frequency: 2, recency: 30.43, age: 38.86) - 0.726609) <= 5e-7)
        #expect(standard.probabilityAlive(frequency: 0, recency: 0, age: 38.86) == 1)
        let pareto = FittedParetoNBD(fit: fit([0.55315, 10.57633, 0.60625, 11.67150]))
        #expect(abs(pareto.probabilityAlive(frequency: 26, recency: 30.86, age: 31) - 0.9979) <= 5e-5)
        let expected = pareto.expectedPurchases(within: 52, frequency: 26, recency: 30.86, age: 31)
        #expect(abs(expected - 25.46) <= 5e-3)
    }

    @Test(
        .enabled(if: SharedData.isAvailable, "\(SharedData.skipMessage)"),
        arguments: [(90, 1959, 0.789437), (180, 1768, 0.775761), (273, 1673, 0.772524)]
    )
    func expectedPurchasesRankTheCustomersOfCDNOW(days: Int, churned: Int, auc: Double) throws {
        let data = try CDNOW()
        let fitted = try BetaGeometricNBD().fit(data.histories, threads: 2)
        let hasLeft = data.days.map { own in
            !own.contains { $0 > CDNOW.lastDay && $0 <= CDNOW.lastDay + days }
        }
        #expect(hasLeft.count { $0 } == churned)
        let scores = (0..<data.histories.count).map { row in
            -fitted.expectedPurchases(
                within: Double(days) / 7,
                frequency: data.histories.frequencies[row],
                recency: data.histories.recencies[row],
                age: data.histories.ages[row]
            )
        }
        #expect(abs(areaUnderCurve(scores, hasLeft) - auc) <= 5e-7, "\(areaUnderCurve(scores, hasLeft))")
    }

    /// By the ranks of the positives, ties counted half.
    private func areaUnderCurve(_ scores: [Double], _ labels: [Bool]) -> Double {
        let (positives, negatives) = (
            zip(scores, labels).filter(\.1).map(\.0), zip(scores, labels).filter { !$0.1 }.map(\.0)
        )
        let sum = positives.reduce(0.0) { sum, score in
            sum + negatives.reduce(0.0) { $0 + ($1 < score ? 1 : $1 == score ? 0.5 : 0) }
        }
        return sum / Double(positives.count * negatives.count)
    }

    private func fit(_ parameters: [Double]) -> LikelihoodFit {
        LikelihoodFit(parameters: parameters, relativeErrors: [], logLikelihood: 0, iterations: 0, gradientNorm: 0)
    }

    // MARK: Simulated customers

    /// Customers of known parameters: errors are those of the fit itself.
    @Test(arguments: [1, 2] as [UInt64]) func theParametersOfSimulatedCustomersAreRecovered(seed: UInt64) throws {
        let truth = [0.6, 8.0, 0.9, 3.0]
        for isModified in [false, true] {
            let histories = try simulated(seed, count: 60_000) { stream in
                let rate = stream.gamma(shape: truth[0], scale: 1 / truth[1])
                let (first, second) = (stream.gamma(shape: truth[2], scale: 1), stream.gamma(shape: truth[3], scale: 1))
                let leaving = first / (first + second)
                var time = isModified && stream.bernoulli(leaving) ? Double.infinity : 0
                return {
                    if time == .infinity { return nil }
                    time += $0.exponential(mean: 1 / rate)
                    let now = time
                    if $0.bernoulli(leaving) { time = .infinity }
                    return now
                }
            }
            let fitted = try BetaGeometricNBD(isModified: isModified).fit(histories, threads: 2)
            expectNear(fitted.fit, truth)
        }
        let pareto = [0.6, 8.0, 0.7, 15.0]
        let histories = try simulated(seed, count: 60_000) { stream in
            let rate = stream.gamma(shape: pareto[0], scale: 1 / pareto[1])
            let end = stream.exponential(mean: 1 / stream.gamma(shape: pareto[2], scale: 1 / pareto[3]))
            var time = 0.0
            return {
                time += $0.exponential(mean: 1 / rate)
                return time < end ? time : nil
            }
        }
        expectNear(try ParetoNBD().fit(histories, threads: 2).fit, pareto)
        var stream = RandomStream(seed: seed, purpose: "spending")
        let counts = (0..<20_000).map { _ in 1 + stream.below(8) }
        let means = counts.map { count -> Double in
            let rate = stream.gamma(shape: 4, scale: 1 / 15.0)
            return stream.gamma(shape: 6 * Double(count), scale: 1 / (rate * Double(count)))
        }
        expectNear(try GammaGamma().fit(purchases: counts, means: means, threads: 2).fit, [6, 4, 15])
    }

    private func expectNear(_ fit: LikelihoodFit, _ truth: [Double]) {
        for (place, value) in fit.parameters.enumerated() {
            let distance = abs(log(value / truth[place]))
            #expect(distance <= 4 * fit.relativeErrors[place] && distance <= 0.3, "\(fit)")
        }
    }

    /// - Parameter customer: draws a customer, and gives what makes the times of the purchases after the first; `nil` ends them.
    private func simulated(
        _ seed: UInt64,
        count: Int,
        customer: (inout RandomStream) -> (inout RandomStream) -> Double?
    ) throws -> PurchaseHistories {
        var (frequencies, recencies, ages) = ([Int](), [Double](), [Double]())
        for number in 0..<count {
            var stream = RandomStream(seed: seed, purpose: "customers", index: UInt64(number))
            let age = 20 + 60 * stream.uniform()
            let next = customer(&stream)
            var (frequency, recency) = (0, 0.0)
            while let time = next(&stream), time <= age {
                frequency += 1
                recency = time
            }
            frequencies.append(frequency)
            recencies.append(recency)
            ages.append(age)
        }
        return try PurchaseHistories(frequencies: frequencies, recencies: recencies, ages: ages)
    }

    // MARK: Formulas

    /// The published sums, of which ours are transformations, term by term.
    @Test(arguments: [false, true]) func expectedPurchasesAreThePublishedSeries(isModified: Bool) {
        let cases: [(Int, Double, Double)] = [(0, 0, 30), (1, 4, 30), (7, 29, 30), (60, 29.5, 30)]
        let time = 26.0
        for parameters in [[0.24, 4.4, 0.7901, 2.4], [2, 30, 1.7, 1.1], [0.4, 5, 0.3, 0.75], [0.5, 4, 60, 90]] {
            let fitted = FittedBetaGeometricNBD(isModified: isModified, fit: fit(parameters))
            let (r, alpha, a, b) = (fitted.r, fitted.alpha, fitted.a, fitted.b)
            for (frequency, recency, age) in cases {
                let x = Double(frequency)
                let (second, third) = isModified ? (b + x + 1, a + b + x) : (b + x, a + b + x - 1)
                var (term, sum) = (1.0, 1.0)
                for number in 0..<4000 {
                    let n = Double(number)
                    term *= (r + x + n) * (second + n) / ((third + n) * (n + 1)) * time / (alpha + age + time)
                    sum += term
                }
                let power = pow((alpha + age) / (alpha + age + time), r + x)
                let staying = isModified ? b + x : b + x - 1
                let canHaveLeft = isModified || frequency > 0
                let odds = canHaveLeft ? a / staying * pow((alpha + age) / (alpha + recency), r + x) : 0
                let published = third / (a - 1) * (1 - power * sum) / (1 + odds)
                let own = fitted.expectedPurchases(within: time, frequency: frequency, recency: recency, age: age)
                #expect(abs(own - published) <= 1e-9 * max(1, published), "\(parameters) \(frequency)")
                let alive = fitted.probabilityAlive(frequency: frequency, recency: recency, age: age)
                #expect(abs(alive - 1 / (1 + odds)) <= 1e-12)
            }
        }
    }

    /// Where the published formulas are 0/0 the values of the neighbourhood go on.
    @Test func expectationsHaveNoGaps() {
        func betaGeometric(_ a: Double) -> Double {
            FittedBetaGeometricNBD(isModified: false, fit: fit([0.5, 3, a, 0.2]))
                .expectedPurchases(within: 26, frequency: 3, recency: 20, age: 30)
        }
        func pareto(_ s: Double) -> Double {
            FittedParetoNBD(fit: fit([0.5, 3, s, 12])).expectedPurchases(within: 26, frequency: 3, recency: 20, age: 30)
        }
        for value in [betaGeometric, pareto] {
            let middle = (value(1 - 1e-5) + value(1 + 1e-5)) / 2
            #expect(abs(value(1) - middle) <= 1e-8 * middle)
        }
        let none = FittedParetoNBD(fit: fit([0.5, 3, 1, 12]))
        #expect(none.expectedPurchases(within: 0, frequency: 3, recency: 20, age: 30) == 0)
        #expect(none.expectedPurchases(within: -1, frequency: 3, recency: 20, age: 30).isNaN)
        let spending = FittedGammaGamma(fit: fit([6.25, 3.74, 15.44]))
        #expect(abs(spending.expectedValue(purchases: 0, mean: .nan) - 6.25 * 15.44 / 2.74) <= 1e-12)
        #expect(abs(spending.expectedValue(purchases: 1_000_000, mean: 80) - 80) <= 1e-3)
    }

    /// Small probabilities keep their order, and parameters at the end of what there is take no longer than others.
    @Test func extremeHistoriesAndParametersHaveAnAnswer() throws {
        let fitted = FittedParetoNBD(fit: fit([0.55, 10.6, 0.61, 11.7]))
        let alive = [20, 40, 400].map { fitted.probabilityAlive(frequency: $0, recency: 5, age: 38) }
        #expect(alive[0] > alive[1] && alive[1] > alive[2] && alive[2] > 0)
        #expect(fitted.probabilityAlive(frequency: 3, recency: 30, age: 30.0.nextUp) > 0.999999)
        for parameters in [[0.5, 10, 1e8, 2e9], [1e8, 2e9, 0.5, 10], [1e8, 1e9, 1e8, 2e9], [0.5, 1e20, 0.5, 1e20]] {
            for recency in [1.0, 30] {
                let answer = FittedParetoNBD(fit: fit(parameters))
                    .probabilityAlive(frequency: 2, recency: recency, age: 38)
                #expect(answer > 0 && answer <= 1, "\(parameters)")
            }
        }
        // Who leaves at the rate 0.05: odds ∫ 0.05·((alpha + T)/(alpha + y))^(r+x)·e^(0.05·(T - y)) dy.
        let leaving = FittedParetoNBD(fit: fit([0.5, 10, 1e9, 2e10]))
        let steps = 100_000
        let odds = (0..<steps).reduce(0.0) { sum, step in
            let time = 20 + 18 * (Double(step) + 0.5) / Double(steps)
            return sum + 18 / Double(steps) * 0.05 * pow(48 / (10 + time), 2.5) * exp(0.05 * (38 - time))
        }
        #expect(abs(leaving.probabilityAlive(frequency: 2, recency: 20, age: 38) - 1 / (1 + odds)) <= 1e-6)
        let factorials = RisingFactorials(of: 0.7, upTo: 1_000_000)
        for number in [3, 1024, 1025, 5000, 1_000_000] {
            let expected = lgamma(0.7 + Double(number)) - lgamma(0.7)
            #expect(abs(factorials.logarithm(number) - expected) <= 1e-13 * max(1, expected))
        }
    }

    /// Differences of the value, on histories of all kinds.
    @Test func slopesAreThoseOfTheLikelihoods() throws {
        let histories = try PurchaseHistories(
            frequencies: [0, 1, 3, 12, 2000, 2, 5],
            recencies: [0, 4, 29.5, 30, 37, 10, 38.0.nextDown],
            ages: [38, 30, 30, 30, 38, 10, 38]
        )
        let points = [[-0.5, 2, -0.3, 1], [1, 0.1, 1, -2], [-2, 4, 2, 3]]
        for point in points {
            check(
                LikelihoodObjective(
                    model: BetaGeometricNBD.Likelihood(isModified: false),
                    histories: histories,
                    threads: 1
                ),
                point
            )
            check(
                LikelihoodObjective(
                    model: BetaGeometricNBD.Likelihood(isModified: true),
                    histories: histories,
                    threads: 1
                ),
                point
            )
            check(LikelihoodObjective(model: ParetoNBD.Likelihood(), histories: histories, threads: 1), point)
            let spending = GammaGamma.Spending(purchases: [1, 2, 9, 50_000], means: [3, 80, 20, 21])
            check(
                LikelihoodObjective(model: GammaGamma.Likelihood(), histories: spending, threads: 1),
                Array(point[..<3])
            )
        }
    }

    private func check<Model: LikelihoodModel>(_ objective: LikelihoodObjective<Model>, _ point: [Double]) {
        let gradient = objective.evaluate(at: point, curvature: false).gradient
        for element in point.indices {
            let values = [1e-5, -1e-5].map { step -> Double in
                var moved = point
                moved[element] += step
                return objective.evaluate(at: moved, curvature: false).value
            }
            let slope = (values[0] - values[1]) / 2e-5
            #expect(
                abs(slope - gradient[element]) <= 1e-6 * max(10, abs(slope)),
                "\(objective.model.modelName) \(element)"
            )
        }
    }

    /// Simpson's rule over the time of leaving, in many small steps.
    @Test func whoMayHaveLeftIsTheIntegralOverTheTimeOfLeaving() {
        for parameters in [[0.55, 10.6, 0.61, 11.7], [0.2, 0.05, 3, 40], [3, 200, 0.4, 0.5], [0.5, 4, 1, 4]] {
            let fitted = FittedParetoNBD(fit: fit(parameters))
            for (frequency, recency, age) in [(0, 0, 38.9), (2, 30.43, 38.86), (26, 30.86, 31), (400, 5, 38.0)] {
                let (shape, alpha, s, beta) = (fitted.r + Double(frequency), fitted.alpha, fitted.s, fitted.beta)
                func logDensity(_ y: Double) -> Double { -shape * log(alpha + y) - (s + 1) * log(beta + y) }
                let highest = logDensity(recency)
                // Steps that grow from the start on, where the density falls fast.
                let steps = 200_000
                func place(_ step: Int) -> Double { recency + (age - recency) * pow(Double(step) / Double(steps), 3) }
                let integral = stride(from: 0, to: steps, by: 1).reduce(0.0) { sum, step in
                    let (from, to) = (place(step), place(step + 1))
                    let middle = (from + to) / 2
                    return sum + (to - from) / 6
                        * (exp(logDensity(from) - highest) + 4 * exp(logDensity(middle) - highest)
                            + exp(logDensity(to) - highest))
                }
                let stays = -shape * log(alpha + age) - s * log(beta + age)
                let odds = exp(log(s * integral) + highest - stays)
                let alive = fitted.probabilityAlive(frequency: frequency, recency: recency, age: age)
                #expect(abs(alive - 1 / (1 + odds)) <= 1e-9, "\(parameters) \(frequency): \(alive)")
            }
        }
    }

    @Test func logGammaAndDigammaAreThoseOfTheLibrary() {
        for x in [1e-8, 0.01, 0.5, 1, 1.5, 2, 3.7, 11.9, 12, 150.25, 1e6] {
            #expect(abs(GammaFunction.logGamma(x) - lgamma(x)) <= 1e-14 * max(1, abs(lgamma(x))), "\(x)")
            // ψ(x + 1) = ψ(x) + 1/x, and ψ(1) is minus Euler's constant.
            let step = GammaFunction.digamma(x + 1) - GammaFunction.digamma(x)
            #expect(abs(step - 1 / x) <= 1e-13 * max(1, 1 / x), "\(x)")
        }
        #expect(abs(GammaFunction.digamma(1) + 0.5772156649015329) <= 1e-14)
        for x in [-800, -1, -1e-9, 0, 1e-300, 1e-5, 0.3, 5, 800] {
            #expect(abs(StableFunctions.expm1(x) - expm1(x)) <= 1e-15 * abs(expm1(x)) || expm1(x) == .infinity)
        }
    }

    // MARK: What cannot be fitted

    @Test func customersWhoTellNothingAreRefused() throws {
        let once = try PurchaseHistories(frequencies: [0, 0, 0], recencies: [0, 0, 0], ages: [5, 6, 7])
        #expect(throws: ModelError.notIdentified(model: "BG/NBD", reason: "nobody bought more than once")) {
            try BetaGeometricNBD().fit(once, threads: 1)
        }
        #expect(throws: ModelError.self) { try ParetoNBD().fit(once, threads: 1) }
        // All alike: nothing says how customers differ.
        let alike = try PurchaseHistories(
            frequencies: [Int](repeating: 3, count: 50),
            recencies: [Double](repeating: 9, count: 50),
            ages: [Double](repeating: 10, count: 50)
        )
        for isModified in [false, true] {
            #expect {
                try BetaGeometricNBD(isModified: isModified).fit(alike, threads: 1)
            } throws: { if case ModelError.notIdentified = $0 { true } else { false } }
        }
        #expect { try ParetoNBD().fit(alike, threads: 1) } throws: {
            if case ModelError.notIdentified = $0 { true } else { false }
        }
        #expect { try GammaGamma().fit(purchases: [1, 2, 3], means: [5, 5, 5], threads: 1) } throws: {
            if case ModelError.notIdentified = $0 { true } else { false }
        }
    }

    @Test func historiesThatCannotBeAreRefused() throws {
        let wrong: [(Int, Double, Double)] = [
            (-1, 0, 1), (1, 2, 1), (0, 1, 2), (1, 0, 2), (1, .nan, 2), (0, 0, .infinity),
        ]
        for (frequency, recency, age) in wrong {
            #expect {
                try PurchaseHistories(frequencies: [0, frequency], recencies: [0, recency], ages: [3, age])
            } throws: { if case ModelError.invalidHistory(row: 1, _, _, _) = $0 { true } else { false } }
        }
        #expect {
            try PurchaseHistories(frequencies: [.max], recencies: [1], ages: [2])
        } throws: { if case ModelError.invalidHistory(row: 0, _, _, _) = $0 { true } else { false } }
        #expect(throws: ModelError.noRows) { try PurchaseHistories(frequencies: [], recencies: [], ages: []) }
        #expect(throws: ModelError.rowCountMismatch(what: "ages", expected: 1, got: 0)) {
            try PurchaseHistories(frequencies: [0], recencies: [0], ages: [])
        }
        #expect(throws: ModelError.invalidSpending(row: 1, purchases: 2, mean: 0)) {
            try GammaGamma().fit(purchases: [1, 2], means: [5, 0], threads: 1)
        }
    }

    /// Sums come in parts of a fixed size.
    @Test func fitsDoNotDependOnThreads() throws {
        let histories = try simulated(3, count: 9000) { stream in
            let rate = stream.gamma(shape: 1, scale: 0.1)
            let end = stream.exponential(mean: 30)
            var time = 0.0
            return {
                time += $0.exponential(mean: 1 / rate)
                return time < end ? time : nil
            }
        }
        #expect(try BetaGeometricNBD().fit(histories, threads: 1) == BetaGeometricNBD().fit(histories, threads: 2))
        #expect(try ParetoNBD().fit(histories, threads: 1) == ParetoNBD().fit(histories, threads: 2))
    }

    /// One start of the sample leads to the edge; all customers tell the parameters. Nor does one gap of one digit stop a fit.
    @Test func fewRepeatersAmongManyAreEnough() throws {
        let histories = try simulated(4, count: 60_000) { stream in
            let rate = stream.gamma(shape: 0.01, scale: 1 / 8.0)
            let leaving = stream.gamma(shape: 0.6, scale: 1)
            let share = leaving / (leaving + stream.gamma(shape: 2, scale: 1))
            var time = 0.0
            return {
                if time == .infinity { return nil }
                time += $0.exponential(mean: 1 / rate)
                let now = time
                if $0.bernoulli(share) { time = .infinity }
                return now
            }
        }
        let fitted = try BetaGeometricNBD().fit(histories, threads: 2)
        #expect(abs(log(fitted.r / 0.01)) <= 4 * fitted.fit.relativeErrors[0])
        var ages = histories.ages
        let repeater = try #require(histories.frequencies.firstIndex { $0 > 2 })
        ages[repeater] = histories.recencies[repeater].nextUp
        let close = try PurchaseHistories(
            frequencies: histories.frequencies,
            recencies: histories.recencies,
            ages: ages
        )
        #expect(try ParetoNBD().fit(close, threads: 2).fit.logLikelihood.isFinite)
    }
}
