import ChurnEvaluation
import ChurnFeatures
import ChurnHistory
import ChurnModels
import ChurnRegistry

/// The figures of a stored model on rows beside those that trained it.
public struct ModelEvaluation: Sendable {
    public let rows: UnseenRows
    public let metrics: BinaryClassificationMetrics

    public var rowsAre: UnseenRows.Kind { rows.kind }
    /// Of a study; empty for a flat table.
    public var cutoffs: [String] { rows.cutoffs }
    /// Of a flat table: rows with a category that training did not know, by column.
    public var unseenCategories: [UnseenCategories] { rows.unseenCategories[0] }

    /// Evaluates on a study: on its mature cutoffs that lie at or after the model's training label windows.
    public init(_ model: StoredModel, on data: StudyData, threads: Int) throws {
        self.init(try UnseenRows([model], on: data, threads: threads))
    }

    /// Evaluates on a flat table: on its held-out rows when it is the table that the model was trained on, else on all.
    public init(_ model: StoredModel, on table: FlatTable) throws {
        self.init(try UnseenRows([model], on: table))
    }

    private init(_ rows: UnseenRows) {
        self.rows = rows
        metrics = BinaryClassificationMetrics(of: rows.predictions[0].predictions, skipped: rows.skipped)
    }
}

extension StoredModel {
    /// - Throws: `otherKind` where the model is none.
    public var logisticRegression: FittedPipeline {
        get throws(WorkflowError) {
            guard case .logistic(let pipeline) = model.fitted.content else {
                throw .otherKind(model.fitted.kind, wanted: .logistic)
            }
            return pipeline
        }
    }

    /// - Throws: `sourceMismatch` where the model was trained on a flat table.
    public var featurePlan: FeaturePlan {
        get throws(WorkflowError) {
            guard case .features(let plan) = source else {
                throw .sourceMismatch(trainedOn: "a flat table", given: "a study")
            }
            return plan
        }
    }

    /// - Throws: `sourceMismatch` where the model was trained on a study.
    public var tablePlan: TablePlan {
        get throws(WorkflowError) {
            guard case .table(let plan) = source else {
                throw .sourceMismatch(trainedOn: "a study", given: "a flat table")
            }
            return plan
        }
    }
}

extension FlatTable {
    /// The same with what a model knows of its numbers.
    func known(by model: StoredModel) -> FlatTable {
        guard case .table(let plan) = model.source else { return self }
        return known(decimalMark: plan.decimalMark, columns: plan.columnsOfKnownMark ?? [])
    }

    /// The columns that a model was trained on, typed as they were then.
    public func predictors(of model: StoredModel) throws(DataError) -> PredictorTable {
        try predictors(
            matching: model.model.fitted.inputs.map { ($0.name, $0.isNumeric) }
        )
    }
}

/// What can go wrong between the steps, each of which is fine.
public enum WorkflowError: Error, Sendable, Equatable {
    case sourceMismatch(trainedOn: String, given: String)
    case nothingUnseen(seenUntil: String, cutoffs: [String])
    case nothingHeldOut
    /// A table has not the features of the model that a fit goes on from.
    case otherPlan(String)
    case otherKind(ModelKind, wanted: ModelKind)
    /// Nobody of this id is scored.
    case unknownCustomer(asOf: String?, customers: Int)
    /// Models of flat tables are told their labels, weights or customers by different columns.
    case otherLabels
    /// A model predicts silence, and the study's churn is something else.
    case silenceIsNotChurn(model: String, definition: String)
    /// Predictors that alone tell the label almost perfectly.
    case leakingPredictors([LeakingPredictor])
    /// A predictor that an option names and that is not there.
    case unknownPredictor(String, nearest: String?)
    /// A model was trained to predict something else than the study's churn.
    case otherChurn(trainedOn: String, asked: String)
    /// A ledger has trials that are not those asked for.
    case otherTuning(String, difference: String)
    case damagedLedger(String)
    /// Not one trial gave a model that can be trusted.
    case noTrialSucceeded(first: String)
    /// No cutoff is left to try hyperparameters on, before the one that tells what they are worth.
    case tooFewCutoffsToTune(trainingCutoffs: Int, test: String)
}

extension WorkflowError: CustomStringConvertible {
    private static func allowance(_ leaks: [LeakingPredictor]) -> String {
        leaks.map { "--allow-leak '\($0.name)'" }.joined(separator: " ")
    }

    public var description: String {
        switch self {
        case .sourceMismatch(let trainedOn, let given):
            "the model was trained on \(trainedOn), but was given \(given)"
        case .nothingUnseen(let seenUntil, let cutoffs):
            "the model has seen labels until \(seenUntil), and no mature cutoff lies at or after it (mature:"
                + " \(cutoffs.joined(separator: ", "))). Fix: add later cutoffs, or train on earlier ones"
        case .otherPlan(let model):
            "the table has other features than \(model), with which the fit is to go on. Fix: leave --from out, so that the"
                + " model's own features are computed"
        case .otherKind(let kind, let wanted):
            "the model is of kind \(kind.rawValue), and one of kind \(wanted.rawValue) is needed"
        case .unknownCustomer(let asOf, let customers):
            "nobody of this id is among the \(customers) customers who are scored"
                + (asOf.map {
                    " on \($0). Fix: check the id; who was not active lately, or has no history yet, is not scored"
                }
                    ?? ". Fix: check the id")
        case .otherLabels:
            "the models were trained with different --label, --positive, --weight or --id, so that they cannot be compared"
        case .silenceIsNotChurn(let model, let definition):
            "\(model) tells how probable it is that a customer stays silent, and this study's churn is \(definition)."
                + " Fix: --model logistic, or a study of inactivity"
        case .nothingHeldOut:
            "this is the table that the model was trained on, and every row of it trained. Fix: evaluate on other rows,"
                + " or train with a --test-share above 0"
        case .unknownPredictor(let name, let nearest):
            "there is no predictor \(name)" + (nearest.map { ". Fix: did you mean \($0)?" } ?? "")
        case .otherChurn(let trainedOn, let asked):
            "the model predicts \"\(trainedOn)\", and the study's churn is \"\(asked)\". Fix: train it anew on this study"
        case .otherTuning(let path, let difference):
            "\(path) has trials \(difference). Fix: name another file by --ledger, or remove this one"
        case .damagedLedger(let path):
            "\(path) is no ledger of a tuning that this version reads. Fix: name another file by --ledger"
        case .noTrialSucceeded(let first):
            "no trial ended with a model that can be trusted; the first one: \(first)"
        case .tooFewCutoffsToTune(let cutoffs, let test):
            "the \(cutoffs) cutoff\(cutoffs == 1 ? "" : "s") whose labels were known by \(test) cannot be split once more to try"
                + " hyperparameters on: the labels of one must be known before another. Fix: begin `observations` earlier"
                + ", or keep back fewer (--outer-folds)"
        case .leakingPredictors(let leaks):
            "\(leaks.count == 1 ? "a predictor tells" : "\(leaks.count) predictors tell, each alone,") the label almost"
                + " perfectly, as if it knew the outcome: \(leaks.map(\.description).joined(separator: "; ")). Fix: leave"
                + " it out where it is known only later; if it is known in time, \(Self.allowance(leaks))"
        }
    }
}
