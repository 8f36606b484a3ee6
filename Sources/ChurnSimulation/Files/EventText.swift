/// Writes events as lines of `events.csv`.
struct EventText: Sendable {
    static let header = "customer,time,type,amount,quantity,product"

    private static let dayBytes = 12
    /// `,yyyy-MM-dd ` of every day of the history.
    private let days: [UInt8]
    /// `,type,` by kind.
    private let types: [[UInt8]]

    init(_ parameters: SimulationParameters) {
        var days = ByteText()
        for offset in 0..<(parameters.observedUntil - parameters.firstDay) {
            days.append(byte: UInt8(ascii: ","))
            days.append(parameters.firstDay + offset)
            days.append(byte: UInt8(ascii: " "))
        }
        self.days = days.bytes
        self.types = EventKind.allCases.map { Array(",\($0.name),".utf8) }
    }

    func append(_ event: SimulatedEvent, of identifier: [UInt8], to text: inout ByteText) {
        text.append(identifier)
        let day = event.day * EventText.dayBytes
        text.append(days[day..<day + EventText.dayBytes])
        let second = Int(event.second) % SimulatedEvent.secondsPerDay
        text.append(second / 3600, width: 2)
        text.append(byte: UInt8(ascii: ":"))
        text.append(second / 60 % 60, width: 2)
        text.append(byte: UInt8(ascii: ":"))
        text.append(second % 60, width: 2)
        text.append(types[event.kind.index])
        if event.product >= 0 { text.append(cents: Int(event.cents)) }
        text.append(byte: UInt8(ascii: ","))
        if event.quantity > 0 { text.append(Int(event.quantity)) }
        text.append(byte: UInt8(ascii: ","))
        if event.product >= 0 {
            text.append(byte: UInt8(ascii: "P"))
            text.append(Int(event.product) + 1, width: 3)
        }
        text.append(byte: UInt8(ascii: "\n"))
    }
}
