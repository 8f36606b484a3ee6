/// What the bytes of a row are.
enum TextKind: Equatable {
    case ascii
    /// Valid UTF-8 with characters beyond ASCII.
    case utf8
    case faulty(TextFault)

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        var isASCII = true
        for byte in bytes {
            if byte == 0 {
                self = .faulty(.nulByte)
                return
            }
            if byte >= 0x80 { isASCII = false }
        }
        if isASCII {
            self = .ascii
        } else {
            self = String(validating: bytes, as: UTF8.self) == nil ? .faulty(.notUTF8) : .utf8
        }
    }
}

/// What is wrong with the bytes of a row.
enum TextFault: Equatable {
    case nulByte
    case notUTF8

    var problem: String {
        switch self {
        case .nulByte: "the row holds a NUL byte"
        case .notUTF8: "the row is not valid UTF-8"
        }
    }

    /// - Parameter isUndecided: nobody said that the file is UTF-8, and nothing else in it shows that it is.
    func fix(_ dialect: DelimitedDialect, isUndecided: Bool) -> String {
        switch self {
        case .nulByte:
            "the file is damaged, binary or UTF-16 without a mark: export it again, as UTF-8"
        case .notUTF8 where isUndecided:
            "if the file is from Windows or an ERP system, \(dialect.settings.set([.encoding(.windows1252)]))"
        case .notUTF8:
            "mend the row, or export the file in one encoding: other rows of it are UTF-8"
        }
    }
}
