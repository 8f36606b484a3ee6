import ChurnNumerics

extension Matrix {
    /// Makes of an approximate Hessian one that maps a step to the change of the gradient that was seen over it: the BFGS
    /// update (Nocedal and Wright 2006, equation 6.19).
    ///
    /// Left as it is where the step says something else altogether: then it is far away, or rounding is all that was seen.
    mutating func update(step: [Double], change: [Double]) {
        var product = [Double](repeating: 0, count: rowCount)
        withBlock { block in
            for column in step.indices where step[column] != 0 {
                let values = block.column(column)
                for row in product.indices { product[row] += step[column] * values[row] }
            }
        }
        let expected = VectorOperations.dot(step, product)
        let seen = VectorOperations.dot(step, change)
        guard expected > 0, seen > 0.1 * expected, seen < 10 * expected else { return }
        withMutableElements { elements in
            for column in step.indices {
                let gain = change[column] / seen
                let loss = product[column] / expected
                let first = column * product.count
                for row in product.indices { elements[first + row] += gain * change[row] - loss * product[row] }
            }
        }
    }
}
