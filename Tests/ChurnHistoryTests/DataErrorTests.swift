import Testing

@testable import ChurnHistory

@Suite struct DataErrorTests {
    @Test func theMessageNamesPlaceColumnValueProblemAndFix() {
        let error = DataError(
            .notANumber,
            "is not a number",
            file: "orders.csv",
            line: 657_213,
            field: 8,
            column: "amount",
            value: "1.234,56",
            fix: "--decimal comma"
        )
        #expect(
            error.description
                == #"CSV-014 orders.csv:657213:8 "amount": "1.234,56" is not a number. Fix: --decimal comma"#
        )
    }

    @Test func theMessageLeavesOutWhatIsNotKnown() {
        #expect(DataError(.fileEmpty, "is empty", file: "a.csv").description == "CSV-002 a.csv: is empty.")
        #expect(DataError(.badValue, "no place.").description == "STUDY-005 no place.")
    }

    @Test func longValuesAreShortened() {
        let error = DataError(.notANumber, "is not a number", value: String(repeating: "é", count: 200))
        #expect(error.value == String(repeating: "é", count: 77) + "...")
        #expect(DataError(.notANumber, "x", value: String(repeating: "y", count: 80)).value?.count == 80)
    }

    @Test func codesAreDistinctAndDecideTheKind() {
        let codes = DataErrorCode.allCases
        #expect(Set(codes.map(\.rawValue)).count == codes.count)
        for code in codes {
            let expected: DataError.Kind =
                switch code {
                case .fileMissing: .missingInput
                case .readFailed, .writeFailed: .inputOutput
                case .cannotWrite: .cannotCreate
                default: code.rawValue.hasPrefix("STUDY") ? .badStudy : .badData
                }
            #expect(DataError(code, "x").kind == expected)
        }
    }
}
