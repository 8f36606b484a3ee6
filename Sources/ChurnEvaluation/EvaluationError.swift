/// Why an evaluation was refused. Rows and cutoffs are counted from 0.
public enum EvaluationError: Error, Equatable, Sendable {
    /// A column of predictions that must have as many values as there are labels.
    public enum Column: String, Equatable, Sendable {
        case labels, scores, weights, clusters
    }

    case countMismatch(Column, got: Int, expected: Int)
    case tooManyRows(got: Int, limit: Int)
    case invalidLabel(row: Int, got: UInt8)
    case nonFiniteScore(row: Int, got: Double)
    case invalidWeight(row: Int, got: Double)
    case noPositiveWeight(rows: Int)

    case labelsDiffer(row: Int)
    case clustersDiffer
    case weightsDiffer
    case weightsNotSupported
    /// A variance needs two rows, or two clusters where rows are clustered, that hold this label.
    case tooFewUnits(label: Bool, got: Int, required: Int)

    case invalidTestShare(got: Double)
    case cutoffsNotAscending(index: Int, got: Int64, previous: Int64)
    case labelEndsBeforeCutoff(index: Int, labelEnd: Int64, instant: Int64)
    case noMatureCutoff(cutoffs: Int)
    case noTestCutoff(firstTest: Int64)
    case noTrainingCutoff(firstTest: Int64, purged: Int)
}

extension EvaluationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .countMismatch(let column, let got, let expected):
            "\(got) \(column.rawValue), but \(expected) expected: one for each row"
        case .tooManyRows(let got, let limit):
            "\(got) rows are more than the \(limit) that can be ranked"
        case .invalidLabel(let row, let got):
            "row \(row): label \(got) is neither 0 nor 1"
        case .nonFiniteScore(let row, let got):
            "row \(row): score \(got) is not a finite number"
        case .invalidWeight(let row, let got):
            "row \(row): weight \(got) is not a finite number of at least 0"
        case .noPositiveWeight(let rows):
            "none of the \(rows) weights is above 0"
        case .labelsDiffer(let row):
            "row \(row): the two sets of predictions have different labels; compare scores of the same rows"
        case .clustersDiffer:
            "the two sets of predictions have different clusters; compare scores of the same rows"
        case .weightsDiffer:
            "the two sets of predictions have different weights; compare scores of the same rows"
        case .weightsNotSupported:
            "DeLong's variance is defined for unweighted rows only; leave the weights out"
        case .tooFewUnits(let label, let got, let required):
            "\(got) rows or clusters hold a \(label ? "positive" : "negative"), but a variance needs \(required)"
        case .invalidTestShare(let got):
            "test share \(got) is not in [0, 1)"
        case .cutoffsNotAscending(let index, let got, let previous):
            "cutoff \(index): instant \(got) µs does not come after the previous one, \(previous) µs"
        case .labelEndsBeforeCutoff(let index, let labelEnd, let instant):
            "cutoff \(index): its label ends at \(labelEnd) µs, before the cutoff itself, \(instant) µs"
        case .noMatureCutoff(let cutoffs):
            "none of the \(cutoffs) cutoffs is mature: no label window has ended; "
                + "observe earlier or shorten the horizon"
        case .noTestCutoff(let firstTest):
            "no mature cutoff at or after \(firstTest) µs to test on"
        case .noTrainingCutoff(let firstTest, let purged):
            "no cutoff left to train on: none of the \(purged) earlier mature cutoffs has its label before "
                + "the first test cutoff, \(firstTest) µs; observe earlier or more often"
        }
    }
}
