/// A line of a proposed study and why it says what it says.
struct CommentedLine {
    /// With its indent; empty for a line that is comment only.
    var text: String
    var comment: String?
    /// The setting's name and value, where the line is a decision worth telling.
    var decision: (setting: String, value: String)?

    init(_ text: String, _ comment: String? = nil, decision: (setting: String, value: String)? = nil) {
        self.text = text
        self.comment = comment
        self.decision = decision
    }

    /// A line `key: value`, which is told as a decision under its key.
    static func pair(_ indent: Int, _ key: String, _ value: String, _ comment: String?) -> CommentedLine {
        CommentedLine("\(String(repeating: " ", count: indent))\(key): \(value)", comment, decision: (key, value))
    }

    private static let column = 44
    private static let width = 118

    /// The lines as a file's text: comments at the end of their lines, or above them where they are long.
    static func text(_ lines: [CommentedLine]) -> String {
        lines.map(\.rendered).joined(separator: "\n") + "\n"
    }

    private var rendered: String {
        // A line end in a comment would begin a line of its own.
        guard let comment = comment.map({ String($0.map { $0.isNewline ? " " : $0 }) }) else { return text }
        let indent = String(text.prefix { $0 == " " || $0 == "-" }.map { _ in " " })
        if text.allSatisfy({ $0 == " " }) { return Self.wrapped(comment, indent: indent) }
        let padding = String(repeating: " ", count: max(1, Self.column - text.count))
        let oneLine = "\(text)\(padding)# \(comment)"
        if oneLine.count <= Self.width { return oneLine }
        return Self.wrapped(comment, indent: indent) + "\n" + text
    }

    private static func wrapped(_ comment: String, indent: String) -> String {
        var lines: [String] = []
        var current = "\(indent)#"
        for word in comment.split(separator: " ") {
            if current.count + 1 + word.count > width - 10, current.count > indent.count + 1 {
                lines.append(current)
                current = "\(indent)#"
            }
            current += " \(word)"
        }
        lines.append(current)
        return lines.joined(separator: "\n")
    }
}
