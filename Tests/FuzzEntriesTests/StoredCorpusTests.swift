import ChurnTestSupport
import Foundation
import FuzzEntries
import Testing

/// The inputs that fuzzing has gathered, replayed: what once opened a new path through the code, or crashed it, must keep
/// every promise.
@Suite struct StoredCorpusTests {
    private static func inputs(_ name: String) throws -> [(name: String, bytes: [UInt8])] {
        let folder = URL(fileURLWithPath: SharedData.packageFolder).appending(path: "fuzz/corpus/\(name)")
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
            .map { ($0.lastPathComponent, Array(try Data(contentsOf: $0))) }
    }

    @Test func theReaderKeepsItsPromisesOnEveryStoredInput() throws {
        let folder = try TemporaryFolder()
        let inputs = try Self.inputs("reader")
        #expect(inputs.count >= 70, "the corpus must be there")
        var entry = try ReaderEntry(path: "\(folder.path)/input.csv")
        for input in inputs {
            let violation = entry.violation(of: input.bytes)
            #expect(violation == nil, "fuzz/corpus/reader/\(input.name)")
        }
    }

    @Test func theStudyParserKeepsItsPromisesOnEveryStoredInput() throws {
        let inputs = try Self.inputs("study")
        #expect(inputs.count >= 25, "the corpus must be there")
        for input in inputs {
            let violation = StudyEntry(input.bytes).violation()
            #expect(violation == nil, "fuzz/corpus/study/\(input.name)")
        }
    }

    @Test func aFileThatCannotBeWrittenIsAViolationAndNotSilence() throws {
        var entry = try ReaderEntry(path: "/no/such/folder/input.csv")
        #expect(entry.violation(of: [0, 0, 0x61]) != nil)
    }

    @Test func theChoosingBytesReachEveryDialect() {
        var dialects = Set<String>()
        for first in UInt8.min...UInt8.max {
            let dialect = ReaderDialect(first: first, second: 0, third: 0).dialect
            let hasHeader = dialect.columnNames == nil
            dialects.insert("\(dialect.delimiter) \(dialect.encoding) \(hasHeader) \(dialect.skipLines)")
        }
        // Six delimiters, three encodings, with and without a header, none to three lines skipped.
        #expect(dialects.count == 6 * 3 * 2 * 4)
    }
}
