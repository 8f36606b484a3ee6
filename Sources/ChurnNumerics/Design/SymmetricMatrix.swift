import COpenBLAS

extension Matrix {
    /// s·A·M·A·s for two symmetric matrices of one size, this one A, and a number s.
    public func product(around middle: Matrix, scale: Double = 1) -> Matrix {
        precondition(rowCount == columnCount && middle.rowCount == rowCount, "symmetric matrices of one size")
        return multiplied(by: middle.multiplied(by: self, scale: scale), scale: scale)
    }

    /// s·A.
    public func scaled(by factor: Double) -> Matrix {
        var result = self
        result.withMutableElements { elements in
            for place in elements.indices { elements[place] *= factor }
        }
        return result
    }

    /// Writes A·x to `result` for this symmetric matrix A (`dsymv`).
    /// - Parameters:
    ///   - vector: as many numbers as A has columns.
    ///   - result: as many again, of which none is read.
    public func multiply(_ vector: [Double], into result: inout [Double]) {
        precondition(
            rowCount == columnCount && vector.count == columnCount && result.count == rowCount,
            "shapes must match"
        )
        LinearAlgebraLibrary.prepare()
        let size = Int32(rowCount)
        guard size > 0 else { return }
        withBlock { block in
            cblas_dsymv(CblasColMajor, CblasUpper, size, 1, block.base, size, vector, 1, 0, &result, 1)
        }
    }

    /// A with numbers added to its diagonal.
    /// - Parameter numbers: one for each row.
    public func addingToDiagonal(_ numbers: [Double]) -> Matrix {
        var result = self
        for (element, number) in numbers.enumerated() { result[element, element] += number }
        return result
    }

    /// s·A·B for this one A, symmetric (`dsymm`).
    private func multiplied(by other: Matrix, scale: Double) -> Matrix {
        LinearAlgebraLibrary.prepare()
        let size = Int32(rowCount)
        var result = Matrix(rowCount: rowCount, columnCount: rowCount)
        guard size > 0 else { return result }
        withBlock { left in
            other.withBlock { right in
                result.withMutableElements { target in
                    cblas_dsymm(
                        CblasColMajor,
                        CblasLeft,
                        CblasUpper,
                        size,
                        size,
                        scale,
                        left.base,
                        size,
                        right.base,
                        size,
                        0,
                        target.baseAddress,
                        size
                    )
                }
            }
        }
        return result
    }

    /// RᵀR of an upper triangular matrix, of which what lies below the diagonal is not read.
    func productOfTriangle() -> Matrix {
        precondition(rowCount == columnCount, "a triangle is square")
        LinearAlgebraLibrary.prepare()
        let size = Int32(rowCount)
        var result = self
        for column in 0..<columnCount {
            for row in column + 1..<max(rowCount, column + 1) { result[row, column] = 0 }
        }
        guard size > 0 else { return result }
        withBlock { triangle in
            result.withMutableElements { target in
                cblas_dtrmm(
                    CblasColMajor,
                    CblasLeft,
                    CblasUpper,
                    CblasTrans,
                    CblasNonUnit,
                    size,
                    size,
                    1,
                    triangle.base,
                    size,
                    target.baseAddress,
                    size
                )
            }
        }
        return result
    }
}
