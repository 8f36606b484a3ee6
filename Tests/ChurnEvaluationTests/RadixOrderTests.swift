import ChurnNumerics
import Testing

@testable import ChurnEvaluation

@Suite struct RadixOrderTests {
    @Test(arguments: [0, 1, 2, 3, 300, 5000])
    func sortsScoresDownwardsAndKeepsRowOrderAmongTies(count: Int) {
        var stream = RandomStream(seed: UInt64(count), purpose: "scores")
        var scores = [0, -0.0, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude]
        while scores.count < count {
            scores.append(stream.bernoulli(0.5) ? stream.normal() * 1e3 : Double(stream.below(20)) - 10)
        }
        scores = Array(scores.prefix(count))
        let labels = scores.indices.map { $0 % 3 == 0 }
        let entries = RadixOrder(descending: scores, labels: labels).entries
        let expected = scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }
        #expect(entries.map { Int($0.row) } == expected)
        #expect(entries.map(\.isPositive) == expected.map { labels[$0] })
        #expect(entries.map { RadixOrder.score(ofDescendingKey: $0.key) } == expected.map { scores[$0] })
    }

    @Test func sortsCodesUpwards() {
        let codes: [UInt32] = [7, .max, 0, 7, 65_536, 256]
        let order = RadixOrder(ascending: codes, labels: codes.map { $0 > 7 })
        #expect(order.entries.map(\.row) == [2, 0, 3, 5, 4, 1])
    }

    @Test func zerosOfBothSignsAreOneKey() {
        #expect(RadixOrder.descendingKey(0) == RadixOrder.descendingKey(-0.0))
        #expect(RadixOrder.descendingKey(-0.0) < RadixOrder.descendingKey(-.leastNonzeroMagnitude))
    }
}
