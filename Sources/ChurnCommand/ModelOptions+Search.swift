import ArgumentParser
import ChurnKit

/// Options of a model that a search can set.
struct SearchableOption: Sendable {
    /// How values lie between two bounds.
    enum Scale { case linear, logarithmic, integer, words }

    typealias Key<Value> = any WritableKeyPath<ModelOptions, Value> & Sendable

    private enum Target: Sendable {
        case real(Key<Double?>)
        case integer(Key<Int?>)
        case text(Key<String?>)
        case calibration(Key<CalibrationChoice?>)
        case imputation(Key<Imputation?>)
    }

    /// Without the dashes.
    let name: String
    let scale: Scale
    private let target: Target

    private static func real(_ name: String, _ scale: Scale, _ key: Key<Double?>) -> SearchableOption {
        SearchableOption(name: name, scale: scale, target: .real(key))
    }

    private static func integer(_ name: String, _ key: Key<Int?>) -> SearchableOption {
        SearchableOption(name: name, scale: .integer, target: .integer(key))
    }

    static let all: [SearchableOption] = [
        .real("l2", .logarithmic, \.fit.l2),
        .real("l1", .logarithmic, \.fit.l1),
        .real("c", .logarithmic, \.fit.inverseStrength),
        .real("l1-ratio", .linear, \.fit.l1Ratio),
        .real("lambda", .logarithmic, \.fit.lambda),
        .real("alpha", .linear, \.fit.alpha),
        SearchableOption(name: "class-weight", scale: .words, target: .text(\.fit.classWeight)),
        .real("learning-rate", .logarithmic, \.descent.learningRate),
        .real("momentum", .linear, \.descent.momentum),
        .integer("batch", \.descent.batch),
        .integer("patience", \.descent.patience),
        .integer("rounds", \.boosting.rounds),
        .integer("max-depth", \.boosting.maxDepth),
        .real("min-child-weight", .logarithmic, \.boosting.minChildWeight),
        .real("min-gain", .linear, \.boosting.minGain),
        .real("row-share", .linear, \.boosting.rowShare),
        .real("column-share", .linear, \.boosting.columnShare),
        .integer("bins", \.boosting.bins),
        SearchableOption(name: "calibrate", scale: .words, target: .calibration(\.calibrate)),
        SearchableOption(name: "impute", scale: .words, target: .imputation(\.impute)),
    ]

    /// Whether the user has set it.
    func isGiven(in options: ModelOptions) -> Bool {
        switch target {
        case .real(let key): options[keyPath: key] != nil
        case .integer(let key): options[keyPath: key] != nil
        case .text(let key): options[keyPath: key] != nil
        case .calibration(let key): options[keyPath: key] != nil
        case .imputation(let key): options[keyPath: key] != nil
        }
    }

    func set(_ text: String, in options: inout ModelOptions) throws {
        func wrong() -> ValidationError { ValidationError("--\(name) cannot be \(text).") }
        switch target {
        case .real(let key):
            guard let value = Double(text) else { throw wrong() }
            options[keyPath: key] = value
        case .integer(let key):
            guard let value = Int(text) else { throw wrong() }
            options[keyPath: key] = value
        case .text(let key): options[keyPath: key] = text
        case .calibration(let key):
            guard let value = CalibrationChoice(rawValue: text) else { throw wrong() }
            options[keyPath: key] = value
        case .imputation(let key):
            guard let value = Imputation(rawValue: text) else { throw wrong() }
            options[keyPath: key] = value
        }
    }

    /// The domain that `text` says: `low:high`, or values with commas between.
    func domain(_ text: String) throws -> SearchSpace.Domain {
        let bounds = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard bounds.count == 2, scale != .words else {
            let values = try Self.values(text, name)
            if scale == .integer, let odd = values.first(where: { Int($0) == nil }) {
                throw ValidationError("--search \(name): \(odd) is no whole number.")
            }
            if scale != .words, let odd = values.first(where: { Double($0)?.isFinite != true }) {
                throw ValidationError("--search \(name): \(odd) is neither a number nor low:high.")
            }
            return .choice(values)
        }
        if scale == .integer {
            guard let low = Int(bounds[0]), let high = Int(bounds[1]), low <= high, low >= 0, high <= 1_000_000 else {
                throw ValidationError("--search \(name)=\(text) must be two whole numbers, the smaller one first.")
            }
            return .integer(low, high)
        }
        guard let low = Double(bounds[0]), let high = Double(bounds[1]), low <= high, low.isFinite, high.isFinite else {
            throw ValidationError("--search \(name)=\(text) must be two numbers, the smaller one first.")
        }
        if scale == .linear { return .linear(low, high) }
        guard low > 0 else {
            throw ValidationError(
                "--search \(name)=\(text): strengths are searched by their size, so both must be above 0."
            )
        }
        return .logarithmic(low, high)
    }

    /// Values with commas between, each once.
    static func values(_ text: String, _ name: String) throws -> [String] {
        let values = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        if values.contains("") { throw ValidationError("--search \(name)=\(text) has an empty value.") }
        if let twice = values.first(where: { value in values.count { $0 == value } > 1 }) {
            throw ValidationError("--search \(name) has \(twice) twice.")
        }
        return values
    }
}

extension ModelOptions {
    /// What is searched where the user names nothing: settings that usually matter, without those that are given.
    var standardSpace: [SearchSpace.Dimension] {
        let space: [SearchSpace.Dimension]
        switch model {
        case .logistic, .recency, .rfm: space = [.init("l2", .logarithmic(0.01, 10_000))]
        case .sgd: space = [.init("l2", .logarithmic(0.01, 10_000)), .init("learning-rate", .logarithmic(0.1, 3))]
        case .boosted:
            space = [
                .init("learning-rate", .logarithmic(0.02, 0.3)), .init("max-depth", .integer(2, 8)),
                .init("min-child-weight", .logarithmic(1, 100)), .init("row-share", .linear(0.5, 1)),
                .init("column-share", .linear(0.4, 1)), .init("l2", .logarithmic(0.1, 100)),
            ]
        case .bgnbd, .mbgnbd, .paretonbd: space = []
        }
        return space.filter { dimension in
            !SearchableOption.all.contains { $0.name == dimension.name && $0.isGiven(in: self) }
        }
    }

    /// The same with a configuration's settings; those of features are no options of a model.
    func configured(by configuration: Configuration) throws -> ModelOptions {
        var result = self
        for option in SearchableOption.all {
            if let value = configuration.values[option.name] { try option.set(value, in: &result) }
        }
        return result
    }
}
