import Foundation

/// Plain files with short names as a tar archive of the POSIX format (`ustar`; IEEE Std 1003.1-2017, `pax`, "ustar Interchange Format").
///
/// What else an archive can hold, links, folders, devices, long names, is refused when it is read.
enum TarArchive {
    struct File: Equatable {
        let name: String
        let content: Data
    }

    /// Something that the archive must not have, in words.
    struct Fault: Error, Equatable {
        let words: String
    }

    private static let blockSize = 512
    private static let nameLength = 100
    private static let checksumField = 148..<156

    /// Equal files give equal bytes: times and owners are 0.
    /// - Parameter files: names of 1 to 100 bytes of ASCII.
    static func write(_ files: [File]) -> Data {
        var archive = Data()
        for file in files {
            precondition((1...nameLength).contains(file.name.utf8.count), "a name has 1 to 100 bytes")
            var header = [UInt8](repeating: 0, count: blockSize)
            func put(_ text: String, at offset: Int) {
                header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
            }
            func octal(_ number: Int, digits: Int) -> String {
                let text = String(number, radix: 8)
                return String(repeating: "0", count: max(0, digits - text.count)) + text
            }
            put(file.name, at: 0)
            put("0000644", at: 100)
            put("0000000", at: 108)
            put("0000000", at: 116)
            put(octal(file.content.count, digits: 11), at: 124)
            put("00000000000", at: 136)
            put("0", at: 156)
            put("ustar\0" + "00", at: 257)
            put(octal(checksum(of: header), digits: 6) + "\0 ", at: checksumField.lowerBound)
            archive += header
            archive += file.content
            archive += Data(count: (blockSize - file.content.count % blockSize) % blockSize)
        }
        return archive + Data(count: 2 * blockSize)
    }

    /// The files of an archive.
    /// - Parameters:
    ///   - mostFiles: that it may have.
    ///   - mostBytes: of each.
    static func read(_ bytes: [UInt8], mostFiles: Int, mostBytes: Int) throws(Fault) -> [File] {
        var files: [File] = []
        var offset = 0
        while true {
            guard bytes.count - offset >= blockSize else { throw Fault(words: "it ends in the middle") }
            let header = bytes[offset..<offset + blockSize]
            if header.allSatisfy({ $0 == 0 }) {
                let isEnd = bytes[offset...].allSatisfy { $0 == 0 } && bytes.count - offset >= 2 * blockSize
                guard isEnd else { throw Fault(words: "something stands behind its end") }
                return files
            }
            func field(_ range: Range<Int>) -> ArraySlice<UInt8> {
                let bytes = header[offset + range.lowerBound..<offset + range.upperBound]
                return bytes.prefix { $0 != 0 }
            }
            func octal(_ range: Range<Int>) throws(Fault) -> Int {
                let digits = field(range).filter { $0 != UInt8(ascii: " ") }
                guard !digits.isEmpty, let number = Int(String(decoding: digits, as: UTF8.self), radix: 8), number >= 0
                else { throw Fault(words: "a number in a header is none") }
                return number
            }
            guard try octal(checksumField) == checksum(of: Array(header)) else {
                throw Fault(words: "a header's sum is wrong")
            }
            let name = field(0..<nameLength)
            guard header[offset + 257..<offset + 262].elementsEqual("ustar".utf8),
                header[offset + 156] == UInt8(ascii: "0"), field(345..<500).isEmpty
            else {
                throw Fault(
                    words: "\"\(String(decoding: name, as: UTF8.self))\" is no plain file: a link, a folder or a device"
                )
            }
            let size = try octal(124..<136)
            guard size <= mostBytes, files.count < mostFiles else {
                throw Fault(words: "it has more than \(mostFiles) files, or one of more than \(mostBytes) bytes")
            }
            let start = offset + blockSize
            let blocks = (size + blockSize - 1) / blockSize * blockSize
            guard bytes.count - start >= blocks else { throw Fault(words: "it ends in the middle") }
            files.append(
                File(name: String(decoding: name, as: UTF8.self), content: Data(bytes[start..<start + size]))
            )
            offset = start + blocks
        }
    }

    /// Of a header's bytes, with blanks for the sum itself.
    private static func checksum(of header: [UInt8]) -> Int {
        header.enumerated().reduce(0) { $0 + (checksumField.contains($1.offset) ? 32 : Int($1.element)) }
    }
}
