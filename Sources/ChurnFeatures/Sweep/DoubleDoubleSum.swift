/// A running sum in two doubles: the sum and what its rounding lost (Knuth's two-sum), about 106 bits.
///
/// The sum of a window is a difference of two such prefixes. With single doubles it would keep the rounding of the whole
/// history before the window; with two the difference is right to the last bit or nearly so.
struct DoubleDoubleSum {
    var high = 0.0
    var low = 0.0

    @inline(__always)
    func adding(_ value: Double) -> DoubleDoubleSum {
        let sum = high + value
        let shadow = sum - high
        let error = (high - (sum - shadow)) + (value - shadow)
        return DoubleDoubleSum(high: sum, low: low + error)
    }

    @inline(__always)
    static func - (left: DoubleDoubleSum, right: DoubleDoubleSum) -> Double {
        // The high parts may cancel; two-sum keeps what their difference rounds away.
        let difference = left.high - right.high
        let shadow = difference - left.high
        let error = (left.high - (difference - shadow)) + (-right.high - shadow)
        return difference + (error + (left.low - right.low))
    }
}
