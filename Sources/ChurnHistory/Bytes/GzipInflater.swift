import CZlib

/// Inflates gzip members, one after the other.
final class GzipInflater {
    private let path: String
    private var stream = z_stream()
    private var insideMember = true
    private var membersEnded = 0

    init(path: String) throws(DataError) {
        self.path = path
        // 16 + 15: a gzip wrapper and the largest window.
        let status = inflateInit2_(&stream, 16 + 15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw damaged("zlib could not start (status \(status))") }
    }

    deinit { inflateEnd(&stream) }

    private func damaged(_ problem: String) -> DataError {
        DataError(
            .damagedCompression,
            problem,
            file: path,
            fix: "fetch the file again; `gzip -t` tells whether it is whole"
        )
    }

    func inflate(
        _ input: [UInt8],
        _ range: inout Range<Int>,
        into target: UnsafeMutableRawBufferPointer
    ) throws(DataError) -> Int {
        if !insideMember {
            // After a member only another one may follow, or zero bytes that pad to a block.
            while let first = range.first, input[first] == 0 { range = first + 1..<range.upperBound }
            guard !range.isEmpty else { return 0 }
            inflateReset(&stream)
            insideMember = true
        }
        var status = Z_OK
        var produced = 0
        input.withUnsafeBytes { bytes in
            guard let source = bytes.baseAddress, let destination = target.baseAddress else { return }
            stream.next_in = UnsafeMutablePointer(
                mutating: (source + range.lowerBound).assumingMemoryBound(to: Bytef.self)
            )
            stream.avail_in = uInt(range.count)
            stream.next_out = destination.assumingMemoryBound(to: Bytef.self)
            stream.avail_out = uInt(min(target.count, 1 << 30))
            let room = stream.avail_out
            status = CZlib.inflate(&stream, Z_NO_FLUSH)
            produced = Int(room - stream.avail_out)
        }
        range = range.upperBound - Int(stream.avail_in)..<range.upperBound
        switch status {
        case Z_OK, Z_BUF_ERROR:
            break
        case Z_STREAM_END:
            insideMember = false
            membersEnded += 1
        default:
            if membersEnded > 0 && produced == 0 {
                throw damaged("has bytes after its gzip data that are not gzip")
            }
            throw damaged("is damaged gzip data")
        }
        return produced
    }

    func finish() throws(DataError) {
        if insideMember { throw damaged("ends in the middle of its gzip data: it is truncated") }
    }
}
