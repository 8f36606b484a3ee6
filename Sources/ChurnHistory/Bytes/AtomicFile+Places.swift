import Crypto
import Foundation

extension AtomicFile {
    /// A file's path from the root on, the same by whatever name it and its folder go; the file itself need not be there.
    public static func absolute(_ path: String) -> String {
        if let whole = realpath(path, nil) {
            defer { free(whole) }
            return String(cString: whole)
        }
        let name = (path as NSString).lastPathComponent
        guard let folder = realpath(folder(of: path), nil) else {
            return URL(fileURLWithPath: path).standardized.path
        }
        defer { free(folder) }
        let text = String(cString: folder)
        return text == "/" ? "/\(name)" : "\(text)/\(name)"
    }

    /// Whether a file is there and has this content.
    /// - Parameter digest: SHA-256 in hexadecimal.
    public static func hasContent(digest: String, byteCount: Int, at path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, Int(status.st_size) == byteCount
        else { return false }
        var hasher = SHA256()
        var block = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = block.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count == 0 && hasher.finalize().hexadecimal == digest }
            block.withUnsafeBytes { hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }
}
