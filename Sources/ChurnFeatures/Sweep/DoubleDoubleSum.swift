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

    /// Adds the product of two numbers, with what its rounding loses.
    @inline(__always)
    func adding(product a: Double, _ b: Double) -> DoubleDoubleSum {
        let product = a * b
        let error = (-product).addingProduct(a, b)
        let sum = adding(product)
        return DoubleDoubleSum(high: sum.high, low: sum.low + error)
    }

    @inline(__always)
    static func - (left: DoubleDoubleSum, right: DoubleDoubleSum) -> Double {
        // The high parts may cancel; two-sum keeps what their difference rounds away.
        let difference = left.high - right.high
        let shadow = difference - left.high
        let error = (left.high - (difference - shadow)) + (-right.high - shadow)
        return difference + (error + (left.low - right.low))
    }

    /// The difference in two doubles.
    @inline(__always)
    func subtracting(_ right: DoubleDoubleSum) -> DoubleDoubleSum {
        let difference = high - right.high
        let shadow = difference - high
        let error = (high - (difference - shadow)) + (-right.high - shadow)
        return DoubleDoubleSum(high: difference, low: error + (low - right.low)).settled
    }

    @inline(__always)
    func multiplied(by factor: Double) -> DoubleDoubleSum {
        let product = high * factor
        let error = (-product).addingProduct(high, factor)
        return DoubleDoubleSum(high: product, low: error + low * factor).settled
    }

    @inline(__always)
    var squared: DoubleDoubleSum {
        let number = settled
        let square = number.high * number.high
        let error = (-square).addingProduct(number.high, number.high)
        return DoubleDoubleSum(high: square, low: error + 2 * number.high * number.low).settled
    }

    /// The same number with the low part below the last bit of the high one.
    @inline(__always)
    private var settled: DoubleDoubleSum {
        let sum = high + low
        return DoubleDoubleSum(high: sum, low: low - (sum - high))
    }
}
