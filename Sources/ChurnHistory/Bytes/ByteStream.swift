import Crypto
import Foundation

/// The bytes of a file, decompressed on the way when they are gzip or zstd. What decides is the content, not the name.
///
/// While it reads, it computes the SHA-256 of the file as stored, so that a run can say which data it saw; who does not say it
/// can do without.
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
    private var hasher: SHA256?
    private var decompression = Decompression.none
    private var input = [UInt8](repeating: 0, count: 1 << 18)
    private var inputRange = 0..<0
    private var sawEnd = false
    private var bytesRead = 0
    private var bytesProduced = 0
    private let limit: ExpansionLimit
    /// The file's state when it was opened.
    let identity: FileIdentity
    private let isRegular: Bool

    /// - Parameter computesDigest: whether anybody will ask for the digest.
    init(
        path: String,
        computesDigest: Bool = true,
        limit: ExpansionLimit = ExpansionLimit()
    ) throws(DataError) {
        self.path = path
        hasher = computesDigest ? SHA256() : nil
        self.limit = limit
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw DataError(.fileMissing, "cannot be opened: \(reason)", file: path, fix: "check the path")
        }
        var status = stat()
        let isKnown = fstat(descriptor, &status) == 0
        identity = FileIdentity(status)
        isRegular = status.st_mode & S_IFMT == S_IFREG
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

    /// SHA-256 of the file as stored, in hexadecimal; complete once `read` has returned 0, and empty where it is not computed.
    var digest: String { hasher?.finalize().hexadecimal ?? "" }

    /// Fills a part of `target` and returns its length: 0 only at the end of the data.
    func read(into target: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
        guard let base = target.baseAddress, target.count > 0 else { return 0 }
        var produced = 0
        while produced == 0 {
            if case .none = decompression, inputRange.isEmpty, !sawEnd {
                // Nothing to be made of the bytes: they go where they are wanted.
                produced = try take(into: target)
                break
            }
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
        var buffer = input
        input = []
        defer { input = buffer }
        let count = buffer.withUnsafeMutableBytes { bytes in
            Result { () throws(DataError) in try take(into: bytes) }
        }
        inputRange = 0..<(try count.get())
    }

    /// Reads the next bytes of the file as stored, and takes them into its fingerprint.
    private func take(into buffer: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
        var count = 0
        repeat {
            count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
        } while count < 0 && errno == EINTR
        guard count >= 0 else {
            let reason = String(cString: strerror(errno))
            throw DataError(.readFailed, "cannot be read: \(reason)", file: path)
        }
        sawEnd = count == 0
        bytesRead += count
        if sawEnd { try checkUnchanged() }
        hasher?.update(bufferPointer: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]))
        return count
    }
}

extension ByteStream {
    /// Fails when somebody wrote to the file since it was opened: what was read may be half old and half new.
    private func checkUnchanged() throws(DataError) {
        var status = stat()
        guard isRegular, fstat(descriptor, &status) == 0 else { return }
        let now = FileIdentity(status)
        guard now != identity else { return }
        throw DataError(
            .changedWhileRead,
            "changed while it was being read (\(identity.size) bytes before, \(now.size) now)",
            file: path,
            fix: "run again when the export has ended; let it write beside the place and rename"
        )
    }
}

extension ByteStream {
    /// SHA-256 of a file as stored, in hexadecimal.
    static func digest(ofFile path: String) throws(DataError) -> String {
        let stream = try ByteStream(path: path)
        while !stream.sawEnd { try stream.fill() }
        return stream.digest
    }
}
