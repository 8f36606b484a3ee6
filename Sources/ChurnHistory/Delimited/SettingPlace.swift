/// A setting of a dialect that a message may propose.
enum Setting: Equatable {
    case decimal(UInt8)
    case thousands(UInt8)
    case currency(String)
    case negative(NumberFormat.NegativeStyle)
    case null(String)
    case encoding(DelimitedDialect.Encoding)
    case delimiter(UInt8)
    case noHeader
    case skipLines
    /// `nil` where nobody can say how many rows it has.
    case skipFooter(Int?)
}

/// Where a user makes settings: in the `format` of a study, or as options of a command that reads a flat table.
enum SettingPlace: Sendable {
    case study, options

    /// A clause that says to make some settings.
    func set(_ settings: [Setting]) -> String {
        switch self {
        case .study: "set " + settings.map { "`\(studyKey($0))`" }.joined(separator: ", ") + " in `format`"
        case .options: "use " + options(settings).joined(separator: " ")
        }
    }

    private func studyKey(_ setting: Setting) -> String {
        switch setting {
        case .decimal(let mark): "decimal: \(Self.quoted(mark))"
        case .thousands(let mark): "thousands: \(Self.quoted(mark))"
        case .currency(let text): "currency: \"\(text)\""
        case .negative(let style): "negative: \(style.rawValue)"
        case .null(let text): "null: [\"\(text)\"]"
        case .encoding(let encoding): "encoding: \(encoding.rawValue)"
        case .delimiter(let byte): "delimiter: \(byte == 0x09 ? "tab" : Self.quoted(byte))"
        case .noHeader: "header: false` and `columns: [a name for each]"
        case .skipLines: "skipLines: N"
        case .skipFooter(let count): "skipFooter: \(count.map { "\($0)" } ?? "N")"
        }
    }

    /// `--decimal comma` has dots as thousands marks without being told.
    private func options(_ settings: [Setting]) -> [String] {
        settings.filter { $0 != .thousands(0x2E) || !settings.contains(.decimal(0x2C)) }.map(option)
    }

    private func option(_ setting: Setting) -> String {
        switch setting {
        case .decimal(let mark): "--decimal \(mark == 0x2C ? "comma" : "point")"
        case .thousands(let mark): "--thousands \(Self.quoted(mark))"
        case .currency(let text): "--currency '\(text)'"
        case .negative(let style): "--negative \(style.rawValue)"
        case .null(let text): "--null '\(text)'"
        case .encoding(let encoding): "--encoding \(encoding.rawValue)"
        case .delimiter(let byte): "--delimiter \(byte == 0x09 ? "tab" : "'\(UnicodeScalar(byte))'")"
        case .noHeader: "a copy of the file with a header line"
        case .skipLines: "--skip-lines N"
        case .skipFooter(let count): "--skip-footer \(count.map { "\($0)" } ?? "N")"
        }
    }

    private static func quoted(_ byte: UInt8) -> String { "\"\(UnicodeScalar(byte))\"" }
}
