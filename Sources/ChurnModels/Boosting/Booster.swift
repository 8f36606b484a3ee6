import CXGBoost
import Foundation
import Synchronization

/// Rows as libxgboost has them.
final class BoosterRows {
    fileprivate let handle: DMatrixHandle?

    /// - Parameters:
    ///   - values: rows x columns, a row behind the other; NaN where a value is missing.
    ///   - threads: positive.
    init(values: [Float], rowCount: Int, columnCount: Int, threads: Int) throws(ModelError) {
        var handle: DMatrixHandle?
        try Booster.call(
            XGDMatrixCreateFromMat_omp(
                values,
                bst_ulong(rowCount),
                bst_ulong(columnCount),
                .nan,
                &handle,
                Int32(threads)
            )
        )
        self.handle = handle
    }

    deinit { _ = XGDMatrixFree(handle) }

    /// - Parameter field: `label`, `weight` or `base_margin`.
    func set(_ field: String, _ values: [Double]) throws(ModelError) {
        let floats = values.map { Float($0) }
        if let row = floats.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(row: row, column: field, value: values[row])
        }
        try Booster.call(XGDMatrixSetFloatInfo(handle, field, floats, bst_ulong(floats.count)))
    }
}

/// Trees that libxgboost grows, or that it predicts with.
///
/// The library keeps the last results in memory of its own, so that calls stand behind a lock.
final class Booster: @unchecked Sendable {
    private let handle: BoosterHandle?
    private let lock = Mutex<Void>(())

    /// - Parameter rows: on which it will be trained or looked at while it grows: what they got so far is remembered.
    init(_ parameters: [(String, String)], rows: [BoosterRows] = []) throws(ModelError) {
        var handle: BoosterHandle?
        try Self.call(XGBoosterCreate(rows.map(\.handle), bst_ulong(rows.count), &handle))
        self.handle = handle
        for (name, value) in parameters { try Self.call(XGBoosterSetParam(handle, name, value)) }
    }

    /// - Parameter json: a model, made of checked numbers.
    convenience init(json: String) throws(ModelError) {
        try self.init([])
        var text = json
        let code = text.withUTF8 { XGBoosterLoadModelFromBuffer(handle, $0.baseAddress, bst_ulong($0.count)) }
        try Self.call(code)
    }

    deinit { _ = XGBoosterFree(handle) }

    /// - Throws: `boostingFailed` with what the library says, where a call did not do what it should.
    static func call(_ code: Int32) throws(ModelError) {
        guard code != 0 else { return }
        let words = XGBGetLastError().map { String(cString: $0) } ?? "no reason given"
        throw .boostingFailed(words.split(whereSeparator: \.isNewline).first.map(String.init) ?? words)
    }

    func grow(round: Int, on rows: BoosterRows) throws(ModelError) {
        try Self.call(XGBoosterUpdateOneIter(handle, Int32(round), rows.handle))
    }

    enum Output: Int {
        case margin = 1
        case contributions = 2
    }

    /// Log-odds, a number a row; or contributions, a number for each column and one for the mean.
    /// - Parameter threads: positive; the result does not depend on it.
    func predict(_ rows: BoosterRows, _ output: Output, threads: Int) throws(ModelError) -> [Float] {
        let config =
            #"{"type":\#(output.rawValue),"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":true}"#
        return try lock.withLock { _ throws(ModelError) -> [Float] in
            var shape: UnsafePointer<bst_ulong>?
            var dimensions: bst_ulong = 0
            var result: UnsafePointer<Float>?
            try Self.call(XGBoosterSetParam(handle, "nthread", "\(threads)"))
            try Self.call(XGBoosterPredictFromDMatrix(handle, rows.handle, config, &shape, &dimensions, &result))
            guard let shape, let result else { throw .boostingFailed("there are no predictions") }
            let count = (0..<Int(dimensions)).reduce(1) { $0 * Int(shape[$1]) }
            return Array(UnsafeBufferPointer(start: result, count: count))
        }
    }

    /// The trees as the library writes them.
    func json() throws(ModelError) -> Data {
        var count: bst_ulong = 0
        var text: UnsafePointer<CChar>?
        try Self.call(XGBoosterSaveModelToBuffer(handle, #"{"format":"json"}"#, &count, &text))
        guard let text else { throw .boostingFailed("there is no model") }
        return Data(bytes: text, count: Int(count))
    }
}

/// What of the library's own file a model is made of.
struct BoosterFile: Decodable {
    struct Tree: Decodable {
        let leftChildren: [Int32]
        let rightChildren: [Int32]
        let splitIndices: [Int64]
        let splitConditions: [Float]
        let defaultLeft: [Int]
        let lossChanges: [Float]
        let sumHessian: [Float]

        /// The nodes that the root leads to, in the order of their levels: those that were cut off again stay behind.
        func tree(columnCount: Int) throws(ModelError) -> DecisionTree {
            let count = leftChildren.count
            guard count > 0,
                [rightChildren.count, splitIndices.count, splitConditions.count, defaultLeft.count]
                    .allSatisfy({ $0 == count }), lossChanges.count == count, sumHessian.count == count
            else { throw .boostingFailed("a tree is incomplete") }
            var order = [0]
            var place = 0
            while place < order.count {
                let node = order[place]
                place += 1
                guard leftChildren[node] >= 0 else { continue }
                let children = [Int(leftChildren[node]), Int(rightChildren[node])]
                guard children.allSatisfy({ (0..<count).contains($0) }), order.count + 2 <= count else {
                    throw .boostingFailed("a tree is no tree")
                }
                order += children
            }
            var numbers = [Int32](repeating: -1, count: count)
            for (number, node) in order.enumerated() { numbers[node] = Int32(number) }
            func child(_ node: Int32) -> Int32 { node < 0 ? -1 : numbers[Int(node)] }
            let isLeaf = order.map { leftChildren[$0] < 0 }
            return try DecisionTree(
                left: order.map { child(leftChildren[$0]) },
                right: order.map { leftChildren[$0] < 0 ? -1 : child(rightChildren[$0]) },
                column: zip(order, isLeaf).map { $1 ? 0 : Int32(truncatingIfNeeded: splitIndices[$0]) },
                number: order.map { splitConditions[$0] },
                missingGoesLeft: order.map { defaultLeft[$0] != 0 },
                gain: zip(order, isLeaf).map { $1 ? 0 : lossChanges[$0] },
                cover: order.map { sumHessian[$0] },
                columnCount: columnCount
            )
        }
    }

    struct Learner: Decodable {
        struct Booster: Decodable {
            struct Model: Decodable { let trees: [Tree] }
            let model: Model
        }
        let gradientBooster: Booster
    }

    let learner: Learner
    var trees: [Tree] { learner.gradientBooster.model.trees }
}
