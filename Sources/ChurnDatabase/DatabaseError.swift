/// What can go wrong between us and a database. Places never have a password.
public enum DatabaseError: Error, Sendable, Equatable {
    /// There is no database to talk to, or it does not let us in.
    case cannotConnect(place: String, reason: String)
    /// A statement failed, or the connection broke. Nothing of its transaction stays.
    case failed(place: String, doing: String, reason: String)
    /// The connection broke while a transaction was to be kept: it may have been.
    case unknown(place: String, doing: String, reason: String)
    /// Somebody else holds what is needed.
    case busy(place: String, reason: String)
    /// A table is there and has other columns.
    case otherColumns(place: String, table: String, expected: [String], got: [String])
    /// What was given as the address of a database is none that we take.
    case badAddress(String, problem: String)
}

extension DatabaseError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .cannotConnect(let place, let reason): "\(place) cannot be reached: \(reason)"
        case .failed(let place, let doing, let reason): "\(place): \(doing) failed: \(reason). Nothing was changed"
        case .unknown(let place, let doing, let reason):
            "\(place): the connection broke at the end of \(doing): \(reason). Either all rows are there now or those of before. Fix: run it"
                + " again"
        case .busy(let place, let reason): "\(place) is held by somebody else: \(reason). Fix: try again"
        case .otherColumns(let place, let table, let expected, let got):
            "\(place): the table \(table) has the columns \(got.joined(separator: ", ")) and not"
                + " \(expected.joined(separator: ", ")). Fix: name another one with --table, or drop it"
        case .badAddress(let text, let problem): "\(text) \(problem)"
        }
    }

    /// The error without what a database says of it, which may quote rows.
    public var withoutReason: String {
        switch self {
        case .cannotConnect(let place, _): "\(place) cannot be reached"
        case .failed(let place, let doing, _): "\(place): \(doing) failed"
        case .unknown(let place, let doing, _): "\(place): the connection broke at the end of \(doing)"
        case .busy(let place, _): "\(place) is held by somebody else"
        case .otherColumns(let place, let table, _, _): "\(place): the table \(table) has other columns"
        case .badAddress: "an address that cannot be used"
        }
    }
}
