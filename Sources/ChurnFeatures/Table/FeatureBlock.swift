import ChurnNumerics

/// The examples of one cutoff among the customers of one part: customers in byte order of their ids.
///
/// A view of memory that is used again: valid until the sink that gets it returns.
public struct FeatureBlock {
    /// The number of the part, and of the cutoff.
    public let part: Int
    public let cutoff: Int
    /// The numbers of the customers in the index, ascending; one a row.
    public let customers: UnsafeBufferPointer<Int32>
    /// 1 churned, 0 retained, -1 not known; one a row.
    public let labels: UnsafeBufferPointer<Int8>
    /// Rows x features, column-major; the memory begins at a multiple of 64 bytes.
    public let values: MatrixBlock

    public var rowCount: Int { customers.count }
}
