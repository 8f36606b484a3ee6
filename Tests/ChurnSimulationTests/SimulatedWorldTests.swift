import ChurnHistory
import Testing

@testable import ChurnSimulation

@Suite struct SimulatedWorldTests {
    private static func history(_ customers: Int, seed: UInt64 = 7, threads: Int = 2) throws -> SimulatedHistory {
        SimulatedWorld(try SimulationParameters(customers: customers, seed: seed)).generate(threads: threads)
    }

    @Test func anyNumberOfThreadsGivesTheSameWorld() throws {
        let one = try Self.history(700, threads: 1)
        for threads in [2, 3] {
            let other = try Self.history(700, threads: threads)
            #expect(one.customers == other.customers)
            #expect(one.events == other.events)
            #expect(one.truth == other.truth)
        }
    }

    @Test func anotherSeedGivesAnotherWorld() throws {
        #expect(try Self.history(20, seed: 1).events != Self.history(20, seed: 2).events)
    }

    @Test func aCustomerIsTheSameInASmallAndInALargeWorld() throws {
        let small = try Self.history(100)
        let large = try Self.history(1000)
        #expect(small.customers == Array(large.customers.prefix(100)))
        #expect(small.events.filter { $0.customer == 17 } == large.events.filter { $0.customer == 17 })
        #expect(small.events == large.events.filter { $0.customer <= 100 })
        #expect(small.truth == large.truth.filter { $0.customer <= 100 })
    }

    @Test func aWorldOfOneCustomerWorks() throws {
        let history = try Self.history(1)
        #expect(history.customers.count == 1)
        #expect(history.events.allSatisfy { $0.customer == 1 })
        #expect(history.truth.count <= 1)
    }

    @Test func eventsAreInTimeOrderInsideTheHistoryAndTheBusinessHours() throws {
        let history = try Self.history(300)
        let days = history.parameters.observedUntil - history.parameters.firstDay
        var previous: SimulatedEvent?
        for event in history.events {
            #expect((0..<days).contains(event.day))
            #expect((7 * 3600..<19 * 3600).contains(Int(event.second) % 86_400))
            #expect((history.parameters.firstDay + event.day).weekday != 6)
            if let previous {
                #expect((previous.second, previous.customer) <= (event.second, event.customer))
            }
            previous = event
        }
    }

    @Test func nobodyActsBeforeJoiningAndWhoJoinsBuysThatDay() throws {
        let history = try Self.history(300)
        var first: [Int32: Int] = [:]
        for event in history.events {
            let customer = history.customers[Int(event.customer) - 1]
            #expect(history.parameters.firstDay + event.day >= customer.since)
            if event.kind == .purchase, first[event.customer] == nil { first[event.customer] = event.day }
        }
        var joined = 0
        for customer in history.customers where customer.since >= history.parameters.firstDay {
            joined += 1
            #expect(first[Int32(customer.number)] == customer.since - history.parameters.firstDay)
            #expect(customer.since.weekday < 5)
        }
        #expect(joined > 50)
    }

    @Test func purchasesEarnReturnsCostAndContactsHaveNoAmount() throws {
        var bought: [Int32: Set<Int16>] = [:]
        for event in try Self.history(300).events {
            switch event.kind {
            case .purchase:
                #expect(event.cents > 0 && event.quantity > 0 && event.product >= 0)
                bought[event.customer, default: []].insert(event.product)
            case .return:
                #expect(event.cents < 0 && event.quantity > 0)
                #expect(bought[event.customer]?.contains(event.product) == true)
            case .ticket, .visit:
                #expect(event.cents == 0 && event.quantity == 0 && event.product == -1)
            }
        }
    }

    @Test func leapDayHasEvents() throws {
        let history = try Self.history(300)
        let leapDay = try #require(CalendarDay("2024-02-29")) - history.parameters.firstDay
        #expect(history.events.contains { $0.day == leapDay })
    }

    @Test func inDeclinePurchasesSlowAndTicketsRiseAndWhoLeftOnlyReturns() throws {
        let parameters = try SimulationParameters(customers: 1500, seed: 11)
        let history = SimulatedWorld(parameters).generate(threads: 2)
        let paths = history.customers.map { LatentPath(of: $0, hazard: ChurnHazard(), parameters: parameters) }
        var before: [SimulatedEvent.Kind: Int] = [:]
        var after: [SimulatedEvent.Kind: Int] = [:]
        for event in history.events {
            let path = paths[Int(event.customer) - 1]
            let day = parameters.firstDay + event.day
            if let left = path.left, day >= left { #expect(event.kind == .return) }
            // Six weeks on either side, of customers who were there for both.
            guard let declined = path.declined, declined - 42 >= path.start,
                declined + 42 <= path.left ?? parameters.observedUntil
            else { continue }
            if (declined - 42..<declined).contains(day) { before[event.kind, default: 0] += 1 }
            if (declined..<declined + 42).contains(day) { after[event.kind, default: 0] += 1 }
        }
        let purchases = (before[.purchase, default: 0], after[.purchase, default: 0])
        #expect(purchases.0 > 300 && Double(purchases.1) < 0.8 * Double(purchases.0))
        #expect(after[.visit, default: 0] < before[.visit, default: 0])
        #expect(after[.ticket, default: 0] > 2 * before[.ticket, default: 0])
    }

    @Test func declinesAndLeavingsHappenAsOftenAsTheHazardSays() throws {
        let parameters = try SimulationParameters(customers: 2000, seed: 5)
        let hazard = ChurnHazard()
        var decline = (expected: 0.0, variance: 0.0, seen: 0.0)
        var leaving = (expected: 0.0, variance: 0.0, seen: 0.0)
        for number in 1...parameters.customers {
            let customer = SimulatedCustomer(number: number, parameters: parameters)
            let path = LatentPath(of: customer, hazard: hazard, parameters: parameters)
            var monday = path.start.monday + 7
            while monday < parameters.observedUntil {
                let after = path.state(on: monday)
                switch path.state(on: monday - 1) {
                case .active:
                    let p = hazard.declineProbability(of: customer, weekFrom: monday)
                    decline.expected += p
                    decline.variance += p * (1 - p)
                    decline.seen += after == .active ? 0 : 1
                case .declining(let weeks):
                    let p = hazard.leavingProbability(weeksInDecline: weeks)
                    leaving.expected += p
                    leaving.variance += p * (1 - p)
                    leaving.seen += after == .left ? 1 : 0
                case .left: break
                }
                monday = monday + 7
            }
        }
        for law in [decline, leaving] {
            #expect(law.seen > 300)
            #expect(abs(law.seen - law.expected) < 4 * law.variance.squareRoot())
        }
    }
}
