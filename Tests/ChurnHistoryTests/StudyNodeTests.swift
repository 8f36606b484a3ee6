import Testing

@testable import ChurnHistory

@Suite struct StudyNodeTests {
    private static func node(_ yaml: String) throws -> StudyNode { try StudyNode(yaml: yaml, file: "study.yaml") }

    @Test(arguments: ["", "\n\n", "# nothing but a comment\n"]) func anEmptyStudyIsUnreadable(yaml: String) throws {
        let error = #expect(throws: DataError.self) { try Self.node(yaml) }
        #expect(error?.code == .studyUnreadable)
        #expect(error?.file == "study.yaml")
        #expect(error?.kind == .badStudy)
    }

    @Test(arguments: ["a: [1, 2", "a: {b: 1", "a: b: c", "\ta: 1", "a: 1\na: 2", "a: \"x"])
    func whatIsNotYAMLIsUnreadable(yaml: String) throws {
        let error = #expect(throws: DataError.self) { try Self.node(yaml) }
        #expect(error?.code == .studyUnreadable)
        #expect(error?.fix?.contains("quote texts") == true)
    }

    @Test func anUnknownKeyIsReportedWhereItStandsWithTheNearestKnownOne() throws {
        let study = try Self.node("file: a.csv\n  \ncustmer: id\n")
        let error = #expect(throws: DataError.self) { try study.requireKeys(["file", "customer", "time"]) }
        #expect(error?.code == .unknownKey)
        #expect(error?.column == "custmer")
        #expect(error?.line == 3)
        #expect(error?.field == 1)
        #expect(error?.fix == "did you mean `customer`? known are file, customer, time")
    }

    @Test func anUnknownKeyAboveABlockIsReportedOnItsOwnLine() throws {
        let study = try Self.node("file: a.csv\nwhatever:\n  column: x\n")
        let error = #expect(throws: DataError.self) { try study.requireKeys(["file", "customer"]) }
        #expect(error?.line == 2)
        #expect(error?.fix == "known are file, customer")
    }

    @Test func aMissingKeyNamesItselfAndAnExample() throws {
        let time = try #require(try Self.node("a: 1\ntime:\n  format: x\n").optional("time"))
        let error = #expect(throws: DataError.self) { try time.required("column", example: "date") }
        #expect(error?.code == .missingKey)
        #expect(error?.column == "time")
        #expect(error?.line == 3)
        #expect(error?.problem == "the key `column` is missing")
        #expect(error?.fix == "add it, for instance `column: date`")
    }

    @Test(arguments: ["a:", "a: ~", "a: null", "b: 1"]) func aKeyWithoutAValueIsAbsent(yaml: String) throws {
        #expect(try Self.node(yaml).optional("a")?.path == nil)
    }

    @Test(arguments: ["a: \"\"", "a: '~'", "a: 'null'", "a: 0", "a: false", "a: []"])
    func aValueThatLooksLikeNoneIsThere(yaml: String) throws {
        #expect(try Self.node(yaml).optional("a")?.path == "a")
    }

    @Test func pathsNameKeysAndElements() throws {
        let events = try #require(try Self.node("events:\n  - {time: [a, {b: 1}]}\n").optional("events"))
        let inner = try #require(events.elements().first?.optional("time")?.elements().last)
        #expect(inner.path == "events[0].time[1]")
        let error = #expect(throws: DataError.self) { try inner.text() }
        #expect(error?.description == "STUDY-004 study.yaml:2:16 \"events[0].time[1]\": must be a single value.")
    }

    @Test func aSingleValueCountsAsASequenceOfOne() throws {
        let study = try Self.node("one: a\nmany: [a, b]\n")
        #expect(try study.required("one", example: "").texts() == ["a"])
        #expect(try study.required("many", example: "").texts() == ["a", "b"])
    }

    @Test func scalarsKeepTheTextThatIsWritten() throws {
        let study = try Self.node("a: 007\nb: 1.50\nc: true\nd: 2024-01-01\ne: 1e3\n")
        let texts = try ["a", "b", "c", "d", "e"].map { try study.required($0, example: "").text() }
        #expect(texts == ["007", "1.50", "true", "2024-01-01", "1e3"])
    }

    @Test func pairsComeInTheOrderOfTheFile() throws {
        let pairs = try Self.node("z: 1\na: 2\nm: 3\n").pairs()
        #expect(pairs.map(\.key) == ["z", "a", "m"])
        #expect(try pairs.map { try $0.value.wholeNumber() } == [1, 2, 3])
    }

    @Test func valuesOfAnotherTypeAreRefusedWithTheirPlace() throws {
        let study = try Self.node(
            "number: many\nflag: yes\nlist: [a]\nmap: {a: 1}\nday: 31.12.2024\nperiod: 3 months\n"
        )
        func code(_ key: String, _ read: (StudyNode) throws -> Any) throws -> DataErrorCode? {
            let node = try study.required(key, example: "")
            let error = #expect(throws: DataError.self) { _ = try read(node) }
            #expect(error?.column == key)
            #expect(error?.line != nil && error?.field != nil)
            return error?.code
        }
        #expect(try code("number") { try $0.wholeNumber() } == .wrongType)
        #expect(try code("flag") { try $0.boolean() } == .wrongType)
        #expect(try code("list") { try $0.text() } == .wrongType)
        #expect(try code("list") { try $0.pairs() } == .wrongType)
        #expect(try code("list") { try $0.requireKeys(["a"]) } == .wrongType)
        #expect(try code("map") { try $0.texts() } == .wrongType)
        #expect(try code("day") { try $0.day() } == .badValue)
        #expect(try code("period") { try $0.period() } == .badValue)
    }

    @Test func aChoiceSuggestsTheNearestOne() throws {
        let node = try Self.node("dorp")
        let error = #expect(throws: DataError.self) { try node.choice(EventSource.Duplicates.self) }
        #expect(error?.value == "dorp")
        #expect(error?.fix == "did you mean `drop`? known are keep, drop")
    }
}
