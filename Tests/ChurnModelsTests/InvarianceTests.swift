import ChurnNumerics
import Testing

@testable import ChurnModels

/// What must not change a model: the order of rows and columns, their units, and the number of threads.
@Suite struct InvarianceTests {
    private let data = SyntheticData.logistic(rows: 1500, coefficients: [1, -2, 0.5, 0.1])

    @Test(arguments: [0, 1.0]) func theOrderOfRowsDoesNotMatter(l2Strength: Double) throws {
        var stream = RandomStream(seed: 9, purpose: "order")
        let order = stream.permutation(data.rowCount)
        let shuffled = data.selecting(rows: order)
        let one = try fit(data.table, data.labels, l2Strength: l2Strength)
        let other = try fit(shuffled.table, shuffled.labels, l2Strength: l2Strength)
        #expect(largestError(other.model.point, one.model.point) <= 1e-9)
        #expect(largestError(other.model.standardErrors, one.model.standardErrors) <= 1e-9)
    }

    @Test(arguments: [0, 1.0]) func theOrderOfColumnsDoesNotMatter(l2Strength: Double) throws {
        let order = [2, 0, 3, 1]
        let columns = try data.table.columns
        let shuffled = try PredictorTable(rowCount: data.rowCount, columns: order.map { columns[$0] })
        let one = try fit(data.table, data.labels, l2Strength: l2Strength)
        let other = try fit(shuffled, data.labels, l2Strength: l2Strength)
        #expect(other.preprocessing.designNames == ["x2", "x0", "x3", "x1"])
        #expect(largestError(other.model.coefficients, order.map { one.model.coefficients[$0] }) <= 1e-9)
        #expect(abs(other.model.intercept - one.model.intercept) <= 1e-9)
    }

    /// Where columns depend on each other the order chooses which goes, but not what is predicted.
    @Test func theOrderOfDependentColumnsDoesNotChangeThePredictions() throws {
        let sum = zip(data.columns[0], data.columns[1]).map { $0 + $1 }
        let first = try numericTable([("a", data.columns[0]), ("b", data.columns[1]), ("sum", sum)])
        let second = try numericTable([("sum", sum), ("b", data.columns[1]), ("a", data.columns[0])])
        let one = try fit(first, data.labels)
        let other = try fit(second, data.labels)
        #expect(one.model.certificate.aliased == ["sum"])
        #expect(other.model.certificate.aliased == ["a"])
        #expect(largestError(try other.linearPredictor(second), try one.linearPredictor(first)) <= 1e-9)
    }

    @Test(arguments: [0, 1.0]) func threadsDoNotChangeABit(l2Strength: Double) throws {
        let large = SyntheticData.logistic(rows: 30_000, coefficients: [1, -2, 0.5, 0.1, 0, 3])
        let clusters = (0..<30_000).map { Int32($0 % 7000) }
        let weights = (0..<30_000).map { Double($0 % 3) + 0.1 }
        let fits = try [1, 2, 3, 8].map { threads in
            try fit(
                large.table,
                large.labels,
                l2Strength: l2Strength,
                weights: weights,
                clusters: clusters,
                threads: threads
            )
        }
        #expect(fits[0].model.certificate.status == .converged)
        for other in fits.dropFirst() {
            #expect(other.model.point.map(\.bitPattern) == fits[0].model.point.map(\.bitPattern))
            #expect(other.model.standardErrors.map(\.bitPattern) == fits[0].model.standardErrors.map(\.bitPattern))
            #expect(other == fits[0])
        }
    }

    @Test(arguments: [1e-12, 1e-6, 1e6, 1e12], [0, 1.0]) func unitsDoNotMatter(
        scale: Double,
        l2Strength: Double
    ) throws {
        let one = try fit(data.table, data.labels, l2Strength: l2Strength)
        let factors = [scale, 1, 1 / scale, 1]
        let scaled = zip(data.columns, factors).map { column, factor in column.map { $0 * factor } }
        let other = try fit(
            SyntheticData(columns: scaled, labels: data.labels).table,
            data.labels,
            l2Strength: l2Strength
        )
        #expect(other.model.certificate.status == .converged)
        #expect(largestError(other.model.point, one.model.point) <= 1e-9)
        let raw = zip(other.coefficients, factors).map { $0.rawValue * $1 }
        #expect(largestError(raw, one.coefficients.map(\.rawValue)) <= 1e-9)
    }

    /// Far from zero, where a naive variance would cancel: instants in microseconds, say.
    @Test func anOffsetDoesNotMatter() throws {
        let one = try fit(data.table, data.labels)
        var moved = data
        moved.columns[0] = data.columns[0].map { 1e9 + ($0 * 0x1p10).rounded() }
        var rounded = data
        rounded.columns[0] = data.columns[0].map { ($0 * 0x1p10).rounded() }
        let exact = try fit(rounded.table, data.labels)
        let other = try fit(moved.table, data.labels)
        #expect(largestError(other.model.point, exact.model.point) <= 1e-9)
        #expect(largestError(exact.model.point, one.model.point) <= 1e-2)
    }
}
