/// One array of a record batch as it lies in the file; lengths are known to fit the counts, values are not
/// yet looked at.
struct ArrayData: Sendable {
    let length: Int
    let nullCount: Int
    /// Empty when the file has none.
    let validity: ByteRegion
    /// What follows the validity bitmap; never empty.
    let buffers: [ByteRegion]

    /// The first buffer after the validity bitmap.
    var values: ByteRegion { buffers.first ?? validity.empty }
}
