import Testing

@testable import ChurnFeatures

@Suite struct OverflowTests {
    @Test func aDeviationThatOverflowsIsNoNumber() {
        var sum = DoubleDoubleSum()
        var squares = DoubleDoubleSum()
        for amount in [1e200, 3e200] {
            sum = sum.adding(amount)
            squares = squares.adding(product: amount, amount)
        }
        #expect(!DeviationPrimitive.value(count: 2, sum: sum, squares: squares).isFinite)
    }
}
