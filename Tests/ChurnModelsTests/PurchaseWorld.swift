import ChurnNumerics
import Foundation

@testable import ChurnModels

/// Customers of BG/NBD with known parameters, seen for 100 to 400 days, and whether they stay silent for 90 more.
struct PurchaseWorld {
    static let (r, alpha, a, b) = (0.8, 30.0, 0.9, 2.5)
    var days: [Double] = []
    var recencies: [Double] = []
    var tenures: [Double] = []
    var silent: [Bool] = []

    init(customers: Int, seed: UInt64) {
        var stream = RandomStream(seed: seed, purpose: "silence")
        for customer in 0..<customers {
            let age = 100 + Double(customer % 301)
            let rate = stream.gamma(shape: Self.r, scale: 1 / Self.alpha)
            let left = stream.gamma(shape: Self.a, scale: 1)
            let stayed = stream.gamma(shape: Self.b, scale: 1)
            let leaving = left / (left + stayed)
            var (time, last, count, isSilent) = (0.0, 0.0, 1.0, true)
            while true {
                time -= log(stream.uniform()) / rate
                if time >= age + 90 { break }
                if time >= age {
                    isSilent = false
                    break
                }
                (last, count) = (time, count + 1)
                if stream.uniform() < leaving { break }
            }
            days.append(count)
            recencies.append(age - last)
            tenures.append(age)
            silent.append(isSilent)
        }
    }

    var table: PredictorTable {
        get throws { try numericTable([("days", days), ("recency", recencies), ("tenure", tenures)]) }
    }
}
