import ChurnHistory
import Crypto
import Foundation

/// Names in place of customers' ids that only who has the key can tell: the same id has the same one in every run with the key.
public struct Pseudonyms: Sendable {
    private let key: SymmetricKey
    /// Tells keys apart, and nothing of them.
    public let keyName: String
    private static let leastKeyBytes = 16

    /// - Parameter keyFile: at least 16 bytes, which nobody but its owner may read. A line end at its end is no part of the key.
    public init(keyFile: String) throws(DataError) {
        func fault(_ problem: String, fix: String) -> DataError {
            DataError(.unusableKey, problem, file: keyFile, fix: fix)
        }
        var status = stat()
        let isThere = stat(keyFile, &status) == 0
        if isThere, status.st_mode & S_IFMT != S_IFREG {
            throw fault("is no plain file", fix: "name the file of the key")
        }
        guard isThere, let data = FileManager.default.contents(atPath: keyFile) else {
            throw DataError(
                .fileMissing,
                "cannot be read as a key",
                file: keyFile,
                fix: "make one: head -c 32 /dev/urandom | base64 > \(keyFile) && chmod 600 \(keyFile)"
            )
        }
        guard status.st_mode & 0o077 == 0 else {
            throw fault("can be read by others, so that it is no secret", fix: "chmod 600 \(keyFile)")
        }
        var bytes = data[...]
        while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
        guard bytes.count >= Self.leastKeyBytes else {
            throw fault(
                "has \(bytes.count) bytes and no key of \(Self.leastKeyBytes) or more",
                fix: "make one: head -c 32 /dev/urandom | base64 > \(keyFile)"
            )
        }
        key = SymmetricKey(data: bytes)
        let name = HMAC<SHA256>.authenticationCode(for: Data("churn: the name of a key".utf8), using: key)
        keyName = Self.text(name, byteCount: 4)
    }

    /// Fails for a key that stands in a folder which is copied to others with all that is in it, such as a registry.
    public func requireKey(_ keyFile: String, outside folder: String) throws(DataError) {
        let registry = AtomicFile.absolute("\(folder)/.")
        guard AtomicFile.absolute(keyFile).hasPrefix(registry.hasSuffix("/.") ? String(registry.dropLast()) : registry)
        else { return }
        throw DataError(
            .unusableKey,
            "stands in the registry, which whoever has the models has too",
            file: keyFile,
            fix: "keep it where only who may know the customers can read it"
        )
    }

    /// HMAC-SHA-256 of the id (RFC 2104), its first 16 bytes in hexadecimal.
    public func callAsFunction(_ id: String) -> String {
        Self.text(HMAC<SHA256>.authenticationCode(for: Data(id.utf8), using: key), byteCount: 16)
    }

    private static func text(_ code: HMAC<SHA256>.MAC, byteCount: Int) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let bytes = code.prefix(byteCount).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
