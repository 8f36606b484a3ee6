import ChurnKit
import Synchronization

/// Answers in the order in which they are given here, and remembers what was asked.
final class ScriptedAnswers: StudyAnswering, Sendable {
    private let script: Mutex<[String]>
    private let seen = Mutex<[StudyQuestion]>([])

    init(_ answers: String...) { script = Mutex(answers) }

    var questions: [StudyQuestion] { seen.withLock { $0 } }

    func answer(_ question: StudyQuestion) throws(DataError) -> String {
        seen.withLock { $0.append(question) }
        let next = script.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard let answer = next ?? question.defaultAnswer else {
            throw DataError(.needsAnswer, "the script has no answer left")
        }
        return answer
    }
}
