/// A piece of a delimited file, as UTF-8: whole lines where the file has any of this length.
///
/// Behind the text lie some bytes more that may be read and mean nothing, so that eight bytes can be loaded anywhere in it.
final class TextBlock: @unchecked Sendable {
    /// Bytes behind the text that may be loaded.
    static let slack = 64

    /// Whoever holds the block alone may write; once it has been handed on, nobody does.
    let buffer: UnsafeMutableBufferPointer<UInt8>
    var count = 0
    /// Nothing comes behind it.
    var isLast = false

    /// - Parameter capacity: bytes of text that it can hold; must not be negative.
    init(capacity: Int) {
        buffer = .allocate(capacity: capacity + Self.slack)
        buffer.suffix(Self.slack).update(repeating: 0)
    }

    deinit { buffer.deallocate() }

    var capacity: Int { buffer.count - Self.slack }

    var text: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: buffer[..<count]) }

    func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        precondition(count + bytes.count <= capacity, "a block holds no more than its capacity")
        _ = UnsafeMutableBufferPointer(rebasing: buffer[count..<count + bytes.count]).update(fromContentsOf: bytes)
        count += bytes.count
    }

    /// One text made of what was left of a block and the block behind it.
    static func joining(_ tail: [UInt8], _ block: TextBlock) -> TextBlock {
        let joined = TextBlock(capacity: tail.count + block.count)
        tail.withUnsafeBufferPointer(joined.append)
        joined.append(block.text)
        joined.isLast = block.isLast
        return joined
    }
}
