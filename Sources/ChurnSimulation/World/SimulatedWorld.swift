import ChurnNumerics

/// A world of business customers who buy at their own rhythm, slow down and leave by a known law; `docs/simulation.md`
/// has every formula.
///
/// Each customer has its own random streams, keyed by the seed and its number: the world is the same at any number of
/// threads, and customer 17 is the same in a world of a hundred and of a million.
///
/// ```swift
/// let parameters = try SimulationParameters(customers: 5_000, seed: 42)
/// let summary = try SimulatedWorld(parameters).write(to: "world", threads: 2)
/// ```
public struct SimulatedWorld: Sendable {
    public let parameters: SimulationParameters
    let law: WorldLaw
    let catalogue: ProductCatalogue
    let noPurchaseProbability: NoPurchaseProbability
    let noticeProbability: NoticeProbability

    /// Customers whose courses are drawn together; never depends on the number of threads.
    static let blockSize = 256

    public var hazard: ChurnHazard { law.hazard }

    /// - Parameter threads: must be positive; used where rates are asked for, which takes a trial run.
    /// - Throws: `unreachable` where the rates asked for cannot be had.
    public init(_ parameters: SimulationParameters, threads: Int = 1) throws(SimulationError) {
        var world = SimulatedWorld(parameters, law: WorldLaw(parameters))
        if !parameters.rates.isEmpty || parameters.churnRate != nil {
            world = SimulatedWorld(parameters, law: try WorldCalibration(world, threads: threads).law)
        }
        self = world
    }

    init(_ parameters: SimulationParameters, law: WorldLaw) {
        self.parameters = parameters
        self.law = law
        self.catalogue = ProductCatalogue(seed: parameters.seed)
        self.noPurchaseProbability = NoPurchaseProbability(law)
        self.noticeProbability = NoticeProbability(law)
    }

    /// Simulates every customer and keeps all of it in memory; `write` needs only a little.
    ///
    /// - Parameters:
    ///   - recordsDrivers: whether courses tell what drove the hazard in each week.
    ///   - threads: must be positive; changes nothing but the time it takes.
    public func generate(recordsDrivers: Bool = false, threads: Int) -> SimulatedHistory {
        let blocks = Parallel.map(blockCount, threads: threads) { block in
            courses(ofBlock: block, recordsDrivers: recordsDrivers)
        }
        return SimulatedHistory(parameters: parameters, courses: blocks.flatMap { $0 })
    }

    var blockCount: Int { (parameters.customers + SimulatedWorld.blockSize - 1) / SimulatedWorld.blockSize }

    /// The courses of the customers whose numbers belong to a block, counted from 0.
    func courses(ofBlock block: Int, recordsDrivers: Bool) -> [SimulatedCourse] {
        let first = block * SimulatedWorld.blockSize + 1
        let last = min(first + SimulatedWorld.blockSize - 1, parameters.customers)
        return (first...last).map { number in
            course(of: number, detail: recordsDrivers ? .drivers : .events).outcome()
        }
    }

    func course(of number: Int, detail: CourseDetail) -> CustomerCourse {
        let setting = CustomerSetting(number: number, parameters: parameters, outer: law.outer)
        return CustomerCourse(setting, in: self, detail: detail)
    }
}
