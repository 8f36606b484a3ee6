import ChurnEvaluation
import Testing

@Suite struct EvaluationErrorTests {
    @Test(arguments: [
        (
            EvaluationError.countMismatch(.weights, got: 3, expected: 2),
            "3 weights, but 2 expected: one for each row"
        ),
        (.tooManyRows(got: 9, limit: 8), "9 rows are more than the 8 that can be ranked"),
        (.invalidLabel(row: 4, got: 2), "row 4: label 2 is neither 0 nor 1"),
        (.nonFiniteScore(row: 7, got: .nan), "row 7: score nan is not a finite number"),
        (.invalidWeight(row: 0, got: -0.5), "row 0: weight -0.5 is not a finite number of at least 0"),
        (.noPositiveWeight(rows: 5), "none of the 5 weights is above 0"),
        (
            .labelsDiffer(row: 3),
            "row 3: the two sets of predictions have different labels; compare scores of the same rows"
        ),
        (.clustersDiffer, "the two sets of predictions have different clusters; compare scores of the same rows"),
        (.weightsNotSupported, "DeLong's variance is defined for unweighted rows only; leave the weights out"),
        (
            .tooFewUnits(label: true, got: 1, required: 2),
            "1 rows or clusters hold a positive, but a variance needs 2"
        ),
        (.invalidTestShare(got: 1), "test share 1.0 is not in [0, 1)"),
        (
            .cutoffsNotAscending(index: 2, got: 5, previous: 6),
            "cutoff 2: instant 5 µs does not come after the previous one, 6 µs"
        ),
        (
            .labelEndsBeforeCutoff(index: 1, labelEnd: 4, instant: 5),
            "cutoff 1: its label ends at 4 µs, before the cutoff itself, 5 µs"
        ),
        (
            .noMatureCutoff(cutoffs: 3),
            "none of the 3 cutoffs is mature: no label window has ended; observe earlier or shorten the horizon"
        ),
        (.noTestCutoff(firstTest: 9), "no mature cutoff at or after 9 µs to test on"),
        (
            .noTrainingCutoff(firstTest: 9, purged: 2),
            "no cutoff left to train on: none of the 2 earlier mature cutoffs has its label before the first test "
                + "cutoff, 9 µs; observe earlier or more often"
        ),
    ])
    func saysWhatWasGotAndWhatIsNeeded(error: EvaluationError, message: String) {
        #expect(String(describing: error) == message)
    }
}
