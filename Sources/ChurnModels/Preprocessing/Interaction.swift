/// The products of two predictors' columns, each less its training mean: columns of their own in the design matrix.
public struct Interaction: Sendable, Equatable, Codable {
    /// Numbers of the predictors among the encodings.
    public let left: Int
    public let right: Int
    public let name: String
    /// Training means of the predictors' columns, in their order.
    public let leftMeans: [Double]
    public let rightMeans: [Double]

    var columnCount: Int { leftMeans.count * rightMeans.count }

    /// Names of the products, the right predictor's columns running fastest.
    func designNames(_ encodings: [ColumnEncoding]) -> [String] {
        encodings[left].mainNames.flatMap { left in encodings[right].mainNames.map { "\(left):\($0)" } }
    }
}
