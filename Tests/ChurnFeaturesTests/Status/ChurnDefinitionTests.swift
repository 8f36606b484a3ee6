import ChurnHistory
import ChurnTestSupport
import Testing

@testable import ChurnFeatures

@Suite struct ChurnDefinitionTests {
    struct Fault: CustomTestStringConvertible {
        let churn: String
        let books: String
        let code: DataErrorCode
        let text: String

        init(_ churn: String, _ code: DataErrorCode, _ text: String, books: String = "") {
            self.churn = churn
            self.books = books
            self.code = code
            self.text = text
        }

        var testDescription: String { churn }
    }

    private static let undated =
        "customers: [{file: c.csv, customer: id, attributes: [size, country], constant: [country]}]"
    private static let contracts = "contracts: [{file: c.csv, customer: id, start: a, end: b}]"

    static let faults = [
        Fault("{definition: contractEnd, horizon: 9d}", .missingSource, "the study names none"),
        Fault(
            "{definition: contractEnd, horizon: 9d}",
            .missingSource,
            "name its column in `end`",
            books: "contracts: [{file: c.csv, customer: id, start: a, plannedEnd: b}]"
        ),
        Fault("{definition: contractEnds, horizon: 9d}", .badValue, "did you mean `contractEnd`?"),
        Fault(
            "{definition: contractEnd, of: [purchase], horizon: 9d}",
            .misplacedKey,
            "belongs to `inactivity`, `event`, `ownRhythm`",
            books: contracts
        ),
        Fault("{definition: contractEnd}", .missingKey, "`horizon` is missing", books: contracts),
        Fault("{definition: inactivity, of: [purchase], horizon: 9d, grace: 1d}", .misplacedKey, "under `inactivity`"),
        Fault(
            "{definition: inactivity, of: [purchase], horizon: 9d, gracce: 1d}",
            .unknownKey,
            "did you mean `grace`?"
        ),
        Fault("{definition: event, of: [a], active: [b], horizon: 9d, factor: 3}", .misplacedKey, "`ownRhythm`"),
        Fault("{definition: ownRhythm, of: [a], horizon: 9d}", .misplacedKey, "has no meaning under `ownRhythm`"),
        Fault("{definition: ownRhythm, of: [a], minimum: 1d, maximum: 9d}", .missingKey, "`factor` is missing"),
        Fault("{definition: ownRhythm, of: [a], factor: 0, minimum: 1d, maximum: 9d}", .wrongType, "above zero"),
        Fault(
            "{definition: ownRhythm, of: [a], factor: 2, minimum: 10d, maximum: 9d}",
            .badValue,
            "longer than `maximum`"
        ),
        Fault(
            "{definition: ownRhythm, of: [a], factor: 2, minimum: 0d, maximum: 9d}",
            .badValue,
            "longer than nothing"
        ),
        Fault(
            "{definition: ownRhythm, of: [a], factor: 2, minimum: 1d, maximum: 9d, minimumGaps: 0}",
            .badValue,
            "at least 1"
        ),
        Fault(
            "{definition: ownRhythm, of: [a], active: [b], factor: 2, minimum: 1d, maximum: 9d}",
            .badValue,
            "is `of`"
        ),
        Fault("{definition: inactivity, of: [], horizon: 9d}", .badValue, "names no event type"),
        Fault("{definition: inactivity, of: [{type: a}], horizon: 9d}", .missingKey, "`where` is missing"),
        Fault("{definition: inactivity, of: [{typ: a}], horizon: 9d}", .unknownKey, "did you mean `type`?"),
        Fault(
            "{definition: inactivity, of: [{type: a, where: {prodct: x}}], horizon: 9d}",
            .badValue,
            "did you mean \"product\"?"
        ),
        Fault(
            "{definition: inactivity, of: [{type: a, where: {product: []}}], horizon: 9d}",
            .badValue,
            "names no value"
        ),
        Fault("{definition: inactivity, of: [{type: a, where: {}}], horizon: 9d}", .badValue, "names no attribute"),
        Fault(
            "{definition: inactivity, of: [a], horizonBy: {attribute: siz, horizons: {x: 9d}, otherwise: 9d}}",
            .badValue,
            "did you mean \"size\"?",
            books: undated
        ),
        Fault(
            "{definition: inactivity, of: [a], horizonBy: {attribute: size, horizons: {x: 9d}, otherwise: 9d}}",
            .undatedAttribute,
            "today's value",
            books: undated
        ),
        Fault(
            "{definition: inactivity, of: [a], horizonBy: {attribute: country, horizons: {x: 9d}}}",
            .missingKey,
            "`otherwise` is missing",
            books: undated
        ),
        Fault(
            "{definition: inactivity, of: [a], horizonBy: {attribute: country, horizons: {}, otherwise: 9d}}",
            .badValue,
            "names no group",
            books: undated
        ),
        Fault(
            "{definition: inactivity, of: [a], horizonBy: {attribute: country, horizons: {x: 0d}, otherwise: 9d}}",
            .badValue,
            "longer than nothing",
            books: undated
        ),
        Fault(
            "{definition: inactivity, of: [a], horizon: 9d, horizonBy: {attribute: country, horizons: {x: 1d}, otherwise: 9d}}",
            .misplacedKey,
            "beside `horizonBy`",
            books: undated
        ),
        Fault(
            "{definition: inactivity, of: [a], horizonBy: {attribute: size, horizons: {x: 1d}, otherwise: 9d}}",
            .badValue,
            "two entries",
            books: """
                customers:
                  - {file: c.csv, customer: id, validFrom: since, attributes: [size]}
                  - {file: c.csv, customer: id, validFrom: since, attributes: {size: employees}}
                """
        ),
        Fault("{definition: inactivity, of: [a], horizon: 9d, lead: -1d}", .badValue, "inside the feature windows"),
    ]

    private static func study(_ churn: String, _ books: String) throws -> Study {
        let folder = try TemporaryFolder()
        try folder.write("c.csv", "x\n")
        return try Study(
            yaml: """
                study: fixture
                timezone: Europe/Berlin
                events: [{file: c.csv, customer: id, time: t, type: type, attributes: [product]}]
                \(books)
                churn: \(churn)
                observations: {first: 2024-03-01}
                """,
            path: "\(folder.path)/study.yaml"
        )
    }

    @Test(arguments: faults) func aFaultInTheDefinitionIsNamed(fault: Fault) throws {
        let error = #expect(throws: DataError.self) { try Self.study(fault.churn, fault.books) }
        #expect(error?.code == fault.code)
        #expect(error?.kind == .badStudy)
        #expect(error?.description.contains(fault.text) == true, "\(error?.description ?? "")")
    }

    @Test func aDatelessAttributeThatNeverChangesMayDecideTheHorizon() throws {
        let study = try Self.study(
            "{definition: inactivity, of: [a], horizonBy: {attribute: country, horizons: {x: 6d}, otherwise: 9d}}",
            Self.undated
        )
        #expect(study.churn.window.lengths.map(\.description) == ["9d", "6d"])
    }

    @Test func theLongestHorizonPossibleLeavesRoomForTheGrace() throws {
        let study = try Self.study("{definition: contractEnd, horizon: 90d, grace: 10d, lead: 1d}", Self.contracts)
        let end = try #require(CalendarDay("2024-05-01"))
        let fault = try #require(study.maturityFault(observedUntil: study.calendar.start(of: end)))
        // 60 days from 2 March to 1 May, of which the last ten belong to the grace.
        #expect(fault.fix?.contains("is 50d;") == true)
        let mature = try Self.study("{definition: contractEnd, horizon: 50d, grace: 10d, lead: 1d}", Self.contracts)
        #expect(mature.maturityFault(observedUntil: study.calendar.start(of: end)) == nil)
        let longer = try Self.study("{definition: contractEnd, horizon: 51d, grace: 10d, lead: 1d}", Self.contracts)
        #expect(longer.maturityFault(observedUntil: study.calendar.start(of: end)) != nil)
    }
}
