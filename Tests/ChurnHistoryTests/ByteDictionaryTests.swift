import Testing

@testable import ChurnHistory

@Suite struct RowHashTableTests {
    @Test func eachFingerprintKeepsItsFirstNumberWhileTheTableGrows() {
        var table = RowHashTable()
        var plain: [Int: Int32] = [:]
        var random = SeededGenerator(seed: 11)
        for number in 0..<20_000 {
            let key = random.below(9_000)
            let hash = Array("\(key)".utf8).withUnsafeBufferPointer { RowHash($0) }
            #expect(table.insert(hash, Int32(number)) == plain[key])
            if plain[key] == nil { plain[key] = Int32(number) }
        }
        #expect(table.count == plain.count)
    }
}

@Suite struct ByteDictionaryTests {
    @Test func stringsKeepTheirNumbersWhileTheTableGrows() {
        var dictionary = ByteDictionary()
        let texts = (0..<20_000).map { "customer-\($0 % 10_000)" }
        let codes = texts.map { dictionary.code(for: $0) }
        #expect(codes == (0..<20_000).map { Int32($0 % 10_000) })
        #expect(dictionary.count == 10_000)
        #expect(dictionary.strings == Array(texts.prefix(10_000)))
    }

    @Test func stringsThatDifferInLengthOrOneByteAreDistinct() {
        var dictionary = ByteDictionary()
        let texts = [
            "", "a", "A", "a ", " a", "aa", "a\0", "\0a", "é", "e\u{301}", "007", "7", "00000000", "000000000",
        ]
        #expect(texts.map { dictionary.code(for: $0) } == (0..<14).map { Int32($0) })
        #expect(texts.map { dictionary.code(for: $0) } == (0..<14).map { Int32($0) })
        #expect(dictionary.strings == texts)
    }

    @Test func lookingForAStringAddsNothing() {
        var dictionary = ByteDictionary()
        for number in 0..<100 { _ = dictionary.code(for: "\(number)") }
        func existing(_ text: String) -> Int32? { Array(text.utf8).withUnsafeBufferPointer(dictionary.existingCode) }
        #expect(existing("42") == 42)
        #expect(existing("100") == nil)
        #expect(dictionary.count == 100)
    }

    @Test func byteOrderIsThatOfUTF8AndNotOfAnyLanguage() {
        var dictionary = ByteDictionary()
        for text in ["b", "é", "Z", "a", "", "10", "9", "aa", "😀", "\u{FFFF}"] { _ = dictionary.code(for: text) }
        let ordered = dictionary.codesInByteOrder().map(dictionary.string)
        #expect(ordered == ["", "10", "9", "Z", "a", "aa", "b", "é", "\u{FFFF}", "😀"])
    }

    @Test func bytesThatAreNoTextAreKeptAsTheyAre() {
        var dictionary = ByteDictionary()
        let codes = [[0xFF], [0xFE], [0xFF]].map { (bytes: [UInt8]) in
            bytes.withUnsafeBufferPointer { dictionary.code(for: $0) }
        }
        #expect(codes == [0, 1, 0])
        #expect(dictionary.withBytes(1) { Array($0) } == [0xFE])
    }
}

@Suite struct RowHashTests {
    private static func hash(_ text: String) -> RowHash { Array(text.utf8).withUnsafeBufferPointer { RowHash($0) } }

    @Test func nearlyEqualRowsDoNotCollide() {
        var hashes = Set<RowHash>()
        var halves = Set<UInt64>()
        for number in 0..<100_000 {
            let hash = Self.hash("536365,85123A,WHITE HEART T-LIGHT HOLDER,\(number),2010-12-01 08:26:00,2.55,17850")
            hashes.insert(hash)
            halves.insert(hash.low)
        }
        #expect(hashes.count == 100_000)
        // 100,000 values of 64 good bits collide with probability 3e-10.
        #expect(halves.count == 100_000)
    }

    @Test func everyByteAndTheLengthCount() {
        let base = [UInt8](repeating: 0, count: 40)
        var hashes = Set<RowHash>()
        for length in 0...40 { hashes.insert(base.prefix(length).withUnsafeBufferPointer { RowHash($0) }) }
        for position in 0..<40 {
            for bit in 0..<8 {
                var changed = base
                changed[position] = 1 << bit
                hashes.insert(changed.withUnsafeBufferPointer { RowHash($0) })
            }
        }
        #expect(hashes.count == 41 + 320)
    }
}
