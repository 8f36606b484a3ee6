import ChurnHistory

/// Something that the data cannot tell, and that changes what a study means.
public struct StudyQuestion: Sendable {
    /// A possible answer.
    public struct Choice: Sendable, Equatable {
        public let answer: String
        /// What it means.
        public let meaning: String
    }

    /// The question, as one sentence.
    public let text: String
    /// What was seen, one sentence each.
    public let evidence: [String]
    /// Empty where any text can be the answer.
    public let choices: [Choice]
    /// What is meant by no answer.
    public let defaultAnswer: String?
    /// Whether the default may be taken unasked: it is what nearly everybody means, and the study says that it was taken.
    public let isDefaultSafe: Bool
    /// The option of the command that answers it.
    public let option: String

    /// The question with the file that it is about.
    func about(_ file: String) -> StudyQuestion {
        StudyQuestion(
            text: text,
            evidence: ["In \(file):"] + evidence,
            choices: choices,
            defaultAnswer: defaultAnswer,
            isDefaultSafe: isDefaultSafe,
            option: option
        )
    }

    /// The error that ends a run in which nobody answers.
    var unanswered: DataError {
        let answers = choices.isEmpty ? "VALUE" : choices.map(\.answer).joined(separator: "|")
        return DataError(
            .needsAnswer,
            ([text] + evidence).joined(separator: " "),
            fix: option.hasSuffix("=") ? "answer with \(option)TYPE" : "answer with \(option) \(answers)"
        )
    }
}

/// Who answers the questions of a proposal.
public protocol StudyAnswering {
    /// - Throws: `needsAnswer` where there is no answer.
    func answer(_ question: StudyQuestion) throws(DataError) -> String
}

/// Takes every default that is safe, and refuses to guess what is not.
public struct DefaultAnswers: StudyAnswering {
    public init() {}

    public func answer(_ question: StudyQuestion) throws(DataError) -> String {
        guard question.isDefaultSafe, let answer = question.defaultAnswer else { throw question.unanswered }
        return answer
    }
}
