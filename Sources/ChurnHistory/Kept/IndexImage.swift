import ChurnNumerics
import Foundation

/// The columns of an index as the sections of a file: what is written, and what is found when the file is mapped.
///
/// A file is `CHURNIDX`, the format's version and the header's length (each eight bytes, little-endian), the header as JSON
/// and its checksum, then the sections, each at a multiple of 64 bytes from the file's start.
struct IndexImage {
    static let magic: [UInt8] = Array("CHURNIDX".utf8)
    static let formatVersion: UInt64 = 3
    static let alignment = 64
    /// A header longer than this is damage.
    private static let maximumHeaderBytes = 1 << 28

    struct Section: Codable {
        let name: String
        /// From the first section's start.
        let offset: Int
        let byteCount: Int
        let checksum: UInt64
    }

    // MARK: Writing

    /// Sections that are to be written, in order.
    struct Draft {
        private(set) var sections: [Section] = []
        private var columns: [any RawColumn] = []

        mutating func add<Element>(_ column: Column<Element>, _ name: String) {
            let end = sections.last.map { $0.offset + $0.byteCount } ?? 0
            let checksum = column.withRawBytes(SectionChecksum.of)
            let byteCount = column.withRawBytes(\.count)
            sections.append(
                Section(name: name, offset: IndexImage.aligned(end), byteCount: byteCount, checksum: checksum)
            )
            columns.append(column)
        }

        mutating func add(_ texts: TextColumn, _ name: String) {
            add(texts.starts, "\(name).starts")
            add(texts.bytes, "\(name).bytes")
        }

        func write(header: Data, to file: AtomicFile) throws(DataError) {
            var head = IndexImage.magic
            for number in [IndexImage.formatVersion, UInt64(header.count)] {
                withUnsafeBytes(of: number.littleEndian) { head.append(contentsOf: $0) }
            }
            head.append(contentsOf: header)
            let checksum = header.withUnsafeBytes(SectionChecksum.of)
            withUnsafeBytes(of: checksum.littleEndian) { head.append(contentsOf: $0) }
            try write(head, to: file)
            var position = head.count
            let start = IndexImage.aligned(position)
            for (section, column) in zip(sections, columns) {
                let gap = [UInt8](repeating: 0, count: start + section.offset - position)
                try write(gap, to: file)
                try column.write(to: file)
                position = start + section.offset + section.byteCount
            }
            try file.commit()
        }

        private func write(_ bytes: [UInt8], to file: AtomicFile) throws(DataError) {
            try bytes.withUnsafeBufferPointer { (bytes) throws(DataError) in
                try file.write(UnsafeRawBufferPointer(bytes))
            }
        }
    }

    static func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }

    // MARK: Reading

    let header: Data
    private let file: MappedFile
    private let firstSection: Int

    /// What is wrong with a file that cannot be used.
    struct Fault: Error {
        let problem: String

        init(_ problem: String) { self.problem = problem }
    }

    /// Maps a file and checks its header.
    init(path: String) throws(Fault) {
        let file = try MappedFile(path: path)
        let bytes = file.bytes
        guard bytes.count >= 24, bytes.prefix(8).elementsEqual(Self.magic) else { throw Fault("it is no kept index") }
        let version = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        guard version == Self.formatVersion else {
            throw Fault("it has format version \(version), and this version of ChurnKit reads \(Self.formatVersion)")
        }
        let length = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        guard length <= UInt64(Self.maximumHeaderBytes), 32 + Int(length) <= bytes.count else {
            throw Fault("it is damaged: its header does not end")
        }
        let end = 24 + Int(length)
        let header = UnsafeRawBufferPointer(rebasing: bytes[24..<end])
        let checksum = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: end, as: UInt64.self))
        guard SectionChecksum.of(header) == checksum else { throw Fault("it is damaged: its header has changed") }
        self.header = Data(header)
        self.file = file
        firstSection = Self.aligned(end + 8)
    }

    /// The bytes of sections, whose checksums are right.
    func contents(of sections: [Section], threads: Int) throws(Fault) -> Contents {
        // The largest first, so that no thread is left with one in the end.
        let sections = sections.sorted { $0.byteCount > $1.byteCount }
        var pieces: [String: UnsafeRawBufferPointer] = [:]
        for section in sections { pieces[section.name] = try bytes(of: section) }
        let contents = Contents(file: file, pieces: pieces)
        let isRight = Parallel.map(sections.count, threads: threads) { number in
            contents.pieces[sections[number].name].map(SectionChecksum.of) == sections[number].checksum
        }
        if let wrong = isRight.firstIndex(of: false) {
            throw Fault("it is damaged: \(sections[wrong].name) has changed")
        }
        return contents
    }

    private func bytes(of section: Section) throws(Fault) -> UnsafeRawBufferPointer {
        let (start, overflow) = section.offset.addingReportingOverflow(firstSection)
        guard !overflow, section.offset >= 0, section.byteCount >= 0, start <= file.bytes.count,
            section.byteCount <= file.bytes.count - start, section.offset % Self.alignment == 0
        else { throw Fault("it is damaged: \(section.name) lies outside of it") }
        return UnsafeRawBufferPointer(rebasing: file.bytes[start..<start + section.byteCount])
    }

    /// Sections by name.
    struct Contents: @unchecked Sendable {
        fileprivate let file: MappedFile
        fileprivate let pieces: [String: UnsafeRawBufferPointer]

        /// A section as a column of the mapped file.
        func column<Element>(_ name: String, as: Element.Type) throws(Fault) -> Column<Element> {
            guard let bytes = pieces[name] else { throw Fault("it is damaged: it has no \(name)") }
            let stride = MemoryLayout<Element>.stride
            guard bytes.count % stride == 0 else { throw Fault("it is damaged: \(name) lies outside of it") }
            guard let base = bytes.baseAddress, !bytes.isEmpty else { return Column([Element]()) }
            return Column(owner: file, base: base.assumingMemoryBound(to: Element.self), count: bytes.count / stride)
        }
    }
}

/// A column whatever its elements are.
private protocol RawColumn {
    func write(to file: AtomicFile) throws(DataError)
}

extension Column: RawColumn {
    func withRawBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBufferPointer { body(UnsafeRawBufferPointer($0)) }
    }

    fileprivate func write(to file: AtomicFile) throws(DataError) {
        try withUnsafeBufferPointer { (values) throws(DataError) in try file.write(UnsafeRawBufferPointer(values)) }
    }
}

/// A file in memory that is never written to. Whoever replaces it puts another file in its place.
private final class MappedFile: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer

    init(path: String) throws(IndexImage.Fault) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw IndexImage.Fault("it cannot be opened: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else {
            throw IndexImage.Fault("it is no file, or empty")
        }
        let size = Int(status.st_size)
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw IndexImage.Fault("it cannot be mapped: \(String(cString: strerror(errno)))")
        }
        bytes = UnsafeRawBufferPointer(start: start, count: size)
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }
}
