import ChurnNumerics

/// A log-likelihood of positive parameters, summed over customers.
protocol LikelihoodModel: Sendable {
    associatedtype Histories: Sendable
    /// What the terms of one evaluation share.
    associatedtype Shared: Sendable

    static var parameterNames: [String] { get }
    static var modelName: String { get }

    func customerCount(_ histories: Histories) -> Int
    func sample(of histories: Histories, every step: Int) -> Histories
    func shared(_ parameters: [Double], _ histories: Histories) -> Shared
    /// Adds a customer's log-likelihood to `sums[0]` and its slopes along the parameters to the numbers behind it.
    func add(
        _ customer: Int,
        of histories: Histories,
        _ parameters: [Double],
        _ shared: Shared,
        to sums: UnsafeMutablePointer<Double>
    )
}

/// Parameters that were fitted by maximum likelihood.
public struct LikelihoodFit: Sendable, Equatable {
    /// By the model's order.
    public let parameters: [Double]
    /// Of the logarithms of the parameters: a share of each, where it is small.
    public let relativeErrors: [Double]
    public let logLikelihood: Double
    public let iterations: Int
}

/// Maximises a log-likelihood over the logarithms of its parameters, which keeps them positive.
///
/// The starts are tried on a sample of the customers; the best end is where the fit of all begins.
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
        let count = model.customerCount(histories)
        let step = max(1, count / Self.sampleSize)
        let sample = Objective(
            model: model,
            histories: step > 1 ? model.sample(of: histories, every: step) : histories,
            threads: threads
        )
        let solver = LBFGSSolver(gradientTolerance: Self.tolerance, maximumIterations: Self.maximumIterations)
        var best: Solution?
        for start in starts {
            guard let found = try? solver.minimise(sample, from: start.map(PortableMath.log)),
                found.status == .converged, found.value.isFinite
            else { continue }
            if best.map({ found.value < $0.value }) ?? true { best = found }
        }
        guard let best else { throw notIdentified("no start led to a maximum of the likelihood") }
        let objective = Objective(model: model, histories: histories, threads: threads)
        let found = step > 1 ? try? solver.minimise(objective, from: best.point) : best
        guard let found, found.status == .converged else {
            throw notIdentified("the likelihood has no maximum that was found")
        }
        let errors = standardErrors(objective, at: found.point)
        for (name, error) in zip(Model.parameterNames, errors) where !(error <= Self.largestError) {
            throw notIdentified("they leave \(name) open")
        }
        return LikelihoodFit(
            parameters: found.point.map(PortableMath.exp),
            relativeErrors: errors,
            logLikelihood: -found.value,
            iterations: found.iterations
        )
    }

    private func notIdentified(_ reason: String) -> ModelError {
        .notIdentified(model: Model.modelName, reason: reason)
    }

    /// From differences of the gradient; not finite where the curvature has no inverse.
    private func standardErrors(_ objective: Objective<Model>, at point: [Double]) -> [Double] {
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
        guard let inverse = try? CholeskyFactor(hessian).inverse() else {
            return [Double](repeating: .infinity, count: size)
        }
        return (0..<size).map { inverse[$0, $0].squareRoot() }
    }
}

/// The negative log-likelihood as solvers see it.
private struct Objective<Model: LikelihoodModel>: SmoothObjective {
    let model: Model
    let histories: Model.Histories
    let threads: Int

    private static var customersPerPart: Int { 4096 }

    var dimension: Int { Model.parameterNames.count }
    var scale: Double { Double(model.customerCount(histories)) }

    func evaluate(at point: [Double], curvature: Bool) -> Evaluation {
        let parameters = point.map(PortableMath.exp)
        let nothing = Evaluation(value: .infinity, gradient: point.map { _ in .nan }, hessian: nil)
        guard parameters.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nothing }
        let shared = model.shared(parameters, histories)
        let count = model.customerCount(histories)
        let size = dimension + 1
        let parts = Parallel.map((count + Self.customersPerPart - 1) / Self.customersPerPart, threads: threads) {
            part in
            [Double](unsafeUninitializedCapacity: size) { sums, initialized in
                initialized = size
                guard let base = sums.baseAddress else { return }
                base.initialize(repeating: 0, count: size)
                let first = part * Self.customersPerPart
                for customer in first..<min(count, first + Self.customersPerPart) {
                    model.add(customer, of: histories, parameters, shared, to: base)
                }
            }
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
    private(set) var logarithms: [Double] = [0]
    private(set) var slopes: [Double] = [0]

    init(of start: Double, upTo last: Int) {
        logarithms.reserveCapacity(last + 1)
        slopes.reserveCapacity(last + 1)
        for number in 0..<last {
            let factor = start + Double(number)
            logarithms.append(logarithms[number] + PortableMath.log(factor))
            slopes.append(slopes[number] + 1 / factor)
        }
    }
}
