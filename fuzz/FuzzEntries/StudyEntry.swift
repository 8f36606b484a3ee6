import ChurnFeatures
import ChurnHistory

/// What is done with one input of the study parser's fuzzing: the text of a study file.
///
/// The harness and the replay of the stored corpus both come through here.
public struct StudyEntry {
    private let text: String?

    public init(_ bytes: [UInt8]) {
        // As the parser does with a file: what is not UTF-8 is refused before there is a text.
        text = String(validating: bytes, as: UTF8.self)
    }

    /// A pattern in a path is looked up in the file system, which may take any time: such texts are left out.
    private var walksFolders: Bool {
        guard let text else { return false }
        return text.utf8.contains(UInt8(ascii: "/")) && text.utf8.contains { $0 == UInt8(ascii: "*") || $0 == 0x3F }
    }

    /// Parses the study and plans its cutoffs, and returns which promise was broken; `nil` when none was.
    public func violation() -> String? {
        guard let text, !walksFolders else { return nil }
        do throws(DataError) {
            let study = try Study(yaml: text, path: "study.yaml")
            let days = study.observations.days
            guard days.first == study.observations.first, days.count <= 10_000 else { return "the cutoffs are wrong" }
            let end = study.observedUntilInstant ?? study.calendar.start(of: study.observations.last)
            let cutoffs = study.cutoffs(observedUntil: end)
            let isOrdered = cutoffs.allSatisfy { $0.instant <= $0.labelStart && $0.labelStart <= $0.labelEnd }
            return isOrdered ? nil : "a label window ends before it begins"
        } catch {
            guard error.kind == .badStudy || error.code == .fileMissing else {
                return "another kind of error: \(error)"
            }
            guard error.file != nil else { return "an error names no file: \(error)" }
            guard error.line ?? 1 >= 1, error.field ?? 1 >= 1 else { return "an error names no place: \(error)" }
            return error.description.isEmpty ? "an error says nothing" : nil
        }
    }
}
