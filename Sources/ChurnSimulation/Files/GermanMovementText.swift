import ChurnHistory

/// Writes events as lines of `Bewegungen_YYYY.csv`.
struct GermanMovementText: Sendable {
    /// The calendar years that the history touches.
    let years: [Int]

    /// By day of the history: which of `years` it belongs to, and `;dd.MM.yyyy `.
    private let yearIndices: [Int]
    private let days: [UInt8]
    private static let dayBytes = 12
    /// By kind: what the document's number begins with, and its type with a separator in front.
    private let prefixes: [[UInt8]]
    private let types: [[UInt8]]

    private static let usual = [
        "Kundennr", "Belegnr", "Belegdatum", "Belegart", "Artikelnr", "Stückzahl", "Betrag", "Währung",
    ]
    /// That of the second year, in which somebody rearranged the export.
    private static let rearranged = [
        "Belegnr", "Belegdatum", "Kundennr", "Belegart", "Betrag", "Währung", "Artikelnr", "Stückzahl",
    ]

    init(_ parameters: SimulationParameters) {
        let first = parameters.firstDay.components.year
        let last = (parameters.observedUntil - 1).components.year
        var days = ByteText()
        var yearIndices: [Int] = []
        for offset in 0..<(parameters.observedUntil - parameters.firstDay) {
            let day = parameters.firstDay + offset
            days.append(byte: GermanText.separator)
            GermanText.append(day, to: &days)
            days.append(byte: UInt8(ascii: " "))
            yearIndices.append(day.components.year - first)
        }
        self.years = Array(first...last)
        self.yearIndices = yearIndices
        self.days = days.bytes
        self.prefixes = EventKind.allCases.map { GermanText.bytes(GermanText.prefix(of: $0)) }
        self.types = EventKind.allCases.map { GermanText.bytes(";\(GermanText.name(of: $0))") }
    }

    func columns(ofYear year: Int) -> [String] {
        isRearranged(year - years[0]) ? GermanMovementText.rearranged : GermanMovementText.usual
    }

    /// Which of `years` an event belongs to.
    func yearIndex(of event: SimulatedEvent) -> Int { yearIndices[event.day] }

    /// - Parameter number: counts the customer's events from 1.
    func append(_ event: SimulatedEvent, number: Int, of identifier: [UInt8], to text: inout ByteText) {
        if isRearranged(yearIndex(of: event)) {
            appendDocument(event, number, identifier, to: &text)
            appendTime(event, to: &text)
            text.append(byte: GermanText.separator)
            text.append(identifier)
            text.append(types[event.kind.index])
            appendAmount(event, to: &text)
            appendGoods(event, to: &text)
        } else {
            text.append(identifier)
            text.append(byte: GermanText.separator)
            appendDocument(event, number, identifier, to: &text)
            appendTime(event, to: &text)
            text.append(types[event.kind.index])
            appendGoods(event, to: &text)
            appendAmount(event, to: &text)
        }
        text.append(GermanText.lineEnd)
    }

    private func isRearranged(_ yearIndex: Int) -> Bool { yearIndex == 1 }

    private func appendDocument(
        _ event: SimulatedEvent,
        _ number: Int,
        _ identifier: [UInt8],
        to text: inout ByteText
    ) {
        text.append(prefixes[event.kind.index])
        text.append(identifier)
        text.append(byte: UInt8(ascii: "-"))
        text.append(number, width: 4)
    }

    private func appendTime(_ event: SimulatedEvent, to text: inout ByteText) {
        let day = event.day * GermanMovementText.dayBytes
        text.append(days[day..<day + GermanMovementText.dayBytes])
        let minute = Int(event.second) % SimulatedEvent.secondsPerDay / 60
        text.append(minute / 60, width: 2)
        text.append(byte: UInt8(ascii: ":"))
        text.append(minute % 60, width: 2)
    }

    private func appendGoods(_ event: SimulatedEvent, to text: inout ByteText) {
        text.append(byte: GermanText.separator)
        if event.product >= 0 {
            text.append(byte: UInt8(ascii: "0"))
            text.append(Int(event.product) + 1, width: 5)
        }
        text.append(byte: GermanText.separator)
        if event.quantity > 0 { GermanText.append(Int(event.quantity), to: &text) }
    }

    private func appendAmount(_ event: SimulatedEvent, to text: inout ByteText) {
        text.append(byte: GermanText.separator)
        guard event.product >= 0 else {
            text.append(byte: GermanText.separator)
            return
        }
        GermanText.append(cents: Int(event.cents), to: &text)
        text.append(";EUR")
    }
}
