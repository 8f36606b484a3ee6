import ChurnHistory
import ChurnNumerics

/// Draws the events of one customer along its latent path.
///
/// In each week the purchases, tickets and visits are Poisson; each falls on a day by the calendar's weights and on a
/// second of the business hours, 07:00 to 19:00, so no local time is ever skipped or repeated by daylight saving. Days
/// outside the history are thrown away, which leaves every kept day's count Poisson and independent.
struct EventDrawing {
    private static let opening = 7 * 3600
    private static let openSeconds = 12 * 3600

    let customer: SimulatedCustomer
    let world: SimulatedWorld
    private let start: CalendarDay
    private var stream: RandomStream
    private var events: [SimulatedEvent] = []

    static func events(of customer: SimulatedCustomer, along path: LatentPath, in world: SimulatedWorld)
        -> [SimulatedEvent]
    {
        var drawing = EventDrawing(customer: customer, world: world, start: path.start)
        drawing.run(path)
        return drawing.events
    }

    private init(customer: SimulatedCustomer, world: SimulatedWorld, start: CalendarDay) {
        self.customer = customer
        self.world = world
        self.start = start
        self.stream = RandomStream(
            seed: world.parameters.seed,
            purpose: "simulated events",
            index: UInt64(customer.number)
        )
    }

    private mutating func run(_ path: LatentPath) {
        if customer.since >= world.parameters.firstDay {
            purchase(on: customer.since, in: .active)
        }
        let end = min(path.left ?? world.parameters.observedUntil, world.parameters.observedUntil)
        var monday = start.monday
        while monday < end {
            drawWeek(from: monday, in: path.state(on: monday))
            monday = monday + 7
        }
    }

    private mutating func drawWeek(from monday: CalendarDay, in state: LatentState) {
        let weight = world.calendar.weight(from: monday, to: monday + 7)
        let behaviour = world.behaviour
        for _ in 0..<stream.poisson(mean: weight / customer.meanGapDays * behaviour.purchaseFactor(state)) {
            if let day = drawDay(from: monday) { purchase(on: day, in: state) }
        }
        for _ in 0..<stream.poisson(mean: weight * customer.ticketsPerDay * behaviour.ticketFactor(state)) {
            if let day = drawDay(from: monday) { contact(.ticket, on: day) }
        }
        for _ in 0..<stream.poisson(mean: weight * customer.visitsPerDay * behaviour.visitFactor(state)) {
            if let day = drawDay(from: monday) { contact(.visit, on: day) }
        }
    }

    /// A day of the week from `monday`, or nothing where it lies outside the customer's history.
    private mutating func drawDay(from monday: CalendarDay) -> CalendarDay? {
        let day = world.calendar.day(inWeekFrom: monday, at: stream.uniform())
        return day >= start && day < world.parameters.observedUntil ? day : nil
    }

    private mutating func drawSecond(on day: CalendarDay) -> Int32 {
        let second = EventDrawing.opening + stream.below(EventDrawing.openSeconds)
        return Int32((day - world.parameters.firstDay) * SimulatedEvent.secondsPerDay + second)
    }

    /// One purchase near the customer's typical value (log-normal, sigma 0.35), and perhaps its return.
    private mutating func purchase(on day: CalendarDay, in state: LatentState) {
        let product = world.catalogue.draw(for: customer.industry, from: &stream)
        let price = world.catalogue.prices[product]
        let value = customer.typicalOrderCents * PortableMath.exp(0.35 * stream.normal())
        let quantity = max(1, Int((min(value, 100_000_000) / Double(price)).rounded()))
        append(.purchase, at: drawSecond(on: day), quantity: quantity, price: price, product: product)

        guard stream.bernoulli(world.behaviour.returnProbability(state)) else { return }
        let arrival = day + 3 + stream.below(25)
        let workday = arrival.weekday == 6 ? arrival + 1 : arrival
        let returned = 1 + stream.below(quantity)
        if workday < world.parameters.observedUntil {
            append(.return, at: drawSecond(on: workday), quantity: returned, price: -price, product: product)
        }
    }

    private mutating func contact(_ kind: SimulatedEvent.Kind, on day: CalendarDay) {
        append(kind, at: drawSecond(on: day), quantity: 0, price: 0, product: -1)
    }

    private mutating func append(
        _ kind: SimulatedEvent.Kind,
        at second: Int32,
        quantity: Int,
        price: Int,
        product: Int
    ) {
        events.append(
            SimulatedEvent(
                customer: Int32(customer.number),
                second: second,
                cents: Int32(quantity * price),
                quantity: Int32(quantity),
                product: Int16(product),
                kind: kind
            )
        )
    }
}
