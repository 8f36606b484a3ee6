import ChurnNumerics

/// A world of business customers who buy at their own rhythm, slow down and leave by a known law.
///
/// Each customer has its own random streams, keyed by the seed and its number: the world is the same at any number of
/// threads, and customer 17 is the same in a world of a hundred and of a million.
///
/// ```swift
/// let parameters = try SimulationParameters(customers: 5_000, seed: 42)
/// let history = SimulatedWorld(parameters).generate(threads: 2)
/// try history.write(to: "world", threads: 2)
/// ```
public struct SimulatedWorld: Sendable {
    public let parameters: SimulationParameters
    public let hazard = ChurnHazard()
    public let behaviour = DeclineBehaviour()

    let calendar: DemandCalendar
    let catalogue: ProductCatalogue
    let noPurchaseProbability: NoPurchaseProbability

    /// Customers whose events are drawn together; never depends on the number of threads.
    private static let blockSize = 512

    public init(_ parameters: SimulationParameters) {
        self.parameters = parameters
        self.calendar = DemandCalendar(from: parameters.firstDay, to: parameters.observedUntil)
        self.catalogue = ProductCatalogue(seed: parameters.seed)
        self.noPurchaseProbability = NoPurchaseProbability(
            hazard: hazard,
            behaviour: behaviour,
            calendar: calendar
        )
    }

    /// Simulates every customer.
    ///
    /// - Parameter threads: must be positive; changes nothing but the time it takes.
    public func generate(threads: Int) -> SimulatedHistory {
        let size = SimulatedWorld.blockSize
        let blocks = Parallel.map((parameters.customers + size - 1) / size, threads: threads) { block in
            self.block(from: block * size + 1, through: min((block + 1) * size, parameters.customers))
        }
        return SimulatedHistory(
            parameters: parameters,
            customers: blocks.flatMap(\.customers),
            events: SimulatedEvent.inTimeOrder(
                blocks.map(\.events),
                days: parameters.observedUntil - parameters.firstDay,
                threads: threads
            ),
            truth: blocks.flatMap(\.truth)
        )
    }

    private struct Block: Sendable {
        var customers: [SimulatedCustomer] = []
        var events: [SimulatedEvent] = []
        var truth: [ChurnTruth] = []
    }

    private func block(from first: Int, through last: Int) -> Block {
        var block = Block()
        for number in first...last {
            let customer = SimulatedCustomer(number: number, parameters: parameters)
            let path = LatentPath(of: customer, hazard: hazard, parameters: parameters)
            let events = EventDrawing.events(of: customer, along: path, in: self)
            block.customers.append(customer)
            block.events.append(contentsOf: events)
            if let truth = truth(of: customer, along: path, events) { block.truth.append(truth) }
        }
        return block
    }

    /// The truth at the last cutoff, for a customer with a purchase in the days that make it eligible.
    private func truth(of customer: SimulatedCustomer, along path: LatentPath, _ events: [SimulatedEvent])
        -> ChurnTruth?
    {
        let cutoff = parameters.lastCutoff
        let day = cutoff - parameters.firstDay
        var eligible = false
        var churned = true
        for event in events where event.kind == .purchase {
            if (day - parameters.activeWithinDays..<day).contains(event.day) { eligible = true }
            if (day..<day + parameters.horizonDays).contains(event.day) { churned = false }
        }
        guard eligible else { return nil }
        let probability = noPurchaseProbability(
            of: customer,
            in: path.state(on: cutoff - 1),
            from: cutoff,
            to: cutoff + parameters.horizonDays
        )
        return ChurnTruth(customer: customer.number, probability: probability, churned: churned)
    }
}
