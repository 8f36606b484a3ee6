import ArgumentParser
import ChurnKit

extension Tune {
    static let featureSettings = ["windows", "families"]

    var chosenRule: Tuning.Rule { rule ?? (strategy == .path ? .oneStandardError : .best) }

    /// The options of the model where nothing is chosen yet.
    var plainChoice: ModelOptions {
        var plain = choice
        if strategy == .path { plain.fit.alpha = nil }
        return plain
    }

    /// The options of the model with a configuration's settings.
    func configured(_ configuration: Configuration) throws -> ModelOptions {
        var options = try plainChoice.configured(by: configuration)
        // What its strengths are strengths of.
        if strategy == .path, configuration != .none { options.fit.alpha = choice.fit.alpha ?? 1 }
        return options
    }

    var space: SearchSpace {
        get throws {
            var dimensions: [SearchSpace.Dimension] = []
            for text in search {
                let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                guard parts.count == 2, !parts[1].isEmpty else {
                    throw ValidationError("--search \(text) must look like l2=0.1:1000 or max-depth=3,5,7.")
                }
                let name = parts[0].hasPrefix("--") ? String(parts[0].dropFirst(2)) : parts[0]
                if dimensions.contains(where: { $0.name == name }) {
                    throw ValidationError("--search names \(name) twice.")
                }
                if Self.featureSettings.contains(name) {
                    let values = try SearchableOption.values(parts[1], name)
                    for value in values { _ = try Self.selection(Configuration([name: value])) }
                    dimensions.append(.init(name, .choice(values)))
                    continue
                }
                guard let option = SearchableOption.all.first(where: { $0.name == name }) else {
                    let known = Self.featureSettings + SearchableOption.all.map(\.name)
                    let nearest = NearestName.of(name, among: known)
                    throw ValidationError(
                        "--search \(name): that cannot be searched"
                            + (nearest.map { ". Did you mean \($0)?" }
                                ?? "; what can: \(known.joined(separator: ", ")).")
                    )
                }
                if option.isGiven(in: choice) {
                    throw ValidationError("--\(name) is given, so that it cannot be searched.")
                }
                dimensions.append(.init(name, try option.domain(parts[1])))
            }
            return SearchSpace(search.isEmpty ? choice.standardSpace : dimensions)
        }
    }

    /// The one strength that is searched, for the rule of one standard error.
    var strength: (name: String, isMoreStronger: Bool)? {
        if strategy == .path { return ("lambda", true) }
        guard let dimensions = try? space.dimensions, dimensions.count == 1 else { return nil }
        switch dimensions[0].name {
        case "l1", "l2", "lambda": return (dimensions[0].name, true)
        case "c": return ("c", false)
        default: return nil
        }
    }

    /// The windows and families that a configuration chooses; `nil` for the study's.
    static func selection(
        _ configuration: Configuration
    ) throws -> (windows: [FeatureWindow]?, families: [FeatureGroup]?) {
        func names(_ setting: String) -> [String]? {
            configuration.values[setting]?.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        }
        let windows = try names("windows")?.map { name in
            guard let window = FeatureWindow(name) else {
                throw ValidationError("--search windows: \(name) is no window, such as 90d, 12w, 3mo or all.")
            }
            return window
        }
        let families = try names("families")?.map { name in
            guard let family = FeatureGroup(rawValue: name) else {
                let known = FeatureGroup.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--search families: \(name) is none of \(known).")
            }
            return family
        }
        return (windows, families)
    }
}
