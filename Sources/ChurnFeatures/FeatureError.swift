import ChurnHistory
import ChurnNumerics

/// What can go wrong between a study's events and its feature table.
public enum FeatureError: Error, Equatable, Sendable {
    case duplicateFeature(String)
    /// The feature lacks the window or the event types that its primitive needs.
    case malformedFeature(String)
    case unknownPlanVersion(Int)
    /// A study names an event type that the data do not have.
    case unknownEventType(String, known: [String])
    /// A study names a feature that its data do not make.
    case unknownFeature(String, known: [String])
    /// A term of a study names a feature that the study does not compute.
    case unknownTermFeature(String, known: [String])
    /// A study's `features` leave none.
    case noFeature
    /// A study names a value of an attribute that the data do not have.
    case unknownAttributeValue(String, attribute: String, known: [String])
    /// A study names families of which its data make no feature.
    case emptyFamilies([FeatureGroup])
    /// A model needs features of the activity, of which the study names no events.
    case noActivity
    /// A model needs amounts of events that have none.
    case noAmounts(types: [String])
    /// A plan without any feature.
    case emptyPlan
    /// No customer is eligible at any of the cutoffs: nobody had an event of the types in the study's `key`.
    case nobodyEligible(cutoffs: [String], key: String)
    /// No customer has a contract in force at any of the cutoffs.
    case noContractInForce(cutoffs: [String])
    /// The plan has a feature of events, or of something that events have, that no source of the study can have.
    case missingEvents(feature: String, need: EventNeed, types: [String])
    /// The plan has a feature of an attribute that the study's customers do not have.
    case missingAttribute(String, feature: String)
    /// The plan has a feature of the group of companies that an attribute names, and the study names none, or by another one.
    case missingGroup(String, feature: String)
    /// The plan has a feature of contracts, and the study has none.
    case missingContracts(feature: String)
    /// The plan counts days of another zone than the study.
    case timeZoneMismatch(plan: String, study: String)
    /// The plan takes other event types for activity than the study.
    case activityMismatch(plan: [String], study: [String])
    /// The plan has a feature of a model of purchases, and the sweep was handed none.
    case noPurchaseModel(feature: String)
    /// What everybody bought before a cutoff does not tell what a model of purchases asks.
    ///
    /// - `advice`: what leaves out the features that it is about.
    /// - `from`: the first cutoff of the plan from which on nothing like that is known; `nil` where there is none, or nobody looked.
    case purchasesDoNotTell(cutoff: String, reason: String, advice: String, from: String?)
    /// A feature is too large for a number: its amounts are.
    case notFinite(feature: String, customer: String, cutoff: String)
    /// A feature table's file is not one, or not one of ours.
    case malformedTable(file: String, problem: String)
}

extension FeatureError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .duplicateFeature(let name):
            "the plan has two features named \(name)"
        case .malformedFeature(let name):
            "feature \(name) lacks the window or the event types that it needs, or has a window that it cannot use"
        case .unknownPlanVersion(let version):
            "the plan has format version \(version); this version of ChurnKit reads up to \(FeaturePlan.formatVersion)"
        case .noActivity:
            "the study names no events that show that a customer is there, and the model needs them."
                + " Fix: churn: {active: [purchase], …}"
        case .noAmounts(let types):
            "the model needs amounts, and events of \(types.joined(separator: " and ")) have none. Fix: name the column with"
                + " `amount` in the study"
        case .unknownEventType(let type, let known):
            "the study names the event type \"\(type)\", which the data do not have."
                + (NearestName.of(type, among: known).map { " Did you mean \"\($0)\"?" } ?? "")
                + " Fix: use \(known.joined(separator: ", "))"
        case .unknownFeature(let name, let known):
            "the study names the feature \"\(name)\", which its data, types and windows do not make."
                + (NearestName.of(name, among: known).map { " Did you mean \"\($0)\"?" } ?? "")
                + " Fix: `churn features STUDY --explain` tells the names"
        case .unknownTermFeature(let name, let known):
            "the study's `terms` name the feature \"\(name)\", which it does not compute."
                + (NearestName.of(name, among: known).map { " Did you mean \"\($0)\"?" } ?? "")
                + " Fix: correct the name (`churn features STUDY --explain` tells all), or include it under `features`"
        case .noFeature:
            "the study's `features` leave no feature. Fix: name families, or include some"
        case .unknownAttributeValue(let value, let attribute, let known):
            "the study names the value \"\(value)\" of \(attribute), which the data do not have."
                + (NearestName.of(value, among: known).map { " Did you mean \"\($0)\"?" } ?? "")
                + " Fix: use \(known.prefix(20).joined(separator: ", "))\(known.count > 20 ? ", …" : "")"
        case .emptyFamilies(let families):
            "the study names families of which its data make no feature: "
                + families.map { "`\($0.rawValue)` needs \($0.need)" }.joined(separator: "; ")
                + ". Fix: name that, or leave the famil\(families.count == 1 ? "y" : "ies") out of `families`"
        case .emptyPlan:
            "the plan has no feature"
        case .nobodyEligible(let cutoffs, let key):
            "no customer is eligible at \(Self.list(cutoffs)): nobody had an event that `\(key)` names before it, or not"
                + " recently enough. Fix: choose cutoffs inside the data (`churn inspect` tells its dates)"
        case .noContractInForce(let cutoffs):
            "no customer is eligible at \(Self.list(cutoffs)): no contract that had started before it was still in"
                + " force. Fix: choose cutoffs inside the contracts, and check the columns of `start` and `end`"
        case .missingEvents(let feature, let need, let types):
            "feature \(feature) needs \(need.words(types)), which no source of the study can have."
                + " Fix: set \(need.fix) in `events`, or use the study that the plan comes from"
        case .missingAttribute(let attribute, let feature):
            "feature \(feature) needs the attribute \"\(attribute)\" of the customers, which the study does not name."
                + " Fix: use the study that it was trained with"
        case .missingGroup(let attribute, let feature):
            "feature \(feature) needs the group of companies that the customers' attribute \"\(attribute)\" names, and the study"
                + " does not say `group: \(attribute)`. Fix: use the study that it was trained with"
        case .missingContracts(let feature):
            "feature \(feature) needs contracts, and the study names none. Fix: use the study that it was trained with"
        case .timeZoneMismatch(let plan, let study):
            "the model's features count days in \(plan), the study in \(study). Fix: use the study that it was trained with"
        case .activityMismatch(let plan, let study):
            "to the model, activity is \(plan.joined(separator: ", ")); to the study, \(study.joined(separator: ", "))."
                + " Fix: use the study that it was trained with"
        case .noPurchaseModel(let feature):
            "feature \(feature) needs a model of purchases, which the computation was not given"
        case .purchasesDoNotTell(let cutoff, let reason, let advice, let from):
            "what customers bought before \(cutoff) gives no features of the family `buyTillYouDie`: \(reason)."
                + " Fix: \(advice)\(from.map { ", or begin with the cutoff \($0)" } ?? "")"
        case .notFinite(let feature, let customer, let cutoff):
            "feature \(feature) of customer \"\(customer)\" at \(cutoff) is too large for a number."
                + " Fix: correct the amounts (`churn inspect` tells the largest)"
        case .malformedTable(let file, let problem):
            "\(file) cannot be read as a feature table: \(problem)"
        }
    }
    private static let cutoffsNamed = 3

    /// The first few cutoffs, and how many more there are.
    private static func list(_ cutoffs: [String]) -> String {
        let named = cutoffs.prefix(cutoffsNamed).joined(separator: ", ")
        let more = cutoffs.count - cutoffsNamed
        return more > 0 ? "\(named) and \(more) more cutoff\(more == 1 ? "" : "s")" : named
    }
}
