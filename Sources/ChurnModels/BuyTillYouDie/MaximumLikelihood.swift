import ChurnNumerics

/// A log-likelihood of positive parameters, summed over customers.
protocol LikelihoodModel: Sendable {
    associatedtype Histories: Sendable
    /// What the terms of one evaluation share.
    associatedtype Shared: Sendable

    static var parameterNames: [String] { get }
    var modelName: String { get }

    func customerCount(_ histories: Histories) -> Int
    /// Every `step`-th customer, in a form in which a sum is fast.
    func sample(of histories: Histories, every step: Int) -> Histories
    /// How many customers one stands for.
    func weight(_ customer: Int, of histories: Histories) -> Double
    func shared(_ parameters: [Double], _ histories: Histories) -> Shared
    /// Writes a customer's log-likelihood to `result[0]` and its slopes along the parameters to the numbers behind it.
    func evaluate(
        _ customer: Int,
        of histories: Histories,
        _ parameters: [Double],
        _ shared: Shared,
        into result: UnsafeMutablePointer<Double>
    )
}

extension LikelihoodModel {
    /// The log-likelihood of each customer.
    func logLikelihoods(_ histories: Histories, _ parameters: [Double], threads: Int) -> [Double] {
        let shared = shared(parameters, histories)
        let count = customerCount(histories)
        let tiles = RowTiles(rowCount: count)
        return [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
            nonisolated(unsafe) let base = buffer.baseAddress
            tiles.forEach(threads: threads) { customers in
                withUnsafeTemporaryAllocation(of: Double.self, capacity: parameters.count + 1) { terms in
                    guard let base, let result = terms.baseAddress else { return }
                    for customer in customers {
                        evaluate(customer, of: histories, parameters, shared, into: result)
                        (base + customer).initialize(to: result[0])
                    }
                }
            }
            initialized = count
        }
    }
}

/// Parameters that were fitted by maximum likelihood.
public struct LikelihoodFit: Sendable, Equatable {
    /// By the model's order.
    public let parameters: [Double]
    /// Of the logarithms of the parameters: a share of each, where it is small.
    public let relativeErrors: [Double]
    public let logLikelihood: Double
    /// Of the search among all customers.
    public let iterations: Int
    /// Largest slope of the log-likelihood along the logarithm of a parameter, at the end.
    public let gradientNorm: Double
}

/// Maximises a log-likelihood over the logarithms of its parameters, which keeps them positive.
///
/// The likelihood may have several maxima, or none. The starts are tried on a sample of the customers; the best end is where the
/// fit of all begins. Where that leads nowhere, the starts are tried on all.
struct MaximumLikelihood<Model: LikelihoodModel> {
    let model: Model
    let threads: Int

    private static var sampleSize: Int { 20_000 }
    private static var tolerance: Double { 1e-9 }
    private static var maximumIterations: Int { 500 }
    /// A logarithm whose standard error is larger says nothing: the parameter could be a tenth, or ten times.
    private static var largestError: Double { 2.3 }

    /// - Parameter starts: parameters, at least one set.
    /// - Throws: `notIdentified` where no start ends at a maximum, or where the customers do not tell a parameter.
    func fit(_ histories: Model.Histories, starts: [[Double]]) throws(ModelError) -> LikelihoodFit {
        let step = max(1, model.customerCount(histories) / Self.sampleSize)
        let starts = starts.map { $0.map(PortableMath.log) }
        let all = objective(histories, every: 1)
        if step > 1, let near = maximum(of: objective(histories, every: step), from: starts),
            let found = maximum(of: all, from: [near.point]), let fit = try? identified(found, all)
        {
            return fit
        }
        guard let found = maximum(of: all, from: starts) else {
            throw notIdentified("no start led to a maximum of the likelihood")
        }
        return try identified(found, all)
    }

    private func objective(_ histories: Model.Histories, every step: Int) -> LikelihoodObjective<Model> {
        LikelihoodObjective(model: model, histories: model.sample(of: histories, every: step), threads: threads)
    }

    /// The highest maximum that starts lead to; `nil` where none does.
    private func maximum(of objective: LikelihoodObjective<Model>, from starts: [[Double]]) -> Solution? {
        let solver = LBFGSSolver(gradientTolerance: Self.tolerance, maximumIterations: Self.maximumIterations)
        return starts.compactMap { try? solver.minimise(objective, from: $0) }
            .filter { $0.status == .converged && $0.value.isFinite }
            .min { $0.value < $1.value }
    }

    private func identified(
        _ found: Solution,
        _ objective: LikelihoodObjective<Model>
    ) throws(ModelError) -> LikelihoodFit {
        guard let errors = standardErrors(objective, at: found.point) else {
            throw notIdentified(
                "along some way the likelihood is flat, as where nobody leaves or customers do not differ"
            )
        }
        for (name, error) in zip(Model.parameterNames, errors) where !(error <= Self.largestError) {
            throw notIdentified("a tenth of the best \(name), or ten times as much, fits nearly as well")
        }
        return LikelihoodFit(
            parameters: found.point.map(PortableMath.exp),
            relativeErrors: errors,
            logLikelihood: -found.value,
            iterations: found.iterations,
            gradientNorm: found.gradientNorm
        )
    }

    private func notIdentified(_ reason: String) -> ModelError {
        .notIdentified(model: self.model.modelName, reason: reason)
    }

    /// From differences of the gradient; `nil` where the curvature has no inverse.
    private func standardErrors(_ objective: LikelihoodObjective<Model>, at point: [Double]) -> [Double]? {
        let step = 1e-4
        let size = point.count
        var hessian = Matrix(rowCount: size, columnCount: size)
        for column in 0..<size {
            let slopes = [step, -step].map { move -> [Double] in
                var moved = point
                moved[column] += move
                return objective.evaluate(at: moved, curvature: false).gradient
            }
            for row in 0..<size {
                let slope = (slopes[0][row] - slopes[1][row]) / (2 * step)
                hessian[row, column] += slope / 2
                hessian[column, row] += slope / 2
            }
        }
        guard let inverse = try? CholeskyFactor(hessian).inverse() else { return nil }
        return (0..<size).map { inverse[$0, $0].squareRoot() }
    }
}

/// The negative log-likelihood over the logarithms of the parameters, as solvers see it.
struct LikelihoodObjective<Model: LikelihoodModel>: SmoothObjective {
    let model: Model
    let histories: Model.Histories
    let threads: Int

    private static var customersPerPart: Int { 4096 }

    var dimension: Int { Model.parameterNames.count }
    var scale: Double { (0..<model.customerCount(histories)).reduce(0) { $0 + model.weight($1, of: histories) } }

    func evaluate(at point: [Double], curvature: Bool) -> Evaluation {
        let parameters = point.map(PortableMath.exp)
        let nothing = Evaluation(value: .infinity, gradient: point.map { _ in .nan }, hessian: nil)
        guard parameters.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nothing }
        let shared = model.shared(parameters, histories)
        let count = model.customerCount(histories)
        let size = dimension + 1
        let parts = Parallel.map((count + Self.customersPerPart - 1) / Self.customersPerPart, threads: threads) {
            part in
            var sums = [Double](repeating: 0, count: size)
            withUnsafeTemporaryAllocation(of: Double.self, capacity: size) { terms in
                guard let base = terms.baseAddress else { return }
                let first = part * Self.customersPerPart
                for customer in first..<min(count, first + Self.customersPerPart) {
                    model.evaluate(customer, of: histories, parameters, shared, into: base)
                    let weight = model.weight(customer, of: histories)
                    for term in 0..<size { sums[term] += weight * base[term] }
                }
            }
            return sums
        }
        let sums = parts.reduce([Double](repeating: 0, count: size)) { VectorOperations.moved($0, along: $1, by: 1) }
        return Evaluation(
            value: -sums[0],
            gradient: parameters.indices.map { -sums[$0 + 1] * parameters[$0] },
            hessian: nil
        )
    }

    func factorByRows(at point: [Double]) throws(NumericsError) -> CholeskyFactor {
        throw .notPositiveDefinite(column: 0)
    }
}

/// Σ log(p + i) and Σ 1/(p + i) for i below n: log Γ(p + n)/Γ(p) and its slope, without the difference of two large numbers.
struct RisingFactorials: Sendable {
    private let start: Double
    private var logarithms: [Double] = [0]
    private var slopes: [Double] = [0]

    /// Up to there they stand in a table; behind it they come from Stirling's series.
    private static let mostTabulated = 1024

    init(of start: Double, upTo last: Int) {
        self.start = start
        for number in 0..<min(last, Self.mostTabulated) {
            let factor = start + Double(number)
            logarithms.append(logarithms[number] + PortableMath.log(factor))
            slopes.append(slopes[number] + 1 / factor)
        }
    }

    func logarithm(_ number: Int) -> Double {
        let end = logarithms.count - 1
        if number <= end { return logarithms[number] }
        return logarithms[end] + GammaFunction.logRatio(start + Double(end), step: Double(number - end))
    }

    func slope(_ number: Int) -> Double {
        let end = slopes.count - 1
        if number <= end { return slopes[number] }
        return slopes[end] + GammaFunction.digamma(start + Double(number)) - GammaFunction.digamma(start + Double(end))
    }
}
