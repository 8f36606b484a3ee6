import ChurnNumerics
import Yams

/// A place in a study file: a YAML value that knows where it stands and how it was reached, so that every message can.
public struct StudyNode {
    let node: Yams.Node
    /// The keys that lead here, such as `events[0].time`.
    public let path: String
    public let file: String

    /// Reads a study file's text.
    /// - Parameter file: its name, for messages.
    /// - Throws: `studyUnreadable` also for a text over 1 MiB or with more than 10 aliases: YAML compares a mapping's keys by
    ///   all that their aliases stand for, which a few nested ones make endless.
    public init(yaml text: String, file: String) throws(DataError) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw DataError(
                .studyUnreadable,
                "is longer than 1 MiB: that is no study",
                file: file,
                fix: "check the path"
            )
        }
        guard Self.aliasCount(text) <= Self.maximumAliases else {
            throw DataError(
                .studyUnreadable,
                "has more than \(Self.maximumAliases) aliases (`*name`)",
                file: file,
                fix: "write out what they stand for, and quote patterns such as \"*.csv\""
            )
        }
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw DataError(.studyUnreadable, "is empty", file: file)
            }
            self.node = node
            self.path = ""
            self.file = file
        } catch let error as DataError {
            throw error
        } catch {
            throw DataError(
                .studyUnreadable,
                "is not YAML: \(error)",
                file: file,
                fix: "quote texts that hold a colon, a brace or a comma; indent with blanks"
            )
        }
    }

    private static let maximumBytes = 1 << 20
    private static let maximumAliases = 10

    /// Words that begin with `*` where a value can begin: aliases, or patterns that YAML would take for one.
    private static func aliasCount(_ text: String) -> Int {
        var count = 0
        var canBegin = true
        for byte in text.utf8 {
            if byte == UInt8(ascii: "*"), canBegin { count += 1 }
            canBegin = byte <= 0x20 || "[{,".utf8.contains(byte)
        }
        return count
    }

    private init(node: Yams.Node, path: String, file: String) {
        self.node = node
        self.path = path
        self.file = file
    }

    /// What stands here, whatever its comments, its quotes and the order of its keys.
    public var canonicalText: String {
        if let mapping = node.mapping {
            let parts = mapping.map { key, value in
                "\(StudyNode(node: key, path: path, file: file).canonicalText):"
                    + StudyNode(node: value, path: path, file: file).canonicalText
            }
            return "{\(parts.sorted().joined(separator: ","))}"
        }
        if let sequence = node.sequence {
            let parts = sequence.map { StudyNode(node: $0, path: path, file: file).canonicalText }
            return "[\(parts.joined(separator: ","))]"
        }
        let text = node.scalar?.string ?? ""
        return "\(text.utf8.count)'\(text)"
    }

    public func error(_ problem: String, value: String? = nil, fix: String? = nil) -> DataError {
        error(.badValue, problem, value: value, fix: fix)
    }

    public func error(_ code: DataErrorCode, _ problem: String, value: String? = nil, fix: String? = nil)
        -> DataError
    {
        DataError(
            code,
            problem,
            file: file,
            line: node.mark?.line,
            field: node.mark?.column,
            column: path.isEmpty ? nil : path,
            value: value,
            fix: fix
        )
    }

    // MARK: Mappings

    public var isMapping: Bool { node.mapping != nil }

    /// Fails when this is no mapping, or has a key that is not among `known`.
    public func requireKeys(_ known: [String]) throws(DataError) {
        guard let mapping = node.mapping else {
            throw error(.wrongType, "must be a mapping with keys such as \(known.prefix(3).joined(separator: ", "))")
        }
        for key in mapping.keys {
            guard let name = key.scalar?.string, known.contains(name) else {
                let typed = key.scalar?.string ?? "?"
                let suggestion = NearestName.of(typed, among: known).map { "did you mean `\($0)`? " } ?? ""
                throw StudyNode(node: key, path: child(typed), file: file).error(
                    .unknownKey,
                    "is not a key that is known here",
                    fix: "\(suggestion)known are \(known.joined(separator: ", "))"
                )
            }
        }
    }

    /// The value of a key, or `nil` when it is absent or null.
    public func optional(_ key: String) -> StudyNode? {
        // By the key's text: to YAML, `null` is a text in quotes and the null value without.
        guard let value = node.mapping?.first(where: { $0.key.scalar?.string == key })?.value, !Self.isNull(value)
        else { return nil }
        return StudyNode(node: value, path: child(key), file: file)
    }

    private static func isNull(_ node: Yams.Node) -> Bool {
        guard let scalar = node.scalar, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// Fails where a key of this mapping stands without a value: what is to be chosen by it would not be.
    public func requireValues() throws(DataError) {
        for (key, value) in node.mapping ?? [:] where Self.isNull(value) {
            let name = key.scalar?.string ?? "?"
            throw StudyNode(node: key, path: child(name), file: file).error(
                "has no value",
                fix: "leave the key out, or give it a value"
            )
        }
    }

    public func required(_ key: String, example: String) throws(DataError) -> StudyNode {
        guard let value = optional(key) else {
            throw error(.missingKey, "the key `\(key)` is missing", fix: "add it, for instance `\(key): \(example)`")
        }
        return value
    }

    /// The pairs of a mapping, in the order of the file.
    public func pairs() throws(DataError) -> [(key: String, value: StudyNode)] {
        guard let mapping = node.mapping else { throw error(.wrongType, "must be a mapping of names to values") }
        var pairs: [(String, StudyNode)] = []
        for (key, value) in mapping {
            guard let name = key.scalar?.string else { throw error(.wrongType, "has a key that is not a text") }
            pairs.append((name, StudyNode(node: value, path: child(name), file: file)))
        }
        return pairs
    }

    private func child(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    // MARK: Sequences and scalars

    /// The elements of a sequence; a single value counts as a sequence of one.
    public func elements() -> [StudyNode] {
        guard let sequence = node.sequence else { return [self] }
        return sequence.enumerated().map { StudyNode(node: $1, path: "\(path)[\($0)]", file: file) }
    }

    public func text() throws(DataError) -> String {
        guard let scalar = node.scalar else { throw error(.wrongType, "must be a single value") }
        return scalar.string
    }

    public func texts() throws(DataError) -> [String] {
        var texts: [String] = []
        for element in elements() { texts.append(try element.text()) }
        return texts
    }

    public func wholeNumber() throws(DataError) -> Int {
        let text = try text()
        guard let number = Int(text) else { throw error(.wrongType, "is not a whole number", value: text) }
        return number
    }

    /// A whole number that is not negative.
    public func count() throws(DataError) -> Int {
        let number = try wholeNumber()
        guard number >= 0 else { throw error("must not be negative", value: "\(number)") }
        return number
    }

    /// A number above zero.
    public func positiveNumber() throws(DataError) -> Double {
        let text = try text()
        guard let number = Double(text), number > 0, number.isFinite else {
            throw error(.wrongType, "is not a number above zero", value: text)
        }
        return number
    }

    /// A number in a range.
    public func number(in range: ClosedRange<Double>) throws(DataError) -> Double {
        let text = try text()
        guard let number = Double(text), range.contains(number) else {
            throw error(.wrongType, "is not a number from \(range.lowerBound) to \(range.upperBound)", value: text)
        }
        return number
    }

    public func boolean() throws(DataError) -> Bool {
        switch try text() {
        case "true": return true
        case "false": return false
        default: throw error(.wrongType, "must be true or false", value: try text())
        }
    }

    public func day() throws(DataError) -> CalendarDay {
        let text = try text()
        guard let day = CalendarDay(text) else {
            throw error("is not a date", value: text, fix: "write it as 2024-12-31")
        }
        return day
    }

    public func period() throws(DataError) -> CalendarPeriod {
        let text = try text()
        guard let period = CalendarPeriod(text) else {
            throw error("is not a length of time", value: text, fix: "write it as 90d, 12w, 3mo or 1y")
        }
        return period
    }

    /// One of the cases of an enumeration of texts.
    ///
    /// - Parameter others: what else may stand there, for the message.
    public func choice<Choice: RawRepresentable & CaseIterable>(
        _: Choice.Type,
        or others: [String] = []
    ) throws(DataError) -> Choice
    where Choice.RawValue == String {
        let text = try text()
        guard let choice = Choice(rawValue: text) else {
            let names = others + Choice.allCases.map(\.rawValue)
            let suggestion = NearestName.of(text, among: names).map { "did you mean `\($0)`? " } ?? ""
            throw error(
                "is not known here",
                value: text,
                fix: "\(suggestion)known are \(names.joined(separator: ", "))"
            )
        }
        return choice
    }
}
