/// The rows of a file in blocks of text, for readers that look at several blocks at a time.
extension DelimitedReader {
    /// Bytes of a block: small enough to stay in a processor's cache while it is read.
    static let blockBytes = 1 << 20

    /// The next block: it ends behind a line end where there is one. Must not be mixed with `nextBatch`.
    ///
    /// A line end may stand in a quoted field, so that the block begins or ends inside of a row: who reads the blocks in
    /// order finds out.
    /// - Parameter spare: a block that nobody needs any more.
    /// - Returns: `nil` behind the last block.
    mutating func nextBlock(reusing spare: TextBlock? = nil) throws(DataError) -> TextBlock? {
        if scanner.atEnd, scanner.consumed == scanner.filled { return nil }
        let left = scanner.filled - scanner.consumed
        let block: TextBlock
        if let spare, spare.capacity >= left + Self.blockBytes {
            block = spare
            block.count = 0
        } else {
            // Room for the begun line that most blocks will have to take over.
            block = TextBlock(capacity: left + Self.blockBytes + Self.blockBytes / 16)
        }
        block.append(UnsafeBufferPointer(rebasing: scanner.buffer[scanner.consumed..<scanner.filled]))
        scanner.consumed = 0
        scanner.filled = 0
        if !scanner.atEnd {
            if dialect.encoding == .utf8 {
                try read(upTo: block.capacity, into: block)
            } else {
                // One byte may become three.
                let raw = TextBlock(capacity: (block.capacity - block.count) / 3)
                try read(upTo: raw.capacity, into: raw)
                SingleByteEncoding.transcode(raw.text, dialect.encoding, into: block)
            }
        }
        block.isLast = scanner.atEnd
        if scanner.atEnd {
            if block.count > 0, block.buffer[block.count - 1] == 0x1A, !normalisations.endOfFileMark {
                block.count -= 1
                normalisations.endOfFileMark = true
            }
        } else {
            keepBack(from: block)
        }
        return block
    }

    private mutating func read(upTo capacity: Int, into block: TextBlock) throws(DataError) {
        while block.count < capacity, !scanner.atEnd {
            let room = UnsafeMutableRawBufferPointer(
                start: block.buffer.baseAddress.map { $0 + block.count },
                count: capacity - block.count
            )
            let piece = try stream.read(into: room)
            if piece == 0 { scanner.atEnd = true }
            block.count += piece
        }
    }

    /// Takes the begun line at the end of a block back into the reader's buffer.
    private mutating func keepBack(from block: TextBlock) {
        var end = block.count
        // A carriage return at the very end may be half of a line end, and a ^Z the end of the file.
        while end > 0 {
            let byte = block.buffer[end - 1]
            if byte == 0x0A || (byte == 0x0D && end < block.count && block.buffer[end] != 0x0A) { break }
            end -= 1
        }
        if end == 0 {
            // No line end: only what must not be torn apart stays behind.
            end = block.count
            if end > 1, block.buffer[end - 1] == 0x0D || block.buffer[end - 1] == 0x1A { end -= 1 }
        }
        let tail = UnsafeBufferPointer(rebasing: block.text[end...])
        while scanner.buffer.count < tail.count { growBuffer() }
        _ = UnsafeMutableBufferPointer(rebasing: scanner.buffer[..<tail.count]).update(fromContentsOf: tail)
        scanner.filled = tail.count
        block.count = end
    }
}
