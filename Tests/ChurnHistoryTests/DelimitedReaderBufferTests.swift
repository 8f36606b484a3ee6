import Testing

@testable import ChurnHistory

/// Rows, quotes and line ends that lie across the edges of the reader's buffer, which is filled 256 KiB at a time and has
/// 1 MiB unless a row is longer.
@Suite struct DelimitedReaderBufferTests {
    private static let block = 1 << 18
    private static let limit = RecordScanner.maximumFieldBytes

    @Test func aFileOfSeveralBuffersReadsLikeASlowReaderReadsIt() throws {
        var random = SeededGenerator(seed: 1)
        var content = Array("a,b,c\n".utf8)
        let ends = ["\n", "\r\n", "\r"].map { Array($0.utf8) }
        while content.count < 7 << 19 {
            for field in 0..<3 {
                if field > 0 { content.append(UInt8(ascii: ",")) }
                let length = random.below(random.below(50) == 0 ? 3000 : 30)
                let isQuoted = random.below(3) == 0
                if isQuoted { content.append(UInt8(ascii: "\"")) }
                for _ in 0..<length {
                    switch random.below(isQuoted ? 12 : 8) {
                    case 8: content += [UInt8(ascii: "\""), UInt8(ascii: "\"")]
                    case 9: content += ends[random.below(3)]
                    case 10: content.append(UInt8(ascii: ","))
                    default: content.append(UInt8(ascii: "a") + UInt8(random.below(26)))
                    }
                }
                if isQuoted { content.append(UInt8(ascii: "\"")) }
            }
            content += ends[random.below(3)]
        }
        let expected = SlowReader(content)
        let table = try ReadTable(content)
        #expect(table.error == nil)
        #expect(table.rows.count > 5000)
        // Not compared in one expectation, which would print megabytes.
        let isEqual = table.rows == Array(expected.rows.dropFirst())
        #expect(isEqual)
    }

    @Test(arguments: 0..<4)
    func aLineEndOfTwoBytesIsOneWhereverTheBufferEnds(shift: Int) throws {
        let row = Array("\(String(repeating: "x", count: 29)),\(String(repeating: "y", count: 32))\r\n".utf8)
        #expect(row.count == 64)
        // With rows of 64 bytes, the CR stands on the last byte of a block for one of the shifts.
        var content = Array("a,\(String(repeating: "b", count: 60 + shift))\r\n".utf8)
        let count = 5 * Self.block / 64
        for _ in 0..<count { content += row }
        let table = try ReadTable(content)
        #expect(table.lines == Array(2...count + 1))
        let isEqual = table.rows.allSatisfy { $0.cells == [Array(row[..<29]), Array(row[30..<62])] }
        #expect(isEqual)
    }

    @Test func quotesThatOpenDoubleAndCloseAtTheEndOfABlockAreReadWhole() throws {
        let field = Array("\"q\"\"q\n,\"".utf8)
        for shift in -9...1 {
            let padding = [UInt8](repeating: UInt8(ascii: "p"), count: Self.block + shift - 4)
            let content = Array("a,b\n".utf8) + padding + [UInt8(ascii: ",")] + field + Array("\nlast,row\n".utf8)
            let table = try ReadTable(content)
            #expect(table.rows.map { $0.cells[1] } == [Array("q\"q\n,".utf8), Array("row".utf8)], "shift \(shift)")
            #expect(table.lines == [2, 4], "shift \(shift)")
        }
    }

    @Test(arguments: [false, true])
    func aFieldOfTheLargestSizeIsReadAndOneByteMoreIsRefused(isQuoted: Bool) throws {
        let mark = isQuoted ? "\"" : ""
        for excess in 0...1 {
            let field = String(repeating: "x", count: Self.limit + excess)
            let table = try ReadTable("a,b\n\"1\n2\",3\n4,\(mark)\(field)\(mark)\n5,6\n")
            if excess == 0 {
                #expect(table.error == nil)
                #expect(table.rows.map { $0.cells[1].count } == [1, Self.limit, 1])
            } else {
                #expect(table.error?.code == .fieldTooLong)
                #expect(table.error?.line == 4)
                #expect(table.error?.field == 2)
            }
        }
    }

    @Test func aQuotedFieldOfTheLargestSizeIsReadWhereverTheBufferEnds() throws {
        let field = String(repeating: "x", count: Self.limit)
        for shift in -2...2 {
            // The closing quote is the last byte of a block where the shift is 0.
            let header = String(repeating: "h", count: Self.block - 3 + shift)
            let table = try ReadTable("\(header)\n\"\(field)\"\nlast\n")
            #expect(table.error == nil, "shift \(shift)")
            #expect(table.rows.map { $0.cells[0].count } == [Self.limit, 4], "shift \(shift)")
        }
    }

    @Test(arguments: [0, 100_000])
    func aFieldOfManyLinesThatIsTooLongIsReportedWhereItBegins(padding: Int) throws {
        let long = String(repeating: "123456789\n", count: (Self.limit + padding) / 10 + 1)
        let error = try ReadTable("a,b\n1,2\n3,\"\(long)\"\n4,5\n").error
        #expect(error?.code == .fieldTooLong)
        #expect(error?.line == 3)
        #expect(error?.field == 2)
    }

    @Test func aQuoteThatNeverClosesInALargeFileIsReportedWhereItOpens() throws {
        let rows = String(repeating: "1,2\n", count: Self.limit)
        let error = try ReadTable("a,b\n1,2\n3,\"\(rows)").error
        #expect(error?.line == 3)
        #expect(error?.field == 2)
        #expect(error?.fix?.contains("unclosed quote") == true)
    }

    @Test func aRowOfManyLongFieldsIsReadWhole() throws {
        let field = String(repeating: "x", count: 900_000)
        let table = try ReadTable("a,b,c,d\n\(field),\(field),\(field),1\n2,3,4,5\n")
        #expect(table.rows.map { $0.cells.map(\.count) } == [[900_000, 900_000, 900_000, 1], [1, 1, 1, 1]])
    }

    @Test func transcodingGrowsTheTextAndLosesNothing() throws {
        let row = [UInt8](repeating: 0x80, count: 63) + [0x0A]
        var content = Array("a\n".utf8)
        for _ in 0..<20_000 { content += row }
        let table = try ReadTable(content, dialect: .encoded(.windows1252))
        #expect(table.rows.count == 20_000)
        let euros = Array(String(repeating: "€", count: 63).utf8)
        let isEqual = table.rows.allSatisfy { $0.cells == [euros] }
        #expect(isEqual)
    }
}
