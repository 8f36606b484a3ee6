import Foundation

extension ModelRegistry {
    /// One thing that is not as it should be.
    public struct Finding: Sendable, Equatable, Codable {
        public let path: String
        public let problem: String
    }

    /// What a check of a whole registry looked at and found.
    public struct Verification: Sendable, Equatable, Codable {
        public var models = 0
        public var versions = 0
        public var files = 0
        /// Unfinished work of killed processes in the staging folder: no damage.
        public var leftovers = 0
        public var findings: [Finding] = []
    }

    /// Checks every digest, every history and every name. Changes nothing.
    public func verify() -> Verification {
        var result = Verification()
        result.leftovers = files.names(in: stagingPath).count
        for name in files.names(in: path) where name != "registry.json" && name != ".staging" && name != "runs" {
            let place = "\(path)/\(name)"
            guard let model = try? ModelName(name), files.entry(place) == .folder else {
                result.findings.append(
                    .init(path: place, problem: "it is no model: a foreign file, or a name that no model has")
                )
                continue
            }
            result.models += 1
            verify(model, into: &result)
        }
        return result
    }

    private func verify(_ model: ModelName, into result: inout Verification) {
        for entry in files.names(in: "\(path)/\(model)") where entry != "versions" && entry != "aliases" {
            result.findings.append(.init(path: "\(path)/\(model)/\(entry)", problem: "it does not belong here"))
        }
        let numbers = versions(of: model)
        for folder in files.names(in: versionsPath(model)) {
            let place = "\(versionsPath(model))/\(folder)"
            guard let number = Int(folder), numbers.contains(number), Self.numbered(number) == folder else {
                result.findings.append(.init(path: place, problem: "it is no version: a foreign file"))
                continue
            }
            result.versions += 1
            verify(model, version: number, into: &result)
        }
        do throws(RegistryError) {
            for entry in try aliasHistory(of: model).entries where !numbers.contains(entry.version) {
                result.findings.append(
                    .init(
                        path: aliasesPath(model),
                        problem: "the alias \(entry.alias) points at version \(entry.version), which is not there"
                    )
                )
            }
        } catch {
            result.findings.append(Self.finding(error, at: aliasesPath(model)))
        }
    }

    private func verify(_ model: ModelName, version: Int, into result: inout Verification) {
        let place = versionPath(model, version)
        do throws(RegistryError) {
            let contents = try contents(model, version: version)
            result.files += contents.count + 1
            for file in files.names(in: place) where file != ModelManifest.fileName && contents[file] == nil {
                result.findings.append(.init(path: "\(place)/\(file)", problem: "it is not in the manifest"))
            }
            _ = try StoredModel(contents: contents, path: place)
        } catch {
            result.findings.append(Self.finding(error, at: place))
        }
    }

    private static func finding(_ error: RegistryError, at place: String) -> Finding {
        if case .damaged(let path, let problem) = error { return Finding(path: path, problem: problem) }
        return Finding(path: place, problem: "\(error)")
    }
}
