import ChurnNumerics
import Testing

@testable import ChurnEvaluation

@Suite struct LeakingPredictorTests {
    private static let labels = (0..<2000).map { $0 % 4 == 0 }

    private static func find(_ values: PredictorColumn.Values, labels: [Bool] = labels) throws -> [LeakingPredictor] {
        let table = try PredictorTable(rowCount: labels.count, columns: [.init(name: "x", values: values)])
        return LeakingPredictor.find(in: table, labels: labels, threads: 2)
    }

    @Test(arguments: [1.0, -1.0]) func aNumberThatSeparatesIsFoundOnEitherSide(sign: Double) throws {
        let values = Self.labels.indices.map { sign * (Self.labels[$0] ? 10 : 0) + Double($0 % 7) }
        let leaks = try Self.find(.numeric(values))
        #expect(leaks.map(\.name) == ["x"] && leaks[0].auc == (sign > 0 ? 1 : 0) && leaks[0].level == nil)
    }

    /// The area from bins is that of the values themselves, here computed from all pairs.
    @Test func theAreaIsThatOfThePairs() throws {
        var random = RandomStream(seed: 3, purpose: "leak", index: 0)
        let labels = (0..<600).map { _ in random.bernoulli(0.4) }
        let values = labels.map { ($0 ? 5.0 : 0) + random.normal() }
        var wins = 0.0
        for (row, label) in labels.enumerated() where label {
            for (other, otherLabel) in labels.enumerated() where !otherLabel {
                wins += values[row] > values[other] ? 1 : values[row] == values[other] ? 0.5 : 0
            }
        }
        let pairs = Double(labels.count { $0 } * labels.count { !$0 })
        let leaks = try Self.find(.numeric(values), labels: labels)
        #expect(abs((leaks.first?.auc ?? 0) - wins / pairs) < 1e-12)
    }

    @Test func aMissingValueThatTellsIsFound() throws {
        let values = Self.labels.indices.map { Self.labels[$0] ? Double.nan : Double($0 % 5) }
        #expect(try Self.find(.numeric(values)).map(\.auc) == [1])
        let codes = Self.labels.map { $0 ? Int32(-1) : 0 }
        let leak = try #require(try Self.find(.categorical(codes: codes, levels: ["a"])).first)
        // Missing tells, and so does the only other category, on its other side.
        #expect(leak.auc == 1 || leak.auc == 0)
    }

    @Test func aCategoryThatTellsIsNamed() throws {
        let codes = Self.labels.indices.map { Self.labels[$0] ? Int32(2) : Int32($0 % 2) }
        let leaks = try Self.find(.categorical(codes: codes, levels: ["a", "b", "cancelled"]))
        #expect(leaks.map(\.level) == ["cancelled"] && leaks[0].description == "x (cancelled), AUC 1.0")
    }

    @Test func categoriesThatTellTogetherAreFound() throws {
        var random = RandomStream(seed: 9, purpose: "leak", index: 2)
        let labels = (0..<4000).map { _ in random.bernoulli(0.5) }
        let codes = labels.map { Int32(random.below(2)) + ($0 ? 0 : 2) }
        let leaks = try Self.find(.categorical(codes: codes, levels: ["A", "B", "C", "D"]), labels: labels)
        #expect(leaks.map(\.auc) == [1] && leaks[0].level == nil)
    }

    /// Fewer rows than one in 4,096 hold the value that tells.
    @Test func aRareValueThatTellsIsFound() throws {
        let labels = (0..<200_000).map { $0 % 5000 == 0 }
        #expect(try Self.find(.numeric(labels.map { $0 ? 1 : 0 }), labels: labels).map(\.auc) == [1])
    }

    /// Of very many rows of a class half a million are looked at.
    @Test(arguments: [0.01, 0.0005]) func aLeakIsFoundAmongVeryManyRows(rate: Double) throws {
        var random = RandomStream(seed: 4, purpose: "leak", index: 2)
        let labels = (0..<3_000_000).map { _ in random.bernoulli(rate) }
        let all = labels.map { ($0 ? 9.0 : 0) + random.uniform() }
        let numeric = try Self.find(.numeric(NumericColumn(all)), labels: labels)
        // From bins, so not quite 1.
        #expect(numeric.count == 1 && numeric[0].auc > 0.9999)
        let codes = labels.map { $0 ? Int32(1) : 0 }
        let categorical = try Self.find(.categorical(codes: codes, levels: ["a", "b"]), labels: labels)
        #expect(categorical.map(\.auc) == [0] && categorical.map(\.level) == ["a"])
    }

    @Test func labelsThatAlternateAreNotPassedOver() throws {
        let labels = (0..<(1 << 21)).map { $0 % 2 == 1 }
        let leak = labels.indices.map { (labels[$0] ? 1 : 0) + Double($0 % 1000) * 1e-6 }
        #expect(try Self.find(.numeric(NumericColumn(leak)), labels: labels).count == 1)
    }

    @Test func manyCategoriesThatEachTellLittleAreNoLeak() throws {
        let codes = Self.labels.indices.map { Int32($0) }
        #expect(try Self.find(.categorical(codes: codes, levels: codes.map { "\($0)" })).isEmpty)
    }

    @Test func anHonestPredictorAndAConstantAreNoLeaks() throws {
        var random = RandomStream(seed: 1, purpose: "leak", index: 1)
        #expect(try Self.find(.numeric(Self.labels.map { ($0 ? 1 : 0) + random.normal() })).isEmpty)
        #expect(try Self.find(.numeric(Self.labels.map { _ in 7 })).isEmpty)
        #expect(try Self.find(.numeric(Self.labels.map { _ in .nan })).isEmpty)
    }

    @Test func fewRowsOfAClassProveNothing() throws {
        for (positives, isFound) in [(19, false), (20, true)] {
            let labels = (0..<100).map { $0 < positives }
            #expect(try Self.find(.numeric(labels.map { $0 ? 1 : 0 }), labels: labels).isEmpty != isFound)
        }
    }
}
