import ChurnKit
import Testing

/// The bins that later data are held against.
@Suite struct ReferenceDistributionsTests {
    @Test func binsAreTheTenthsOfTheValues() throws {
        let values = (0..<1000).map { Double($0 % 100) } + [.nan, .nan]
        let table = try PredictorTable(
            rowCount: values.count,
            columns: [
                PredictorColumn(name: "x", values: .numeric(NumericColumn(values))),
                PredictorColumn(
                    name: "c",
                    values: .categorical(codes: values.map { $0.isNaN ? -1 : 0 }, levels: ["a"])
                ),
            ]
        )
        let reference = ReferenceDistributions(scores: values.map { $0.isNaN ? 0 : $0 / 100 }, table: table, threads: 2)
        #expect(reference.numeric.map(\.edges) == [[10, 20, 30, 40, 50, 60, 70, 80, 90]])
        #expect(reference.numeric.map(\.counts) == [Array(repeating: 100, count: 10)])
        #expect(reference.numeric.map(\.missing) == [2] && reference.categorical.map(\.missing) == [2])
        #expect(reference.categorical.map(\.counts) == [["a": 1000]])
        #expect(reference.scores.name == "score" && reference.scores.counts.reduce(0, +) == 1002)
    }

    @Test func ofVeryManyTextsTheMostFrequentAreCountedOneByOne() throws {
        let codes: [Int32] = (0..<3000).map { $0 % 500 } + (0..<3000).map { 500 + $0 % 1500 }
        let table = try PredictorTable(
            rowCount: codes.count,
            columns: [
                PredictorColumn(name: "c", values: .categorical(codes: codes, levels: (0..<2000).map { "t\($0)" }))
            ]
        )
        let scores = [Double](repeating: 0.5, count: codes.count)
        let texts = ReferenceDistributions(scores: scores, table: table, threads: 1).categorical[0]
        #expect(texts.counts.count == 1000 && texts.counts["t0"] == 6 && texts.counts["t500"] == 2)
        #expect(texts.others == 2000 && texts.missing == 0)
    }

    @Test func aValueThatManyShareIsOneEdge() throws {
        let values = (0..<1000).map { $0 < 900 ? 0 : Double($0) }
        let table = try PredictorTable(
            rowCount: 1000,
            columns: [PredictorColumn(name: "x", values: .numeric(NumericColumn(values)))]
        )
        let histogram = ReferenceDistributions(scores: values, table: table, threads: 1).numeric[0]
        #expect(histogram.edges == [0, 900] && histogram.counts == [0, 900, 100])
    }

    /// Of very many values a sample tells the edges; each value counts.
    @Test func ofVeryManyValuesEachCounts() throws {
        let count = 3_000_000
        let values = (0..<count).map { Double($0 * 1_000_003 % count) }
        let table = try PredictorTable(
            rowCount: count,
            columns: [PredictorColumn(name: "x", values: .numeric(NumericColumn(values)))]
        )
        let histogram = ReferenceDistributions(scores: values, table: table, threads: 2).numeric[0]
        #expect(histogram.counts.reduce(0, +) == count && histogram.edges.count == 9)
        for (number, edge) in histogram.edges.enumerated() {
            #expect(abs(edge / Double(count) - Double(number + 1) / 10) < 0.001)
            let below = values.count { $0 < edge }
            #expect(histogram.counts[...number].reduce(0, +) == below)
        }
    }
}
