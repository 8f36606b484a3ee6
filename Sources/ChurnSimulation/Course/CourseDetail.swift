/// How much of a customer's course is drawn and kept.
enum CourseDetail: Sendable {
    /// States, and of the events only what bears on them: enough for expectations.
    case trial
    case events
    /// Events, and what drove the hazard in each week.
    case drivers
}
