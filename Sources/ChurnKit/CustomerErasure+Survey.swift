import ChurnDatabase
import ChurnHistory
import ChurnRegistry
import Crypto
import Foundation

extension CustomerErasure {
    /// Goes through places one by one, and notes what came of each: one that fails keeps nothing from the others.
    final class Survey {
        private let names: CustomerNames
        private let tries: Bool
        private let describing: (any Error) -> ScoringJob.Failure
        private(set) var places: [AuditLog.Entry.Place] = []
        /// Of the first place that failed; 0 for none.
        private(set) var exitCode = 0

        init(names: CustomerNames, tries: Bool, describing: @escaping (any Error) -> ScoringJob.Failure) {
            self.names = names
            self.tries = tries
            self.describing = describing
        }

        func look(at place: AuditLog.Entry.Place, _ body: (inout AuditLog.Entry.Place) throws -> Void) {
            var place = place
            do {
                try body(&place)
            } catch {
                let failure = describing(error)
                place.outcome = .failed
                place.rows = 0
                place.problem = failure.message
                if exitCode == 0 { exitCode = failure.exitCode }
            }
            places.append(place)
        }

        /// Whether a file is there.
        /// - Throws: `readFailed` where that cannot be told.
        func isThere(_ path: String) throws(DataError) -> Bool {
            if FileIdentity(path: path) != nil { return true }
            let code = errno
            guard code != ENOENT, code != ENOTDIR else { return false }
            throw DataError(.readFailed, "cannot be looked at: \(String(cString: strerror(code)))", file: path)
        }

        /// - Parameter delete: deletes or counts rows of a table; `nil` for no such table.
        func eraseRows(
            _ place: inout AuditLog.Entry.Place,
            _ delete: (_ table: DatabaseTable.Name, _ counts: Bool) throws -> Int?
        ) throws {
            guard let rows = try delete(DatabaseTable.Name(place.table ?? ""), tries) else {
                place.outcome = .gone
                return
            }
            place.rows = rows
            if rows > 0 { place.outcome = .erased }
        }

        func eraseRows(
            _ place: inout AuditLog.Entry.Place,
            keepsTime: Bool = false,
            _ rewriting: () throws -> FileRewriting
        ) throws {
            try removeLeftovers(of: place.place)
            guard try isThere(place.place) else {
                place.outcome = .gone
                return
            }
            let rewriting = try rewriting()
            guard rewriting.removedRows > 0 else { return }
            place.rows = rewriting.removedRows
            place.outcome = .erased
            if !tries, try !rewriting.commit(keepsTime: keepsTime) {
                throw ErasureError.changedMeanwhile(path: place.place)
            }
        }

        private func removeLeftovers(of path: String) throws {
            if tries { return }
            _ = AtomicFile.removeLeftovers(of: path)
            if AtomicFile.isBeingWritten(path) { throw ErasureError.unfinished(path: path) }
        }

        /// Notes which content a file has now.
        func identify(_ place: inout AuditLog.Entry.Place) throws {
            if tries { return }
            guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: place.place), options: .mappedIfSafe) else {
                throw DataError(.readFailed, "cannot be read", file: place.place)
            }
            place.digest = SHA256.hash(data: bytes).hexadecimal
            place.bytes = bytes.count
        }

        /// An index is a copy of its sources: it goes whole, and is made again from what they have then.
        func removeIndex(_ place: inout AuditLog.Entry.Place, of customer: String) throws {
            let path = place.place
            try removeLeftovers(of: path)
            guard try isThere(path) else {
                place.outcome = .gone
                return
            }
            guard KeptIndex.isOne(path) else { throw ErasureError.notAnIndex(path: path) }
            guard KeptIndex.mayHold(customer: customer, at: path) else { return }
            place.outcome = .erased
            if tries { return }
            guard unlink(path) == 0 else {
                throw DataError(.writeFailed, "cannot be removed: \(String(cString: strerror(errno)))", file: path)
            }
            try AtomicFile.syncDirectory((path as NSString).deletingLastPathComponent)
        }
    }
}
