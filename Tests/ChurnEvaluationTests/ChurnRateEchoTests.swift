import ChurnNumerics
import Testing

@testable import ChurnEvaluation

@Suite struct ChurnRateEchoTests {
    /// Rows of twelve regions whose churn rates differ.
    private struct Regions {
        var codes: [Int] = []
        var labels: [Bool] = []

        init(rows: Int = 3000, regions: Int = 12, seed: UInt64) {
            var random = RandomStream(seed: seed, purpose: "regions", index: 0)
            for _ in 0..<rows {
                let region = random.below(regions)
                codes.append(region)
                labels.append(random.bernoulli(0.1 + 0.5 * Double(region) / Double(regions)))
            }
        }

        /// The churn rate of each region among some rows.
        func rates(among isCounted: (Int) -> Bool = { _ in true }) -> [Double] {
            (0...(codes.max() ?? 0)).map { region in
                let rows = codes.indices.filter { codes[$0] == region && isCounted($0) }
                return Double(rows.count { labels[$0] }) / Double(max(rows.count, 1))
            }
        }

        func find(_ value: (Int) -> Double) throws -> [ChurnRateEcho] {
            let values = codes.indices.map { value($0) }
            let table = try PredictorTable(
                rowCount: labels.count,
                columns: [.init(name: "rate", values: .numeric(values))]
            )
            return ChurnRateEcho.find(in: table, labels: labels, threads: 2)
        }
    }

    @Test func aCategoryEncodedByItsOwnLabelsIsFound() throws {
        let regions = Regions(seed: 1)
        let rates = regions.rates()
        let found = try regions.find { rates[regions.codes[$0]] }
        #expect(found == [ChurnRateEcho(name: "rate", groups: 12, rows: 3000)])
    }

    @Test(arguments: [
        "rounded to three digits", "share of those who stay", "smoothed to the mean", "smoothed by size",
        "of few regions",
    ])
    func soItIsInOtherForms(form: String) throws {
        let regions = Regions(regions: form == "of few regions" ? 5 : 12, seed: 2)
        let rates = regions.rates()
        let mean = rates.reduce(0, +) / Double(rates.count)
        let counts = rates.indices.map { region in regions.codes.count { $0 == region } }
        let churned = regions.labels.count { $0 }
        let found = try regions.find { row in
            let rate = rates[regions.codes[row]]
            switch form {
            case "rounded to three digits": return (rate * 1000).rounded() / 1000
            case "share of those who stay": return 1 - rate
            case "smoothed to the mean": return 0.8 * rate + 0.2 * mean
            case "smoothed by size":
                let count = Double(counts[regions.codes[row]])
                return (rate * count + 100 * Double(churned) / 3000) / (count + 100)
            default: return rate
            }
        }
        #expect(found.map(\.name) == ["rate"])
    }

    @Test func aRateFromOtherRowsIsNone() throws {
        for seed in 10..<60 {
            var regions = Regions(rows: 6000, seed: UInt64(seed))
            let rates = regions.rates { $0 % 2 == 0 }
            let kept = regions.codes.indices.filter { $0 % 2 == 1 }
            regions.codes = kept.map { regions.codes[$0] }
            regions.labels = kept.map { regions.labels[$0] }
            #expect(try regions.find { rates[regions.codes[$0]] }.isEmpty)
        }
    }

    /// The true probability is as good as a predictor can honestly be.
    @Test func theTrueProbabilityIsNone() throws {
        for seed in 100..<200 {
            let regions = Regions(regions: 5 + seed % 40, seed: UInt64(seed))
            let count = Double(5 + seed % 40)
            #expect(try regions.find { 0.1 + 0.5 * Double(regions.codes[$0]) / count }.isEmpty)
        }
    }

    /// Customers with regular habits stray less than rows drawn one by one, and folds with equal rates do not stray at all.
    @Test func regularCustomersAndFoldsOfEqualRatesAreNone() throws {
        for seed in 0..<40 {
            var random = RandomStream(seed: UInt64(seed), purpose: "regular", index: 0)
            var values: [Double] = []
            var labels: [Bool] = []
            var customers: [Int32] = []
            for customer in 0..<600 {
                let size = Double(random.below(8))
                let phase = random.below(4)
                // Everybody is silent at every fourth cutoff, or at two of four.
                let silent = random.bernoulli(0.3 + 0.05 * size) ? 2 : 1
                for cutoff in 0..<12 {
                    values.append(size)
                    labels.append((cutoff + phase) % 4 < silent)
                    customers.append(Int32(customer))
                }
            }
            let table = try PredictorTable(
                rowCount: labels.count,
                columns: [.init(name: "size", values: .numeric(values))]
            )
            #expect(ChurnRateEcho.find(in: table, labels: labels, customers: customers, threads: 1).isEmpty)
        }
        // Who pays p times a year, always in the same months, is silent in 12 - p months of twelve.
        let payments = [1, 2, 3, 4, 6]
        let payers = (0..<100 * 12).map { (customer: $0 / 12, month: $0 % 12) }
        let years = try PredictorTable(
            rowCount: payers.count,
            columns: [.init(name: "payments", values: .numeric(payers.map { Double(payments[$0.customer % 5]) }))]
        )
        let silent = payers.map { ($0.month + $0.customer) % (12 / payments[$0.customer % 5]) != 0 }
        let ids = payers.map { Int32($0.customer) }
        #expect(ChurnRateEcho.find(in: years, labels: silent, customers: ids, threads: 1).isEmpty)
        let folds = try PredictorTable(
            rowCount: 4000,
            columns: [.init(name: "fold", values: .numeric((0..<4000).map { Double($0 % 10) }))]
        )
        #expect(ChurnRateEcho.find(in: folds, labels: (0..<4000).map { $0 / 10 % 4 == 0 }, threads: 1).isEmpty)
    }

    /// Each customer's own rate over all his rows: what a target encoding of the customer's id gives.
    @Test(arguments: [
        "plain", "four digits", "per cent", "share of those who stay", "per cent of those who stay", "per mille",
        "number of churned rows", "number of other rows",
    ])
    func theOwnRateOfEachCustomerIsFound(form: String) throws {
        var random = RandomStream(seed: 5, purpose: "own rates", index: 0)
        var values: [Double] = []
        var labels: [Bool] = []
        var customers: [Int32] = []
        for customer in 0..<400 {
            let chance = Double(random.below(9)) / 8
            let own = (0..<9).map { _ in random.bernoulli(chance) }
            let rate = Double(own.count { $0 }) / 9
            for label in own {
                switch form {
                case "four digits": values.append((rate * 10_000).rounded() / 10_000)
                case "per cent": values.append(100 * rate)
                case "share of those who stay": values.append(1 - rate)
                case "per cent of those who stay": values.append(100 - 100 * rate)
                case "per mille": values.append((1e6 * rate).rounded() / 1000)
                case "number of churned rows": values.append(9 * rate)
                case "number of other rows": values.append((9 - 9 * rate).rounded())
                default: values.append(rate)
                }
                labels.append(label)
                customers.append(Int32(customer))
            }
        }
        let table = try PredictorTable(rowCount: labels.count, columns: [.init(name: "own", values: .numeric(values))])
        let found = ChurnRateEcho.find(in: table, labels: labels, customers: customers, threads: 1)
        #expect(found.map(\.name) == ["own"])
    }

    @Test func constantsNumbersOfWhichEachStandsOnceAndClassesWithoutChanceAreNone() throws {
        let regions = Regions(seed: 3)
        #expect(try regions.find { _ in 0.25 }.isEmpty)
        #expect(try regions.find { Double($0) }.isEmpty)
        #expect(try regions.find { _ in .nan }.isEmpty)
        // Nobody leaves below 6: what is certain follows any rate.
        var certain = regions
        certain.labels = certain.codes.map { $0 >= 6 }
        #expect(try certain.find { Double(certain.codes[$0]) }.isEmpty)
    }
}
