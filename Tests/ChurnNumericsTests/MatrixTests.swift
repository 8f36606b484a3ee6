import Testing

@testable import ChurnNumerics

@Suite struct MatrixTests {
    @Test func elementsStandColumnAfterColumn() throws {
        var matrix = try Matrix(rowCount: 2, columnCount: 3, elements: [1, 2, 3, 4, 5, 6])
        #expect(matrix[1, 0] == 2)
        #expect(matrix[0, 2] == 5)
        matrix[0, 2] = 50
        #expect(matrix.elements == [1, 2, 3, 4, 50, 6])
    }

    @Test(arguments: [(2, 3, 5), (2, 3, 7), (0, 3, 1), (-1, -1, 1), (-2, 0, 0), (0, -2, 0)])
    func rejectsACountThatDoesNotFillTheShape(rows: Int, columns: Int, count: Int) {
        let expected = NumericsError.shapeMismatch(what: "elements", expected: rows * columns, got: count)
        #expect(throws: expected) {
            try Matrix(rowCount: rows, columnCount: columns, elements: [Double](repeating: 0, count: count))
        }
    }

    @Test func emptyShapesAreFine() throws {
        #expect(try Matrix(rowCount: 0, columnCount: 3, elements: []).columnCount == 3)
        let rowsOnly = Matrix(rowCount: 4, columnCount: 0)
        #expect(rowsOnly.withBlock { $0.rowCount } == 4)
        try rowsOnly.requireFinite()
    }

    @Test func selectsColumnsInTheOrderAskedFor() throws {
        let matrix = try Matrix(rowCount: 2, columnCount: 3, elements: [1, 2, 3, 4, 5, 6])
        #expect(Matrix(SelectedColumns([2, 0, 2], of: matrix)).elements == [5, 6, 1, 2, 5, 6])
        #expect(SelectedColumns([], of: matrix).rowCount == 2)
    }

    @Test(arguments: [Double.infinity, -Double.infinity]) func namesThePlaceOfWhatIsNotFinite(_ value: Double) throws {
        var matrix = Matrix(rowCount: 3, columnCount: 2)
        matrix[1, 1] = value
        #expect(throws: NumericsError.notFinite(row: 1, column: 1, value: value)) { try matrix.requireFinite() }
    }

    @Test func namesThePlaceOfNaN() throws {
        var matrix = Matrix(rowCount: 3, columnCount: 2)
        matrix[2, 0] = .nan
        matrix[0, 1] = .infinity
        let error = #expect(throws: NumericsError.self) { try matrix.requireFinite() }
        guard case .notFinite(row: 2, column: 0, let value) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(value.isNaN)
    }

    @Test func theBlockSeesTheElements() throws {
        let matrix = try Matrix(rowCount: 2, columnCount: 2, elements: [1, 2, 3, 4])
        #expect(matrix.withBlock { Array(UnsafeBufferPointer(start: $0.column(1), count: 2)) } == [3, 4])
    }
}

@Suite struct PredictorTableTests {
    @Test func rejectsAColumnOfAnotherLength() {
        let expected = NumericsError.shapeMismatch(what: "rows of column plan", expected: 2, got: 3)
        #expect(throws: expected) {
            try PredictorTable(
                rowCount: 2,
                columns: [
                    PredictorColumn(name: "age", values: .numeric([1, 2])),
                    PredictorColumn(name: "plan", values: .categorical(codes: [0, 1, 0], levels: ["a", "b"])),
                ]
            )
        }
    }

    @Test func selectsRowsOfBothKinds() throws {
        let table = try PredictorTable(
            rowCount: 3,
            columns: [
                PredictorColumn(name: "age", values: .numeric([1, 2, 3])),
                PredictorColumn(name: "plan", values: .categorical(codes: [0, -1, 1], levels: ["a", "b"])),
            ]
        )
        let selected = table.selecting(rows: [2, 0, 2, 1])
        #expect(selected.rowCount == 4)
        #expect(selected.columns[0].values == .numeric([3, 1, 3, 2]))
        #expect(selected.columns[1].values == .categorical(codes: [1, 0, 1, -1], levels: ["a", "b"]))
    }
}

@Suite struct NumericsErrorTests {
    @Test(arguments: [
        (
            NumericsError.shapeMismatch(what: "elements", expected: 6, got: 5), "elements: expected 6, got 5"
        ),
        (
            .notFinite(row: 3, column: 1, value: .infinity),
            "the value in row 3, column 1 is inf; every value must be finite"
        ),
        (
            .notPositiveDefinite(column: 2),
            "the matrix is not positive definite: its leading minor fails at column 2"
        ),
        (.lapack(routine: "dpotrf", info: -4), "LAPACK's dpotrf failed with info -4"),
    ])
    func saysWhatWasWrong(error: NumericsError, message: String) {
        #expect(error.description == message)
    }
}
