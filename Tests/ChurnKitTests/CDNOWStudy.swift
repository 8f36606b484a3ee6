import ChurnKit
import ChurnTestSupport

/// CDNOW's sample as a study: 2,357 customers, purchases from 1997-01-01 on.
enum CDNOWStudy {
    /// - Parameters:
    ///   - within: more keys of `churn`, beginning with a comma.
    ///   - features: `nil` for those of a study that names none.
    static func data(
        in folder: TemporaryFolder,
        within: String = "",
        observations: String,
        features: String? = nil
    ) throws -> StudyData {
        try folder.write(
            "study.yaml",
            """
            study: cdnow
            timezone: America/New_York
            observedUntil: 1998-07-01
            events:
              - file: \(SharedData.path("cdnow/CDNOW_sample.txt"))
                format: {delimiter: blanks, header: false, columns: [masterId, id, date, cds, dollars]}
                customer: id
                duplicates: keep
                time: {column: date, format: yyyyMMdd}
                type: {always: purchase}
                amount: dollars
                mergeSameDay: true
            churn: {definition: inactivity, of: [purchase], horizon: 90d\(within)}
            observations: \(observations)
            \(features.map { "features: \($0)" } ?? "")
            """
        )
        return try StudyData(study: Study(path: "\(folder.path)/study.yaml"))
    }
}
