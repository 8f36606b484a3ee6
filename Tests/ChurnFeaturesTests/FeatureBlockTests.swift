import ArrowIPC
import ChurnHistory
import ChurnNumerics
import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnFeatures

/// What becomes of the parts of a sweep: blocks in order, files, statistics.
@Suite struct FeatureBlockTests {
    /// Enough customers for three parts, most of them at both cutoffs.
    private static let fixture = Result {
        try StudyFixture(
            events: (0..<20_000).flatMap { customer -> [String] in
                let day = 1 + customer % 28
                let late = customer % 7 == 0
                return [
                    "c\(customer),2024-0\(late ? 3 : 1)-\(day < 10 ? "0" : "")\(day),purchase,\(customer % 91).25,",
                    "c\(customer),2024-02-10,ticket,,",
                ]
            },
            observations: "{first: 2024-03-01, last: 2024-04-01, every: 1mo}",
            features: "{windows: [30d, all], families: [counts, amounts, rhythm, rfm]}"
        )
    }

    private func sweep(threads: Int) throws -> FeatureSweep {
        let fixture = try Self.fixture.get()
        return FeatureSweep(
            study: fixture.study,
            index: fixture.history.index,
            plan: try fixture.plan(),
            cutoffs: fixture.cutoffs,
            threads: threads
        )
    }

    @Test func blocksComeByPartAndCutoffWithTheRowsOfTheTable() throws {
        let table = try Self.fixture.get().table()
        let fixture = try Self.fixture.get()
        var seen: [[Int]] = []
        var next = table.cutoffs.indices.map { code in table.cutoffCodes.firstIndex(of: Int32(code)) ?? 0 }
        _ = try sweep(threads: 2).forEachBlock { block in
            seen.append([block.part, block.cutoff])
            #expect(Int(bitPattern: block.values.base) % 64 == 0)
            let first = next[block.cutoff]
            next[block.cutoff] += block.rowCount
            for row in 0..<block.rowCount {
                let customer = fixture.history.index.customers[Int(block.customers[row])]
                let isSame = (0..<block.values.columnCount).allSatisfy {
                    block.values.column($0)[row].bitPattern == table.features[first + row, $0].bitPattern
                }
                guard customer == table.customers[first + row], block.labels[row] == table.labels[first + row], isSame
                else {
                    Issue.record("row \(row) of part \(block.part), cutoff \(block.cutoff) differs")
                    return
                }
            }
        }
        #expect(seen == [[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 1]])
        #expect(next.last == table.rowCount)
    }

    @Test func anArrowFileWrittenWhileItIsComputedReadsAsTheTable() throws {
        let folder = try TemporaryFolder()
        let table = try Self.fixture.get().table()
        var files: [Data] = []
        for threads in [1, 2, 3] {
            let path = "\(folder.path)/\(threads).arrow"
            let summary = try sweep(threads: threads).writeArrow(
                to: AtomicFile(path: path),
                dataFingerprint: table.dataFingerprint
            )
            #expect(summary.cutoffs == table.summary.cutoffs)
            files.append(try Data(contentsOf: URL(fileURLWithPath: path)))
            let read = try FeatureTable(path: path)
            #expect(read.customers == table.customers && read.labels == table.labels)
            #expect(read.cutoffCodes == table.cutoffCodes && read.plan == table.plan)
            #expect(
                Matrix(read.features).elements.map(\.bitPattern) == Matrix(table.features).elements.map(\.bitPattern)
            )
            #expect(try ArrowFile(path: path).batchCount == 6)
        }
        #expect(files[0] == files[1] && files[1] == files[2], "the number of threads changes no byte")
    }

    @Test func statisticsAreThoseOfTheTableAtAnyNumberOfThreads() throws {
        let table = try Self.fixture.get().table()
        let summary = try sweep(threads: 1).summary()
        #expect(try sweep(threads: 3).summary() == summary)
        #expect(summary.cutoffs == table.summary.cutoffs && summary.leftInLead == table.leftInLead)
        for (column, statistics) in summary.statistics.enumerated() {
            let values = (0..<table.rowCount).map { table.features[$0, column] }
            let mean = values.reduce(0, +) / Double(values.count)
            let deviation =
                (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
            let empty = table.plan.features[column].primitive.definition.emptyValue
            #expect(statistics.name == table.plan.featureNames[column] && statistics.count == values.count)
            #expect(abs(statistics.mean - mean) <= 1e-11 * max(1, abs(mean)))
            #expect(abs(statistics.standardDeviation - deviation) <= 1e-9 * max(1, deviation))
            #expect(statistics.minimum == values.min() && statistics.maximum == values.max())
            #expect(statistics.shareOfZeros == Double(values.count { $0 == 0 }) / Double(values.count))
            #expect(statistics.coverage == Double(values.count { $0 != empty }) / Double(values.count))
            #expect(statistics.checksum == values.reduce(0) { $0 &+ $1.bitPattern })
        }
    }

    @Test func aSinkThatFailsEndsTheSweepWithItsError() throws {
        struct Full: Error {}
        for threads in [1, 3] {
            let sweep = try sweep(threads: threads)
            #expect(throws: Full.self) { try sweep.forEachBlock { _ in throw Full() } }
        }
    }

    @Test func aSampleHasTheRowsOfTheTable() throws {
        let table = try Self.fixture.get().table()
        let sample = try #require(try sweep(threads: 2).sample(everyRun: 5, dataFingerprint: table.dataFingerprint))
        #expect(sample.rowCount > table.rowCount / 6 && sample.rowCount < table.rowCount / 4)
        let rows = Dictionary(
            uniqueKeysWithValues: (0..<table.rowCount).map { ("\(table.customers[$0]) \(table.cutoffCodes[$0])", $0) }
        )
        for row in 0..<sample.rowCount {
            let known = try #require(rows["\(sample.customers[row]) \(sample.cutoffCodes[row])"])
            let isSame = sample.plan.features.indices.allSatisfy {
                sample.features[row, $0].bitPattern == table.features[known, $0].bitPattern
            }
            #expect(isSame)
        }
    }

    @Test func amountsThatOverflowAreAnErrorOfEverySink() throws {
        let fixture = try StudyFixture(events: ["a,2024-02-01,purchase,1e308,", "a,2024-02-02,purchase,1e308,"])
        let sweep = FeatureSweep(
            study: fixture.study,
            index: fixture.history.index,
            plan: try fixture.plan(),
            cutoffs: fixture.cutoffs,
            threads: 1
        )
        let expected = FeatureError.notFinite(feature: "purchase_sum_30d", customer: "a", cutoff: "2024-03-01")
        #expect(throws: expected) { try sweep.summary() }
        #expect(throws: expected) { try sweep.forEachBlock { _ in } }
    }

    /// Clocks go back at midnight of 2018-02-18 in São Paulo, and forward over midnight of 2017-10-15.
    @Test(arguments: ["UTC", "Europe/Berlin", "America/Sao_Paulo"])
    func eventsAtAndAfterEachCutoffAreCounted(zone: String) throws {
        var random = RandomStream(seed: 3, purpose: "events")
        func text(_ instant: Int64) -> String {
            Date(timeIntervalSince1970: Double(instant / 1_000_000)).formatted(.iso8601)
        }
        // 2017-10-10 to 2018-02-25: more rows than one part has.
        var events = (0..<270_000).map { row in
            "c\(row % 50),\(text(Int64(1_507_593_600 + random.below(11_923_200)) * 1_000_000)),purchase,1,"
        }
        for observations in [
            "{first: 2017-10-12, last: 2017-10-18, every: 1d}", "{first: 2018-02-14, last: 2018-02-22, every: 1d}",
        ] {
            let days = try StudyFixture(events: [events[0]], observations: observations, timeZone: zone).cutoffs
            for cutoff in days {
                for shift in [-1, 0, 1] {
                    events.append("d,\(text(cutoff.instant + Int64(shift) * 1_000_000)),purchase,1,")
                }
            }
            let fixture = try StudyFixture(events: events, observations: observations, timeZone: zone)
            let sweep = FeatureSweep(
                study: fixture.study,
                index: fixture.history.index,
                plan: try fixture.plan(),
                cutoffs: fixture.cutoffs,
                threads: 2
            )
            let counted = fixture.cutoffs.map { cutoff in
                fixture.history.index.times.count { $0 >= cutoff.instant }
            }
            #expect(sweep.eventsAtOrAfter() == counted)
            #expect(Set(counted).count == counted.count)
        }
    }

    @Test func partsShrinkWhereTheirBlocksWouldBeLarge() {
        #expect(FeatureSweep.partSize(columns: 44, cutoffs: 24) == 2048)
        #expect(FeatureSweep.partSize(columns: 44, cutoffs: 1) == 8192)
        #expect(FeatureSweep.partSize(columns: 400, cutoffs: 24) == 256)
        #expect(FeatureSweep.partSize(columns: 1000, cutoffs: 10_000) == 8)
    }
}
