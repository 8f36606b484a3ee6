import CZstd

/// Decompresses zstd frames, one after the other.
final class ZstdDecompressor {
    private let path: String
    private let context: OpaquePointer
    private var insideFrame = true
    /// The last call filled its target inside a frame: more may come without more input.
    private(set) var hasPendingOutput = false

    init(path: String) throws(DataError) {
        self.path = path
        guard let context = ZSTD_createDStream() else {
            throw DataError(.readFailed, "zstd could not start", file: path)
        }
        self.context = context
        // A window of at most 128 MiB, which is what the zstd command accepts by default.
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 27)
    }

    deinit { ZSTD_freeDStream(context) }

    private func damaged(_ problem: String) -> DataError {
        DataError(
            .damagedCompression,
            problem,
            file: path,
            fix: "fetch the file again; `zstd -t` tells whether it is whole"
        )
    }

    func decompress(
        _ input: [UInt8],
        _ range: inout Range<Int>,
        into target: UnsafeMutableRawBufferPointer
    ) throws(DataError) -> Int {
        var output = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
        var status = 0
        var consumed = 0
        input.withUnsafeBytes { bytes in
            guard let source = bytes.baseAddress else { return }
            var block = ZSTD_inBuffer(src: source + range.lowerBound, size: range.count, pos: 0)
            status = ZSTD_decompressStream(context, &output, &block)
            consumed = block.pos
        }
        if ZSTD_isError(status) != 0 {
            throw damaged("is damaged zstd data (\(String(cString: ZSTD_getErrorName(status))))")
        }
        range = range.lowerBound + consumed..<range.upperBound
        // A call that did nothing says nothing of the frame: zstd then asks for the next one's header.
        if consumed > 0 || output.pos > 0 { insideFrame = status != 0 }
        hasPendingOutput = output.pos == output.size && insideFrame
        return output.pos
    }

    func finish() throws(DataError) {
        if insideFrame { throw damaged("ends in the middle of its zstd data: it is truncated") }
    }
}
