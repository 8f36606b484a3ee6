import ChurnHistory
import Testing

@testable import ChurnSimulation

@Suite struct CustomerBookTests {
    private static func customers(_ count: Int, world: WorldKind = .noncontractual) throws -> [SimulatedCustomer] {
        let parameters = try SimulationParameters(customers: count, seed: 17, world: world)
        return (1...count).map { SimulatedCustomer(number: $0, parameters: parameters) }
    }

    @Test func entriesBeginWhenTheCustomerJoinsAndAscend() throws {
        var later = 0
        for customer in try Self.customers(2000) {
            #expect(customer.entries[0].validFrom == customer.since)
            for (entry, next) in zip(customer.entries, customer.entries.dropFirst()) {
                later += 1
                #expect(entry.validFrom < next.validFrom)
                #expect(next.validFrom > SimulationParameters.defaultFirstDay)
                #expect(next.validFrom < SimulationParameters.defaultObservedUntil)
            }
        }
        #expect(later > 500)
    }

    @Test func theBooksSayAtADayWhatWasKnownThen() throws {
        let customer = try #require(try Self.customers(500).first { $0.entries.count > 2 })
        let second = customer.entries[1]
        #expect(customer.entry(on: second.validFrom) == second)
        #expect(customer.entry(on: second.validFrom - 1) == customer.entries[0])
        #expect(customer.entry(on: customer.since - 100) == customer.entries[0])
        #expect(customer.entry(on: SimulationParameters.defaultObservedUntil) == customer.entries.last)
    }

    @Test func everythingTheBooksSayIsPossible() throws {
        for customer in try Self.customers(3000) {
            #expect(customer.foundedYear < customer.since.components.year && customer.foundedYear > 1800)
            for entry in customer.entries {
                #expect((1...20_000).contains(entry.employees) && entry.sites >= 1)
                #expect(entry.revenue > 0 && entry.annualBudget < entry.revenue)
                #expect(entry.potential <= entry.annualBudget && (1...24).contains(entry.salesRep))
            }
        }
    }

    @Test func everyLaterEntryDiffersFromTheOneBeforeInOneThing() throws {
        var changes: [String: Int] = [:]
        for customer in try Self.customers(3000) {
            for (old, new) in zip(customer.entries, customer.entries.dropFirst()) {
                var changed: [String] = []
                if old.revenue != new.revenue { changed.append("size") }
                if old.software != new.software { changed.append("software") }
                if old.paymentMethod != new.paymentMethod { changed.append("payment") }
                if old.salesRep != new.salesRep { changed.append("rep") }
                #expect(changed.count == 1)
                for name in changed { changes[name, default: 0] += 1 }
            }
        }
        let total = Double(changes.values.reduce(0, +))
        for (name, share) in [("size", 0.5), ("payment", 0.2), ("software", 0.15), ("rep", 0.15)] {
            let deviation = (share * (1 - share) / total).squareRoot()
            #expect(abs(Double(changes[name] ?? 0) / total - share) < 4 * deviation, "\(name)")
        }
    }

    /// Within four standard deviations of a share of 6,000.
    @Test func categoriesComeWithTheirShares() throws {
        let customers = try Self.customers(6000)
        func expect(_ count: Int, _ share: Double, _ name: String) {
            let deviation = (share * (1 - share) / Double(customers.count)).squareRoot()
            #expect(abs(Double(count) / Double(customers.count) - share) < 4 * deviation, "\(name)")
        }
        for industry in Industry.allCases {
            expect(customers.count { $0.industry == industry }, industry.share, industry.rawValue)
        }
        for country in Country.allCases {
            expect(customers.count { $0.country == country }, country.share, country.rawValue)
        }
        for method in PaymentMethod.allCases {
            expect(customers.count { $0.entries[0].paymentMethod == method }, method.share, method.rawValue)
        }
        for software in Software.allCases {
            expect(customers.count { $0.entries[0].software == software }, software.share, software.rawValue)
        }
        for total in [
            Industry.allCases.map(\.share).reduce(0, +), Country.allCases.map(\.share).reduce(0, +),
            PaymentMethod.allCases.map(\.share).reduce(0, +), Software.allCases.map(\.share).reduce(0, +),
        ] { #expect(abs(total - 1) < 1e-12) }
    }

    @Test func legalFormsBelongToTheirCountries() throws {
        let german: Set<LegalForm> = [.soleTrader, .limitedCompany, .limitedPartnership, .stockCorporation]
        for customer in try Self.customers(1000) {
            switch customer.country {
            case .austria, .germany, .switzerland: #expect(german.contains(customer.legalForm))
            case .britain: #expect(customer.legalForm == .britishCompany)
            case .finland: #expect(customer.legalForm == .finnishCompany)
            case .netherlands: #expect(customer.legalForm == .dutchCompany)
            case .poland: #expect(customer.legalForm == .polishCompany)
            }
        }
    }

    @Test func everyTimeZoneExists() {
        for country in Country.allCases { #expect(StudyCalendar(timeZoneName: country.timeZone) != nil) }
    }

    @Test func someCustomersBelongToGroupsOfAHandful() throws {
        let customers = try Self.customers(3200)
        let sizes = Dictionary(grouping: customers.compactMap(\.group)) { $0 }.mapValues(\.count)
        let members = sizes.values.reduce(0, +)
        #expect(abs(Double(members) / 3200 - 0.22) < 0.03)
        #expect(sizes.count == 80 && sizes.values.max() ?? 0 < 25)
    }

    /// All members of a group are in its crisis, and the hazard of each rises by as much.
    @Test func aGroupsCrisisLasts26WeeksAndIsSharedByItsMembers() throws {
        let world = try SimulatedWorld(SimulationParameters(customers: 1000, seed: 17))
        let settings = (1...1000).map {
            CustomerSetting(number: $0, parameters: world.parameters, outer: world.law.outer)
        }
        let first = try #require(settings.first { $0.group?.crisis(in: world.parameters) != nil })
        let crisis = try #require(first.group?.crisis(in: world.parameters))
        let members = settings.filter { $0.group == first.group }
        #expect(members.count > 1)
        for member in members {
            func isInCrisis(_ monday: CalendarDay) -> Bool {
                world.law.drivers(of: member, weekFrom: monday, recent: .none).isGroupInCrisis
            }
            #expect(!isInCrisis(crisis - 7) && isInCrisis(crisis))
            #expect(isInCrisis(crisis + 175) && !isInCrisis(crisis + 182))
        }
    }
}

extension CustomerGroup {
    /// A crisis that lies wholly inside the history and stands alone there.
    fileprivate func crisis(in parameters: SimulationParameters) -> CalendarDay? {
        guard crises.count == 1, let crisis = crises.first else { return nil }
        return crisis > parameters.firstDay && crisis + 190 < parameters.observedUntil ? crisis : nil
    }
}
