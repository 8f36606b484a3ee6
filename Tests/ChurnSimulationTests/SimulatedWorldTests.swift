import ChurnHistory
import Testing

@testable import ChurnSimulation

@Suite struct SimulatedWorldTests {
    private static func history(
        _ customers: Int,
        seed: UInt64 = 7,
        world: WorldKind = .noncontractual,
        threads: Int = 2
    ) throws -> SimulatedHistory {
        try SimulatedWorld(SimulationParameters(customers: customers, seed: seed, world: world))
            .generate(threads: threads)
    }

    @Test func anotherSeedGivesAnotherWorld() throws {
        #expect(try Self.history(20, seed: 1).events != Self.history(20, seed: 2).events)
    }

    @Test(arguments: WorldKind.allCases)
    func aCustomerIsTheSameInASmallAndInALargeWorld(world: WorldKind) throws {
        let small = try Self.history(100, world: world)
        let large = try Self.history(600, world: world)
        #expect(small.customers == Array(large.customers.prefix(100)))
        #expect(small.events == large.events.filter { $0.customer <= 100 })
        #expect(small.contracts == large.contracts.filter { $0.customer <= 100 })
        #expect(small.truth == large.truth.filter { $0.customer <= 100 })
    }

    @Test func aWorldOfOneCustomerWorks() throws {
        let history = try Self.history(1)
        let parameters = history.parameters
        let customers = Set(history.events.map(\.customer))
        #expect(history.courses.count == 1 && customers == [1])
        let window = parameters.lastCutoff - parameters.activeWithinDays..<parameters.lastCutoff
        let isEligible = history.events.contains { event in
            event.kind == .purchase && window.contains(parameters.firstDay + event.day)
        }
        #expect(history.truth.map(\.customer) == (isEligible ? [1] : []))
    }

    @Test(arguments: WorldKind.allCases)
    func eventsAreInTimeOrderInsideTheHistoryAndTheBusinessHours(world: WorldKind) throws {
        let history = try Self.history(300, world: world)
        let days = history.parameters.observedUntil - history.parameters.firstDay
        for course in history.courses {
            var previous: Int32 = -1
            for event in course.events {
                let second = Int(event.second) % 86_400
                // A click may come up to five minutes after an e-mail that was opened in the last minute.
                let closing = event.kind == .emailClick ? 19 * 3600 + 300 : 19 * 3600
                #expect((0..<days).contains(event.day) && (7 * 3600..<closing).contains(second))
                #expect((history.parameters.firstDay + event.day).weekday != 6)
                #expect(event.second >= previous && Int(event.customer) == course.customer.number)
                previous = event.second
            }
        }
    }

    @Test func nobodyActsBeforeJoiningAndWhoJoinsBuysThatDay() throws {
        let history = try Self.history(300)
        var joined = 0
        for course in history.courses {
            let since = course.customer.since
            let early = course.events.first { history.parameters.firstDay + $0.day < since }
            #expect(early == nil)
            guard since >= history.parameters.firstDay else { continue }
            joined += 1
            let first = course.events.first { $0.kind == .purchase }
            #expect(first?.day == since - history.parameters.firstDay)
            #expect(since.weekday < 5)
        }
        #expect(joined > 50)
    }

    @Test func everyKindHasTheAmountAndQuantityThatBelongToIt() throws {
        var seen: Set<EventKind> = []
        var bought: [Int32: Set<Int16>] = [:]
        for event in try Self.history(400, world: .contractual).events {
            seen.insert(event.kind)
            switch event.kind {
            case .purchase:
                #expect(event.cents > 0 && event.quantity > 0 && event.product >= 0)
                bought[event.customer, default: []].insert(event.product)
            case .return:
                #expect(event.cents < 0 && event.quantity > 0)
                #expect(bought[event.customer]?.contains(event.product) == true)
            case .visit:
                #expect(event.cents == 0 && (1...240).contains(event.quantity) && event.product == -1)
            case .complaint, .ticket, .emailOpen, .emailClick, .cancellation:
                #expect(event.cents == 0 && event.quantity == 0 && event.product == -1)
            }
        }
        #expect(seen == Set(EventKind.allCases))
    }

    @Test func everyClickFollowsAnOpenedEMailWithinFiveMinutes() throws {
        var clicks = 0
        for course in try Self.history(200).courses {
            let opens = course.events.filter { $0.kind == .emailOpen }
            for click in course.events where click.kind == .emailClick {
                clicks += 1
                let isFollowing = opens.contains { (5...300).contains(click.second - $0.second) }
                #expect(isFollowing)
            }
        }
        #expect(clicks > 500)
    }

    @Test func inDeclinePurchasesSlowAndTicketsRiseAndWhoLeftOnlyReturns() throws {
        let history = try Self.history(1500, seed: 11)
        var before = CourseTally()
        var after = CourseTally()
        for course in history.courses {
            let path = course.path
            for event in course.events {
                let day = history.parameters.firstDay + event.day
                if let left = path.left, day >= left { #expect(event.kind == .return) }
                // Six weeks on either side, of customers who were there for both.
                guard let declined = path.declined, declined - 42 >= path.start,
                    declined + 42 <= path.left ?? history.parameters.observedUntil
                else { continue }
                if (declined - 42..<declined).contains(day) { before.addEvent(event.kind) }
                if (declined..<declined + 42).contains(day) { after.addEvent(event.kind) }
            }
        }
        func ratio(_ kind: EventKind) -> Double {
            Double(after.count(of: kind)) / Double(max(before.count(of: kind), 1))
        }
        #expect(before.count(of: .purchase) > 300 && ratio(.purchase) < 0.8)
        #expect(ratio(.visit) < 0.9 && ratio(.emailOpen) < 0.9)
        #expect(ratio(.ticket) > 2 && ratio(.complaint) > 1.5)
    }

    @Test(arguments: WorldKind.allCases)
    func asManyAreLostAsTheHazardSays(world: WorldKind) throws {
        let parameters = try SimulationParameters(customers: 2000, seed: 5, world: world)
        let simulated = try SimulatedWorld(parameters)
        let history = simulated.generate(recordsDrivers: true, threads: 2)
        var sum = Deviation()
        for row in history.courses.flatMap(\.drivers) {
            sum.add(row.declined, probability: simulated.hazard.probability(row.drivers))
        }
        #expect(sum.seen > 300 && abs(sum.inStandardDeviations) < 4)
    }

    @Test func declinesEndAsOftenAsTheHazardSays() throws {
        let history = try Self.history(2000, seed: 5)
        let hazard = ChurnHazard(world: .noncontractual)
        var sum = Deviation()
        for path in history.courses.map(\.path) {
            guard let declined = path.declined else { continue }
            var monday = declined + 7
            while monday < history.parameters.observedUntil, monday <= path.left ?? monday {
                let weeks = (monday - declined) / 7 - 1
                sum.add(path.left == monday, probability: hazard.leavingProbability(weeksInDecline: weeks))
                monday = monday + 7
            }
        }
        #expect(sum.seen > 300 && abs(sum.inStandardDeviations) < 4)
    }

    /// In `drivers.csv` a recent event is one that `events.csv` shows in the 28 days before.
    @Test func recentEventsAreThoseOfTheLastFourWeeks() throws {
        let parameters = try SimulationParameters(customers: 60, seed: 9)
        for course in try SimulatedWorld(parameters).generate(recordsDrivers: true, threads: 1).courses {
            for row in course.drivers {
                let last = row.week - parameters.firstDay
                let kinds = Set(course.events.filter { (last - 28..<last).contains($0.day) }.map(\.kind))
                let recent = RecentSignals(
                    complaint: kinds.contains(.complaint),
                    ticket: kinds.contains(.ticket),
                    visit: kinds.contains(.visit),
                    return: kinds.contains(.return)
                )
                #expect(row.drivers.recent == recent)
            }
        }
    }
}
