import ChurnEvaluation
import Foundation
import Testing

@Suite struct MetricsCodingTests {
    private func json(_ metrics: BinaryClassificationMetrics) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(metrics), as: UTF8.self)
    }

    @Test func writesEveryKeyAndNullForWhatIsUndefined() throws {
        let none = BinaryClassificationMetrics(of: try Predictions(labels: [Bool](), scores: []), skipped: 3)
        #expect(
            try json(none) == """
                {"auc":null,"averagePrecision":null,"baseRate":null,"brier":null,"ece":null,"ks":null,\
                "lift":{"10":null,"20":null,"5":null},"logLoss":null,"positives":0,\
                "recall":{"10":null,"20":null,"5":null},"rows":0,"skipped":3}
                """
        )
    }

    @Test func comesBackAsItWas() throws {
        for one in try Expectations.metrics() {
            let metrics = BinaryClassificationMetrics(of: try one.predictions(), skipped: 2)
            let data = try JSONEncoder().encode(metrics)
            #expect(try JSONDecoder().decode(BinaryClassificationMetrics.self, from: data) == metrics)
        }
    }

    @Test func infiniteLogLossIsNull() throws {
        let metrics = BinaryClassificationMetrics(of: try Predictions(labels: [true, false], scores: [0, 0.5]))
        #expect(metrics.logLoss == .infinity)
        let text = try json(metrics)
        #expect(text.contains(#""logLoss":null"#))
        #expect(try JSONDecoder().decode(BinaryClassificationMetrics.self, from: Data(text.utf8)).logLoss == nil)
    }

    @Test(arguments: [
        (#""positives":2"#, #""positives":9"#), (#""positives":2"#, #""positives":-1"#),
        (#""skipped":0"#, #""skipped":-1"#), (#""ks":"#, #""unknown":"#),
    ])
    func refusesCountsThatContradictAndMissingKeys(good: String, bad: String) throws {
        let metrics = BinaryClassificationMetrics(
            of: try Predictions(labels: [true, false, true], scores: [0.1, 0.2, 0.3])
        )
        let text = try json(metrics)
        #expect(text.contains(good))
        let broken = text.replacingOccurrences(of: good, with: bad)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(BinaryClassificationMetrics.self, from: Data(broken.utf8))
        }
    }
}
