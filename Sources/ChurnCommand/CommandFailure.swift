import ArgumentParser
import ArrowIPC
import ChurnKit
import Foundation

/// An error as the shell sees it: a message and an exit code (those of BSD's sysexits.h, and 1 for a failed check).
struct CommandFailure {
    let message: String
    let code: CommandExit

    /// `nil` for what ArgumentParser reports itself: help, version, wrong usage.
    init?(_ error: any Error) {
        switch error {
        case let error as DataError:
            message = "\(error)"
            code =
                switch error.kind {
                case .badData: .badData
                case .missingInput: .missingInput
                case .cannotCreate: .cannotCreate
                case .inputOutput: .inputOutput
                case .badStudy: .badStudy
                }
        case let error as FeatureError:
            message = "\(error)"
            code =
                switch error {
                case .unknownEventType, .unknownAttributeValue, .unknownFeature, .unknownTermFeature, .noFeature,
                    .emptyFamilies, .nobodyEligible, .noContractInForce, .missingEvents, .missingAttribute,
                    .missingGroup, .missingContracts, .timeZoneMismatch, .activityMismatch, .noActivity, .noAmounts:
                    .badStudy
                case .duplicateFeature, .malformedFeature, .emptyPlan, .unknownPlanVersion, .notFinite, .malformedTable,
                    .purchasesDoNotTell:
                    .badData
                case .noPurchaseModel: .defect
                }
        case let error as RegistryError:
            message = "\(error)"
            code =
                switch error {
                case .invalidName: .usage
                case .noRegistry, .noSuchModel, .noSuchVersion, .noSuchAlias, .noSuchRun, .gone, .noFile: .missingInput
                case .unknownFormat, .newer, .damaged, .notABundle: .badData
                case .aliasMoved: .busy
                case .nothingToRollBack, .notPromotable, .inUse: .checkFailed
                case .cannotCreate, .cannotRecord: .cannotCreate
                case .inputOutput: .inputOutput
                }
        case let error as ScoringError:
            message = "\(error)"
            code =
                switch error {
                case .busy: .busy
                case .refused: .checkFailed
                }
        case let error as ErasureError:
            message = "\(error)"
            code =
                switch error {
                case .unknownKey, .elsewhere: .missingInput
                case .changedMeanwhile, .unfinished: .busy
                case .unreadableRun, .notAnIndex, .described, .source: .badData
                }
        case let error as DatabaseError:
            message = "\(error)"
            code =
                switch error {
                case .badAddress: .usage
                case .cannotConnect, .otherColumns: .cannotCreate
                case .failed, .unknown: .inputOutput
                case .busy: .busy
                }
        case let error as WorkflowError:
            message = "\(error)"
            if case .silenceIsNotChurn = error { code = .badStudy } else { code = .badData }
        case let error as ModelError:
            message = "\(error)"
            if case .invalidHyperparameter = error { code = .usage } else { code = .badData }
        case let error as ArrowError:
            message = "\(error)"
            if case .sinkFailed = error { code = .inputOutput } else { code = .badData }
        case let error as EvaluationError:
            message = "\(error)"
            code = .badData
        case let error as NumericsError:
            message = "\(error)"
            code = .badData
        case let error as SimulationError:
            message = "\(error)"
            code = .usage
        case let exit as CommandExit:
            message = ""
            code = exit
        default:
            // What ArgumentParser does not know either is a failure without a cause: a defect of ours.
            guard Churn.exitCode(for: error) == .failure else { return nil }
            message = "this is a defect of ChurnKit: \(error)"
            code = .defect
        }
    }
}

extension CommandFailure {
    /// An error as the ledger of scoring runs has it: without a value of anybody's row.
    static func inLedger(_ error: any Error) -> ScoringJob.Failure {
        guard let failure = CommandFailure(error) else {
            return .init(message: "wrong usage", exitCode: Int(CommandExit.usage.rawValue), isBusy: false)
        }
        let message: String
        switch error {
        case let error as DataError:
            var words = error.code.rawValue
            if let file = error.file { words += " \(file)" }
            if let line = error.line { words += ":\(line)" }
            if let column = error.column { words += " \"\(column)\"" }
            message = words
        // Of names, paths, numbers and shares.
        case is RegistryError, is ScoringError, is ErasureError: message = failure.message
        // What a database says of a row may be the row.
        case let error as DatabaseError: message = error.withoutReason
        default: message = "\(type(of: error))"
        }
        return .init(message: message, exitCode: Int(failure.code.rawValue), isBusy: failure.code == .busy)
    }
}

/// The exit codes of the command.
enum CommandExit: Int32, Error {
    /// A check that the user asked for failed.
    case checkFailed = 1
    case usage = 64
    case badData = 65
    case missingInput = 66
    case defect = 70
    case cannotCreate = 73
    case inputOutput = 74
    case busy = 75
    case badStudy = 78

    func exit() -> Never { Foundation.exit(rawValue) }
}

/// Where everything goes that is not a result.
enum StandardError {
    static func write(_ text: String) {
        guard !text.isEmpty else { return }
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }

    /// Text that an answer is typed behind.
    static func prompt(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
