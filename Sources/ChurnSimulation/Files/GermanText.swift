import ChurnHistory

/// German notations in Windows-1252.
enum GermanText {
    /// A text's bytes in Windows-1252; what it lacks becomes `?`.
    static func bytes(_ text: String) -> [UInt8] {
        text.unicodeScalars.map { scalar in
            switch scalar.value {
            case 0x20AC: 0x80
            case 0..<0x80, 0xA0..<0x100: UInt8(truncatingIfNeeded: scalar.value)
            default: UInt8(ascii: "?")
            }
        }
    }

    /// A customer's number as `0000017`.
    static func identifier(of number: Int) -> [UInt8] {
        var text = ByteText()
        text.append(number, width: 7)
        return text.bytes
    }

    /// A day as `31.12.2024`.
    static func append(_ day: CalendarDay, to text: inout ByteText) {
        let (year, month, day) = day.components
        text.append(day, width: 2)
        text.append(byte: UInt8(ascii: "."))
        text.append(month, width: 2)
        text.append(byte: UInt8(ascii: "."))
        text.append(year, width: 4)
    }

    /// A whole number as `1.234.567`; not negative.
    static func append(_ number: Int, to text: inout ByteText) {
        var divisor = 1
        while number / divisor >= 1000 { divisor *= 1000 }
        text.append(number / divisor)
        while divisor > 1 {
            divisor /= 1000
            text.append(byte: UInt8(ascii: "."))
            text.append(number / divisor % 1000, width: 3)
        }
    }

    /// An amount in cents as `1.234,50`; below zero the minus comes last: `12,50-`.
    static func append(cents: Int, to text: inout ByteText) {
        append(abs(cents) / 100, to: &text)
        text.append(byte: UInt8(ascii: ","))
        text.append(abs(cents) % 100, width: 2)
        if cents < 0 { text.append(byte: UInt8(ascii: "-")) }
    }

    static let separator = UInt8(ascii: ";")
    static let lineEnd: [UInt8] = [0x0D, 0x0A]

    static func name(of industry: Industry) -> String {
        switch industry {
        case .construction: "Bau"
        case .healthcare: "Gesundheit"
        case .logistics: "Logistik"
        case .manufacturing: "Fertigung"
        case .retail: "Handel"
        case .services: "Dienstleistung"
        }
    }

    static func name(of paymentMethod: PaymentMethod) -> String {
        switch paymentMethod {
        case .creditCard: "Kreditkarte"
        case .directDebit: "Lastschrift"
        case .invoice: "Rechnung"
        case .prepayment: "Vorkasse"
        }
    }

    /// What kind of document an event is.
    static func name(of kind: EventKind) -> String {
        switch kind {
        case .purchase: "Rechnung"
        case .return: "Gutschrift"
        case .complaint: "Reklamation"
        case .ticket: "Serviceticket"
        case .emailOpen: "E-Mail geöffnet"
        case .emailClick: "E-Mail geklickt"
        case .visit: "Besuch"
        case .cancellation: "Kündigung"
        }
    }

    /// What the number of such a document begins with.
    static func prefix(of kind: EventKind) -> String {
        switch kind {
        case .purchase: "RE"
        case .return: "GS"
        case .complaint: "RK"
        case .ticket: "ST"
        case .emailOpen: "MO"
        case .emailClick: "MK"
        case .visit: "BE"
        case .cancellation: "KU"
        }
    }
}
