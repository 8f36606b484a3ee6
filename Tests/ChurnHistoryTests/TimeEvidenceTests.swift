import Testing

@testable import ChurnHistory

@Suite struct TimeEvidenceTests {
    private static func evidence(_ cells: [String]) throws -> TimeEvidence {
        var evidence = TimeEvidence(calendar: try #require(StudyCalendar(timeZoneName: "UTC")))
        for (row, cell) in cells.enumerated() {
            Array(cell.utf8).withUnsafeBufferPointer { evidence.take($0, line: row + 2) }
        }
        return evidence
    }

    @Test(arguments: [
        ("2024-12-31", "yyyy-MM-dd"), ("2010-12-01 08:26:00", "yyyy-MM-dd HH:mm:ss"), ("19970118", "yyyyMMdd"),
        ("31.12.2024 14:05", "dd.MM.yyyy HH:mm"), ("12/31/2024", "MM/dd/yyyy"),
        ("31/12/2024 8:05", "dd/MM/yyyy H:mm"), ("2024/12/31", "yyyy/MM/dd"), ("2017-01-28T14:06:53-05:00", "iso8601"),
        ("2017-01-28T14:06:53Z", "iso8601"), ("31-12-2024", "dd-MM-yyyy"),
    ])
    func findsTheFormatOfOneCell(_ cell: String, _ pattern: String) throws {
        #expect(try Self.evidence([cell]).best.map(\.format.pattern) == [pattern])
    }

    @Test func oneDigitMakesTheWholeColumnOfVariableWidth() throws {
        let best = try Self.evidence(["12/31/2024", "1/5/2024"]).best
        #expect(best.map(\.format.pattern) == ["M/d/yyyy"])
    }

    @Test func namesTheCellThatRulesTheOtherOrderOut() throws {
        let dayFirst = try Self.evidence(["03/04/2024", "13/04/2024"])
        #expect(dayFirst.exclusion(of: dayFirst.best[0]) == "13 in the first place at line 3 rules out MM/dd/yyyy")
        let monthFirst = try Self.evidence(["03/04/2024", "04/05/2024", "04/27/2024"])
        #expect(monthFirst.exclusion(of: monthFirst.best[0]) == "27 in the second place at line 4 rules out dd/MM/yyyy")
    }

    /// The evidence may come late: behind the cells on which all formats are tried.
    @Test(arguments: [10, 60, 5000])
    func evidenceThatComesLateCounts(_ count: Int) throws {
        let evidence = try Self.evidence(Array(repeating: "03/04/2024", count: count) + ["03/13/2024"])
        #expect(evidence.best.map(\.format.pattern) == ["MM/dd/yyyy"])
        #expect(
            evidence.exclusion(of: evidence.best[0])
                == "13 in the second place at line \(count + 2) rules out dd/MM/yyyy"
        )
    }

    @Test func yearsOfTwoDigitsMayStandInFront() throws {
        #expect(try Self.evidence(["22-01-05", "23-11-12"]).best.map(\.format.pattern) == ["yy-MM-dd", "dd-MM-yy"])
        let days = (1...28).map { $0 < 10 ? "0\($0)" : "\($0)" }
        #expect(try Self.evidence(days.map { "22-03-\($0)" }).best.map(\.format.pattern) == ["yy-MM-dd"])
        #expect(try Self.evidence(days.map { "\($0).03.22" }).best.map(\.format.pattern) == ["dd.MM.yy"])
    }

    @Test func bothOrdersRemainWhereNoNumberIsAboveTwelve() throws {
        let best = try Self.evidence(["03/04/2024", "12/11/2024"]).best
        #expect(best.map(\.order) == [.dmy, .mdy])
    }

    @Test(arguments: ["yes", "12345", "10-50", "3.14", "99999999", "31.02.2024", "2024-13-45"])
    func refusesWhatIsNoTime(_ cell: String) throws {
        #expect(try Self.evidence([cell]).best.isEmpty)
    }

    @Test func aFewBadCellsDoNotHideTheFormat() throws {
        let best = try Self.evidence(Array(repeating: "31.12.2024", count: 99) + ["unknown"]).best
        #expect(best.map(\.format.pattern) == ["dd.MM.yyyy"])
        #expect(best.first?.firstMisfit?.text == "unknown")
        #expect(try Self.evidence(["31.12.2024", "2024-12-31"]).best.isEmpty, "two formats are none")
    }

    @Test func offsetsAreKeptWithTheirSeason() throws {
        let evidence = try Self.evidence(["2017-01-28T14:06:53-05:00", "2017-07-28T14:06:53-04:00"])
        #expect(evidence.offsets.map(\.offset) == [-18_000, -14_400])
    }
}
