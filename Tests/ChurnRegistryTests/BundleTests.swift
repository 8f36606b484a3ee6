import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnRegistry

/// Versions in one file, handed from registry to registry.
@Suite struct BundleTests {
    private let name: ModelName
    private let contents: [String: Data]
    private let registry: ModelRegistry
    private let bundle: Data

    init() throws {
        name = try ModelName("shop")
        contents = try ModelRegistryTests.model(seed: 1).contents()
        registry = try ModelRegistry.openOrCreate(path: "models", disk: SimulatedDisk())
        _ = try registry.publish(name, contents: contents, origin: .example)
        bundle = try registry.bundle(name, version: 1)
    }

    /// A bundle with the manifest that belongs to its files.
    private func bundle(of contents: [String: Data]) throws -> Data {
        let manifest = try RegistryJSON.encode(ModelManifest(files: contents, origin: .example))
        return try bundle(of: contents.merging([ModelManifest.fileName: manifest]) { $1 }.map { ($0, $1) })
    }

    private func bundle(of files: [(String, Data)]) throws -> Data {
        try #require(ZstdFrame.compress(TarArchive.write(files.map { .init(name: $0.0, content: $0.1) })))
    }

    @Test func whatIsExportedIsImportedTheSame() throws {
        let other = try ModelRegistry.openOrCreate(path: "other", disk: SimulatedDisk())
        #expect(try other.publish(ModelName("copy"), bundle: bundle, path: "b") == 1)
        #expect(try other.contents(ModelName("copy"), version: 1) == contents)
        #expect(try other.manifest(ModelName("copy"), version: 1) == registry.manifest(name, version: 1))
        #expect(try other.bundle(ModelName("copy"), version: 1) == bundle)
        #expect(try other.publish(ModelName("copy"), bundle: bundle, path: "b") == 2)
        #expect(try other.verify().findings.isEmpty)
    }

    /// The system's `tar` reads what is written, and what it writes is read.
    @Test func theArchiveIsAnOrdinaryOne() throws {
        let folder = try TemporaryFolder()
        let bytes = try #require(ZstdFrame.decompress(bundle, most: 1 << 30))
        try folder.write("b.tar", bytes)
        func shell(_ command: String) throws -> Int32 {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", command]
            process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus
        }
        #expect(try shell("mkdir out && tar -xf b.tar -C out && cd out && tar --format=ustar -cf ../c.tar *") == 0)
        for (file, data) in contents {
            #expect(FileManager.default.contents(atPath: "\(folder.path)/out/\(file)") == data)
        }
        let again = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/c.tar")))
        let read = try TarArchive.read(again, mostFiles: 8, mostBytes: 1 << 20)
        let files = try TarArchive.read(bytes, mostFiles: 8, mostBytes: 1 << 20)
        #expect(read.sorted { $0.name < $1.name } == files.sorted { $0.name < $1.name })
        #expect(try shell("cd out && ln -s /etc/passwd x.json && tar --format=ustar -cf ../d.tar x.json") == 0)
        let linked = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/d.tar")))
        #expect(throws: TarArchive.Fault.self) { try TarArchive.read(linked, mostFiles: 8, mostBytes: 1 << 20) }
    }

    @Test(arguments: ["../card.md", "/etc/passwd", "..\\x", "other.json", "versions/000001/card.md"])
    func aBundleCannotNameAFileThatNoModelHas(file: String) throws {
        let files = contents.merging([file: Data("x".utf8)]) { $1 }
        let bundle = try bundle(of: files)
        #expect(throws: RegistryError.self) { try registry.publish(name, bundle: bundle, path: "b") }
        #expect(try registry.versions(of: name) == [1])
    }

    @Test func whatIsNoBundleSaysWhy() throws {
        var swapped = contents
        swapped["card.md"] = Data("another card".utf8)
        let manifest = try RegistryJSON.encode(ModelManifest(files: contents, origin: .example))
        let twice = Array(contents.map { ($0, $1) }) + [(ModelManifest.fileName, manifest), ("card.md", Data())]
        let bomb = try #require(ZstdFrame.compress(Data(count: 64 << 20)))
        let cases: [(Data, String)] = [
            (Data(), "frame of zstd"), (Data("text".utf8), "frame of zstd"), (bundle.dropLast(9), "frame of zstd"),
            (bundle + bundle, "frame of zstd"), (bomb, "too large"),
            (try #require(ZstdFrame.compress(Data(count: 512))), "something stands behind"),
            (try #require(ZstdFrame.compress(Data(count: 100))), "in the middle"),
            (try bundle(of: contents.map { ($0, $1) }), "manifest.json is missing"),
            (try bundle(of: twice), "twice"),
            (try bundle(of: swapped.map { ($0, $1) } + [(ModelManifest.fileName, manifest)]), "card.md"),
            (
                try bundle(of: Array(contents.map { ($0, $1) }.dropFirst()) + [(ModelManifest.fileName, manifest)]),
                "other files"
            ),
        ]
        for (data, words) in cases {
            let error = #expect(throws: RegistryError.self) {
                try registry.publish(name, bundle: Data(data), path: "b")
            }
            let text = error?.description ?? ""
            #expect(text.contains(words), "\(text)")
        }
        #expect(try registry.versions(of: name) == [1])
    }

    /// With right digests, so that they reach the reader.
    @Test func mutatedBundlesAreErrorsOrModelsAndNeverCrash() throws {
        var random = RandomStream(seed: 9, purpose: "bundles")
        let names = contents.keys.sorted()
        let table = try PredictorTable(
            rowCount: 2,
            columns: [PredictorColumn(name: "x", values: .numeric([0.5, -2]))]
        )
        let disk = SimulatedDisk()
        let registry = try ModelRegistry.openOrCreate(path: "models", disk: disk)
        var published = 0
        let values = ["-1", "1e308", "1e999", "null", "{}", "[]", "\"x\"", "9223372036854775808", "NaN", "true"]
        for _ in 0..<10_000 {
            var mutated = contents
            let file = names[random.below(names.count)]
            var bytes = [UInt8](contents[file] ?? Data())
            for _ in 0...random.below(3) {
                let at = random.below(bytes.count)
                switch random.below(4) {
                case 0: bytes[at] = UInt8(random.below(256))
                case 1: bytes[at] = UInt8(ascii: "0") + UInt8(random.below(10))
                case 2: bytes.removeSubrange(at..<min(bytes.count, at + random.below(30)))
                default:
                    // A value for another one.
                    let start = bytes[at...].firstIndex(of: UInt8(ascii: ":")) ?? at
                    let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
                    let value = values[random.below(values.count)]
                    bytes.replaceSubrange(min(start + 1, end)..<end, with: Array(" \(value),".utf8))
                }
                if bytes.isEmpty { break }
            }
            mutated[file] = Data(bytes)
            let bundle = try bundle(of: mutated)
            do throws(RegistryError) {
                let version = try registry.publish(name, bundle: bundle, path: "b")
                published += 1
                let model = try StoredModel(contents: registry.contents(name, version: version), path: "x")
                if let scores = try? model.model.probabilities(table) {
                    let areSound = scores.allSatisfy { $0.isFinite && (0...1).contains($0) }
                    #expect(areSound)
                }
            } catch {
                guard case .notABundle = error else {
                    Issue.record("\(error)")
                    continue
                }
            }
        }
        #expect((100..<9000).contains(published))
    }
}
