import CZlib
import CZstd
import Crypto
import Foundation

/// The bytes of a file, decompressed on the way when they are gzip or zstd. What decides is the content, not the name.
///
/// While it reads, it computes the SHA-256 of the file as stored, so that a run can say which data it saw.
final class ByteStream {
    /// How far compressed data may grow before they are taken for a bomb.
    struct ExpansionLimit {
        /// What is always believed.
        var alwaysBelieved = 16 << 20
        /// Highest ratio believed beyond that: real exports stay below 100, gzip can do 1032 to 1.
        var ratio = 200
    }

    private enum Decompression {
        case none
        case gzip(GzipInflater)
        case zstd(ZstdDecompressor)
    }

    let path: String
    private let descriptor: Int32
    private var hasher = SHA256()
    private var decompression = Decompression.none
    private var input = [UInt8](repeating: 0, count: 1 << 18)
    private var inputRange = 0..<0
    private var sawEnd = false
    private var bytesRead = 0
    private var bytesProduced = 0
    private let limit: ExpansionLimit
    private let versionAtStart: FileVersion

    init(path: String, limit: ExpansionLimit = ExpansionLimit()) throws(DataError) {
        self.path = path
        self.limit = limit
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw DataError(.fileMissing, "cannot be opened: \(reason)", file: path, fix: "check the path")
        }
        var status = stat()
        let isKnown = fstat(descriptor, &status) == 0
        versionAtStart = FileVersion(status)
        guard isKnown, status.st_mode & S_IFMT != S_IFDIR else {
            throw DataError(
                .fileMissing,
                "is a folder, not a file",
                file: path,
                fix: "name a file or a glob in it"
            )
        }
        try fill()
        if input.starts(with: [0x1F, 0x8B]) {
            decompression = .gzip(try GzipInflater(path: path))
        } else if input.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            decompression = .zstd(try ZstdDecompressor(path: path))
        }
    }

    deinit { close(descriptor) }

    /// `gzip` or `zstd`.
    var compression: String? {
        switch decompression {
        case .none: nil
        case .gzip: "gzip"
        case .zstd: "zstd"
        }
    }

    /// SHA-256 of the file as stored; complete once `read` has returned 0.
    var digest: SHA256.Digest { hasher.finalize() }

    /// Fills a part of `target` and returns its length: 0 only at the end of the data.
    func read(into target: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
        guard let base = target.baseAddress, target.count > 0 else { return 0 }
        var produced = 0
        while produced == 0 {
            if inputRange.isEmpty && !sawEnd { try fill() }
            switch decompression {
            case .none:
                produced = min(target.count, inputRange.count)
                input.withUnsafeBytes { bytes in
                    guard let start = bytes.baseAddress, produced > 0 else { return }
                    base.copyMemory(from: start + inputRange.lowerBound, byteCount: produced)
                }
                inputRange = inputRange.lowerBound + produced..<inputRange.upperBound
                if produced == 0 && sawEnd { return 0 }
            case .gzip(let inflater):
                if inputRange.isEmpty && sawEnd {
                    try inflater.finish()
                    return 0
                }
                produced = try inflater.inflate(input, &inputRange, into: target)
            case .zstd(let decompressor):
                if inputRange.isEmpty && sawEnd && !decompressor.hasPendingOutput {
                    try decompressor.finish()
                    return 0
                }
                produced = try decompressor.decompress(input, &inputRange, into: target)
            }
        }
        bytesProduced += produced
        try checkExpansion()
        return produced
    }

    private func checkExpansion() throws(DataError) {
        if case .none = decompression { return }
        let bytesUsed = bytesRead - inputRange.count
        if bytesProduced > limit.alwaysBelieved, bytesProduced > bytesUsed * limit.ratio {
            throw DataError(
                .decompressedTooLarge,
                "grows from \(bytesUsed) to more than \(bytesProduced) bytes when decompressed; this is not data",
                file: path,
                fix: "check where the file comes from; decompress it by hand if it is right"
            )
        }
    }

    private func fill() throws(DataError) {
        let count = input.withUnsafeMutableBytes { buffer -> Int in
            while true {
                let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
                if count >= 0 || errno != EINTR { return count }
            }
        }
        guard count >= 0 else {
            let reason = String(cString: strerror(errno))
            throw DataError(.readFailed, "cannot be read: \(reason)", file: path)
        }
        sawEnd = count == 0
        bytesRead += count
        if sawEnd { try checkUnchanged() }
        inputRange = 0..<count
        input.withUnsafeBytes { hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[0..<count])) }
    }
}

extension ByteStream {
    /// What of a file's state changes when somebody writes to it.
    fileprivate struct FileVersion: Equatable {
        let isRegular: Bool
        let size: Int
        let seconds: Int
        let nanoseconds: Int

        init(_ status: stat) {
            isRegular = status.st_mode & S_IFMT == S_IFREG
            size = Int(status.st_size)
            #if canImport(Darwin)
                let changed = status.st_mtimespec
            #else
                let changed = status.st_mtim
            #endif
            seconds = Int(changed.tv_sec)
            nanoseconds = Int(changed.tv_nsec)
        }
    }

    /// Fails when somebody wrote to the file since it was opened: what was read may be half old and half new.
    private func checkUnchanged() throws(DataError) {
        var status = stat()
        guard versionAtStart.isRegular, fstat(descriptor, &status) == 0 else { return }
        let now = FileVersion(status)
        guard now != versionAtStart else { return }
        throw DataError(
            .changedWhileRead,
            "changed while it was being read (\(versionAtStart.size) bytes before, \(now.size) now)",
            file: path,
            fix: "run again when the export has ended; let it write beside the place and rename"
        )
    }
}

/// Inflates gzip members, one after the other.
private final class GzipInflater {
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

/// Decompresses zstd frames, one after the other.
private final class ZstdDecompressor {
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
