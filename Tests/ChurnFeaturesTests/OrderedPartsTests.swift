import Foundation
import Testing

@testable import ChurnFeatures

@Suite struct OrderedPartsTests {
    private struct Failure: Error, Equatable {
        let part: Int
        var isOfSink = false
    }

    private final class Box {
        var part = -1
    }

    /// Runs 40 parts of which some fail, the earlier ones later in time.
    private static func run(_ threads: Int, failing: Set<Int>, sinkFailing: Set<Int> = []) throws -> [Int] {
        nonisolated(unsafe) var handedOn: [Int] = []
        try OrderedParts<Box>.forEach(
            40,
            threads: threads,
            makeWorker: {
                { part, box in
                    box.part = part
                    guard failing.contains(part) else { return }
                    usleep(part < 12 ? 30_000 : 0)
                    throw Failure(part: part)
                }
            },
            makeResult: { Box() },
            sink: { part, box in
                #expect(box.part == part)
                if sinkFailing.contains(part) { throw Failure(part: part, isOfSink: true) }
                handedOn.append(part)
            }
        )
        return handedOn
    }

    @Test(arguments: [1, 2, 3, 4, 8]) func theFirstPartThatFailsIsTheOneReported(threads: Int) {
        #expect(throws: Failure(part: 11)) { try Self.run(threads, failing: [11, 12, 13, 14, 20]) }
        #expect(throws: Failure(part: 0)) { try Self.run(threads, failing: [0, 1, 2, 39]) }
    }

    @Test(arguments: [1, 2, 3, 4, 8]) func aSinkThatFailsAtAnEarlierPartComesFirst(threads: Int) {
        #expect(throws: Failure(part: 11, isOfSink: true)) {
            try Self.run(threads, failing: [12, 13, 14], sinkFailing: [11])
        }
        #expect(throws: Failure(part: 11)) { try Self.run(threads, failing: [11], sinkFailing: [11, 12]) }
    }

    @Test(arguments: [1, 2, 3, 4, 8]) func withoutAFailureEveryPartIsHandedOnInOrder(threads: Int) throws {
        #expect(try Self.run(threads, failing: []) == Array(0..<40))
    }
}
