import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnHistory

@Suite struct AtomicFileTests {
    private static func names(in folder: TemporaryFolder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test func nothingStandsUnderTheNameBeforeTheCommit() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/scores.csv"
        let file = try AtomicFile(path: path)
        try file.write("a,b\n")
        try file.write(String(repeating: "x", count: 1 << 19))
        #expect(!FileManager.default.fileExists(atPath: path))
        try file.commit()
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "a,b\n" + String(repeating: "x", count: 1 << 19))
        #expect(try Self.names(in: folder) == ["scores.csv"])
    }

    @Test func whatIsNotCommittedLeavesNothing() throws {
        let folder = try TemporaryFolder()
        do {
            let file = try AtomicFile(path: "\(folder.path)/scores.csv")
            try file.write(String(repeating: "x", count: 1 << 19))
            #expect(try Self.names(in: folder).count == 1)
        }
        #expect(try Self.names(in: folder) == [])
    }

    @Test func theOldContentStaysUntilTheCommitReplacesIt() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("scores.csv", "old")
        do {
            let abandoned = try AtomicFile(path: path)
            try abandoned.write("lost")
        }
        let file = try AtomicFile(path: path)
        try file.write("new")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
        try file.commit()
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
    }

    @Test func writesOfEverySizeComeOutInTheirOrder() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/bytes"
        let file = try AtomicFile(path: path)
        var expected: [UInt8] = []
        for (number, size) in [0, 1, 262_143, 1, 262_144, 262_145, 3, 100_000, 200_000, 600_000, 7].enumerated() {
            let bytes = [UInt8](repeating: UInt8(number + 65), count: size)
            expected += bytes
            try bytes.withUnsafeBytes { try file.write($0) }
        }
        try file.commit()
        let isEqual = try Data(contentsOf: URL(fileURLWithPath: path)) == Data(expected)
        #expect(isEqual)
    }

    /// Sizes of writes, some of which fill more blocks than are ever on their way at once.
    private static let writes: [[Int]] = [
        [5_242_880, 7, 9_437_184, 1], [8_388_608], [4_194_305, 4095, 4096, 4097], [1000, 1000, 1000], [1, 17_825_792],
        [3_145_728, 3_145_728, 3_145_728, 3_145_728, 100], [47_185_920, 3, 6_291_456],
    ]

    @Test(arguments: writes, [0, 4096, 12_345, 5_242_880])
    func whatGoesAroundThePageCacheComesOutInItsOrder(_ sizes: [Int], _ cacheRoom: Int) throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/bytes"
        let file = try AtomicFile(path: path, cacheRoom: cacheRoom)
        var expected: [UInt8] = []
        var state: UInt64 = 1
        for size in sizes {
            let bytes = (0..<size).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 56)
            }
            expected += bytes
            try bytes.withUnsafeBytes { try file.write($0) }
        }
        try file.commit()
        let isEqual = try Data(contentsOf: URL(fileURLWithPath: path)) == Data(expected)
        #expect(isEqual)
        #expect(try Self.names(in: folder) == ["bytes"])
    }

    /// A place that such writes cannot have is written through the cache; a file that takes no writes is an error.
    @Test func aWriterAroundTheCacheFallsBackAndReportsErrors() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("table.arrow", "x")
        let bytes = (0..<(10 << 20)).map { UInt8(truncatingIfNeeded: $0 / 7) }
        func write(direct: Int32, cached: Int32, offset: Int) -> Int32 {
            let writer = UncachedWriter(direct: direct, cached: cached, offset: offset)
            let error = bytes.withUnsafeBytes { writer.append($0) }
            return error != 0 ? error : writer.finish()
        }
        let cached = open(path, O_RDWR | O_CLOEXEC)
        defer { close(cached) }
        let direct = try #require(UncachedWriter.flag.map { open(path, O_WRONLY | O_CLOEXEC | $0) })
        if direct >= 0 {
            #expect(write(direct: direct, cached: cached, offset: 1) == 0)
            let content = try Data(contentsOf: URL(fileURLWithPath: path))
            let isEqual = content.dropFirst().elementsEqual(bytes)
            #expect(isEqual && content.first == UInt8(ascii: "x"))
        }
        #expect(write(direct: open(path, O_RDONLY | O_CLOEXEC), cached: cached, offset: 0) == EBADF)
        let readOnly = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(readOnly) }
        #expect(write(direct: open(path, O_WRONLY | O_CLOEXEC), cached: readOnly, offset: 0) == EBADF)
        #expect(UncachedWriter(path: path, cached: cached, offset: 1) == nil)
        #expect(UncachedWriter(path: path, cached: cached, offset: -1) == nil)
    }

    @Test func whatWentAroundThePageCacheAndIsNotCommittedLeavesNothing() throws {
        let folder = try TemporaryFolder()
        do {
            let file = try AtomicFile(path: "\(folder.path)/table.arrow", cacheRoom: 0)
            try file.write(String(repeating: "x", count: 9 << 20))
        }
        #expect(try Self.names(in: folder) == [])
    }

    @Test func filesAreReadableByTheirOwnerOnlyUnlessSaidOtherwise() throws {
        let folder = try TemporaryFolder()
        let file = try AtomicFile(path: "\(folder.path)/customers.csv")
        try file.commit()
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func aPlaceThatCannotBeWrittenIsFoundBeforeAnyWork() throws {
        let folder = try TemporaryFolder()
        let plain = try folder.write("plain", "x")
        for path in ["\(folder.path)/missing/scores.csv", "\(plain)/scores.csv", folder.path, "\(folder.path)/"] {
            let error = #expect(throws: DataError.self) { try AtomicFile(path: path) }
            #expect(error?.kind == .cannotCreate)
            #expect(error?.code == .cannotWrite)
            #expect(error?.file == path)
            #expect(error?.fix != nil)
        }
        #expect(try Self.names(in: folder) == ["plain"])
    }

    @Test func aLinkStaysALinkAndItsTargetIsReplaced() throws {
        let folder = try TemporaryFolder()
        let target = try folder.write("scores-of-today.csv", "old")
        let link = "\(folder.path)/scores.csv"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        let file = try AtomicFile(path: link)
        try file.write("new")
        try file.commit()
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "new")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == target)
        #expect(try Self.names(in: folder) == ["scores-of-today.csv", "scores.csv"])
    }

    @Test func aDeviceCannotBeReplaced() {
        let error = #expect(throws: DataError.self) { try AtomicFile(path: "/dev/null") }
        #expect(error?.code == .cannotWrite)
    }

    @Test(.disabled(if: getuid() == 0, "root may write everywhere"))
    func aFolderThatMayNotBeWrittenIsFoundBeforeAnyWork() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder.path)
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path) }
        let error = #expect(throws: DataError.self) { try AtomicFile(path: "\(folder.path)/scores.csv") }
        #expect(error?.kind == .cannotCreate)
    }

    @Test func aCommitThatFailsLeavesNothingBehind() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/scores.csv"
        let file = try AtomicFile(path: path)
        try file.write("x")
        // A folder that takes the name in the meantime cannot be replaced by a file.
        try FileManager.default.createDirectory(atPath: "\(path)/inner", withIntermediateDirectories: true)
        let error = #expect(throws: DataError.self) { try file.commit() }
        #expect(error?.code == .writeFailed)
        #expect(try Self.names(in: folder) == ["scores.csv"])
    }
}
