@testable import ChurnNumerics

/// A matrix of standard normals.
func randomMatrix(rows: Int, columns: Int, seed: UInt64 = 1) -> Matrix {
    var stream = RandomStream(seed: seed, purpose: "matrix")
    var matrix = Matrix(rowCount: rows, columnCount: columns)
    matrix.withMutableElements { elements in
        for index in elements.indices { elements[index] = stream.normal() }
    }
    return matrix
}

/// A matrix of the given columns.
func matrix(columns: [[Double]]) throws -> Matrix {
    try Matrix(rowCount: columns.first?.count ?? 0, columnCount: columns.count, elements: columns.flatMap { $0 })
}
