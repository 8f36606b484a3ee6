/// Writes events as lines of `events.csv`.
struct EventText: Sendable {
    static let header = "customer,time,type,amount,quantity,product\n"
    /// No usual line is longer; a longer one only makes the buffer grow.
    static let expectedLineBytes = 72

    private static let dayBytes = 12
    /// `,yyyy-MM-dd ` of every day of the history.
    private let days: [UInt8]

    init(_ parameters: SimulationParameters) {
        var days: [UInt8] = []
        for offset in 0..<(parameters.observedUntil - parameters.firstDay) {
            days.append(contentsOf: ",\(parameters.firstDay + offset) ".utf8)
        }
        self.days = days
    }

    func append(_ event: SimulatedEvent, to text: inout CSVText) {
        text.append(byte: UInt8(ascii: "C"))
        text.append(Int(event.customer), width: 6)
        let day = event.day * EventText.dayBytes
        text.append(days[day..<day + EventText.dayBytes])
        let second = Int(event.second) % SimulatedEvent.secondsPerDay
        text.append(second / 3600, width: 2)
        text.append(byte: UInt8(ascii: ":"))
        text.append(second / 60 % 60, width: 2)
        text.append(byte: UInt8(ascii: ":"))
        text.append(second % 60, width: 2)
        switch event.kind {
        case .purchase:
            text.append(",purchase,")
            appendGoods(event, to: &text)
        case .return:
            text.append(",return,")
            appendGoods(event, to: &text)
        case .ticket: text.append(",ticket,,,\n")
        case .visit: text.append(",visit,,,\n")
        }
    }

    private func appendGoods(_ event: SimulatedEvent, to text: inout CSVText) {
        text.append(cents: Int(event.cents))
        text.append(byte: UInt8(ascii: ","))
        text.append(Int(event.quantity))
        text.append(",P")
        text.append(Int(event.product) + 1, width: 3)
        text.append(byte: UInt8(ascii: "\n"))
    }
}
