/// Long lines for a terminal of 80 columns.
enum WrappedText {
    private static let width = 80

    /// Breaks a line between words.
    /// - Parameters:
    ///   - start: what the first line begins with.
    ///   - indent: what the others begin with.
    static func wrap(_ line: String, start: String = "", indent: String = "  ") -> String {
        var lines: [String] = []
        var current = start
        var isAtStart = true
        for word in line.split(separator: " ", omittingEmptySubsequences: false) {
            if isAtStart {
                current += word
                isAtStart = false
            } else if current.count + 1 + word.count <= width {
                current += " \(word)"
            } else {
                lines.append(current)
                current = indent + word
            }
        }
        lines.append(current)
        return lines.joined(separator: "\n")
    }
}
