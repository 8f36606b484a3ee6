#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Maps files into memory, read-only.
enum FileMapping {
    /// - Throws: `cannotRead` when the path is no readable regular file, `fileTooShort` when it is empty.
    static func map(path: String) throws(ArrowError) -> ByteStorage {
        // A pipe would make a blocking open wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }

        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .cannotRead(path: path, reason: "not a regular file")
        }
        let count = Int(status.st_size)
        guard count > 0 else {
            throw .fileTooShort(byteCount: 0, expectedAtLeast: ArrowFormat.minimumByteCount)
        }
        guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
            throw failure(path)
        }
        return ByteStorage(mapping: base, count: count)
    }

    static func unmap(_ base: UnsafeRawPointer, count: Int) {
        munmap(UnsafeMutableRawPointer(mutating: base), count)
    }

    static func releasePages(_ base: UnsafeRawPointer, count: Int) {
        madvise(UnsafeMutableRawPointer(mutating: base), count, MADV_DONTNEED)
    }

    private static func failure(_ path: String) -> ArrowError {
        .cannotRead(path: path, reason: String(cString: strerror(errno)))
    }
}
