/// A regression tree as arrays, a node each: the root first, children behind their parents.
///
/// What is read from outside is checked here, so that no library meets a tree that cannot be.
struct DecisionTree: Sendable, Equatable {
    /// The children of each node, for values below the threshold and for others; -1 at leaves.
    let left: [Int32]
    let right: [Int32]
    /// The column that a node asks; 0 at leaves.
    let column: [Int32]
    /// Of splits, the value from which rows go right; of leaves, what they add to the log-odds.
    let number: [Float]
    /// Whether rows without a value go left.
    let missingGoesLeft: [Bool]
    /// By how much a split lowered the loss; 0 at leaves.
    let gain: [Float]
    /// The sum of the training rows' second derivatives, by which contributions are averaged.
    let cover: [Float]

    var nodeCount: Int { left.count }
    func isLeaf(_ node: Int) -> Bool { left[node] < 0 }

    /// Deeper trees are not made, and would take the library too much of its stack.
    static let mostLevels = 32

    /// - Parameter columnCount: that splits may ask.
    /// - Throws: `malformedModel` for arrays of different lengths, children that are not behind their parent or have two, levels
    ///   beyond the limit, columns that there are not, and numbers that are not finite.
    init(
        left: [Int32],
        right: [Int32],
        column: [Int32],
        number: [Float],
        missingGoesLeft: [Bool],
        gain: [Float],
        cover: [Float],
        columnCount: Int
    ) throws(ModelError) {
        let count = left.count
        guard count > 0,
            [right.count, column.count, number.count, missingGoesLeft.count, gain.count, cover.count]
                .allSatisfy({ $0 == count })
        else { throw .malformedModel("the arrays of a tree have different lengths") }
        guard number.allSatisfy(\.isFinite), gain.allSatisfy(\.isFinite),
            cover.allSatisfy({ $0.isFinite && $0 >= 0 })
        else { throw .malformedModel("a number of a tree is not finite, or a cover below 0") }
        var level = [Int](repeating: -1, count: count)
        level[0] = 0
        for node in 0..<count {
            guard level[node] >= 0 else { throw .malformedModel("node \(node) of a tree has no parent") }
            let children = [left[node], right[node]]
            if children == [-1, -1] {
                guard column[node] == 0 else { throw .malformedModel("leaf \(node) of a tree asks a column") }
                continue
            }
            guard (0..<columnCount).contains(Int(column[node])) else {
                throw .malformedModel("node \(node) of a tree asks column \(column[node]) of \(columnCount)")
            }
            guard cover[node] > 0 else { throw .malformedModel("node \(node) of a tree divides nothing") }
            for child in children.map(Int.init) {
                guard child > node, child < count, level[child] < 0 else {
                    throw .malformedModel("node \(node) of a tree has child \(child)")
                }
                level[child] = level[node] + 1
                guard level[child] <= Self.mostLevels else {
                    throw .malformedModel("a tree has more than \(Self.mostLevels) levels")
                }
            }
        }
        self.left = left
        self.right = right
        self.column = column
        self.number = number
        self.missingGoesLeft = missingGoesLeft
        self.gain = gain
        self.cover = cover
    }

    /// The tree as libxgboost reads it, made of checked numbers alone.
    func json(id: Int, columnCount: Int) -> String {
        func list(_ values: some Sequence<some CustomStringConvertible>) -> String {
            "[" + values.map(\.description).joined(separator: ",") + "]"
        }
        let zeros = "[" + [String](repeating: "0", count: nodeCount).joined(separator: ",") + "]"
        var parents = [Int32](repeating: Int32.max, count: nodeCount)
        for node in 0..<nodeCount where !isLeaf(node) {
            parents[Int(left[node])] = Int32(node)
            parents[Int(right[node])] = Int32(node)
        }
        return """
            {"base_weights":\(list(number.indices.map { isLeaf($0) ? number[$0] : 0 })),"categories":[],"categories_nodes":[],\
            "categories_segments":[],"categories_sizes":[],"default_left":\(list(missingGoesLeft.map { $0 ? 1 : 0 })),\
            "id":\(id),"left_children":\(list(left)),"loss_changes":\(list(gain)),"parents":\(list(parents)),\
            "right_children":\(list(right)),"split_conditions":\(list(number)),"split_indices":\(list(column)),\
            "split_type":\(zeros),"sum_hessian":\(list(cover)),"tree_param":{"num_deleted":"0",\
            "num_feature":"\(columnCount)","num_nodes":"\(nodeCount)","size_leaf_vector":"0"}}
            """
    }
}

/// A tree in the file of a model.
struct StoredTree: Codable {
    var left: [Int32]
    var right: [Int32]
    var column: [Int32]
    var number: [Float]
    var missingGoesLeft: [Bool]
    var gain: [Float]
    var cover: [Float]

    init(_ tree: DecisionTree) {
        (left, right, column, number) = (tree.left, tree.right, tree.column, tree.number)
        (missingGoesLeft, gain, cover) = (tree.missingGoesLeft, tree.gain, tree.cover)
    }

    func checked(columnCount: Int) throws(ModelError) -> DecisionTree {
        try DecisionTree(
            left: left,
            right: right,
            column: column,
            number: number,
            missingGoesLeft: missingGoesLeft,
            gain: gain,
            cover: cover,
            columnCount: columnCount
        )
    }
}
