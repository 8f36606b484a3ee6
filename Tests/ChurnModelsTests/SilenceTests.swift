import ChurnNumerics
import Foundation
import Testing

@testable import ChurnModels

/// Buy-till-you-die models as estimators: from three predictors to the probability of silence.
@Suite struct SilenceTests {
    private static let columns = BuyTillYouDie.Columns(purchaseDays: "days", recency: "recency", tenure: "tenure")

    private func fit(_ kind: ModelKind, _ world: PurchaseWorld) throws -> FittedBuyTillYouDie {
        let rows = TrainingRows(table: try world.table, labels: world.silent)
        let fitted = try BuyTillYouDie(kind, columns: Self.columns, horizon: 90).fit(rows, threads: 2)
        guard case .buyTillYouDie(let model) = fitted.content else { throw ModelError.noRows }
        return model
    }

    @Test func parametersAreRecoveredAndProbabilitiesTrue() throws {
        let world = PurchaseWorld(customers: 20_000, seed: 1)
        let model = try fit(.bgnbd, world)
        for (value, known) in zip(
            model.fit.parameters,
            [PurchaseWorld.r, PurchaseWorld.alpha, PurchaseWorld.a, PurchaseWorld.b]
        ) {
            #expect(abs(value / known - 1) < 0.15)
        }
        let fresh = PurchaseWorld(customers: 20_000, seed: 2)
        let probabilities = try model.probabilities(fresh.table)
        for decile in 0..<10 {
            let rows = probabilities.indices.filter { min(Int(probabilities[$0] * 10), 9) == decile }
            guard rows.count > 300 else { continue }
            let mean = rows.reduce(0) { $0 + probabilities[$1] } / Double(rows.count)
            let share = Double(rows.count { fresh.silent[$0] }) / Double(rows.count)
            #expect(abs(share - mean) < 4 * (mean * (1 - mean) / Double(rows.count)).squareRoot() + 0.01)
        }
    }

    /// P(silent) = 1 - P(alive)·(1 - ((α + T)/(α + T + H))^(r + x)): who is there still buys at a rate that is gamma distributed.
    @Test func silenceIsWhatTheClosedFormSays() throws {
        let world = PurchaseWorld(customers: 3000, seed: 3)
        for kind in [ModelKind.bgnbd, .mbgnbd] {
            let model = try fit(kind, world)
            let closed = FittedBetaGeometricNBD(isModified: kind == .mbgnbd, fit: model.fit)
            let found = try model.probabilities(world.table)
            for row in stride(from: 0, to: 3000, by: 7) {
                let (x, age) = (Int(world.days[row]) - 1, world.tenures[row])
                let recency = x == 0 ? 0 : min(max(age - world.recencies[row], 1), age)
                let alive = closed.probabilityAlive(frequency: x, recency: recency, age: age)
                let buys = 1 - pow((closed.alpha + age) / (closed.alpha + age + 90), closed.r + Double(x))
                #expect(abs(found[row] - (1 - alive * buys)) <= 1e-10)
            }
        }
    }

    /// Pareto/NBD has no short closed form; its customers are drawn from their own posterior here.
    @Test func silenceUnderParetoNBDIsWhatItsOwnCustomersDo() throws {
        let world = PurchaseWorld(customers: 5000, seed: 4)
        let model = try fit(.paretonbd, world)
        let probabilities = try model.probabilities(world.table)
        let mean = probabilities.reduce(0, +) / 5000
        let share = Double(world.silent.count { $0 }) / 5000
        // The world is another one, but near enough.
        #expect(abs(mean - share) < 0.02)
        let purchases = FittedParetoNBD(fit: model.fit)
        // Over a short time, silence is 1 - expected purchases.
        let short = try BuyTillYouDie(.paretonbd, columns: Self.columns, horizon: 0.01)
            .fit(TrainingRows(table: world.table, labels: world.silent), threads: 1)
        let chances = try short.linearPredictor(world.table, offsets: nil, threads: 1).map {
            StableFunctions.sigmoid(-$0)
        }
        for row in stride(from: 0, to: 5000, by: 11) {
            let (x, age) = (Int(world.days[row]) - 1, world.tenures[row])
            let recency = x == 0 ? 0 : min(max(age - world.recencies[row], 1), age)
            let expected = purchases.expectedPurchases(within: 0.01, frequency: x, recency: recency, age: age)
            #expect(abs(chances[row] - expected) <= 1e-3 * expected + 1e-12)
        }
    }

    @Test func contributionsSumToTheLogOdds() throws {
        let world = PurchaseWorld(customers: 2000, seed: 5)
        for kind in [ModelKind.bgnbd, .mbgnbd, .paretonbd] {
            let model = try fit(kind, world)
            let (logOdds, reasons) = try model.explainedLinearPredictor(
                world.table,
                reasons: 3,
                offsets: nil,
                threads: 1
            )
            let contributions = try model.contributions(world.table)
            for row in stride(from: 0, to: 2000, by: 3) {
                let sum = (0..<3).reduce(model.intercept) { $0 + contributions[row, $1] }
                #expect(abs(sum - logOdds[row]) <= 1e-9 * max(1, abs(logOdds[row])))
                let strongest = (0..<3).map { abs(contributions[row, $0]) }.max()
                #expect(reasons.ofRow(row).first.map { abs($0.contribution) } == strongest)
            }
        }
    }

    @Test func aCustomerWithSeveralRowsCountsOnceWithTheLongestHistory() throws {
        let world = PurchaseWorld(customers: 2000, seed: 6)
        let once = try fit(.bgnbd, world)
        // Every customer also as of his first day, before the other rows and behind them.
        let early = [Double](repeating: 1, count: 2000)
        let table = try numericTable([
            ("days", early + world.days), ("recency", early + world.recencies), ("tenure", early + world.tenures),
        ])
        let customers = (0..<4000).map { Int32($0 % 2000) }
        let rows = TrainingRows(table: table, labels: world.silent + world.silent, clusters: customers)
        let fitted = try BuyTillYouDie(.bgnbd, columns: Self.columns, horizon: 90).fit(rows, threads: 1)
        guard case .buyTillYouDie(let twice) = fitted.content else { throw ModelError.noRows }
        #expect(twice.fit.parameters == once.fit.parameters && twice.customers == 2000)
    }

    @Test func whatCannotBeAHistoryIsMadeOne() throws {
        let model = try fit(.paretonbd, PurchaseWorld(customers: 500, seed: 7))
        let odd = try numericTable([
            ("days", [0, 1, 5, 5, -3]), ("recency", [900, 20, 900, -4, 0]), ("tenure", [0, 10, 10, 10, -7]),
        ])
        #expect(try model.linearPredictor(odd).allSatisfy(\.isFinite))
        let gaps = try numericTable([("days", [1]), ("recency", [.nan]), ("tenure", [3])])
        #expect(throws: ModelError.self) { try model.linearPredictor(gaps) }
    }

    @Test(arguments: [ModelKind.bgnbd, .paretonbd]) func storedOnesScoreTheSame(_ kind: ModelKind) throws {
        let world = PurchaseWorld(customers: 500, seed: 8)
        let model = try fit(kind, world)
        let json = try JSONEncoder().encode(model)
        let copy = try JSONDecoder().decode(FittedBuyTillYouDie.self, from: json)
        #expect(copy == model)
        #expect(try copy.linearPredictor(world.table) == model.linearPredictor(world.table))
        let text = String(decoding: json, as: UTF8.self)
        for (word, other) in [("\(kind.rawValue)\"", "logistic\""), ("\"horizon\":90", "\"horizon\":-1")] {
            #expect(text.contains(word))
            let forged = Data(text.replacingOccurrences(of: word, with: other).utf8)
            #expect(throws: (any Error).self) { try JSONDecoder().decode(FittedBuyTillYouDie.self, from: forged) }
        }
    }

    /// Parameters that no fit leads to, in a file: an error or a number, and soon.
    @Test func impossibleParametersEndSoon() throws {
        let world = PurchaseWorld(customers: 500, seed: 8)
        let table = try world.table.selecting(rows: Array(0..<20))
        for kind in [ModelKind.bgnbd, .paretonbd] {
            let json = String(decoding: try JSONEncoder().encode(fit(kind, world)), as: UTF8.self)
            let start = try #require(json.range(of: "\"parameters\":["))
            let end = try #require(json.range(of: "]", range: start.upperBound..<json.endIndex))
            for parameters in [
                "1e100,100,2,2000", "3,1e-5,1e12,1e-5", "1e12,1e-12,1e12,1e-12", "1e-3,1e-100,1e-3,1e-100",
                "1e12,1e12,1e12,1e12", "1e-12,1e-12,1e-12,1e-12",
            ] {
                let forged = json.replacingCharacters(in: start.upperBound..<end.lowerBound, with: parameters)
                guard let model = try? JSONDecoder().decode(FittedBuyTillYouDie.self, from: Data(forged.utf8)) else {
                    continue
                }
                if let odds = try? model.linearPredictor(table) {
                    let isFinite = odds.allSatisfy(\.isFinite)
                    #expect(isFinite)
                }
            }
        }
    }

    @Test func hyperparametersAreChecked() {
        for horizon in [0, -1, .nan, .infinity, 1e6] {
            #expect(throws: ModelError.self) {
                try BuyTillYouDie(.bgnbd, columns: Self.columns, horizon: horizon)
            }
        }
        #expect(throws: ModelError.self) { try BuyTillYouDie(.logistic, columns: Self.columns, horizon: 9) }
    }
}
