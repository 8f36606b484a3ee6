import Foundation
import Testing

@testable import ChurnHistory

@Suite struct EncodingTests {
    /// Bytes that Windows-1252 does not assign.
    private static let unassigned: Set<UInt8> = [0x81, 0x8D, 0x8F, 0x90, 0x9D]

    @Test(arguments: [
        (DelimitedDialect.Encoding.windows1252, String.Encoding.windowsCP1252), (.latin1, .isoLatin1),
    ])
    func everyByteOfASingleByteEncodingReadsAsFoundationReadsIt(
        encoding: DelimitedDialect.Encoding,
        foundation: String.Encoding
    ) throws {
        let bytes = (UInt8(0x80)...0xFF).filter { encoding == .latin1 || !Self.unassigned.contains($0) }
        let header: [UInt8] = [0x63, 0x61, 0x66, 0xE9]
        let table = try ReadTable(header + [0x0A] + bytes + [0x0A], dialect: .encoded(encoding))
        #expect(table.columnNames == ["café"])
        #expect(table.texts == [[try #require(String(bytes: bytes, encoding: foundation))]])
    }

    @Test func windowsQuotesAndTheEuroAreNotControlCharacters() throws {
        let content: [UInt8] = [0x61, 0x0A, 0x80, 0x20, 0x93, 0x78, 0x94, 0x0A]
        #expect(try ReadTable(content, dialect: .encoded(.windows1252)).texts == [["€ “x”"]])
    }

    @Test(arguments: [DelimitedDialect(), .encoded(.utf8)])
    func aByteOrderMarkOfUTF8IsNoPartOfTheHeader(dialect: DelimitedDialect) throws {
        let table = try ReadTable("\u{FEFF}a,b\n1,2\n", dialect: dialect)
        #expect(table.columnNames == ["a", "b"])
        #expect(table.texts == [["1", "2"]])
    }

    @Test(arguments: [DelimitedDialect.Encoding.windows1252, .latin1])
    func aByteOrderMarkOfUTF8IsAnErrorUnderAnotherEncoding(encoding: DelimitedDialect.Encoding) {
        let error = #expect(throws: DataError.self) {
            try ReadTable("\u{FEFF}a,b\n1,2\n", dialect: .encoded(encoding))
        }
        #expect(error?.code == .unsupportedEncoding && error?.fix?.contains("encoding: utf-8") == true)
    }

    @Test(arguments: [
        [0xFF, 0xFE, 0x61, 0x00], [0xFE, 0xFF, 0x00, 0x61], [0xFF, 0xFE, 0x00, 0x00, 0x61, 0x00, 0x00, 0x00],
        [0x00, 0x00, 0xFE, 0xFF, 0x00, 0x00, 0x00, 0x61],
    ])
    func wideEncodingsAreRefusedByTheirByteOrderMark(start: [UInt8]) throws {
        let error = #expect(throws: DataError.self) { try ReadTable(start + [0x0A, 0x00]) }
        #expect(error?.code == .unsupportedEncoding)
        #expect(error?.fix?.contains("iconv") == true)
    }

    @Test(arguments: [
        [0xC3], [0xC3, 0x28], [0xA0], [0xE2, 0x82], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
    ])
    func bytesThatAreNotUTF8AreFound(bytes: [UInt8]) {
        let kind = (Array("abc".utf8) + bytes + Array("de".utf8)).withUnsafeBufferPointer { TextKind($0) }
        #expect(kind == .faulty(.notUTF8))
    }

    @Test func textAndItsNULAreToldApart() {
        #expect(Array("é€😀 a".utf8).withUnsafeBufferPointer { TextKind($0) } == .utf8)
        #expect(Array("a b".utf8).withUnsafeBufferPointer { TextKind($0) } == .ascii)
        #expect(Array("a\0b".utf8).withUnsafeBufferPointer { TextKind($0) } == .faulty(.nulByte))
    }
}
