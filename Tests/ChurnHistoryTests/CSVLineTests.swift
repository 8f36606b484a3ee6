import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnHistory

@Suite struct CSVLineTests {
    private static func line(_ texts: [String]) throws -> String {
        var line = CSVLine()
        for text in texts { line.append(text: text) }
        return try finished(&line)
    }

    private static func finished(_ line: inout CSVLine) throws -> String {
        var result = ""
        try line.finish { result = String(decoding: $0, as: UTF8.self) }
        return result
    }

    @Test func quotesStandOnlyWhereTheyAreNeeded() throws {
        #expect(try Self.line(["a", "b c", "ü", ""]) == "a,b c,ü,\n")
        #expect(
            try Self.line(["a,b", "say \"hi\"", "x\ny", "x\ry"]) == "\"a,b\",\"say \"\"hi\"\"\",\"x\ny\",\"x\ry\"\n"
        )
    }

    @Test func aSingleEmptyCellIsNoEmptyLine() throws {
        #expect(try Self.line([""]) == "\"\"\n")
        #expect(try Self.line(["", ""]) == ",\n")
    }

    @Test(arguments: [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\tx", "'\tx"),
        ("\rx", "\"'\rx\""),
        ("\nx", "\"'\nx\""), ("=A1,\"x\"", "\"'=A1,\"\"x\"\"\""), ("a=1", "a=1"), (" =1", " =1"), ("'x", "'x"),
    ])
    func aTextThatASpreadsheetWouldRunIsNeutralised(text: String, written: String) throws {
        #expect(try Self.line([text]) == written + "\n")
    }

    @Test func numbersAreNeverTouched() throws {
        var line = CSVLine()
        for number in [-1.5, 0, 1, -3, 1e17, 1e300, 0.1, .nan, Double.leastNonzeroMagnitude, 123_456_789_012_345] {
            line.append(number: number)
        }
        let text = try Self.finished(&line)
        #expect(text == "-1.5,0,1,-3,1e+17,1e+300,0.1,,5e-324,123456789012345\n")
    }

    @Test func randomNumbersReadBackToTheBit() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<20_000 {
            let number =
                random.below(2) == 0
                ? Double(bitPattern: random.next()) : Double(random.below(2_000_001) - 1_000_000) / 100
            guard number.isFinite else { continue }
            var line = CSVLine()
            line.append(number: number)
            let text = try Self.finished(&line).dropLast()
            let read = Array(text.utf8).withUnsafeBufferPointer { NumberFormat.point.parse($0) }
            #expect(read == .number(number), Comment(rawValue: String(text)))
            #expect(text.utf8.count <= "\(number)".utf8.count, Comment(rawValue: String(text)))
        }
    }

    @Test func theNextLineBeginsEmpty() throws {
        var line = CSVLine()
        line.append(text: "a")
        line.append(number: 1)
        #expect(try Self.finished(&line) == "a,1\n")
        line.append(text: "b")
        #expect(try Self.finished(&line) == "b\n")
    }

    @Test(arguments: ["=1+1", "-7", "@x", "+49 30 1234", "\tx", "\r\n", "plain", "", "'", "'quoted'", "it's", "1-2"])
    func aNeutralisedTextIsRestored(text: String) throws {
        #expect(try Self.roundTrip([text, "x"]) == [text, "x"])
    }

    /// Else two customers, `=1` and `'=1`, would become one.
    @Test(arguments: ["'=1", "'-7", "''=1", "'@", "+"]) func aTextThatLooksNeutralisedIsRestoredAsItWas(text: String)
        throws
    {
        #expect(try Self.roundTrip([text, "x"]) == [text, "x"])
    }

    @Test func randomTextsSurviveWritingAndReading() throws {
        let pieces = ["a", "é", " ", ",", "\"", "\n", "\r", "=", "-", "'", "\t", "1"]
        var random = SeededGenerator(seed: 12)
        for _ in 0..<300 {
            let texts = (0..<3).map { _ in (0..<random.below(6)).map { _ in pieces[random.below(12)] }.joined() }
            #expect(try Self.roundTrip(texts) == texts)
        }
    }

    /// Writes a line, reads it with the reader, and restores its cells.
    private static func roundTrip(_ texts: [String]) throws -> [String] {
        let header = texts.indices.map { "c\($0)" }.joined(separator: ",")
        let table = try ReadTable("\(header)\n\(line(texts))")
        return (table.texts.first ?? [String](repeating: "", count: texts.count)).map(CSVLine.restored)
    }

    @Test func linesAreWrittenToAFile() throws {
        let folder = try TemporaryFolder()
        let file = try AtomicFile(path: "\(folder.path)/out.csv")
        var line = CSVLine()
        for number in 0..<3 {
            line.append(text: "c\(number)")
            line.append(number: Double(number) / 2)
            try line.write(to: file)
        }
        try file.commit()
        #expect(try String(contentsOfFile: file.path, encoding: .utf8) == "c0,0\nc1,0.5\nc2,1\n")
    }
}
