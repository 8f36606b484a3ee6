import ChurnHistory

/// What can go wrong between a caller and a registry.
public enum RegistryError: Error, Sendable, Equatable {
    case invalidName(String)
    case noRegistry(path: String)
    case unknownFormat(path: String, got: Int, known: Int)
    case noSuchModel(name: String, registry: String, nearest: String?)
    case noSuchVersion(name: String, version: Int, newest: Int?)
    case noSuchAlias(name: String, alias: String)
    /// A file is not what its manifest says, or not what a file of this kind may be.
    case damaged(path: String, problem: String)
    case noFile(path: String)
    /// What should be a version in one file is not.
    case notABundle(path: String, problem: String)
    /// The alias was moved by somebody else since it was read.
    case aliasMoved(alias: String, expected: Int?, got: Int?)
    /// What was made by a newer ChurnKit.
    case newer(path: String, what: String)
    /// The version was deleted, or set aside by a repair.
    case gone(name: String, version: Int, note: VersionNote?)
    /// The version is named by an alias, or would be after a rollback.
    case inUse(name: String, version: Int, by: String)
    /// There is no earlier version to go back to.
    case nothingToRollBack(name: String, alias: String)
    /// The version's certificate does not allow it to be used.
    case notPromotable(name: String, version: Int, status: String)
    case noSuchRun(number: Int, newest: Int?)
    /// A run cannot be entered in the ledger.
    case cannotRecord(path: String, reason: String)
    /// A folder cannot be made.
    case cannotCreate(path: String, reason: String)
    case inputOutput(path: String, operation: String, reason: String)
}

extension RegistryError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidName(let name):
            "\"\(name)\" is not a model name. Fix: use 1 to 128 letters, digits, '-', '_' and '.', beginning with a letter"
                + " or digit; NAME@VERSION and NAME@ALIAS choose a version"
        case .noRegistry(let path):
            "\(path) is not a model registry. Fix: name one with --registry; `churn train` makes it"
        case .unknownFormat(let path, let got, let known):
            "the registry \(path) has format \(got); this version of ChurnKit knows \(known). Fix: use a newer ChurnKit"
        case .noSuchModel(let name, let registry, let nearest):
            "the registry \(registry) has no model \"\(name)\"."
                + (nearest.map { " Did you mean \"\($0)\"?" } ?? " `churn models list` shows what it has")
        case .noSuchVersion(let name, let version, let newest):
            "model \"\(name)\" has no version \(version)" + (newest.map { "; the newest is \($0)" } ?? "")
        case .noSuchAlias(let name, let alias):
            "model \"\(name)\" has no alias \"\(alias)\". Fix: churn models promote \(name)@VERSION --alias \(alias)"
        case .damaged(let path, let problem):
            "\(path) is damaged: \(problem). Fix: restore it from a copy, or train again; `churn models verify` checks all, and --repair"
                + " moves aside what is damaged"
        case .noFile(let path): "there is no file \(path)"
        case .notABundle(let path, let problem):
            "\(path) is no exported model: \(problem). Fix: export it again with `churn models export`"
        case .aliasMoved(let alias, let expected, let got):
            "the alias \"\(alias)\" is not where it was expected: expected version \(expected.map(String.init) ?? "none"), found"
                + " \(got.map(String.init) ?? "none"). Fix: look at it with `churn models show`, then decide again"
        case .newer(let path, let what):
            "\(path) has \(what), which this version of ChurnKit does not know. Fix: use a newer ChurnKit"
        case .gone(let name, let version, let note):
            "\(name)@\(version) was \(note?.action == .setAside ? "set aside" : "deleted")"
                + (note.map { " by \($0.by) at \($0.at)" } ?? "") + (note?.reason.map { ": \($0)" } ?? "")
        case .inUse(let name, let version, let user):
            "\(name)@\(version) is kept: \(user)"
        case .nothingToRollBack(let name, let alias):
            "\"\(name)@\(alias)\" has no earlier version to go back to"
        case .notPromotable(let name, let version, let status):
            "\(name)@\(version) cannot be promoted: its fit is \(status). Fix: train it again until it converges"
        case .noSuchRun(let number, let newest):
            "there is no run \(number)" + (newest.map { "; the newest is \($0)" } ?? "; nothing has been scored yet")
        case .cannotRecord(let path, let reason):
            "\(path) cannot be made, so that the run would not be in the ledger: \(reason). Fix: make the registry writable, or score"
                + " with --no-ledger"
        case .cannotCreate(let path, let reason):
            "\(path) cannot be made: \(reason). Fix: choose a --registry that can be written"
        case .inputOutput(let path, let operation, let reason):
            "\(operation) failed on \(path): \(reason)"
        }
    }
}
