import ChurnNumerics

/// Mini-batch gradient descent with momentum (Polyak 1964) in a fixed metric, or Adam (Kingma and Ba 2015), with an average of
/// the points (Shamir and Zhang 2013) and an end where held-out rows gain no more.
struct StochasticSolver {
    /// How points move.
    enum Rule {
        case momentum(Double, DescentMetric)
        case adam
    }

    let rule: Rule
    /// The length of the first step, were it repeated: in units of Newton's under momentum, of the coefficients under Adam.
    let length: Double
    let schedule: StochasticDescent.Schedule
    let averages: Bool
    let maximumEpochs: Int
    /// Looks at the held-out rows without a gain, after which it ends.
    let patience: Int
    /// Per unit of the rows' weight.
    let penalty: CoefficientPenalty

    /// Where it ended.
    struct End {
        var point: [Double]
        /// Begun ones count.
        var epochs: Int
        /// After which the point was reached.
        var epochsToPoint = 0
        var status: FitCertificate.Status
    }

    /// Rows between two looks at the held-out ones: all, but for large tables.
    private static let mostRowsPerLook = 1 << 18
    /// Rows that must have been gone through without a gain for a look to count: an epoch of a small table moves little. But no
    /// more than so many epochs.
    private static let leastRowsWithoutGain = 1 << 16
    private static let mostEpochsWithoutGain = 100
    /// Of the held-out loss, that counts as a gain.
    static let leastGain = 1e-4
    /// Of the lowest held-out loss, that is no difference: of such points the last is nearest to the optimum of all other rows.
    private static let slack = 2e-3
    private static let averageShape = 1.0
    /// Batches after which the step of a falling schedule is a root of a half of the first.
    private static let slowness = 64.0
    private static let decay = (first: 0.9, second: 0.999)
    private static let adamFloor = 1e-8

    /// - Parameter heldOut: the mean loss of the held-out rows at a point; `nil` for none.
    func descend(
        _ batches: MiniBatches,
        rowCount: Int,
        loss: MiniBatchLoss,
        from start: [Double],
        heldOut: (([Double]) -> Double)?
    ) -> End {
        let size = start.count
        var point = start
        var average = start
        var gradient = [Double](repeating: 0, count: size)
        var direction = gradient
        var first = gradient
        var second = gradient
        var steps = 0
        let rowsPerLook = min(rowCount, Self.mostRowsPerLook)
        let rowsWithoutGain =
            patience * max(rowsPerLook, min(Self.leastRowsWithoutGain, Self.mostEpochsWithoutGain * rowCount))
        var rowsToLook = rowsPerLook
        var best = End(point: start, epochs: 0, status: .notConverged)
        var lowest = heldOut?(start) ?? 0
        // Small gains add up to one that counts.
        var gain = (loss: lowest, visited: 0)
        let totalRows = Double(rowCount) * Double(maximumEpochs)
        var visited = 0

        /// Whether it goes on.
        func look() -> Bool {
            rowsToLook = rowsPerLook
            let candidate = averages ? average : point
            guard candidate.allSatisfy(\.isFinite) else {
                best.status = .diverged
                return false
            }
            guard let heldOut else {
                best.point = candidate
                return true
            }
            let value = heldOut(candidate)
            // What is far worse than the best leads nowhere.
            guard value <= 2 * lowest + 1 else {
                best.status = .diverged
                return false
            }
            if value <= (1 + Self.slack) * lowest {
                (best.point, best.epochsToPoint) = (candidate, best.epochs)
            }
            lowest = min(lowest, value)
            if value < (1 - Self.leastGain) * gain.loss { gain = (value, visited) }
            if visited - gain.visited >= rowsWithoutGain { best.status = .stoppedEarly }
            return best.status != .stoppedEarly
        }

        for epoch in 0..<maximumEpochs {
            best.epochs = epoch + 1
            var goesOn = true
            batches.forEach(epoch: epoch) { batch in
                loss.gradient(of: batch, at: point, into: &gradient)
                // By its rows, so that rows of smaller batches do not count for more.
                let weight = Double(batch.rowCount) / Double(batches.batchRows)
                for element in 0..<size {
                    gradient[element] = weight * (gradient[element] + penalty.l2[element] * point[element])
                }
                steps += 1
                let length =
                    length
                    * schedule.factor(
                        step: Double(steps),
                        progress: Double(visited) / totalRows,
                        slowness: Self.slowness
                    )
                switch rule {
                case .momentum(let momentum, let metric):
                    for element in 0..<size {
                        first[element] = momentum * first[element] + (1 - momentum) * gradient[element]
                    }
                    metric.apply(to: first, into: &direction)
                    for element in 0..<size { point[element] -= length * direction[element] }
                    if case .diagonal(let numbers) = metric.form {
                        penalty.shrink(&point) { weight * length * numbers[$0] }
                    }
                case .adam:
                    let scales = (
                        first: 1 - PortableMath.exp(Double(steps) * PortableMath.log(Self.decay.first)),
                        second: 1 - PortableMath.exp(Double(steps) * PortableMath.log(Self.decay.second))
                    )
                    for element in 0..<size {
                        let slope = gradient[element]
                        first[element] = Self.decay.first * first[element] + (1 - Self.decay.first) * slope
                        second[element] = Self.decay.second * second[element] + (1 - Self.decay.second) * slope * slope
                        direction[element] =
                            length / ((second[element] / scales.second).squareRoot() + Self.adamFloor)
                        point[element] -= direction[element] * first[element] / scales.first
                    }
                    penalty.shrink(&point) { weight * direction[$0] }
                }
                let share = (Self.averageShape + 1) / (Double(steps) + Self.averageShape)
                for element in 0..<size { average[element] += share * (point[element] - average[element]) }
                visited += batch.rowCount
                rowsToLook -= batch.rowCount
                if rowsToLook <= 0 { goesOn = look() }
                return goesOn
            }
            if !goesOn { return best }
        }
        if rowsToLook < rowsPerLook, !look() { return best }
        // Where steps become 0 with the last epoch, that is the end that was meant.
        if schedule == .linear, heldOut != nil { best.status = .stoppedEarly }
        return best
    }
}

extension CoefficientPenalty {
    /// A proximal step of the L1 part: coefficients that it holds at 0 become 0.
    /// - Parameter length: of the step of a coefficient.
    func shrink(_ point: inout [Double], _ length: (Int) -> Double) {
        for element in point.indices where l1[element] > 0 {
            point[element] = ElasticNetQuadratic.shrunk(point[element], by: length(element) * l1[element])
        }
    }

    /// The same against the mean loss.
    func perUnit(of scale: Double) -> CoefficientPenalty {
        CoefficientPenalty(l1: l1.map { $0 / scale }, l2: l2.map { $0 / scale })
    }
}
