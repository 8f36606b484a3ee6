import ChurnHistory

/// Passes questions on with the name of the file that they are about, where there are several.
struct NamingAnswers: StudyAnswering {
    let file: String
    let answers: any StudyAnswering

    func answer(_ question: StudyQuestion) throws(DataError) -> String {
        do {
            return try answers.answer(question.about(file))
        } catch {
            var error = error
            error.file = error.file ?? file
            throw error
        }
    }
}
