/// One array ready to be written: its counts and its buffers, the validity bitmap first (empty when there is no null).
struct EncodedArray {
    var length: Int
    var nullCount: Int
    var buffers: [BodyBuffer]
}
