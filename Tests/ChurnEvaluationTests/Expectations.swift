import ChurnEvaluation
import Foundation

/// Values of scikit-learn and of brute force, made by `Expectations/make.py`.
enum Expectations {
    struct MetricsCase: Decodable {
        let name: String
        let labels: [UInt8]
        let scores: [Double]
        let weights: [Double]?
        let expected: BinaryClassificationMetrics

        func predictions() throws -> Predictions {
            try Predictions(labels: labels, scores: scores, weights: weights)
        }
    }

    struct DeLongCase: Decodable {
        struct Values: Decodable {
            let firstAUC: Double
            let secondAUC: Double
            let firstVariance: Double
            let secondVariance: Double
            let covariance: Double
            let z: Double
            let p: Double
            let lower: Double
            let upper: Double
        }

        let labels: [UInt8]
        let first: [Double]
        let second: [Double]
        let clusters: [UInt32]
        let independent: Values
        let clustered: Values
    }

    struct DecisionCase: Decodable {
        struct Values: Decodable {
            let maximumProfit: Double
            let maximumProfitShare: Double
            let expectedMaximumProfit: Double
            let hMeasure: Double?
            let calibrationIntercept: Double?
            let calibrationSlope: Double?
            let observedOverExpected: Double?
            let equalCountError: Double?
        }

        let name: String
        let expected: Values
    }

    /// Made by `Expectations/make_decisions.py`.
    static func decisions() throws -> [DecisionCase] { try load("decisions.json") }

    static func metrics() throws -> [MetricsCase] { try load("metrics.json") }

    static func deLong() throws -> DeLongCase { try load("delong.json") }

    private static func load<Value: Decodable>(_ name: String, from source: String = #filePath) throws -> Value {
        let folder = URL(filePath: source).deletingLastPathComponent().appending(path: "Expectations")
        return try JSONDecoder().decode(Value.self, from: Data(contentsOf: folder.appending(path: name)))
    }
}
