import Testing

@testable import ChurnEvaluation

@Suite struct CompensatedSumTests {
    @Test func keepsWhatPlainAdditionLoses() {
        var sum = CompensatedSum()
        for term in [1, 1e100, 1, -1e100] { sum.add(term) }
        #expect(sum.value == 2)
    }

    @Test func isExactOverManyTermsThatAreNotRepresentable() {
        var sum = CompensatedSum()
        for _ in 0..<1_000_000 { sum.add(0.1) }
        #expect(sum.value == 100_000)
    }

    @Test func staysInfiniteAfterAnInfiniteTerm() {
        var sum = CompensatedSum()
        for term in [1, .infinity, 2, .infinity] { sum.add(term) }
        #expect(sum.value == .infinity)
    }
}
