/// Long lines for a terminal of 80 columns.
enum WrappedText {
    private static let width = 80

    /// Breaks a line between words; what follows the first line is indented.
    static func wrap(_ line: String, indent: String = "  ") -> String {
        var lines: [String] = []
        var current = ""
        for word in line.split(separator: " ", omittingEmptySubsequences: false) {
            if current.isEmpty {
                current = String(word)
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
