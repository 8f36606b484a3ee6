import ChurnTestSupport
import Testing

@testable import ChurnHistory

@Suite struct EncodingEvidenceTests {
    private static func evidence(_ bytes: [UInt8]) throws -> EncodingEvidence {
        let folder = try TemporaryFolder()
        return try EncodingEvidence(path: try folder.write("events.csv", bytes))
    }

    @Test func asciiNeedsNoReason() throws {
        let evidence = try Self.evidence(Array("id,sum\n1,2\n".utf8))
        #expect(evidence.encoding == .utf8)
        #expect(evidence.reason == nil)
    }

    @Test func umlautsInUTF8AreUTF8() throws {
        let evidence = try Self.evidence(Array("Käufer;Stück\nÄ;5 €\n".utf8))
        #expect(evidence.encoding == .utf8)
        #expect(evidence.reason == "4 characters beyond ASCII are UTF-8")
    }

    @Test func anUmlautOfOneByteIsTheLargerOfTheTwoThatHaveIt() throws {
        let evidence = try Self.evidence(Array("id\nK".utf8) + [0xE4] + Array("ufer\n".utf8))
        #expect(evidence.encoding == .windows1252)
        #expect(evidence.reason?.contains("0xE4 at line 2") == true)
    }

    @Test func aEuroSignOfOneByteIsWindows1252() throws {
        let evidence = try Self.evidence(Array("K".utf8) + [0xE4] + Array("ufer\n5 ".utf8) + [0x80, 0x0A])
        #expect(evidence.encoding == .windows1252)
        #expect(evidence.reason?.contains("0x80 at line 2") == true)
    }

    /// Blocks of 256 KiB are read; a sequence of two bytes may lie on their border.
    @Test(arguments: [(1 << 18) - 1, (1 << 18) - 2, 1 << 18])
    func sequencesMayCrossBlocks(_ length: Int) throws {
        let evidence = try Self.evidence([UInt8](repeating: 0x61, count: length) + Array("€ä".utf8))
        #expect(evidence.encoding == .utf8)
    }

    @Test func aFewDamagedRowsLeaveUTF8() throws {
        let good = Array(String(repeating: "ä", count: 100).utf8)
        #expect(try Self.evidence(good + [0x0A, 0xE4, 0x0A]).encoding == .utf8)
    }
}
