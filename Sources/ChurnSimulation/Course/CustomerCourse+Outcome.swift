import ChurnHistory

extension CustomerCourse {
    /// The course with its contracts and its truth at the last cutoff.
    func outcome() -> SimulatedCourse {
        SimulatedCourse(
            customer: setting.customer,
            treatments: treatments(),
            path: path,
            events: events,
            drivers: drivers,
            contracts: contracts(),
            truth: truth(),
            tally: tally
        )
    }

    /// Who has left by the day of a campaign is not part of it; its lot was drawn all the same, and has moved nothing.
    private func treatments() -> [Bool?] {
        zip(setting.treatments, world.parameters.campaigns).map { isTreated, day in
            path.left.map { $0 <= day } ?? false ? nil : isTreated
        }
    }

    /// The terms up to the one in which notice was given, or the one that runs at the end of the history.
    private func contracts() -> [SimulatedContract] {
        guard let terms = setting.customer.contract else { return [] }
        let until = world.parameters.observedUntil
        var contracts: [SimulatedContract] = []
        for (renewal, term) in setting.terms.enumerated() {
            if let left = path.left, term.start >= left { break }
            let notice = path.noticeDay.flatMap { path.left == term.plannedEnd && $0 < until ? $0 : nil }
            let endKnown = notice ?? (term.plannedEnd < until ? term.plannedEnd : nil)
            let factor = world.law.outer.priceFactor(on: term.start)
            contracts.append(
                SimulatedContract(
                    customer: setting.customer.number,
                    term: term,
                    renewal: renewal,
                    noticeMonths: terms.noticeMonths,
                    yearlyValueCents: Int((Double(terms.yearlyValueCents) * factor).rounded()),
                    end: endKnown == nil ? nil : term.plannedEnd,
                    endKnown: endKnown
                )
            )
        }
        return contracts
    }

    /// The truth at the last cutoff, for a customer who is eligible then: with a purchase in the days before it, and no
    /// notice.
    private func truth() -> ChurnTruth? {
        let parameters = world.parameters
        let cutoff = parameters.lastCutoff
        let end = cutoff + parameters.horizonDays
        let day = cutoff - parameters.firstDay
        if let notice = path.noticeDay, notice < cutoff { return nil }
        var isEligible = false
        var isSilent = true
        for event in events where event.kind == .purchase {
            if (day - parameters.activeWithinDays..<day).contains(event.day) { isEligible = true }
            if (day..<day + parameters.horizonDays).contains(event.day) { isSilent = false }
        }
        guard isEligible else { return nil }
        let outlook = outlook(before: cutoff)
        switch parameters.world {
        case .noncontractual:
            return ChurnTruth(
                customer: setting.customer.number,
                probability: world.noPurchaseProbability(outlook, from: cutoff, to: end),
                churned: isSilent
            )
        case .contractual:
            return ChurnTruth(
                customer: setting.customer.number,
                probability: world.noticeProbability(outlook, from: cutoff, to: end),
                churned: path.noticeDay.map { $0 < end } ?? false
            )
        }
    }

    /// What there is to know just before a day.
    func outlook(before cutoff: CalendarDay) -> Outlook {
        var ages = RecentAges()
        let monday = cutoff.monday
        for event in events {
            let day = world.parameters.firstDay + event.day
            guard day < cutoff else { break }
            let age = min((monday - day.monday) / 7 - 1, ChurnHazard.recentWeeks)
            switch (event.kind, age < 0) {
            case (.complaint, true): ages.complaintThisWeek = true
            case (.complaint, false): ages.complaint = age
            case (.ticket, true): ages.ticketThisWeek = true
            case (.ticket, false): ages.ticket = age
            case (.visit, true): ages.visitThisWeek = true
            case (.visit, false): ages.visit = age
            default: break
            }
        }
        return Outlook(
            setting: setting,
            state: path.state(on: cutoff - 1),
            ages: ages,
            returnArrivals: returns.filter { $0.purchased < cutoff }.map(\.arrived),
            noticeDay: path.noticeDay
        )
    }
}
