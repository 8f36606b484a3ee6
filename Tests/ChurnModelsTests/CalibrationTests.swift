import ChurnNumerics
import Foundation
import Testing

@testable import ChurnModels

@Suite struct CalibrationTests {
    /// What scikit-learn says of the same scores; see `Expectations/calibration.py`.
    private struct Expectations: Decodable {
        struct Platt: Decodable {
            let slope: Double
            let intercept: Double
            let predictions: [Double]
        }
        struct Beta: Decodable {
            let a: Double
            let b: Double
            let intercept: Double
        }
        struct Isotonic: Decodable {
            let knots: [Double]
            let values: [Double]
            let predictions: [Double]
        }
        let scores: [Double]
        let labels: [Int]
        let weights: [Double]
        let places: [Double]
        let platt: Platt
        let beta: Beta
        let isotonic: Isotonic

        func calibration(_ method: Calibration.Method) throws -> Calibration {
            try Calibration(method, logOdds: scores, labels: labels.map { $0 == 1 }, weights: weights)
        }

        static func load(from source: String = #filePath) throws -> [Expectations] {
            let folder = URL(filePath: source).deletingLastPathComponent().appending(path: "Expectations")
            let json = try Data(contentsOf: folder.appending(path: "calibration.json"))
            return try JSONDecoder().decode([Expectations].self, from: json)
        }
    }

    @Test func plattAgreesWithScikitLearn() throws {
        for expected in try Expectations.load() {
            let calibration = try expected.calibration(.platt)
            guard case .platt(let slope, let intercept) = calibration else { throw ModelError.noRows }
            #expect(abs(slope - expected.platt.slope) <= 1e-9 && abs(intercept - expected.platt.intercept) <= 1e-9)
            // scikit-learn's own optimiser stops a little earlier, and takes weights for numbers of rows.
            guard expected.weights.allSatisfy({ $0 == 1 }) else { continue }
            for (place, probability) in zip(expected.places, expected.platt.predictions) {
                #expect(abs(calibration.probability(ofLogOdds: place) - probability) <= 2e-5)
            }
        }
    }

    @Test func betaAgreesAndLeavesFallingPartsOut() throws {
        for expected in try Expectations.load() {
            guard case .beta(let a, let b, let intercept) = try expected.calibration(.beta) else {
                throw ModelError.noRows
            }
            #expect(abs(a - expected.beta.a) <= 1e-8 && abs(b - expected.beta.b) <= 1e-8)
            #expect(abs(intercept - expected.beta.intercept) <= 1e-8)
        }
    }

    @Test func isotonicAgreesWithScikitLearn() throws {
        for expected in try Expectations.load() {
            let calibration = try expected.calibration(.isotonic)
            guard case .isotonic(let regression, let bounds) = calibration else { throw ModelError.noRows }
            #expect(regression.knots == expected.isotonic.knots)
            for (value, known) in zip(regression.values, expected.isotonic.values) {
                #expect(abs(value - known) <= 1e-14)
            }
            for (place, probability) in zip(expected.places, expected.isotonic.predictions) {
                let bounded = min(max(probability, bounds.lowerBound), bounds.upperBound)
                #expect(abs(calibration.probability(ofLogOdds: place) - bounded) <= 1e-14)
            }
            #expect(bounds.lowerBound == 1 / (Double(expected.labels.count) + 2))
        }
    }

    @Test(arguments: Calibration.Method.allCases) func theUnitOfWeightsDoesNotMatter(_ method: Calibration.Method)
        throws
    {
        for expected in try Expectations.load() {
            func calibration(_ unit: Double) throws -> Calibration {
                try Calibration(
                    method,
                    logOdds: expected.scores,
                    labels: expected.labels.map { $0 == 1 },
                    weights: expected.weights.map { $0 * unit }
                )
            }
            let (one, small) = (try calibration(1), try calibration(1e-4))
            for place in expected.places {
                let difference = one.probability(ofLogOdds: place) - small.probability(ofLogOdds: place)
                #expect(abs(difference) < 1e-9)
            }
        }
    }

    @Test(arguments: Calibration.Method.allCases) func higherLogOddsNeverBecomeLowerProbabilities(
        _ method: Calibration.Method
    ) throws {
        for expected in try Expectations.load() {
            let calibration = try expected.calibration(method)
            let probabilities = stride(from: -800.0, through: 800, by: 0.5).map(calibration.probability(ofLogOdds:))
            let rises = zip(probabilities, probabilities.dropFirst()).allSatisfy { $0 <= $1 }
            let areProbabilities = probabilities.allSatisfy { (0...1).contains($0) }
            #expect(rises && areProbabilities)
        }
    }

    @Test(arguments: Calibration.Method.allCases) func storedOnesAreTheSame(_ method: Calibration.Method) throws {
        let calibration = try #require(try Expectations.load().first).calibration(method)
        let copy = try JSONDecoder().decode(Calibration.self, from: JSONEncoder().encode(calibration))
        #expect(copy == calibration)
    }

    @Test(arguments: [
        #"{"method":"platt","slope":-1,"intercept":0}"#, #"{"method":"beta","a":0,"b":0,"intercept":0}"#,
        #"{"method":"isotonic","logOdds":[1,1],"probabilities":[0,1],"lowest":0.1,"highest":0.9}"#,
        #"{"method":"isotonic","logOdds":[1,2],"probabilities":[1,0],"lowest":0.1,"highest":0.9}"#,
        #"{"method":"isotonic","logOdds":[],"probabilities":[],"lowest":0.1,"highest":0.9}"#,
        #"{"method":"isotonic","logOdds":[1],"probabilities":[0.5],"lowest":0,"highest":0.9}"#,
        #"{"method":"magic"}"#,
    ])
    func thoseThatCannotBeAreRefused(_ json: String) {
        #expect(throws: (any Error).self) { try JSONDecoder().decode(Calibration.self, from: Data(json.utf8)) }
    }

    @Test func classesThatAreToldApartWithoutErrorStayFinite() throws {
        let logOdds = (0..<40).map { Double($0) - 20 }
        for method in Calibration.Method.allCases {
            let calibration = try Calibration(method, logOdds: logOdds, labels: logOdds.map { $0 > 0 })
            let (low, high) = (
                calibration.probability(ofLogOdds: -30), calibration.probability(ofLogOdds: 30)
            )
            #expect(low > 0 && low < 0.05 && high < 1 && high > 0.95, "\(method)")
        }
    }

    @Test func whatCannotBeCalibratedIsSaid() {
        func error(_ logOdds: [Double], _ labels: [Bool]) -> ModelError? {
            #expect(throws: ModelError.self) { try Calibration(.platt, logOdds: logOdds, labels: labels) }
        }
        #expect(error([1, 2], [true, true]) == .oneClass(positives: 2, rows: 2))
        #expect(error([1, 1], [true, false]) == .notCalibrated("the model gives all rows the same log-odds"))
        #expect(error([1, .nan], [true, false])?.description.contains("log-odds") == true)
        let falling = error([1, 2, 3, 4, 5, 6], [true, true, true, false, false, false])
        #expect(falling?.description.contains("less churn") == true)
    }

    // MARK: With a model

    /// A regression that is three times as sure as it may be.
    private struct Overconfident: ModelEstimator {
        func fit(_ rows: TrainingRows, threads: Int) throws(ModelError) -> any FittedModel {
            let specification = FittedPipeline.Specification(estimator: try LogisticRegression(l2Strength: 1))
            guard case .logistic(let fitted) = try specification.fit(rows, threads: threads).content else {
                throw .noRows
            }
            return try FittedPipeline(
                rawColumns: fitted.inputs.map(\.name),
                intercept: 1,
                coefficients: fitted.model.coefficients.map { 3 * $0 }
            )
        }
    }

    @Test(arguments: Calibration.Method.allCases) func anOverconfidentModelIsPutRight(
        _ method: Calibration.Method
    ) throws {
        let data = SyntheticData.logistic(rows: 6000, coefficients: [1, -0.5], seed: 5)
        let fresh = SyntheticData.logistic(rows: 6000, coefficients: [1, -0.5], seed: 6)
        func loss(_ model: CalibratedModel) throws -> Double {
            let scores = try model.probabilities(fresh.table)
            return -zip(scores, fresh.labels).reduce(0) { $0 + log($1.1 ? $1.0 : 1 - $1.0) } / 6000
        }
        func model(_ method: Calibration.Method?) throws -> CalibratedModel {
            try CalibratedModel.fit(
                Overconfident(),
                TrainingRows(table: data.table, labels: data.labels),
                calibration: method,
                seed: 1,
                threads: 2
            )
        }
        let best = try fit(fresh.table, fresh.labels)
        let optimum = -best.model.logLikelihood / 6000
        let (before, after) = (try loss(model(nil)), try loss(model(method)))
        #expect(before > 1.5 * optimum && after < 1.01 * optimum)
        // What it claims to be worth is what it is worth to others.
        let gain = try #require(try model(method).calibrationGain)
        #expect(gain.isGain && abs(gain.logLossBefore / before - 1) < 0.05 && abs(gain.logLossAfter / after - 1) < 0.03)
    }

    @Test func theLossOfAConfidentMistakeIsNotThatOfARoundedProbability() throws {
        let plain = Calibration.platt(slope: 1, intercept: 0)
        #expect(abs(plain.logLoss(ofLogOdds: 45, label: false) - 45) < 1e-9)
        #expect(abs(Calibration.beta(a: 1, b: 1, intercept: 0).logLoss(ofLogOdds: -800, label: true) - 800) < 1e-9)
        for calibration in try Expectations.load().flatMap({ expected in
            try Calibration.Method.allCases.map(expected.calibration)
        }) {
            for place in [-3.0, 0.2, 4] {
                let probability = calibration.probability(ofLogOdds: place)
                #expect(abs(calibration.logLoss(ofLogOdds: place, label: true) + log(probability)) < 1e-12)
                #expect(abs(calibration.logLoss(ofLogOdds: place, label: false) + log(1 - probability)) < 1e-12)
            }
        }
    }

    @Test func whatNeedsNoCalibrationIsNotSaidToGainMuch() throws {
        let data = SyntheticData.logistic(rows: 4000, coefficients: [1, -0.5], seed: 7)
        let rows = TrainingRows(table: try data.table, labels: data.labels)
        let exact = FittedPipeline.Specification(estimator: try LogisticRegression(l2Strength: 1))
        for method in Calibration.Method.allCases {
            let model = try CalibratedModel.fit(exact, rows, calibration: method, seed: 1, threads: 2)
            let gain = try #require(model.calibrationGain)
            #expect(gain.logLossAfter > 0.998 * gain.logLossBefore, "\(method)")
        }
    }

    @Test func foldsKeepCustomersWholeAndClassesEven() throws {
        let data = SyntheticData.logistic(rows: 900, coefficients: [1])
        let customers = (0..<900).map { Int32($0 % 300) }
        let rows = TrainingRows(table: try data.table, labels: data.labels, clusters: customers)
        let folds = try CustomerFolds(rows, count: 5, order: .shuffled(seed: 3))
        var foldOf: [Int32: Int] = [:]
        for fold in 0..<5 {
            for row in folds.rows(of: fold) {
                #expect(foldOf.updateValue(fold, forKey: customers[row]).map { $0 == fold } ?? true)
            }
            #expect(Set(folds.rows(of: fold)).isDisjoint(with: folds.rows(outside: fold)))
        }
        #expect(foldOf.count == 300)
        let churned = Set((0..<900).filter { data.labels[$0] }.map { customers[$0] })
        for fold in 0..<5 {
            let members = foldOf.filter { $0.value == fold }.keys
            #expect(
                abs(members.count - 60) <= 1 && abs(members.count { churned.contains($0) } - churned.count / 5) <= 1
            )
        }
    }

    @Test func aClassOfFewCustomersIsNotDealt() throws {
        var data = SyntheticData.logistic(rows: 100, coefficients: [1])
        data.labels = (0..<100).map { $0 < 4 }
        let rows = TrainingRows(table: try data.table, labels: data.labels)
        #expect(throws: ModelError.tooFewForFolds(customers: 4, churned: true, folds: 5)) {
            try CalibratedModel.fit(Overconfident(), rows, calibration: .platt, seed: 1, threads: 1)
        }
    }
}
