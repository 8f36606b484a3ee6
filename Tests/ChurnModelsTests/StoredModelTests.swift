import ChurnNumerics
import Foundation
import Testing

@testable import ChurnModels

@Suite struct StoredModelTests {
    private let data = SyntheticData.logistic(rows: 200, coefficients: [1, -2])

    private func table() throws -> PredictorTable {
        let holes = data.columns[1].enumerated().map { $0.offset % 17 == 0 ? Double.nan : $0.element / 3 }
        return try PredictorTable(
            rowCount: 200,
            columns: [
                PredictorColumn(name: "x", values: .numeric(data.columns[0])),
                PredictorColumn(name: "holes", values: .numeric(holes)),
                categoricalColumn("plan", (0..<200).map { ["a", "b", "naïve \"quoted\""][$0 * 5 % 3] }),
                PredictorColumn(name: "constant", values: .numeric([Double](repeating: 2, count: 200))),
                PredictorColumn(name: "twice", values: .numeric(data.columns[0].map { 2 * $0 })),
            ]
        )
    }

    private func fitted() throws -> FittedPipeline {
        try fit(table(), data.labels, l2Strength: 1, clusters: (0..<200).map { Int32($0 / 3) })
    }

    @Test func aLoadedModelScoresTheSameBits() throws {
        let pipeline = try fitted()
        let preprocessing = try JSONDecoder().decode(
            Preprocessing.self,
            from: JSONEncoder().encode(pipeline.preprocessing)
        )
        let model = try JSONDecoder().decode(
            FittedLogisticRegression.self,
            from: JSONEncoder().encode(pipeline.model)
        )
        #expect(preprocessing == pipeline.preprocessing)
        #expect(model == pipeline.model)
        let loaded = try FittedPipeline(preprocessing: preprocessing, model: model)
        let table = try table()
        #expect(try loaded.probabilities(table).map(\.bitPattern) == pipeline.probabilities(table).map(\.bitPattern))
        #expect(try loaded.contributions(table) == pipeline.contributions(table))
        #expect(loaded.model.certificate.aliased == ["twice"])
        #expect(loaded.model.certificate.dropped == ["constant"])
    }

    @Test func theKeysOfAStoredModelAreFixed() throws {
        let model = try #require(try json(fitted().model) as? [String: Any])
        #expect(
            Set(model.keys) == [
                "formatVersion", "kind", "penalty", "usesFirth", "intercept", "coefficients", "inference",
                "logLikelihood", "certificate",
            ]
        )
        let preprocessing = try #require(try json(fitted().preprocessing) as? [String: Any])
        #expect(
            Set(preprocessing.keys) == [
                "formatVersion", "imputation", "encodings", "interactions", "designColumns", "dropped", "aliased",
            ]
        )
    }

    /// What is put in a key's place, as JSON; `nil` takes the key away.
    struct Damage: CustomTestStringConvertible, Sendable {
        let key: String
        let value: String?
        var testDescription: String { "\(key): \(value ?? "missing")" }

        init(_ key: String, _ value: String?) {
            self.key = key
            self.value = value
        }
    }

    private static let inference =
        #"{"kind": "model", "standardErrors": [1, 1, 1, 1, 1, 1], "nullLogLikelihood": -1, "#
        + #""effectiveDegreesOfFreedom": 1, "aic": 1, "bic": 1}"#

    @Test(arguments: [
        Damage("formatVersion", "3"), Damage("formatVersion", "1"), Damage("formatVersion", "\"2\""),
        Damage("formatVersion", nil), Damage("kind", "\"boosted\""), Damage("kind", nil), Damage("intercept", "1e999"),
        Damage("intercept", "null"), Damage("intercept", "\"NaN\""), Damage("coefficients", "[1, 1e999, 1, 1, 1]"),
        Damage("coefficients", "[1, null, 1, 1, 1]"), Damage("coefficients", "[1, 2]"), Damage("coefficients", "[]"),
        Damage("inference", inference.replacing("[1, 1, 1, 1, 1, 1]", with: "[1, 2, 3, 4, 5]")),
        Damage("inference", inference.replacing("[1, 1, 1, 1, 1, 1]", with: "[1, 2, 3, 4, 5, -6]")),
        Damage("inference", inference.replacing("model", with: "bootstrap")),
        Damage("penalty", #"{"l1": 0, "l2": 1e999, "scale": "sum", "penalisesIntercept": false}"#),
        Damage("penalty", #"{"l1": -1, "l2": 0, "scale": "sum", "penalisesIntercept": false}"#),
        Damage("penalty", #"{"l1": 0, "l2": 0, "scale": "max", "penalisesIntercept": false}"#),
        Damage("certificate", "{}"), Damage("certificate", nil),
    ])
    func aDamagedModelIsRefused(_ damage: Damage) throws {
        let damaged = try apply(damage, to: fitted().model)
        #expect(throws: (any Error).self) { try JSONDecoder().decode(FittedLogisticRegression.self, from: damaged) }
    }

    private static let encoding = #"{"column": "x", "kind": {"numeric": {"fill": 0, "flag": false}}}"#
    private static let column = #"{"name": "x", "source": 0, "position": 0, "mean": 0, "standardDeviation": 1}"#

    @Test(arguments: [
        Damage("formatVersion", "1"), Damage("formatVersion", nil), Damage("imputation", "\"mode\""),
        Damage("encodings", "[]"),
        Damage("designColumns", "[\(column.replacing(#""source": 0"#, with: #""source": 5"#))]"),
        Damage("designColumns", "[\(column.replacing(#""source": 0"#, with: #""source": -1"#))]"),
        Damage("designColumns", "[\(column.replacing(#""source": 0"#, with: #""source": 9223372036854775807"#))]"),
        Damage("designColumns", "[\(column.replacing(#""source": 0"#, with: #""source": 0.5"#))]"),
        Damage("designColumns", "[\(column.replacing(#""position": 0"#, with: #""position": 1"#))]"),
        Damage("designColumns", "[\(column.replacing(#""position": 0"#, with: #""position": -1"#))]"),
        Damage("designColumns", "[\(column.replacing(#""mean": 0"#, with: #""mean": 1e999"#))]"),
        Damage("designColumns", "[\(column.replacing(#""mean": 0"#, with: #""mean": null"#))]"),
        Damage("designColumns", "[\(column.replacing(#"Deviation": 1"#, with: #"Deviation": 0"#))]"),
        Damage("designColumns", "[\(column.replacing(#"Deviation": 1"#, with: #"Deviation": -1"#))]"),
        Damage("designColumns", "[\(column.replacing(#"Deviation": 1"#, with: #"Deviation": 1e999"#))]"),
        Damage(
            "encodings",
            #"[{"column": "x", "kind": {"numeric": {"fill": 1e999, "flag": false}}}]"#
        ),
        Damage(
            "encodings",
            #"[{"column": "x", "kind": {"categorical": {"levels": ["a", "b", "a"]}}}]"#
        ),
        Damage("encodings", "[\(encoding), \(encoding)]"),
        Damage("designColumns", "[\(column), \(column)]"),
        Damage(
            "designColumns",
            "[\(column.replacing(#""x", "source": 0"#, with: #""holes", "source": 1"#)), \(column)]"
        ),
        Damage("encodings", #"[{"column": "x", "kind": {"embedding": {}}}]"#),
        Damage(
            "encodings",
            #"[{"column": "x", "kind": {"numeric": {"fill": 0, "flag": false, "spline": {"knots": [1, 3, 2]}}}}]"#
        ),
        Damage("interactions", #"[{"left": 0, "right": 9, "name": "a:b", "leftMeans": [0], "rightMeans": [0]}]"#),
        Damage("interactions", #"[{"left": 0, "right": 1, "name": "a:b", "leftMeans": [0, 1], "rightMeans": [0]}]"#),
    ])
    func damagedPreprocessingIsRefused(_ damage: Damage) throws {
        let damaged = try apply(damage, to: fitted().preprocessing)
        #expect(throws: (any Error).self) { try JSONDecoder().decode(Preprocessing.self, from: damaged) }
    }

    /// The texts that damage puts in place are fine themselves: what is refused is the damage.
    @Test func whatDamageStartsFromIsFine() throws {
        var stored = try apply(Damage("encodings", "[\(Self.encoding)]"), to: fitted().preprocessing)
        stored = try replace(Damage("designColumns", "[\(Self.column)]"), in: stored)
        let loaded = try JSONDecoder().decode(Preprocessing.self, from: stored)
        #expect(loaded.designNames == ["x"])
        let model = try apply(Damage("inference", Self.inference), to: fitted().model)
        #expect(try JSONDecoder().decode(FittedLogisticRegression.self, from: model).standardErrors.count == 6)
    }

    @Test(arguments: ["", "{", "[]", "null", "{}", "\u{0}", "{\"formatVersion\": 2}"])
    func whatIsNoModelIsRefused(text: String) {
        let bytes = Data(text.utf8)
        #expect(throws: (any Error).self) { try JSONDecoder().decode(FittedLogisticRegression.self, from: bytes) }
        #expect(throws: (any Error).self) { try JSONDecoder().decode(Preprocessing.self, from: bytes) }
    }

    @Test func aModelOfOtherColumnsIsRefused() throws {
        let pipeline = try fitted()
        let other = try fit(numericTable([("x", [1, 2, 3, 4])]), [true, false, true, false], l2Strength: 1)
        let error = #expect(throws: ModelError.self) {
            try FittedPipeline(preprocessing: pipeline.preprocessing, model: other.model)
        }
        #expect(error == .malformedModel("the preprocessing makes 5 columns, the model has 1 coefficients"))
    }

    @Test func aModelRefusesADesignOfOtherColumns() throws {
        let expected = ModelError.numerics(.shapeMismatch(what: "design columns", expected: 5, got: 4))
        let model = try fitted().model
        #expect(throws: expected) { try model.linearPredictor(Matrix(rowCount: 2, columnCount: 4)) }
    }

    // MARK: JSON

    private func json(_ value: some Encodable) throws -> Any {
        try JSONSerialization.jsonObject(with: JSONEncoder().encode(value))
    }

    private func apply(_ damage: Damage, to value: some Codable) throws -> Data {
        let stored = try JSONEncoder().encode(value)
        _ = try JSONDecoder().decode(type(of: value), from: stored)
        return try replace(damage, in: stored)
    }

    /// The text is put in as it is, so that numbers no encoder would write can be tried.
    private func replace(_ damage: Damage, in stored: Data) throws -> Data {
        var object = try #require(try JSONSerialization.jsonObject(with: stored) as? [String: Any])
        try #require(object[damage.key] != nil)
        object[damage.key] = damage.value == nil ? nil : "@here@"
        let text = String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
        return Data(text.replacing("\"@here@\"", with: damage.value ?? "").utf8)
    }
}
