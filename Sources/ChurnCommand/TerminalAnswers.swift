import ChurnKit
import Foundation

/// Asks at the terminal: shows what was seen and the choices, the default in brackets.
struct TerminalAnswers: StudyAnswering {
    func answer(_ question: StudyQuestion) throws(DataError) -> String {
        for line in question.evidence { StandardError.write(WrappedText.wrap(line)) }
        StandardError.write(WrappedText.wrap(question.text))
        for choice in question.choices { StandardError.write("  \(choice.answer): \(choice.meaning)") }
        let known = question.choices.map(\.answer)
        let shown =
            (known.isEmpty ? "" : known.joined(separator: "/") + " ")
            + (question.defaultAnswer.map { "[\($0)] " } ?? "")
        while true {
            StandardError.prompt("\(shown)> ")
            guard let line = readLine() else { throw unanswered(question) }
            let answer = line.trimmingCharacters(in: .whitespaces)
            if answer.isEmpty, let usual = question.defaultAnswer { return usual }
            if !answer.isEmpty, known.isEmpty || known.contains(answer) { return answer }
            StandardError.write("Please answer with \(known.joined(separator: " or ")).")
        }
    }

    private func unanswered(_ question: StudyQuestion) -> DataError {
        DataError(.needsAnswer, "no answer was given to: \(question.text)", fix: "answer it, or use \(question.option)")
    }
}
