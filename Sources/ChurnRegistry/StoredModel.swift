import ChurnFeatures
import ChurnModels
import Foundation

/// What a version of a model holds: where its predictors come from, the fitted model, and what is known of it.
public struct StoredModel: Sendable {
    /// Where the predictors come from.
    public enum PredictorSource: Sendable, Equatable {
        /// A study's feature plan.
        case features(FeaturePlan)
        /// Columns of a flat table.
        case table(TablePlan)
    }

    /// How the predictors of a flat table are found.
    public struct TablePlan: Sendable, Equatable, Codable {
        public let label: String
        public let positive: String?
        public let id: String?
        public let weight: String?
        /// A column that is added to the log-odds, in training and in scoring.
        public let offset: String?
        public let columns: [String]
        /// With which numbers were read; absent in older versions.
        public let decimalMark: String?
        /// Columns of which the table or its reader knew that a mark in a number is that one; later tables are taken to have it
        /// there, too.
        public let columnsOfKnownMark: [String]?

        public init(
            label: String,
            positive: String?,
            id: String?,
            weight: String?,
            offset: String? = nil,
            columns: [String],
            decimalMark: String? = nil,
            columnsOfKnownMark: [String]? = nil
        ) {
            self.label = label
            self.positive = positive
            self.id = id
            self.weight = weight
            self.offset = offset
            self.columns = columns
            self.decimalMark = decimalMark
            self.columnsOfKnownMark = columnsOfKnownMark
        }
    }

    public let source: PredictorSource
    public let model: CalibratedModel
    public let training: TrainingRecord
    public let reference: ReferenceDistributions
    public let card: String

    public init(
        source: PredictorSource,
        model: CalibratedModel,
        training: TrainingRecord,
        reference: ReferenceDistributions,
        card: String
    ) {
        self.source = source
        self.model = model
        self.training = training
        self.reference = reference
        self.card = card
    }

    // MARK: Files

    private struct PlanFile: Codable {
        var features: FeaturePlan?
        var table: TablePlan?
    }

    /// The files of a version, without its manifest. Equal models give equal bytes.
    public func contents() throws(RegistryError) -> [String: Data] {
        var plan = PlanFile()
        switch source {
        case .features(let features): plan.features = features
        case .table(let table): plan.table = table
        }
        var files = [
            "plan.json": try RegistryJSON.encode(plan),
            "metrics.json": try RegistryJSON.encode(training),
            "reference.json": try RegistryJSON.encode(reference),
            "card.md": Data(card.utf8),
        ]
        switch model.fitted.content {
        case .logistic(let pipeline):
            files["preprocessing.json"] = try RegistryJSON.encode(pipeline.preprocessing)
            files["model.json"] = try RegistryJSON.encode(pipeline.model)
        case .buyTillYouDie(let purchases): files["model.json"] = try RegistryJSON.encode(purchases)
        case .boosted(let trees): files["model.json"] = try RegistryJSON.encode(trees)
        }
        if let calibration = model.calibration {
            let file = CalibrationFile(calibration: calibration, gain: model.calibrationGain)
            files["calibration.json"] = try RegistryJSON.encode(file)
        }
        return files
    }

    private struct CalibrationFile: Codable {
        let calibration: Calibration
        let gain: CalibrationGain?
    }

    /// What `model.json` says of its kind; nothing where it is a logistic regression.
    private struct KindFile: Decodable {
        let kind: String?
    }

    /// - Parameters:
    ///   - contents: a version's files, their digests checked.
    ///   - path: where they stand, for messages.
    public init(contents: [String: Data], path: String) throws(RegistryError) {
        func decode<Value: Decodable>(_ type: Value.Type, _ name: String) throws(RegistryError) -> Value {
            guard let data = contents[name] else { throw .damaged(path: path, problem: "\(name) is missing") }
            do {
                return try JSONDecoder().decode(type, from: data)
            } catch {
                throw .damaged(path: "\(path)/\(name)", problem: "\(error)")
            }
        }
        let plan = try decode(PlanFile.self, "plan.json")
        switch (plan.features, plan.table) {
        case (let features?, nil): source = .features(features)
        case (nil, let table?): source = .table(table)
        default: throw .damaged(path: "\(path)/plan.json", problem: "it has not exactly one of `features` and `table`")
        }
        let kind = try decode(KindFile.self, "model.json").kind
        let fitted: any FittedModel
        switch kind.map(ModelKind.init(rawValue:)) ?? .logistic {
        case .logistic:
            do {
                fitted = try FittedPipeline(
                    preprocessing: try decode(Preprocessing.self, "preprocessing.json"),
                    model: try decode(FittedLogisticRegression.self, "model.json")
                )
            } catch let error as RegistryError {
                throw error
            } catch {
                throw .damaged(path: path, problem: "\(error)")
            }
        case .bgnbd, .mbgnbd, .paretonbd: fitted = try decode(FittedBuyTillYouDie.self, "model.json")
        case .boosted: fitted = try decode(FittedBoostedTrees.self, "model.json")
        case nil:
            throw .damaged(path: "\(path)/model.json", problem: "no kind of model is called \"\(kind ?? "")\"")
        }
        let calibration =
            contents["calibration.json"] == nil ? nil : try decode(CalibrationFile.self, "calibration.json")
        model = CalibratedModel(
            fitted,
            calibration: calibration?.calibration,
            calibrationGain: calibration?.gain
        )
        training = try decode(TrainingRecord.self, "metrics.json")
        reference = try decode(ReferenceDistributions.self, "reference.json")
        card = String(decoding: contents["card.md"] ?? Data(), as: UTF8.self)
        let predictors = fitted.inputs.map(\.name)
        switch source {
        case .features(let plan) where plan.featureNames != predictors:
            throw .damaged(path: path, problem: "its predictors are not the features of its plan")
        case .table(let table) where table.columns != predictors:
            throw .damaged(path: path, problem: "its predictors are not the columns of its plan")
        default: break
        }
    }
}
