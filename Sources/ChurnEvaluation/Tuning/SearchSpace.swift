import ChurnNumerics

/// What a search may choose: some settings, each from a domain.
public struct SearchSpace: Sendable, Equatable {
    /// Values that a setting may have.
    public enum Domain: Sendable, Equatable {
        /// Evenly between two bounds.
        case linear(Double, Double)
        /// Evenly between the logarithms of two bounds, which are positive.
        case logarithmic(Double, Double)
        /// Evenly among the integers between two bounds, both of which count.
        case integer(Int, Int)
        /// One of several texts.
        case choice([String])
    }

    public struct Dimension: Sendable, Equatable {
        public let name: String
        public let domain: Domain

        public init(_ name: String, _ domain: Domain) {
            self.name = name
            self.domain = domain
        }
    }

    public let dimensions: [Dimension]

    /// - Precondition: each name stands once, bounds ascend, and every choice has something to choose.
    public init(_ dimensions: [Dimension]) {
        precondition(Set(dimensions.map(\.name)).count == dimensions.count, "every setting has one domain")
        self.dimensions = dimensions
    }

    /// How many different configurations there are; `nil` where it is not known to be few.
    public var size: Int? {
        var size = 1
        for dimension in dimensions {
            let count: Int
            switch dimension.domain {
            case .linear(let low, let high), .logarithmic(let low, let high):
                guard low == high else { return nil }
                count = 1
            case .integer(let low, let high):
                guard high - low < Self.mostEnumerated else { return nil }
                count = high - low + 1
            case .choice(let values): count = values.count
            }
            size *= count
            if size > Self.mostEnumerated { return nil }
        }
        return size
    }

    private static let mostEnumerated = 100_000

    /// Different configurations: all of them, in order, where there are no more than asked for; else drawn at random, fewer than
    /// asked for where the same ones come again and again. A longer list begins with a shorter one unless it has all.
    /// - Parameter count: positive.
    public func configurations(_ count: Int, seed: UInt64) -> [Configuration] {
        if let size, size <= count { return (0..<size).map(enumerated) }
        var known: Set<Configuration> = []
        var drawn: [Configuration] = []
        var misses = 0
        var number: UInt64 = 0
        while drawn.count < count, misses < Self.mostMisses {
            let next = configuration(drawn: number, seed: seed)
            number += 1
            if known.insert(next).inserted {
                drawn.append(next)
                misses = 0
            } else {
                misses += 1
            }
        }
        return drawn
    }

    private static let mostMisses = 1000

    private func enumerated(_ number: Int) -> Configuration {
        var rest = number
        var values: [String: String] = [:]
        // The last setting changes fastest.
        for dimension in dimensions.reversed() {
            switch dimension.domain {
            case .linear(let low, _), .logarithmic(let low, _): values[dimension.name] = "\(low)"
            case .integer(let low, let high):
                values[dimension.name] = "\(low + rest % (high - low + 1))"
                rest /= high - low + 1
            case .choice(let texts):
                values[dimension.name] = texts[rest % texts.count]
                rest /= texts.count
            }
        }
        return Configuration(values)
    }

    private func configuration(drawn number: UInt64, seed: UInt64) -> Configuration {
        var stream = RandomStream(seed: seed, purpose: "search space", index: number)
        var values: [String: String] = [:]
        for dimension in dimensions {
            let place = stream.uniform()
            switch dimension.domain {
            case .linear(let low, let high):
                values[dimension.name] = Self.text(low + place * (high - low), within: low...high)
            case .logarithmic(let low, let high):
                let (from, to) = (PortableMath.log(low), PortableMath.log(high))
                values[dimension.name] = Self.text(PortableMath.exp(from + place * (to - from)), within: low...high)
            case .integer(let low, let high):
                let steps = Double(high - low + 1)
                values[dimension.name] = "\(low + min(high - low, Int(place * steps)))"
            case .choice(let texts):
                values[dimension.name] = texts[min(texts.count - 1, Int(place * Double(texts.count)))]
            }
        }
        return Configuration(values)
    }

    /// Three digits, or a bound beyond which they would lie.
    private static func text(_ value: Double, within bounds: ClosedRange<Double>) -> String {
        let text = text(value)
        guard let rounded = Double(text) else { return text }
        return bounds.contains(rounded)
            ? text : "\(rounded < bounds.lowerBound ? bounds.lowerBound : bounds.upperBound)"
    }

    /// Each bound and each choice once, with the first values of all others: what must be allowed if all is.
    public var probes: [Configuration] {
        func ends(_ dimension: Dimension) -> [String] {
            switch dimension.domain {
            case .linear(let low, let high), .logarithmic(let low, let high): ["\(low)", "\(high)"]
            case .integer(let low, let high): ["\(low)", "\(high)"]
            case .choice(let texts): texts
            }
        }
        let first = Dictionary(uniqueKeysWithValues: dimensions.map { ($0.name, ends($0)[0]) })
        return dimensions.flatMap { dimension in
            ends(dimension).map { end in Configuration(first.merging([dimension.name: end]) { $1 }) }
        }
    }

    /// Three digits: what is printed is what was fitted.
    public static func text(_ value: Double) -> String {
        guard value.isFinite, abs(value) > 1e-300 else { return "\(value)" }
        var scale = 1.0
        while abs(value) / scale >= 1000 { scale *= 10 }
        var digits = 1.0
        while abs(value) * digits < 100 { digits *= 10 }
        let rounded = scale > 1 ? (value / scale).rounded() * scale : (value * digits).rounded() / digits
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
    }
}

/// A choice from a search space: settings by their names, as texts.
public struct Configuration: Sendable, Hashable, Codable {
    public let values: [String: String]

    /// Nothing is set.
    public static let none = Configuration([:])

    public init(_ values: [String: String]) { self.values = values }

    public init(from decoder: any Decoder) throws { values = try [String: String](from: decoder) }

    public func encode(to encoder: any Encoder) throws { try values.encode(to: encoder) }
}
