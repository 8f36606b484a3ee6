import ChurnHistory
import ChurnRegistry

/// Where a run's scores go: they arrive whole or not at all.
public protocol ScoreSink {
    var destination: ScoringRun.Destination { get }

    /// Whether the destination still has what an earlier run wrote there.
    func has(_ scores: ScoringRun.End.Scores) throws -> Bool

    /// Writes the scores. When this returns they are durable.
    /// - Returns: what was written, as the ledger has it.
    func write(_ scores: ScoreTable) throws -> ScoringRun.End.Scores
}

/// A file of scores: CSV or Arrow. Only its owner may read it.
public final class ScoreFile: ScoreSink {
    public let destination: ScoringRun.Destination
    private let file: AtomicFile

    /// Makes the file that becomes the scores, so that a place that cannot be written is found before any work is done.
    init(path: String, destination: ScoringRun.Destination) throws(DataError) {
        file = try AtomicFile(path: path, hashes: true)
        self.destination = destination
    }

    public func has(_ scores: ScoringRun.End.Scores) throws -> Bool {
        guard let bytes = scores.bytes, let digest = scores.fileDigest else { return false }
        return AtomicFile.hasContent(digest: digest, byteCount: bytes, at: file.path)
    }

    public func write(_ scores: ScoreTable) throws -> ScoringRun.End.Scores {
        switch destination.kind {
        case .arrow: try scores.writeArrow { [file] in try file.write($0) }
        default: try scores.writeCSV { (line) throws(DataError) in try line.write(to: file) }
        }
        try file.commit()
        return .init(digest: scores.digest, mean: scores.mean, fileDigest: file.digest, bytes: file.byteCount)
    }
}
