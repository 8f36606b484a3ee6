import ChurnEvaluation
import Testing

@Suite struct PredictionsTests {
    @Test func rejectsMismatchedCounts() {
        #expect(throws: EvaluationError.countMismatch(.scores, got: 1, expected: 2)) {
            try Predictions(labels: [true, false], scores: [0.5])
        }
        #expect(throws: EvaluationError.countMismatch(.weights, got: 3, expected: 2)) {
            try Predictions(labels: [true, false], scores: [0.5, 0.6], weights: [1, 1, 1])
        }
        #expect(throws: EvaluationError.countMismatch(.clusters, got: 0, expected: 2)) {
            try Predictions(labels: [true, false], scores: [0.5, 0.6], clusters: [])
        }
    }

    @Test func rejectsScoresThatAreNotFinite() {
        #expect(throws: EvaluationError.nonFiniteScore(row: 1, got: -.infinity)) {
            try Predictions(labels: [true, false], scores: [0.5, -.infinity])
        }
        #expect {
            try Predictions(labels: [true, false], scores: [.nan, 0.5])
        } throws: { error in
            guard case .nonFiniteScore(row: 0, let got)? = error as? EvaluationError else { return false }
            return got.isNaN
        }
    }

    @Test(arguments: [-1, -Double.leastNonzeroMagnitude, .infinity])
    func rejectsWeightsThatAreNegativeOrNotFinite(weight: Double) {
        #expect(throws: EvaluationError.invalidWeight(row: 1, got: weight)) {
            try Predictions(labels: [true, false], scores: [0.5, 0.5], weights: [1, weight])
        }
    }

    @Test func rejectsWeightsThatAreNaN() {
        #expect {
            try Predictions(labels: [true], scores: [0.5], weights: [.nan])
        } throws: { error in
            guard case .invalidWeight(row: 0, let got)? = error as? EvaluationError else { return false }
            return got.isNaN
        }
    }

    @Test func rejectsWeightsThatAreAllZero() {
        #expect(throws: EvaluationError.noPositiveWeight(rows: 2)) {
            try Predictions(labels: [true, false], scores: [0.5, 0.5], weights: [0, -0.0])
        }
    }

    @Test func rejectsNumericLabelsOtherThanZeroAndOne() {
        let labels: [UInt8] = [0, 1, 2]
        #expect(throws: EvaluationError.invalidLabel(row: 2, got: 2)) {
            try Predictions(labels: labels, scores: [0.1, 0.2, 0.3])
        }
    }

    @Test func takesLabelsAsNumbersOrBooleans() throws {
        let numbers: [UInt8] = [0, 1, 1]
        let fromNumbers = try Predictions(labels: numbers, scores: [0.1, 0.2, 0.3])
        #expect(fromNumbers == (try Predictions(labels: [false, true, true], scores: [0.1, 0.2, 0.3])))
        #expect(fromNumbers.positives == 2)
        #expect(fromNumbers.count == 3)
    }

    @Test(arguments: [([0, 1], true), ([-0.0, 0.5], true), ([0.5, 1.0.nextUp], false), ([0.5, -1e-300], false)])
    func saysWhetherScoresAreProbabilities(scores: [Double], expected: Bool) throws {
        #expect(try Predictions(labels: [true, false], scores: scores).scoresAreProbabilities == expected)
    }
}
