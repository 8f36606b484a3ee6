import Testing

@testable import ChurnHistory

@Suite struct TimeFormatTests {
    // MARK: ISO 8601

    @Test(arguments: [
        ("2024-12-31", "2024-12-30T23:00:00Z"), ("2024-12-31T14:05", "2024-12-31T13:05:00Z"),
        ("2024-12-31 14:05:09", "2024-12-31T13:05:09Z"), ("2024-07-01T14:05:09", "2024-07-01T12:05:09Z"),
        ("2024-12-31T14:05:09Z", "2024-12-31T14:05:09Z"), ("2024-12-31T14:05Z", "2024-12-31T14:05:00Z"),
        ("2024-12-31T14:05:09+01:00", "2024-12-31T13:05:09Z"), ("2024-12-31T14:05:09-0530", "2024-12-31T19:35:09Z"),
        ("2024-12-31 14:05:09+14", "2024-12-31T00:05:09Z"), ("2024-02-29T23:59:59-12:00", "2024-03-01T11:59:59Z"),
        ("1970-01-02", "1970-01-01T23:00:00Z"), ("2100-12-31", "2100-12-30T23:00:00Z"),
    ])
    func readsISODatesAndTimesWithAndWithoutOffset(text: String, expected: String) throws {
        #expect(try TimeFormat.iso8601.parse(text, calendar("Europe/Berlin")) == .instant(instant(expected)))
    }

    @Test(
        arguments: [
            ("2024-01-02T00:00:00.5", 500_000), ("2024-01-02T00:00:00.000001", 1),
            ("2024-01-02T00:00:00,123456789", 123_456),
            ("2024-01-02T00:00:00.12Z", 120_000), ("2024-01-02 00:00:00.999999+00:00", 999_999),
        ] as [(String, Int64)]
    )
    func readsFractionsOfASecondToTheMicrosecond(text: String, microseconds: Int64) throws {
        let midnight = try instant("2024-01-02T00:00:00Z")
        #expect(try TimeFormat.iso8601.parse(text, calendar("UTC")) == .instant(midnight + microseconds))
    }

    @Test(arguments: [
        "", " ", "2024", "2024-12", "2024-6-1", "24-12-31", "20241231", "2024-02-30", "2023-02-29", "2024-13-01",
        "2024-00-10", "2024-01-00", "0000-01-01", "2024-12-31T", "2024-12-31T14", "2024-12-31T24:00",
        "2024-12-31T14:60",
        "2024-12-31T14:05:60", "2024-12-31T14:05:09.", "2024-12-31T14:05:09+", "2024-12-31T14:05:09+1:00",
        "2024-12-31T14:05:09+01:60", "2024-12-31T14:05:09+19:00", "2024-12-31T14:05:09ZZ", "2024-12-31t14:05:09",
        "2024-12-31Z", "2024-12-31 ", " 2024-12-31", "2024/12/31", "03/04/2024", "1709510400", "1709510400000", "45352",
        "2024-12-31T-1:05", "2024-+1-01", "٢٠٢٤-12-31", "NaT", "null",
    ])
    func whatIsNoISOTimeIsMalformed(text: String) throws {
        #expect(try TimeFormat.iso8601.parse(text, calendar("UTC")) == .malformed)
    }

    @Test(arguments: [
        "1970-01-01", "1970-01-01T23:59:59", "1969-12-31", "1899-12-30", "0001-01-01", "2101-01-01", "9999-12-31",
    ])
    func placeholdersAreOutOfRange(text: String) throws {
        for zone in ["UTC", "Pacific/Auckland", "America/Los_Angeles"] {
            #expect(try TimeFormat.iso8601.parse(text, calendar(zone)) == .outOfRange)
        }
    }

    // MARK: Patterns

    @Test(arguments: [
        ("dd.MM.yyyy", "31.12.2024", "2024-12-31T00:00:00Z"),
        ("dd.MM.yyyy HH:mm", "01.02.2024 03:04", "2024-02-01T03:04:00Z"),
        ("yyyy-MM-dd HH:mm:ss", "2010-12-01 08:26:00", "2010-12-01T08:26:00Z"),
        ("yyyyMMdd", "19970101", "1997-01-01T00:00:00Z"),
        ("yyyyMMddHHmmss", "19970101235958", "1997-01-01T23:59:58Z"),
        ("M/d/yyyy H:mm", "3/4/2024 5:06", "2024-03-04T05:06:00Z"),
        ("M/d/yyyy H:mm", "12/31/2024 15:06", "2024-12-31T15:06:00Z"), ("dd/MM/yy", "01/02/24", "2024-02-01T00:00:00Z"),
        ("dd/MM/yy", "01/02/68", "2068-02-01T00:00:00Z"), ("dd/MM/yy", "01/02/70", "1970-02-01T00:00:00Z"),
        ("yyyy-MM-ddTHH:mm:ssXXX", "2024-05-06T07:08:09+02:00", "2024-05-06T05:08:09Z"),
        ("yyyy-MM-ddTHH:mm:ssX", "2024-05-06T07:08:09Z", "2024-05-06T07:08:09Z"),
        ("yyyy-MM-ddTHH:mm:ssZ", "2024-05-06T07:08:09Z", "2024-05-06T07:08:09Z"),
        ("yyyy-MM-dd'T'HH:mm", "2024-05-06T07:08", "2024-05-06T07:08:00Z"),
        ("dd. 'day of' MM yyyy", "06. day of 05 2024", "2024-05-06T00:00:00Z"),
        ("HH:mm, dd-MM-yyyy", "07:08, 06-05-2024", "2024-05-06T07:08:00Z"),
        ("yyyy年MM月dd日", "2024年05月06日", "2024-05-06T00:00:00Z"),
    ])
    func readsTimesWrittenByAPattern(pattern: String, text: String, expected: String) throws {
        let format = try #require(TimeFormat(pattern))
        #expect(try format.parse(text, calendar("UTC")) == .instant(instant(expected)))
    }

    @Test func aPatternReadsFractionsOfAnyLength() throws {
        let format = try #require(TimeFormat("yyyy-MM-dd HH:mm:ss.SSS"))
        let second = try instant("2024-05-06T07:08:09Z")
        #expect(try format.parse("2024-05-06 07:08:09.25", calendar("UTC")) == .instant(second + 250_000))
    }

    @Test(arguments: [
        ("dd.MM.yyyy", "1.12.2024"), ("dd.MM.yyyy", "31.12.24"), ("dd.MM.yyyy", "12.31.2024"),
        ("dd.MM.yyyy", "31.12.2024 "),
        ("dd.MM.yyyy", "31.12.20245"), ("dd.MM.yyyy", "2024-12-31"), ("M/d/yyyy", "123/1/2024"), ("M/d/yyyy", "//2024"),
        ("yyyyMMdd", "1997010"), ("yyyyMMdd", "19970230"), ("dd.MM.yyyy HH:mm", "31.12.2024"),
        ("dd.MM.yyyy HH:mm", "31.12.2024 24:00"), ("yyyy-MM-dd HH:mm:ss", "2024-12-31 23:59:60"),
        ("MM/dd/yy", "01/01/2024"),
    ])
    func aTextInAnotherFormatIsMalformed(pattern: String, text: String) throws {
        let format = try #require(TimeFormat(pattern))
        #expect(try format.parse(text, calendar("UTC")) == .malformed)
    }

    @Test(arguments: [
        "", "yyyy-MM", "dd.MM", "HH:mm", "YYYY-MM-dd", "yyyy-MMM-dd", "yyyyy-MM-dd", "y-MM-dd", "yyyy-MM-ddd",
        "yyyy-MM-dd hh:mm a", "yyyy-MM-dd H:m", "yyyy-MM-dd HH:mm:ss z", "ISO8601", "%Y-%m-%d", "date",
        "yyyy-MM-dd'T", "'yyyy-MM-dd'",
    ])
    func aPatternWithoutAFullDateOrWithAnUnknownLetterIsRefused(pattern: String) {
        #expect(TimeFormat(pattern) == nil)
    }

    // MARK: Clock changes

    @Test(arguments: [
        ("Europe/Berlin", "2024-03-31 02:00:00"), ("Europe/Berlin", "2024-03-31 02:30:00"),
        ("Europe/Berlin", "2024-03-31 02:59:59.999999"), ("America/New_York", "2024-03-10 02:30:00"),
        ("America/Sao_Paulo", "2018-11-04"), ("America/Sao_Paulo", "2018-11-04 00:59:59"),
        ("Asia/Beirut", "2022-03-27 00:00:00"), ("Australia/Lord_Howe", "2024-10-06 02:15:00"),
        ("Pacific/Apia", "2011-12-30 12:00:00"),
    ])
    func anHourThatClocksSkipIsNoTime(zone: String, text: String) throws {
        #expect(try TimeFormat.iso8601.parse(text, calendar(zone)) == .skippedHour)
    }

    @Test(arguments: [
        ("Europe/Berlin", "2024-03-31 01:59:59", "2024-03-31T00:59:59Z"),
        ("Europe/Berlin", "2024-03-31 03:00:00", "2024-03-31T01:00:00Z"),
        ("America/New_York", "2024-03-10 01:59:59", "2024-03-10T06:59:59Z"),
        ("America/New_York", "2024-03-10 03:00:00", "2024-03-10T07:00:00Z"),
        ("America/Sao_Paulo", "2018-11-03 23:59:59", "2018-11-04T02:59:59Z"),
        ("America/Sao_Paulo", "2018-11-04 01:00:00", "2018-11-04T03:00:00Z"),
        ("Australia/Lord_Howe", "2024-10-06 02:30:00", "2024-10-05T15:30:00Z"),
        ("Pacific/Apia", "2011-12-31 00:00:00", "2011-12-30T10:00:00Z"),
        ("Europe/Berlin", "2024-10-27 01:59:59", "2024-10-26T23:59:59Z"),
        ("Europe/Berlin", "2024-10-27 03:00:00", "2024-10-27T02:00:00Z"),
        ("America/New_York", "2024-11-03 02:00:00", "2024-11-03T07:00:00Z"),
    ])
    func readingsAroundAClockChangeAreExact(zone: String, text: String, expected: String) throws {
        #expect(try TimeFormat.iso8601.parse(text, calendar(zone)) == .instant(instant(expected)))
    }

    @Test(arguments: [
        ("Europe/Berlin", "2024-10-27 02:00:00", "2024-10-27T00:00:00Z"),
        ("Europe/Berlin", "2024-10-27 02:59:59", "2024-10-27T00:59:59Z"),
        ("America/New_York", "2024-11-03 01:30:00", "2024-11-03T05:30:00Z"),
        ("Australia/Lord_Howe", "2024-04-07 01:45:00", "2024-04-06T14:45:00Z"),
        ("America/Sao_Paulo", "2018-02-17 23:30:00", "2018-02-18T01:30:00Z"),
    ])
    func whereClocksAreSetBackTheFirstInstantIsMeant(zone: String, text: String, expected: String) throws {
        #expect(try TimeFormat.iso8601.parse(text, calendar(zone)) == .repeatedHour(instant(expected)))
    }

    // MARK: Counts of time

    @Test(arguments: [
        ("epochSeconds", "1709510400", "2024-03-04T00:00:00Z"),
        ("epochSeconds", "1709510400.0", "2024-03-04T00:00:00Z"),
        ("epochSeconds", "100000000", "1973-03-03T09:46:40Z"),
        ("epochMilliseconds", "1709510400000", "2024-03-04T00:00:00Z"),
        // Serial days as Excel and LibreOffice show them; the clock is that of the zone, here UTC+1 and UTC+2.
        ("excelDays", "45355", "2024-03-03T23:00:00Z"), ("excelDays", "45355.5", "2024-03-04T11:00:00Z"),
        ("excelDays", "45474,586805555556", "2024-07-01T12:05:00Z"), ("excelDays", "25570", "1970-01-01T23:00:00Z"),
    ])
    func countsOfSecondsAndDaysAreTimes(format: String, text: String, expected: String) throws {
        let format = try #require(TimeFormat(format))
        #expect(try format.parse(text, calendar("Europe/Berlin")) == .instant(instant(expected)))
    }

    @Test func fractionsOfASecondSinceTheEpochAreKept() throws {
        let seconds = try #require(TimeFormat("epochSeconds")).parse("1709510400.123456", calendar("UTC"))
        let milliseconds = try #require(TimeFormat("epochMilliseconds")).parse("1709510400123", calendar("UTC"))
        #expect(seconds == .instant(1_709_510_400_123_456))
        #expect(milliseconds == .instant(1_709_510_400_123_000))
    }

    @Test(arguments: [
        ("epochSeconds", "1709510400000"), ("epochSeconds", "0"), ("epochMilliseconds", "1709510400"),
        ("excelDays", "1"), ("excelDays", "2958465"), ("excelDays", "25569"),
    ])
    func countsOfAnotherUnitAreOutOfRange(format: String, text: String) throws {
        #expect(try #require(TimeFormat(format)).parse(text, calendar("UTC")) == .outOfRange)
    }

    @Test(arguments: ["", "-1", "1.5.5", ".5", "1e9", "17095x", "1234567890123456789", "2024-01-01"])
    func otherTextsAreNoCounts(text: String) throws {
        for format in ["epochSeconds", "epochMilliseconds", "excelDays"] {
            #expect(try #require(TimeFormat(format)).parse(text, calendar("UTC")) == .malformed)
        }
    }

    @Test func anOffsetDecidesInsideARepeatedOrSkippedHour() throws {
        let berlin = try calendar("Europe/Berlin")
        let repeated = TimeFormat.iso8601.parse("2024-10-27T02:30:00+01:00", berlin)
        #expect(try repeated == .instant(instant("2024-10-27T01:30:00Z")))
        let skipped = TimeFormat.iso8601.parse("2024-03-31T02:30:00+00:00", berlin)
        #expect(try skipped == .instant(instant("2024-03-31T02:30:00Z")))
    }
}
