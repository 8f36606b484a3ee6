import ChurnKit

/// Orders of some customers over two years, from a seed, for texts in any format.
///
/// Customers differ in how often they buy, and half of them stop, so that both classes are there at every cutoff.
struct OrderTexts {
    struct Order {
        let customer: Int
        let day: CalendarDay
        /// Minutes after midnight.
        let minute: Int
        let cents: Int
        var isReturn: Bool { cents < 0 }
    }

    let orders: [Order]

    init(customers: Int = 60, days: Int = 730, from first: CalendarDay = CalendarDay(number: 19_358)) {
        var state: UInt64 = 42
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var orders: [Order] = []
        for customer in 1...customers {
            let usual = [10, 25, 60][next(3)]
            let end = next(2) == 0 ? days : 150 + next(days - 150)
            var day = next(40)
            while day < end {
                let cents = 100 + next(200_000)
                orders.append(
                    Order(
                        customer: customer,
                        day: CalendarDay(number: first.number + day),
                        minute: 480 + next(600),
                        cents: next(20) == 0 ? -cents : cents
                    )
                )
                day += 1 + next(2 * usual)
            }
        }
        self.orders = orders.sorted {
            ($0.day.number, $0.minute, $0.customer) < ($1.day.number, $1.minute, $1.customer)
        }
    }

    static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    static func six(_ number: Int) -> String { String(repeating: "0", count: 6 - "\(number)".count) + "\(number)" }

    /// `14:05`.
    static func clock(_ minute: Int) -> String { "\(two(minute / 60)):\(two(minute % 60))" }

    /// `31.12.2024`.
    static func germanDay(_ day: CalendarDay) -> String {
        let (year, month, dayOfMonth) = day.components
        return "\(two(dayOfMonth)).\(two(month)).\(year)"
    }

    /// `1.234,50`, and `1.234,50-` for what is negative.
    static func germanMoney(_ cents: Int) -> String {
        let whole = abs(cents) / 100
        let text = whole >= 1000 ? "\(whole / 1000).\(String("\(1000 + whole % 1000)".dropFirst()))" : "\(whole)"
        return "\(text),\(two(abs(cents) % 100))\(cents < 0 ? "-" : "")"
    }

    /// `1234.50`.
    static func plainMoney(_ cents: Int) -> String {
        "\(cents < 0 ? "-" : "")\(abs(cents) / 100).\(two(abs(cents) % 100))"
    }

    /// An export as ERP systems write it, in Windows-1252: semicolons, umlauts in the header, trailing minus.
    var erp: [UInt8] {
        var lines = ["Kundennr;Belegdatum;Belegnr;Gebühr in €;Umsatz"]
        for (number, order) in orders.enumerated() {
            lines.append(
                "\(Self.six(order.customer));\(Self.germanDay(order.day)) \(Self.clock(order.minute));"
                    + "\(order.isReturn ? "GS" : "RE")\(10_000 + number);0,50;\(Self.germanMoney(order.cents))"
            )
        }
        return (lines.joined(separator: "\r\n") + "\r\n").unicodeScalars.map { scalar in
            scalar == "€" ? 0x80 : UInt8(truncatingIfNeeded: scalar.value)
        }
    }

    /// A text with a header, one order a line.
    func text(header: String, _ line: (Order) -> String) -> String {
        ([header] + orders.map(line)).joined(separator: "\n") + "\n"
    }

    /// Comma, point, ISO days.
    var plain: String {
        text(header: "customer,day,amount") { "C\($0.customer),\($0.day),\(Self.plainMoney($0.cents))" }
    }
}
