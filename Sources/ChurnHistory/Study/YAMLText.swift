/// Texts as YAML scalars.
public enum YAMLText {
    private static let reserved: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]

    /// The text as it is where that is safe, inside braces too; else in double quotes.
    public static func scalar(_ text: String) -> String {
        guard let first = text.utf8.first, let last = text.utf8.last,
            isLetter(first) || text.hasPrefix("/") || text.hasPrefix("../") || text.hasPrefix("./"), last != 0x20,
            text.utf8.allSatisfy({
                isLetter($0) || ($0 >= 0x30 && $0 <= 0x39) || [0x20, 0x2D, 0x2E, 0x2F].contains($0)
            }),
            !reserved.contains(text.lowercased())
        else { return quoted(text) }
        return text
    }

    /// The text in double quotes.
    public static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case let control where control.value < 0x20 || (0x7F...0x9F).contains(control.value):
                let digits = String(control.value, radix: 16)
                result += "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A || byte == 0x5F
    }
}
