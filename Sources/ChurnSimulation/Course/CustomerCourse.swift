import ChurnHistory
import ChurnNumerics

/// Draws one customer's way through the history, week by week.
///
/// At each Monday the state may change; then the events of the week are drawn. In a week purchases, complaints, tickets,
/// opened e-mails and visits are Poisson, drawn as one Poisson number whose events are dealt to the kinds in proportion to
/// their rates, which is the same. Each falls on a day by the calendar's weights and on a second of the business hours,
/// 07:00 to 19:00, so no local time is ever skipped or repeated by daylight saving.
struct CustomerCourse {
    private static let opening = 7 * 3600
    private static let openSeconds = 12 * 3600
    /// Returns arrive so many days after their purchase: 3 to 27, each as likely, and a Monday in place of a Sunday.
    private static let returnDelay = (shortest: 3, count: 25, longestWithSunday: 28)
    private static let drawnKinds: [EventKind] = [.purchase, .complaint, .ticket, .emailOpen, .visit]

    let setting: CustomerSetting
    let world: SimulatedWorld
    private(set) var path: LatentPath
    private(set) var events: [SimulatedEvent] = []
    private(set) var drivers: [DriverRow] = []
    /// Purchase and arrival of everything sent back.
    private(set) var returns: [(purchased: CalendarDay, arrived: CalendarDay)] = []
    private(set) var tally = CourseTally()

    private let detail: CourseDetail
    private let dailyRates: [Double]
    private var states: RandomStream
    private var happenings: RandomStream
    /// The last Mondays in whose weeks there was a complaint, a ticket, a visit.
    private var lastComplaint: CalendarDay?
    private var lastTicket: CalendarDay?
    private var lastVisit: CalendarDay?

    init(_ setting: CustomerSetting, in world: SimulatedWorld, detail: CourseDetail) {
        let customer = setting.customer
        let index = UInt64(customer.number)
        self.setting = setting
        self.world = world
        self.path = LatentPath(start: max(customer.since, world.parameters.firstDay))
        self.detail = detail
        self.dailyRates = CustomerCourse.drawnKinds.map { world.law.dailyRate($0, of: customer) }
        self.states = RandomStream(seed: world.parameters.seed, purpose: "simulated states", index: index)
        self.happenings = RandomStream(seed: world.parameters.seed, purpose: "simulated events", index: index)
        run()
    }

    private var customer: SimulatedCustomer { setting.customer }
    private var until: CalendarDay { world.parameters.observedUntil }

    private mutating func run() {
        if customer.since >= world.parameters.firstDay {
            purchase(on: customer.since, in: .active)
            tally.expectJoining()
            tally.expect(
                world.law.returnProbability(.active) * arrivingShare(ofPurchasesOn: customer.since),
                of: .return
            )
        }
        var monday = path.start.monday
        while monday < until {
            // The week of the start is spent active.
            if monday > path.start { changeState(on: monday) }
            if let left = path.left, left <= monday { break }
            drawWeek(from: monday)
            monday = monday + 7
        }
        let end = min(path.left ?? until, until)
        tally.addDays(active: max(0, min(path.declined ?? end, end) - path.start), customer: end - path.start)
        events.sort { $0.second < $1.second }
    }

    // MARK: States

    private mutating func changeState(on monday: CalendarDay) {
        guard path.declined == nil else {
            guard world.parameters.world == .noncontractual else { return }
            if case .declining(let weeks) = path.state(on: monday - 1),
                states.bernoulli(world.law.hazard.leavingProbability(weeksInDecline: weeks))
            {
                path.left = monday
            }
            return
        }
        guard world.law.isAtRisk(setting, weekFrom: monday) else { return }
        let drivers = world.law.drivers(of: setting, weekFrom: monday, recent: recent(before: monday))
        let probability = world.law.hazard.probability(drivers)
        let isLost = states.bernoulli(probability)
        tally.addRisk(probability, wasLost: isLost)
        if detail == .drivers { self.drivers.append(DriverRow(week: monday, drivers: drivers, declined: isLost)) }
        guard isLost else { return }
        path.declined = monday
        if let term = setting.term(on: monday) { giveNotice(of: term, weekFrom: monday) }
    }

    private mutating func giveNotice(of term: ContractTerm, weekFrom monday: CalendarDay) {
        let day = monday + states.below(5)
        path.noticeDay = day
        path.left = term.plannedEnd
        if day < until { contact(.cancellation, on: day) }
    }

    private func recent(before monday: CalendarDay) -> RecentSignals {
        let first = monday - 7 * ChurnHazard.recentWeeks
        return RecentSignals(
            complaint: lastComplaint.map { $0 >= first } ?? false,
            ticket: lastTicket.map { $0 >= first } ?? false,
            visit: lastVisit.map { $0 >= first } ?? false,
            return: returns.contains { $0.arrived >= first && $0.arrived < monday }
        )
    }

    // MARK: Events

    private mutating func drawWeek(from monday: CalendarDay) {
        let start = max(monday, path.start)
        let end = min(monday + 7, min(path.left ?? until, until))
        let weight = world.law.outer.demand.weight(from: start, to: end)
        let state = path.state(on: monday)
        let behaviour = world.law.behaviour
        let contact = behaviour.contactFactor(state)
        let purchases = weight * dailyRates[0] * behaviour.purchaseFactor(state)
        let complaints = weight * dailyRates[1] * behaviour.complaintFactor(state)
        let tickets = weight * dailyRates[2] * behaviour.ticketFactor(state)
        let opens = weight * dailyRates[3] * contact
        let visits = weight * dailyRates[4] * contact
        expect(purchases, complaints, tickets, opens, visits)
        tally.expect(
            purchases * world.law.returnProbability(state) * arrivingShare(ofPurchasesFrom: start, to: end),
            of: .return
        )

        let total = purchases + complaints + tickets + opens + visits
        for _ in 0..<happenings.poisson(mean: total) {
            let which = happenings.uniform() * total
            let day = world.law.outer.demand.day(from: start, to: end, at: happenings.uniform())
            if which < purchases {
                purchase(on: day, in: state)
            } else if which < purchases + visits {
                visit(on: day)
                lastVisit = monday
            } else if which < purchases + visits + opens {
                open(on: day)
            } else if which < purchases + visits + opens + tickets {
                self.contact(.ticket, on: day)
                lastTicket = monday
            } else {
                self.contact(.complaint, on: day)
                lastComplaint = monday
            }
        }
    }

    private mutating func expect(
        _ purchases: Double,
        _ complaints: Double,
        _ tickets: Double,
        _ opens: Double,
        _ visits: Double
    ) {
        tally.expect(purchases, of: .purchase)
        tally.expect(complaints, of: .complaint)
        tally.expect(tickets, of: .ticket)
        tally.expect(opens, of: .emailOpen)
        tally.expect(visits, of: .visit)
        tally.expect(opens * world.law.rates.clickProbability, of: .emailClick)
    }

    /// Of the returns of purchases on a day, the share that is expected to arrive inside the history.
    private func arrivingShare(ofPurchasesOn day: CalendarDay) -> Double {
        let delay = CustomerCourse.returnDelay
        guard until - day <= delay.longestWithSunday else { return 1 }
        let arriving = (0..<delay.count).count { CustomerCourse.arrival(delay.shortest + $0, daysAfter: day) < until }
        return Double(arriving) / Double(delay.count)
    }

    /// As for one day; purchases fall on the days `start <= day < end` by their weights.
    private func arrivingShare(ofPurchasesFrom start: CalendarDay, to end: CalendarDay) -> Double {
        guard until - end < CustomerCourse.returnDelay.longestWithSunday else { return 1 }
        let demand = world.law.outer.demand
        var arriving = 0.0
        for offset in 0..<(end - start) {
            let day = start + offset
            arriving += demand.weight(from: day, to: day + 1) * arrivingShare(ofPurchasesOn: day)
        }
        let weight = demand.weight(from: start, to: end)
        return weight > 0 ? arriving / weight : 0
    }

    private mutating func drawSecond(on day: CalendarDay) -> Int {
        let second = CustomerCourse.opening + happenings.below(CustomerCourse.openSeconds)
        return (day - world.parameters.firstDay) * SimulatedEvent.secondsPerDay + second
    }

    /// One purchase near the customer's typical value (log-normal, sigma 0.35) at list prices, dearer by the price rises,
    /// and perhaps its return.
    private mutating func purchase(on day: CalendarDay, in state: LatentState) {
        if detail == .trial { return purchaseInTrial(on: day, in: state) }
        let product = world.catalogue.draw(for: customer.industry, from: &happenings)
        let price = world.catalogue.prices[product]
        let value = customer.typicalOrderCents * PortableMath.exp(0.35 * happenings.normal())
        let quantity = max(1, Int((min(value, 100_000_000) / Double(price)).rounded()))
        let paid = Int((Double(price) * world.law.outer.priceFactor(on: day)).rounded())
        append(.purchase, at: drawSecond(on: day), quantity: quantity, cents: quantity * paid, product: product)

        guard happenings.bernoulli(world.law.returnProbability(state)) else { return }
        let workday = drawArrival(ofPurchaseOn: day)
        let returned = 1 + happenings.below(quantity)
        if workday < until {
            returns.append((purchased: day, arrived: workday))
            append(.return, at: drawSecond(on: workday), quantity: returned, cents: -returned * paid, product: product)
        }
    }

    /// Of a purchase, only what bears on the hazard.
    private mutating func purchaseInTrial(on day: CalendarDay, in state: LatentState) {
        guard happenings.bernoulli(world.law.returnProbability(state)) else { return }
        let arrival = drawArrival(ofPurchaseOn: day)
        if arrival < until { returns.append((purchased: day, arrived: arrival)) }
    }

    private mutating func drawArrival(ofPurchaseOn day: CalendarDay) -> CalendarDay {
        let delay = CustomerCourse.returnDelay
        return CustomerCourse.arrival(delay.shortest + happenings.below(delay.count), daysAfter: day)
    }

    private static func arrival(_ days: Int, daysAfter day: CalendarDay) -> CalendarDay {
        let arrival = day + days
        return arrival.weekday == 6 ? arrival + 1 : arrival
    }

    /// A visit of at least a minute: 1 + exponential with mean 8, at most 240.
    private mutating func visit(on day: CalendarDay) {
        if detail == .trial { return }
        let second = drawSecond(on: day)
        let minutes = 1 + Int(min(happenings.exponential(mean: 8), 239))
        append(.visit, at: second, quantity: minutes, cents: 0, product: -1)
    }

    /// An opened e-mail, and perhaps a click in it within five minutes.
    private mutating func open(on day: CalendarDay) {
        if detail == .trial { return }
        let second = drawSecond(on: day)
        append(.emailOpen, at: second, quantity: 0, cents: 0, product: -1)
        if happenings.bernoulli(world.law.rates.clickProbability) {
            append(.emailClick, at: second + 5 + happenings.below(296), quantity: 0, cents: 0, product: -1)
        }
    }

    private mutating func contact(_ kind: EventKind, on day: CalendarDay) {
        if detail == .trial { return }
        append(kind, at: drawSecond(on: day), quantity: 0, cents: 0, product: -1)
    }

    private mutating func append(_ kind: EventKind, at second: Int, quantity: Int, cents: Int, product: Int) {
        tally.addEvent(kind)
        events.append(
            SimulatedEvent(
                customer: Int32(truncatingIfNeeded: customer.number),
                second: Int32(truncatingIfNeeded: second),
                cents: Int32(clamping: cents),
                quantity: Int32(clamping: quantity),
                product: Int16(truncatingIfNeeded: product),
                kind: kind
            )
        )
    }
}
