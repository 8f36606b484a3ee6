import Testing

@testable import ArrowIPC

@Suite("Layouts that other writers use are read")
struct ForeignLayoutTests {
    private func column(_ file: ForgedFile) throws -> ArrowArray {
        try ArrowFile(bytes: file.file).batch(0).array(0)
    }

    @Test(arguments: ArrowTextType.allCases) func textOfEveryLayout(type: ArrowTextType) throws {
        let array = try column(.text(type))
        #expect(try array.optionalStrings() == ["short", nil, "more than twelve bytes ü"])
        #expect(throws: ArrowError.unexpectedNull(place: ArrowPlace(column: "t", batch: 0, row: 1))) {
            try array.strings()
        }
    }

    @Test(arguments: [ArrowIntegerType.int8, .int16, .int32, .int64]) func signedIntegers(type: ArrowIntegerType) throws
    {
        let least = Int64.min >> (64 - type.byteWidth * 8)
        #expect(try column(.integers(type)).integers() == [least, ~least])
    }

    @Test(arguments: [ArrowIntegerType.uint8, .uint16, .uint32])
    func unsignedIntegers(type: ArrowIntegerType) throws {
        let greatest = Int64(1) << (type.byteWidth * 8) - 1
        #expect(try column(.integers(type)).integers() == [0, greatest])
        #expect(try column(.integers(type)).doubles() == [0, Double(greatest)])
    }

    @Test func integersThatDoNotFitAreRefusedNotRounded() throws {
        let place = ArrowPlace(column: "n", batch: 0, row: 1)
        let greatest = "\(UInt64.max)"
        #expect(throws: ArrowError.notRepresentable(place: place, value: greatest, target: "int64")) {
            try column(.integers(.uint64)).integers()
        }
        #expect(throws: ArrowError.notRepresentable(place: place, value: greatest, target: "float64")) {
            try column(.integers(.uint64)).doubles()
        }
        #expect(throws: ArrowError.notRepresentable(place: place, value: "\(Int64.max)", target: "float64")) {
            try column(.integers(.int64)).doubles()
        }
    }

    @Test(arguments: ArrowIntegerType.allCases) func dictionariesOfEveryIndexWithADelta(index: ArrowIntegerType) throws
    {
        let array = try column(.dictionary(index: index))
        #expect(try array.strings() == ["a", "c", "b"])
        #expect(try array.dictionaryValues() == ["a", "b", "c"])
        #expect(try array.dictionaryCodes() == [0, 2, 1])
    }

    @Test func unalignedBuffersAreCopied() throws {
        var forged = ForgedFile.doubles()
        forged.batches[0].shift = 4
        let batch = try ArrowFile(bytes: forged.file).batch(0)
        #expect(try batch.array(0).doubles() == [1.5, 2.5])
        #expect(try batch.array(1).withUnsafeFloat64 { Array($0) } == [3.5, 4.5])
        #expect(try batch.float64Block(columns: 0..<2)?.columnCount == nil)
    }

    @Test func messagesWithoutContinuationAndOfVersion4() throws {
        var forged = ForgedFile.doubles()
        forged.isLegacy = true
        forged.version = 3
        #expect(try column(forged).doubles() == [1.5, 2.5])
    }

    @Test func streams() throws {
        #expect(try ArrowFile(bytes: ForgedFile.doubles().stream).batch(0).array(1).doubles() == [3.5, 4.5])
        #expect(try ArrowFile(bytes: ForgedFile.dictionary().stream).batch(0).array(0).strings() == ["a", "c", "b"])
    }

    @Test func aStreamWithoutItsEndIsCutOff() {
        let bytes = Array(ForgedFile.doubles().stream.dropLast(8))
        #expect(throws: ArrowError.truncatedStream(offset: bytes.count)) { try ArrowFile(bytes: bytes) }
    }
}
